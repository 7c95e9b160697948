"""Column types of batches: what events carry and what ``core.bulk`` writes.

A batch is a set of equal-length NumPy arrays. One row is an array of one.
"""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

Keys = Annotated[NDArray[np.object_], "keys"]
"""Business keys or other text, ``str`` (empty string: none)."""
Won = Annotated[NDArray[np.int64], "won"]
"""Whole won."""
Ints = Annotated[NDArray[np.int64], "ints"]
"""Counts, ids, months."""
Days = Annotated[NDArray[np.datetime64], "days"]
"""Days, ``datetime64[D]``."""
Flags = Annotated[NDArray[np.bool_], "flags"]
"""True or false."""

DTYPES: dict[str, Any] = {
    "keys": np.dtype(object),
    "won": np.dtype(np.int64),
    "ints": np.dtype(np.int64),
    "days": np.dtype("datetime64[D]"),
    "flags": np.dtype(np.bool_),
}


def as_column(kind: str, values: Any) -> NDArray[Any]:
    """Make a column of ``kind`` from an array, a list or a tuple.

    Args:
        kind: a key of ``DTYPES``.
        values: (n,) values; Decimals are taken as won if they are whole.

    Raises:
        ValueError: a fraction where whole won is meant, or the wrong shape.
    """
    dtype = DTYPES[kind]
    if isinstance(values, np.ndarray) and values.dtype == dtype:
        column = values
    elif kind == "won":
        given = np.asarray(list(values), dtype=object)
        column = np.asarray([int(v) for v in given], dtype=np.int64)
        if any(c != v for c, v in zip(column.tolist(), given, strict=True)):
            raise ValueError("A fraction of a won in a money column.")
    elif kind == "keys":
        column = np.empty(len(values), dtype=object)
        column[:] = [str(v) if v is not None else "" for v in values]
    else:
        column = np.asarray(values, dtype=dtype)
    if column.ndim != 1:
        raise ValueError(f"A column has one dimension, not {column.ndim}.")
    return column


def distinct(*columns: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the distinct combinations of several columns.

    Returns:
        ``(first, index)``: the row where each combination first stands, and for each row the
        number of its combination.
    """
    known: dict[Any, int] = {}
    rows = zip(*(_hashable(column) for column in columns), strict=True)
    index = np.fromiter(
        (known.setdefault(row, len(known)) for row in rows), np.int64, len(columns[0])
    )
    first = np.empty(len(known), np.int64)
    first[index[::-1]] = np.arange(len(index))[::-1]  # the last to write is the first to stand
    return first, index


def _hashable(column: NDArray[Any]) -> list[Any]:
    """Return a column's values as Python hashes them fastest (days as numbers)."""
    values: list[Any] = (column.view(np.int64) if column.dtype.kind == "M" else column).tolist()
    return values
