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
# A numeric is sent as digits to the base of 10,000: three before the point, two after it, always all of
# them, and so of one length. The server takes zeros away (PostgreSQL, numeric.c, numeric_recv).
NUMERIC = np.dtype(
    [("count", ">i2"), ("weight", ">i2"), ("sign", ">u2"), ("scale", ">i2"), ("digits", ">i2", 5)]
)
NEGATIVE, NOT_A_NUMBER = 0x4000, 0xC000
MAX_NUMERIC = 1e12
ROWS_AT_ONCE = 1000  # half a megabyte
# SQL type → numpy type of the same bytes
TYPES = {
    "integer": np.dtype(">i4"),
    "double precision": np.dtype(">f8"),
    "timestamp": np.dtype(">i8"),  # microseconds since the year 2000
    "numeric": NUMERIC,
}
READ_AS = {"integer": np.int64, "double precision": np.float64, "timestamp": np.int64}


def _row_type(columns):
    fields = [("columns", ">i2")]
    for name, sql_type in columns.items():
        fields += [(f"{name}_length", ">i4"), (name, TYPES[sql_type])]
    return np.dtype(fields)


def _put_numeric(place, values):
    """Write float64 ``values`` into ``place``, an array of ``NUMERIC``; eight decimals are kept."""
    unknown = ~(np.abs(values) < MAX_NUMERIC)
    size = np.where(unknown, 0.0, np.abs(values))
    whole = size.astype(np.int64)
    parts = np.rint((size - whole) * 1e8).astype(np.int64)
    over = parts >= 10**8
    whole += over
    parts[over] = 0
    place["count"] = 5
    place["weight"] = 2
    place["scale"] = 8
    place["sign"] = np.where(unknown, NOT_A_NUMBER, np.where(values < 0, NEGATIVE, 0))
    digits = place["digits"]
    rest, digits[:, 2] = np.divmod(whole, 10_000)
    digits[:, 0], digits[:, 1] = np.divmod(rest, 10_000)
    digits[:, 3], digits[:, 4] = np.divmod(parts, 10_000)


def read_arrays(cr, query, columns):
    """Run ``query`` and return its columns.

    :param query: ``SQL`` of a SELECT whose columns have the types named and are never NULL
    :param columns: ``{name: "integer", "double precision" or "timestamp"}`` in the order of the query
    :return: ``{name: int64 or float64 array}``, all of one length; moments are microseconds since 2000
    :raise ValueError: where a value is NULL
    """
    expressions = [
        SQL("answer.%s::%s", SQL.identifier(name), SQL(sql_type))  # pylint: disable=sql-injection
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
        expected = TYPES[sql_type].itemsize
        if len(rows) and not (rows[f"{name}_length"] == expected).all():
            raise ValueError(f"the column {name} is NULL where it must not be")
    return {name: rows[name].astype(READ_AS[sql_type]) for name, sql_type in columns.items()}


def write_arrays(cr, table, columns, arrays):
    """Append rows to ``table``.

    :param columns: ``{name: "integer", "double precision" or "numeric"}``
    :param arrays: ``{name: array}``, all of one length; numeric ones float64; NaN is written as NaN, not as NULL. Of a numeric
        eight decimals are kept, and one of ``MAX_NUMERIC`` or more is NaN.
    """
    copy = SQL(
        "COPY %s (%s) FROM STDIN (FORMAT BINARY)",
        SQL.identifier(table),
        SQL(", ").join(map(SQL.identifier, columns)),
    )
    cr.copy_expert(
        cr.mogrify(copy.code, copy.params).decode(), _Reader(_parts(columns, arrays)), size=2**20
    )


def _parts(columns, arrays):
    """Yield the bytes of ``write_arrays``, so many rows at a time as fit into the processor's cache."""
    yield HEADER
    count = len(next(iter(arrays.values())))
    buffer = np.zeros(min(count, ROWS_AT_ONCE), dtype=_row_type(columns))
    buffer["columns"] = len(columns)
    for name, sql_type in columns.items():
        buffer[f"{name}_length"] = TYPES[sql_type].itemsize
    for start in range(0, count, ROWS_AT_ONCE):
        rows = buffer[: count - start]
        for name, sql_type in columns.items():
            values = arrays[name][start : start + ROWS_AT_ONCE]
            if sql_type == "numeric":
                _put_numeric(rows[name], values)
            else:
                rows[name] = values
        yield rows.tobytes()
    yield TRAILER


class _Reader:
    """What ``COPY … FROM STDIN`` reads from, part by part."""

    def __init__(self, parts):
        self.parts = parts

    def read(self, _size=-1):  # pylint: disable=unknown-option-value,method-required-super
        return next(self.parts, b"")
