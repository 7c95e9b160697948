"""Rows alike: what depends on a few columns is computed once for each combination of them."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

COUNTED = 4_194_304
"""Largest range of keys that are found by counting instead of sorting."""


def alike(*columns: Ints) -> tuple[Ints, Ints]:
    """Find the distinct combinations of columns.

    Args:
        columns: (n,) whole numbers each.

    Returns:
        ``(first, index)``: (k,) one row of each combination, and (n,) the combination of each row.
    """
    key, size = np.zeros(len(columns[0]), np.int64), 1
    for column in columns:
        code, count = _codes(column)
        key, size = key * count + code, size * count
        if size > COUNTED:
            key, size = _codes(key)
    found, _ = _codes(key)
    first = np.zeros(int(found.max(initial=-1)) + 1, np.int64)
    first[found[::-1]] = np.arange(len(found) - 1, -1, -1)
    return first, found


def _codes(column: Ints) -> tuple[Ints, int]:
    """Number the values of a column 0, 1, 2 … in their order; return the numbers and how many."""
    if not len(column):
        return column, 1
    low, high = int(column.min()), int(column.max())
    if high - low >= COUNTED:
        values, code = np.unique(column, return_inverse=True)
        return code.astype(np.int64), len(values)
    shifted = column - low
    seen = np.zeros(high - low + 1, np.bool_)
    seen[shifted] = True
    place = np.cumsum(seen) - 1
    return place[shifted], int(place[-1]) + 1
