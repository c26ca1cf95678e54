"""The same sweep over an index with a long history, and over an empty one."""

import os
import sqlite3

from . import ground


def fill(index, events):
    """Adds events of the hundred days before, as if they had been swept: rows alone, of archives that are not there."""
    db = sqlite3.connect(index)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -1000000")
    days, a_day = 100, events // 100
    start = 1781568000000 - days * 86_400_000
    statement = "INSERT INTO events (sweep, archive, line, id, received, type, size, sha256, fingerprint) VALUES (0, ?, ?, ?, ?, 'RECORD_CREATED', 700, ?, ?)"
    for day in range(days):
        archive = 1_000_000 + day

        def rows():
            for line in range(a_day):
                time = start + day * 86_400_000 + line * 86_400_000 // a_day
                tail = os.urandom(8).hex()
                yield (archive, line, f"{time >> 16:08x}-{time & 0xffff:04x}-7{tail[:3]}-8{tail[3:6]}-{tail[6:]}00", time, os.urandom(32), os.urandom(16))

        db.execute(
            "INSERT INTO archives VALUES (?, 'production', 'old', '1970-01-01', ?, ?, 0, 0, 0, '', 0, 0)", (archive, f"old/{day}", a_day))
        with db:
            db.executemany(statement, rows())
            db.execute(
                "INSERT INTO sweep_days VALUES (0, 'production', date(?, 'unixepoch'), ?, ?, 0, 0, 0, 0, 0)",
                (start // 1000 + day * 86_400, a_day, a_day))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def run(disk, deliveries, events, rounds, report):
    place = ground.fresh(disk / "history")
    what = f"{deliveries:,} deliveries"
    full = place / "full"
    for archive in (full, place / "empty"):
        ground.measure([ground.daybook, "sweep", "--spool", ground.spool(place / f"{archive.name}-first", 1, 1), "--archive", archive])
    ground.say(f"filling an index with {events:,} events")
    fill(full / "_index.sqlite", events)
    for turn in range(rounds):
        for archive, name in ((place / "empty", "an empty index"), (full, f"an index of {events:,} events")):
            target, spool = place / "target", place / f"spool-{turn}-{archive.name}"
            ground.measure(["cp", "-a", archive, target])
            ground.measure(["cp", "-a", place / f"{archive.name}-first", spool])
            ground.spool(spool, deliveries, 200, 5)
            os.sync()
            found = ground.measure([ground.daybook, "sweep", "--json", "--spool", spool, "--archive", target])
            printed = ground.json.loads(found["output"])
            seconds = found["seconds"] - printed["steps"]["clearing"] - printed["steps"]["sealing"]
            report.add("history", what, name, {"seconds": seconds, "cpu": found["cpu"], "memory": found["memory"]})
            ground.say(f"history, over {name}: {seconds:.2f} s, {found['cpu']:.2f} s of CPU")
            ground.shutil.rmtree(target)
            ground.shutil.rmtree(spool)
