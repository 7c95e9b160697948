"""Set-based writes and reads: NumPy columns through polars CSV and ``COPY``, in the transaction."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import polars as pl
from django.db import connection, models
from numpy.typing import NDArray
from psycopg import ClientCursor, Copy

from .columns import DTYPES

FEW = 64  # rows up to which plain Python beats a data frame
SHORT = 16_384  # bytes, likewise


def take_ids(model: type[models.Model], count: int) -> NDArray[np.int64]:
    """Take ``count`` new primary keys of a table from its identity sequence.

    Returns:
        (count,) int64, ascending, never given twice (a rolled back batch leaves a gap).
    """
    table = f'"{model._meta.db_table}"'
    return _values("pg_get_serial_sequence(%s, %s)", [table, model._meta.pk.column], count)


def take_values(sequence: str, count: int) -> NDArray[np.int64]:
    """Take ``count`` values of a sequence.

    Returns:
        (count,) int64, ascending, never given twice.
    """
    return _values("%s", [sequence], count)


def _values(sequence: str, params: list[Any], count: int) -> NDArray[np.int64]:
    """Take values; only the ends travel, unless another session took some in between."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH source AS MATERIALIZED (SELECT ({sequence})::regclass AS name),
            taken AS MATERIALIZED (
                SELECT nextval(source.name) AS value FROM source, generate_series(1, %s)
            )
            SELECT low, high, CASE WHEN high - low >= %s
                THEN (SELECT array_agg(value ORDER BY value) FROM taken) END
            FROM (SELECT min(value) AS low, max(value) AS high FROM taken) ends
            """,  # noqa: S608 - the two expressions above
            [*params, int(count), int(count)],
        )
        low, high, values = cursor.fetchone()
    if low is None:
        return np.empty(0, np.int64)
    return np.arange(low, high + 1) if values is None else np.asarray(values, np.int64)


def copy_rows(model: type[models.Model], columns: Mapping[str, Any]) -> int:
    """Insert a batch into ``model``'s table in one statement, all constraints on.

    Args:
        model: whose table.
        columns: field name → (n,) array, or a scalar for all rows. Columns that are not named
            take their database default. An empty string in a nullable column is NULL.

    Returns:
        How many rows were written.

    Raises:
        ValueError: the columns differ in length.
    """
    fields: dict[str, Any] = {name: model._meta.get_field(name) for name in columns}
    lengths = {len(v) for v in columns.values() if _is_column(v)} or {1}
    if len(lengths) > 1:
        raise ValueError(f"Columns differ in length: {sorted(lengths)}.")
    length = lengths.pop()
    if not length:
        return 0
    names = ", ".join(f'"{fields[name].column}"' for name in columns)
    into = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    if length <= FEW:
        texts = [_texts(fields[name], values, length) for name, values in columns.items()]
        with _copying(into) as copy:
            for row in zip(*texts, strict=True):
                copy.write_row(row)
        return length
    frame = pl.DataFrame(
        [_series(fields[name], values, length) for name, values in columns.items()]
    )
    buffer = io.BytesIO()
    frame.write_csv(buffer, include_header=False, null_value="", quote_style="necessary")
    with _copying(f"{into} (FORMAT csv)") as copy:  # a text that is empty comes quoted
        copy.write(buffer.getbuffer())
    return length


@contextmanager
def _copying(statement: str) -> Iterator[Copy]:
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement) as copy,
    ):
        yield copy


def analyze(*tables: type[models.Model]) -> None:
    """Let the planner know tables that a batch has filled, as autovacuum would within minutes.

    Args:
        tables: whose tables; inside a transaction it counts from the commit on.
    """
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'ANALYZE "{table._meta.db_table}"')


def read_columns(
    sql: str, params: Sequence[Any] | Mapping[str, Any] = (), **kinds: str
) -> dict[str, NDArray[Any]]:
    """Read the rows of a query as columns, several times faster than row by row.

    Args:
        sql: a SELECT with one expression for each of ``kinds``, in order. Amounts are whole won,
            so cast them: ``amount::bigint``.
        params: its parameters.
        kinds: column name → kind of ``core.columns``. NULL becomes "", 0, NaT or False.

    Returns:
        (n,) arrays by name, in the order of ``kinds``.
    """
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        copied = f"COPY ({sql}) TO STDOUT (FORMAT csv)"
        if params:
            copied = ClientCursor(connection.connection).mogrify(copied, params)
        with cursor.copy(copied) as copy:
            for block in copy:
                buffer.write(block)
    if buffer.tell() <= SHORT:
        return _parsed(buffer.getvalue().decode(), kinds)
    buffer.seek(0)
    frame = pl.read_csv(
        buffer,
        has_header=False,
        new_columns=list(kinds),
        schema_overrides=[_READ_AS[kind] for kind in kinds.values()],
    )
    return {name: _column(frame[name], kind) for name, kind in kinds.items()}


def _parsed(text: str, kinds: Mapping[str, str]) -> dict[str, NDArray[Any]]:
    """Read a few rows without the set-up that many rows are worth."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
    found = {}
    for (name, kind), values in zip(kinds.items(), columns, strict=True):
        column = np.empty(len(values), DTYPES[kind])
        column[:] = [_PARSE[kind](value) for value in values]
        found[name] = column
    return found


_PARSE: dict[str, Callable[[str], Any]] = {
    "keys": str,
    "won": lambda text: int(text or 0),
    "ints": lambda text: int(text or 0),
    "days": lambda text: np.datetime64(text or "NaT", "D"),
    "flags": lambda text: text == "t",
}
_READ_AS: dict[str, Any] = {
    "keys": pl.String,
    "won": pl.Int64,
    "ints": pl.Int64,
    "days": pl.Date,
    "flags": pl.String,
}


def _column(series: pl.Series, kind: str) -> NDArray[Any]:
    if kind == "flags":
        return np.asarray((series == "t").fill_null(value=False).to_numpy(), np.bool_)
    if kind == "days":
        return np.asarray(series.to_numpy(), "datetime64[D]")
    if kind == "keys":
        return np.asarray(series.fill_null("").to_numpy(), object)
    return np.asarray(series.fill_null(0).to_numpy(), np.int64)


def _is_column(value: Any) -> bool:
    return isinstance(value, np.ndarray | list | tuple)


def _has_empty(values: Any) -> bool:
    return "" in (values.tolist() if isinstance(values, np.ndarray) else values)


def _texts(field: Any, values: Any, length: int) -> list[str | None]:
    blank = None if field.null else ""
    if not _is_column(values):
        values = [values] * length
    elif isinstance(values, np.ndarray):
        if values.dtype != object:  # NaT comes out as None
            return [None if v is None else str(v) for v in values.tolist()]
        values = values.tolist()
    return [blank if v is None or v == "" else str(v) for v in values]


def _moments(name: str, values: NDArray[np.datetime64]) -> pl.Series:
    """Write each distinct day or instant once: a batch has few, and text is dear."""
    known, place = np.unique(values, return_inverse=True)
    shown = [None if text == "NaT" else text for text in np.datetime_as_string(known).tolist()]
    return pl.Series(name, shown, dtype=pl.String).gather(place)


def _series(field: Any, values: Any, length: int) -> pl.Series:
    if not _is_column(values):
        value = _texts(field, values, 1)[0]
        return pl.Series(field.column, [value], dtype=pl.String).new_from_index(0, length)
    if isinstance(values, np.ndarray) and values.dtype.kind == "M":
        return _moments(field.column, values)
    if isinstance(values, np.ndarray) and values.dtype != object:
        return pl.Series(field.column, values)
    blank = None if field.null else ""
    try:
        series = pl.Series(field.column, values, dtype=pl.String, strict=True)
    except (TypeError, pl.exceptions.PolarsError):  # days, decimals, numbers among them
        shown = [blank if v is None or v == "" else str(v) for v in values]
        return pl.Series(field.column, shown, dtype=pl.String)
    if field.null:  # written as nothing at all, which is NULL; other empty texts come quoted
        return series.set(series == "", None) if _has_empty(values) else series
    return series.fill_null("") if series.null_count() else series
