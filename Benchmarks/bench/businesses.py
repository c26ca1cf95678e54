"""Ten thousand small businesses, and a fifth of them: what each command takes, and what the archive takes on disk.

With an earlier version beside it, the commands of both are run in turns, each on an archive that it made.
"""

import shutil
import subprocess

from . import ground

sizes = [(30_000, 2_000), (150_000, 10_000)]
days = 10


def build(commit):
    """Builds `daybook` as it was at a commit."""
    tree = ground.work / f"daybook-{commit}"
    if not tree.exists():
        files = subprocess.run(["git", "archive", commit], cwd=ground.package, check=True, stdout=subprocess.PIPE).stdout
        tree.mkdir()
        subprocess.run(["tar", "-x", "-C", tree], input=files, check=True)
    command = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "daybook"]
    subprocess.run(command, cwd=tree, check=True, stdout=subprocess.DEVNULL)
    return tree / ".build/release/daybook"


def run(disk, sizes, rounds, baseline, report):
    programs = {"daybook": ground.daybook}
    if baseline:
        programs[f"the version {baseline}"] = build(baseline)
    for deliveries, businesses in sizes:
        what = f"{deliveries:,} deliveries of {businesses:,} businesses, {days} days"
        place = ground.fresh(disk / "businesses")
        spool = ground.spool_of_days(place / "spool", deliveries, businesses, days)
        for turn in range(rounds):
            for name, program in programs.items():
                archive, copy = place / f"archive-{len(name)}", ground.fresh(place / "copy")
                shutil.rmtree(archive, ignore_errors=True)
                subprocess.run(["cp", "-a", spool, copy / "spool"], check=True)
                subprocess.run(["sync"], check=True)

                def add(command, *arguments):
                    found = ground.measure([program, command, *arguments, "--archive", archive])
                    report.add("businesses", f"{command}, {what}", name, {key: found[key] for key in ("seconds", "cpu", "memory")})
                    ground.say(f"businesses, {command}, {name}: {found['seconds']:.2f} s, {found['memory'] / 1000:.0f} MB")

                add("sweep", "--spool", copy / "spool")
                for command in (["list", "--json"], ["stats"], ["verify"], ["reindex"], ["export", "-o", copy / "bag"]):
                    add(*command)
                files = sum(1 for path in archive.rglob("*") if path.is_file())
                holding = sum(1 for path in archive.glob("environment=*/**/*.ndjson.gz"))
                report.add("archive", f"files for an archive file or ledger, {what}", name, {"amount": files / holding})
                report.add("archive", f"MiB on disk, {what}", name, {"amount": size(archive)})
                report.add("archive", f"MiB of seals, {what}", name, {"amount": size(*archive.glob("environment=*/_seals"))})
        shutil.rmtree(place)


def size(*folders):
    printed = subprocess.run(["du", "-sc", "-B1", *folders], capture_output=True, text=True, check=True).stdout
    return int(printed.splitlines()[-1].split()[0]) / (1 << 20)
