"""tables.py FOLDER EVENTS.csv: the tables of a folder have what `daybook events --csv` prints, and are sorted."""

import csv
import glob
import hashlib
import sys

import pyarrow.parquet

csv.field_size_limit(1 << 30)
wanted = {(row["environment"], row["id"]): row for row in csv.DictReader(open(sys.argv[2], newline="", encoding="utf-8"))}
assert wanted
for path in sorted(glob.glob(f"{sys.argv[1]}/*.parquet")):
    rows = pyarrow.parquet.ParquetFile(path).read().to_pylist()
    keys = [(row["business"] is None, (row["business"] or "").encode(), row["time"], row["id"]) for row in rows]
    assert keys == sorted(keys), path
    for row in rows:
        event = wanted.pop((row["environment"], row["id"]))
        assert f"/{event['environment']}-{event['day'][:7]}" in path, path
        for name in ("business", "type", "sha256", "pointer", "key", "payload"):
            assert (row[name] or "") == event[name], (name, row[name], event[name])
        assert str(row["redeliveries"]) == event["redeliveries"] and str(row["day"]) == event["day"], row
        assert row["time"].isoformat(timespec="milliseconds") == event["time"].replace("Z", "+00:00"), row
        assert hashlib.sha256(row["payload"].encode()).hexdigest() == row["sha256"], row
assert not wanted, list(wanted)
