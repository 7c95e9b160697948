"""Set-based writes: NumPy columns through polars CSV into ``COPY``, inside the transaction."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from django.db import connection, models
from numpy.typing import NDArray


def take_ids(model: type[models.Model], count: int) -> NDArray[np.int64]:
    """Take ``count`` new primary keys of a table from its identity sequence.

    Returns:
        (count,) int64, ascending, never given twice (a rolled back batch leaves a gap).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [f'"{model._meta.db_table}"', model._meta.pk.column, count],
        )
        return np.asarray([row[0] for row in cursor.fetchall()], dtype=np.int64)


def copy_rows(model: type[models.Model], columns: Mapping[str, Any]) -> int:
    """Insert a batch into ``model``'s table in one statement, all constraints on.

    Args:
        model: whose table.
        columns: field name → (n,) array, or a scalar for all rows. Columns that are not named
            take their database default. An empty string in a nullable column is NULL.

    Returns:
        How many rows were written.
    """
    fields: dict[str, Any] = {name: model._meta.get_field(name) for name in columns}
    length = max((len(v) for v in columns.values() if _is_column(v)), default=1)
    frame = pl.DataFrame(
        [_series(fields[name], values, length) for name, values in columns.items()]
    )
    if not length:
        return 0
    names = ", ".join(f'"{fields[name].column}"' for name in columns)
    buffer = io.BytesIO()
    frame.write_csv(buffer, include_header=False, null_value="\\N", quote_style="necessary")
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(
            f"COPY \"{model._meta.db_table}\" ({names}) FROM STDIN (FORMAT csv, NULL '\\N')"
        ) as copy,
    ):
        copy.write(buffer.getbuffer())
    return length


def _is_column(value: Any) -> bool:
    return isinstance(value, np.ndarray | list | tuple)


def _series(field: Any, values: Any, length: int) -> pl.Series:
    if not _is_column(values):
        value = str(values) if values is not None else None
        return pl.repeat(value, length, dtype=pl.String, eager=True).alias(field.column)
    if isinstance(values, np.ndarray) and values.dtype != object:
        return pl.Series(field.column, values)
    blank = None if field.null else ""
    return pl.Series(
        field.column, [blank if v is None or v == "" else str(v) for v in values], dtype=pl.String
    )
