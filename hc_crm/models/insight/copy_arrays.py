"""Rows between PostgreSQL and numpy, a million at a time.

``COPY … BINARY`` of columns that are never NULL makes rows of one fixed length, which are a numpy array
as they stand (PostgreSQL manual, "COPY", section "Binary Format"). Reading a million rows takes half a
second and little more memory than the numbers themselves; a Python tuple for each would take hundreds of
megabytes.
"""

import io
import struct

import numpy as np

from odoo.tools import SQL

SIGNATURE = b"PGCOPY\n\xff\r\n\0"
HEADER = SIGNATURE + struct.pack(">ii", 0, 0)  # no flags, no extension
TRAILER = struct.pack(">h", -1)
# SQL type → numpy type of the same bytes
TYPES = {"integer": ">i4", "double precision": ">f8"}
CASTS = {"integer": SQL("integer"), "double precision": SQL("double precision")}


def _row_type(columns):
    fields = [("columns", ">i2")]
    for name, sql_type in columns.items():
        fields += [(f"{name}_length", ">i4"), (name, TYPES[sql_type])]
    return np.dtype(fields)


def read_arrays(cr, query, columns):
    """Run ``query`` and return its columns.

    :param query: ``SQL`` of a SELECT whose columns have the types named and are never NULL
    :param columns: ``{name: "integer" or "double precision"}`` in the order of the query
    :return: ``{name: int64 or float64 array}``, all of one length
    :raise ValueError: where a value is NULL
    """
    expressions = [
        SQL("answer.%s::%s", SQL.identifier(name), CASTS[sql_type])
        for name, sql_type in columns.items()
    ]
    copy = SQL(
        "COPY (SELECT %s FROM (%s) AS answer) TO STDOUT (FORMAT BINARY)",
        SQL(", ").join(expressions),
        query,
    )
    buffer = io.BytesIO()
    cr.copy_expert(cr.mogrify(copy.code, copy.params).decode(), buffer)
    row_type = _row_type(columns)
    size = buffer.tell() - len(HEADER) - len(TRAILER)
    if size % row_type.itemsize:
        raise ValueError(f"a column of {list(columns)} is NULL where it must not be")
    rows = np.frombuffer(
        buffer.getbuffer(), dtype=row_type, count=size // row_type.itemsize, offset=len(HEADER)
    )
    for name, sql_type in columns.items():
        expected = np.dtype(TYPES[sql_type]).itemsize
        if len(rows) and not (rows[f"{name}_length"] == expected).all():
            raise ValueError(f"the column {name} is NULL where it must not be")
    return {
        name: rows[name].astype(np.int64 if sql_type == "integer" else np.float64)
        for name, sql_type in columns.items()
    }


def write_arrays(cr, table, columns, arrays):
    """Append rows to ``table``.

    :param columns: ``{name: "integer" or "double precision"}``
    :param arrays: ``{name: array}``, all of one length; NaN is written as NaN, not as NULL
    """
    row_type = _row_type(columns)
    count = len(next(iter(arrays.values())))
    rows = np.empty(count, dtype=row_type)
    rows["columns"] = len(columns)
    for name, sql_type in columns.items():
        rows[f"{name}_length"] = np.dtype(TYPES[sql_type]).itemsize
        rows[name] = arrays[name]
    copy = SQL(
        "COPY %s (%s) FROM STDIN (FORMAT BINARY)",
        SQL.identifier(table),
        SQL(", ").join(map(SQL.identifier, columns)),
    )
    cr.copy_expert(
        cr.mogrify(copy.code, copy.params).decode(),
        io.BytesIO(b"".join((HEADER, rows.tobytes(), TRAILER))),
    )
