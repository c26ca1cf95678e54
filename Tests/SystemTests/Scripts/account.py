"""account.py ARCHIVE < ACKNOWLEDGED: holds what was answered 200, `ID SHA256` a line, against what the files have.

By Python's gzip and hashlib alone. Prints a sentence for each id that is not there once, with those bytes; then how many
were acknowledged, and how many lines there are that no sender knows of (answers that got lost on the way).
"""

import base64
import collections
import gzip
import hashlib
import json
import pathlib
import sys

found = collections.defaultdict(list)
for path in pathlib.Path(sys.argv[1]).glob("environment=*/**/*.ndjson.gz"):
    for line in gzip.open(path).read().split(b"\n")[:-1]:
        record = json.loads(line)
        if record.get("kind") in ("release", "discard"):
            continue
        sha256 = record["sha256"]
        if "specversion" in record:
            payload = line[line.index(b',"data":') + 8 : -1]
            if "rawbody" in record:
                payload = base64.b64decode(record["rawbody"])
            sha256 = hashlib.sha256(payload).hexdigest()
        found[record["id"]].append(sha256)

acknowledged = 0
for line in sys.stdin:
    id, sha256 = line.split()
    acknowledged += 1
    if found.pop(id, None) != [sha256]:
        print(f"{id} was acknowledged, and is not there exactly once with {sha256}")
for id, hashes in found.items():
    if len(hashes) != 1:
        print(f"{id} is there {len(hashes)} times")
print(acknowledged, "acknowledged,", len(found), "unheard of")
