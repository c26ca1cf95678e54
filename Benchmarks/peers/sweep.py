"""sweep.py SPOOL OUT: a good Python script for the same work: orjson, hashlib, gzip, sqlite3, one transaction.

It reads each delivery, drops what repeats another to the byte, writes one compressed NDJSON file for each business and
day, indexes the lines, syncs, and deletes. No staging, no recovery, no ledger, no seal.
"""

import gzip
import hashlib
import os
import pathlib
import sqlite3
import sys
import time

import orjson

began = time.monotonic()
spool, out = pathlib.Path(sys.argv[1]) / "production/new", pathlib.Path(sys.argv[2])
out.mkdir()
names = sorted(os.listdir(spool))
seen, groups, rows = set(), {}, []
for name in names:
    with open(spool / name, "rb") as file:
        body = file.read()
    sha256 = hashlib.sha256(body)
    digest = sha256.digest()
    if digest in seen:
        continue
    seen.add(digest)
    payload = orjson.loads(body)
    business = payload["data"]["business_id"]
    milliseconds = int(name[:8] + name[9:13], 16)
    lines = groups.setdefault(business, [])
    head = orjson.dumps({"specversion": "1.0", "id": name[:36], "source": "/lehjah/production", "type": payload["event"],
        "subject": business, "time": "2026-06-16T00:00:00.000Z", "datacontenttype": "application/json",
        "sha256": sha256.hexdigest(), "pointer": "/data/business_id"})
    rows.append((1, business, len(lines), name[:36], milliseconds, payload["event"], len(body), digest, digest[:16]))
    lines.append(head[:-1] + b',"data":' + body + b"}\n")
files = []
for business, lines in groups.items():
    folder = out / f"environment=production/business={business}/day=2026-06-16"
    folder.mkdir(parents=True)
    path = folder / "events.ndjson.gz"
    with open(path, "wb") as file:
        file.write(gzip.compress(b"".join(lines), 6))
        file.flush()
        os.fsync(file.fileno())
    files.append((business, str(path), len(lines)))
db = sqlite3.connect(out / "_index.sqlite")
db.executescript("""
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE archives (business TEXT PRIMARY KEY, path TEXT NOT NULL, lines INTEGER NOT NULL);
    CREATE TABLE events (event INTEGER PRIMARY KEY, sweep INTEGER, archive TEXT, line INTEGER, id TEXT, received INTEGER,
      type TEXT, size INTEGER, sha256 BLOB, fingerprint BLOB);
    CREATE INDEX events_by_id ON events (id);
    CREATE INDEX events_by_fingerprint ON events (fingerprint);
    CREATE UNIQUE INDEX events_by_line ON events (archive, line);
""")
with db:
    db.executemany("INSERT INTO archives VALUES (?, ?, ?)", files)
    db.executemany("INSERT INTO events (sweep, archive, line, id, received, type, size, sha256, fingerprint)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
db.close()
swept = time.monotonic()
for name in names:
    os.unlink(spool / name)
print(f'{{"seconds": {swept - began:.3f}, "clearing": {time.monotonic() - swept:.3f}}}')
