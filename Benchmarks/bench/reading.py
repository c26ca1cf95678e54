"""Reading: one event by its id, a business's month, the whole archive checked; and what it all takes on disk."""

import http.client
import subprocess
import time

from . import ground


def run(disk, deliveries, days, rounds, report):
    place = ground.fresh(disk / "reading")
    spool = ground.spool_of_days(place / "spool", deliveries, 200, days)
    payloads = sum(path.stat().st_size for path in (spool / "production/new").iterdir())
    on_disk = size(spool)
    archive = place / "archive"
    ground.measure([ground.daybook, "sweep", "--spool", spool, "--archive", archive])
    texts = f"find '{archive}' -name events.ndjson.gz -print0 | xargs -0 zcat"
    id = subprocess.run(f"{texts} | sed -n '{deliveries // 2}p'", shell=True, capture_output=True, text=True).stdout
    id = id.split('"id":"')[1][:36]
    business, (first, last) = "business-00007", ("2026-06-16", f"2026-07-{days - 15:02}" if days > 15 else "2026-06-30")
    folder = f"{archive}/environment=production/business={business}"
    duck = ("import duckdb, sys; print(duckdb.sql(\"SELECT count(*) FROM (SELECT \" + sys.argv[2] + \" FROM read_json('\" + sys.argv[1] + "
            "\"', format='newline_delimited', columns={id: 'VARCHAR', subject: 'VARCHAR', data: 'JSON'}) \" + sys.argv[3] + \")\").fetchone())")
    one = f"{archive}/environment=production/business=*/day=*/events.ndjson.gz"
    by_id = "one event by its id"
    kind = "TRANSACTION_UPDATED"
    rows = {
        by_id: {
            "daybook events --id": [ground.daybook, "events", "--archive", archive, "--id", id],
            "daybook --version: its start, and nothing else": [ground.daybook, "--version"],
            "zcat and grep": ["sh", "-c", f"{texts} | grep -m 1 -F '{id}' | cat"],
            "DuckDB": [ground.python, "-c", duck, one, "data", f"WHERE id = '{id}'"],
        },
        "a business's month": {
            "daybook events": [ground.daybook, "events", "--archive", archive, "--business", business, "--from", first, "--to", last],
            "zcat": ["sh", "-c", f"zcat '{folder}'/day=*/events.ndjson.gz"],
            "DuckDB": [ground.python, "-c", duck, f"{folder}/day=*/events.ndjson.gz", "data", ""],
        },
        "the events of a type whose payload has a large amount": {
            "daybook events --where": [ground.daybook, "events", "--archive", archive, "--type", kind, "--where", "/data/amount >= 880000"],
            "zcat and grep": ["sh", "-c", f"{texts} | grep -E '\"type\":\"{kind}\".*\"data\":[{{].*\"amount\":8[89][0-9]{{4}}[.,}}]' | cat"],
            "zgrep": ["sh", "-c", f"find '{archive}' -name events.ndjson.gz -print0 | xargs -0 zgrep -hE '\"type\":\"{kind}\".*\"data\":[{{].*\"amount\":8[89][0-9]{{4}}[.,}}]' | cat"],
            "DuckDB": [ground.python, "-c", duck.replace("subject:", "type: 'VARCHAR', subject:"), one, "data",
                       f"WHERE type = '{kind}' AND CAST(data->>'$.data.amount' AS DECIMAL(38, 2)) >= 880000"],
        },
        "the whole archive, checked": {
            "daybook verify": [ground.daybook, "verify", "--archive", archive],
            "gzip -t": ["sh", "-c", f"find '{archive}'/environment=* -name '*.ndjson.gz' -print0 | xargs -0 gzip -t"],
            "zcat to nowhere": ["sh", "-c", f"{texts} > /dev/null"],
        },
    }
    what = f"{deliveries:,} deliveries of {days} days"
    for turn in range(rounds):
        for row, commands in rows.items():
            for name, command in commands.items():
                found = ground.measure(command)
                report.add("reading", f"{row}, {what}", name, {key: found[key] for key in ("seconds", "cpu", "memory")})
                ground.say(f"reading, {row}, {name}: {found['seconds'] * 1000:.1f} ms")
    events = subprocess.run(f"{texts} | sed -n '1~{deliveries // 200}p'", shell=True, capture_output=True, text=True).stdout.splitlines()
    for turn in range(rounds):
        found = served(archive, f"Reader {turn}", [(event.split('"subject":"')[1].split('"')[0], event.split('"id":"')[1][:36]) for event in events])
        report.add("reading", f"{by_id}, {what}", "daybook serve, over HTTP", found)
        ground.say(f"reading, {by_id}, daybook serve: {found['seconds'] * 1000:.1f} ms")
    gzipped = int(subprocess.run(f"{texts} | gzip -6 | wc -c", shell=True, capture_output=True, text=True).stdout)
    for name, bytes in {
        "archives and ledgers": sum(path.stat().st_size for path in archive.glob("environment=*/**/*.ndjson.gz")),
        "index": (archive / "_index.sqlite").stat().st_size,
        "gzip -6 of the same lines": gzipped,
        "payloads": payloads,
        "the spool on disk": on_disk,
    }.items():
        report.add("size", f"bytes a delivery, {what}", name, {"bytes": bytes / deliveries})


def served(archive, auditor, events):
    """How long the auditors' page takes to find an event by its id: the median of many that are asked for one after another.

    Each answer leaves once it stands in the access log, durably.
    """
    token = ground.measure([ground.daybook, "auditors", "add", auditor, "--all-businesses", "--archive", archive])["output"].strip()
    port = 18098
    with ground.server([ground.daybook, "serve", "--archive", archive, "--page-listen", f"127.0.0.1:{port}"], f"http://127.0.0.1:{port}/sign-in") as cpu:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        times, before = [], cpu()
        for business, id in events:
            began = time.monotonic()
            connection.request("GET", f"/search?q={id}", headers={"Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            times.append(time.monotonic() - began)
            way = answer.headers["Location"] or ""
            if answer.status != 303 or not way.startswith(f"/b/production/{business}/") or not way.endswith(f"/events/{id}"):
                raise SystemExit(f"a search for {id} was answered {answer.status}, and leads to {way}")
        return {"seconds": sorted(times)[len(times) // 2], "cpu": (cpu() - before) / len(events)}


def size(folder):
    return int(subprocess.run(["du", "-s", "-B1", folder], capture_output=True, text=True).stdout.split()[0])
