"""Writes one Parquet file to stdout, from columns on stdin whose format is in the header of ColumnBatch.swift.

usage: write_table.py VERSION [check]

VERSION is the version of pyarrow to require. With `check`, nothing is read or written. The exit code is 0 if the file
is complete, 3 without pyarrow, 4 with another version of it, and 1 if anything else is wrong.
"""

import json
import struct
import sys


def main():
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        print(error, file=sys.stderr)
        return 3
    if pyarrow.__version__ != sys.argv[1]:
        print(pyarrow.__version__, file=sys.stderr)
        return 4
    if sys.argv[2:] != ["check"]:
        write(pyarrow, sys.stdin.buffer, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    return 0


def write(pyarrow, rows, file):
    header = json.loads(part(rows))
    columns = header["columns"]
    types = [column_type(pyarrow, column) for column in columns]
    schema = pyarrow.schema(
        [(column["name"], type) for column, type in zip(columns, types)], metadata=header["metadata"])
    with pyarrow.parquet.ParquetWriter(
            file, schema, compression="zstd", use_dictionary=[it["name"] for it in columns if it["repeats"]],
            write_page_index=True, sorting_columns=[
                pyarrow.parquet.SortingColumn(schema.get_field_index(name), nulls_first=False)
                for name in header["sorted_by"]]) as parquet:
        while count := struct.unpack("<Q", exactly(rows, 8))[0]:
            arrays = [array(pyarrow, type, count, rows) for type in types]
            parquet.write_batch(pyarrow.record_batch(arrays, schema=schema))


def column_type(pyarrow, column):
    if column["type"] == "decimal":
        return pyarrow.decimal128(column["precision"], column["scale"])
    return {
        "string": pyarrow.string(), "integer": pyarrow.int64(), "boolean": pyarrow.bool_(),
        "date": pyarrow.date32(), "timestamp": pyarrow.timestamp("us", tz="UTC"),
    }[column["type"]]


def array(pyarrow, type, count, rows):
    stored = pyarrow.uint8() if pyarrow.types.is_boolean(type) else type
    parts = 3 if pyarrow.types.is_string(type) else 2
    found = pyarrow.Array.from_buffers(stored, count, [pyarrow.py_buffer(part(rows)) for _ in range(parts)])
    found.validate(full=True)
    return found.cast(type)


def part(rows):
    return exactly(rows, struct.unpack("<Q", exactly(rows, 8))[0])


def exactly(rows, count):
    found = rows.read(count)
    if len(found) != count:
        raise EOFError("the rows end before they are complete")
    return found


sys.exit(main())
