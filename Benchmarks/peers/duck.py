"""duck.py SPOOL OUT: the same with DuckDB: read all payloads, drop repeats, write compressed files by business.

CSV, since DuckDB does not partition JSON; the payload is one of its columns.
"""

import pathlib
import sys
import time

import duckdb

began = time.monotonic()
spool, out = pathlib.Path(sys.argv[1]) / "production/new", pathlib.Path(sys.argv[2])
out.mkdir()
db = duckdb.connect(str(out / "index.duckdb"))
db.execute(f"""
    CREATE TABLE events AS
    SELECT parse_filename(filename) AS id, content->>'$.data.business_id' AS business, content->>'$.event' AS type,
           sha256(content) AS sha256, content AS payload
    FROM read_text('{spool}/*.json') QUALIFY row_number() OVER (PARTITION BY sha256 ORDER BY id) = 1;
    COPY (SELECT * FROM events ORDER BY business, id) TO '{out}/archive'
      (FORMAT csv, COMPRESSION gzip, PARTITION_BY (business));
    CHECKPOINT;
""")
print(f'{{"seconds": {time.monotonic() - began:.3f}}}')
