"""A whole sweep, side by side with what a user might run in its place, and with what no sweep can do without.

Clearing the spool is a column of its own for all of them. So is sealing, which reads all archives back and inflates them:
none of the others does that. Where a sweep spends its time is reported separately, step by step. CPU seconds are those of the whole program, both included.
"""

import json
import os
import subprocess

from . import ground

floor, ours, script, duck, shell, pigz = (
    "C floor", "daybook sweep", "Python, orjson", "DuckDB", "jq, sort, gzip", "pigz alone")
# Of our own, in their order.
steps = "recovering", "scanning", "deciding", "staging", "recording", "committing", "publishing", "clearing", "sealing"


def once(name, spool, out):
    if name == ours:
        found = ground.measure([ground.daybook, "sweep", "--json", "--spool", spool, "--archive", out])
        printed = json.loads(found["output"])
        took = printed["steps"]
        return {
            "seconds": found["seconds"] - took["clearing"] - took["sealing"], "cpu": found["cpu"], "clearing": took["clearing"],
            "sealing": took["sealing"], "memory": found["memory"], "steps": took}
    if name == floor:
        found = ground.measure([ground.peers / "floor", spool, out])
        printed = json.loads(found["output"])
        return {"seconds": found["seconds"] - printed["clearing"], "cpu": found["cpu"], "clearing": printed["clearing"], "memory": found["memory"]}
    if name in (script, duck):
        found = ground.measure([ground.python, ground.here / "peers" / ("sweep.py" if name == script else "duck.py"), spool, out])
        printed = json.loads(found["output"])
        return {"seconds": found["seconds"] - printed.get("clearing", 0), "cpu": found["cpu"], "clearing": printed.get("clearing"), "memory": found["memory"]}
    out.mkdir()
    new = spool / "production/new"
    if name == shell:
        command = f"""find '{new}' -name '*.json' -print0 | sort -z | xargs -0 cat | jq -c '[.data.business_id, .]' | sort -u \
            | gzip -6 > '{out}/events.gz' && sync '{out}/events.gz'"""
    else:
        command = f"find '{new}' -name '*.json' -print0 | sort -z | xargs -0 cat | pigz -6 > '{out}/all.gz' && sync '{out}/all.gz'"
    found = ground.measure(["sh", "-c", command])
    return {"seconds": found["seconds"], "cpu": found["cpu"], "memory": found["memory"]}


def run(disk, sizes, rounds, report):
    for deliveries, groups, names, temperatures in sizes:
        what = f"{deliveries:,} deliveries, {groups:,} businesses"
        for turn in range(rounds):
            for temperature in temperatures:
                for name in names:
                    place = ground.fresh(disk / f"sweep-{deliveries}-{groups}-{turn}-{temperature}-{name.replace(' ', '-')}")
                    spool = ground.spool(place / "spool", deliveries, groups)
                    if temperature == "cold" and not ground.cold():
                        ground.say("caches cannot be dropped here: no cold rows")
                        continue
                    if temperature == "warm":
                        os.sync()
                        subprocess.run(f"cat '{spool}'/production/new/* > /dev/null" if deliveries < 20000 else
                            f"find '{spool}' -type f -print0 | xargs -0 cat > /dev/null", shell=True, check=True)
                    found = once(name, spool, place / "out")
                    took = found.pop("steps", None)
                    for step in steps if took else []:
                        report.add("steps", f"{what}, {temperature}", step, {"seconds": took[step]})
                    report.add("sweeping", f"{what}, {temperature}", name, found)
                    ground.say(f"sweeping {what}, {temperature}, {name}: {found['seconds']:.2f} s, {found['cpu']:.2f} s of CPU, {found['memory'] // 1024} MB")
                    ground.shutil.rmtree(place)
