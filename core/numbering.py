"""Business numbers such as ``CON-2026-0000001``: unique, safe under concurrency and in bulk.

A database sequence per series and year hands them out, so that no transaction waits for another;
a rolled back transaction leaves a gap, which is why these are not document numbers of the books.
"""

from __future__ import annotations

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from .bulk import take_values

_WIDTH = 7


def take(series: str, year: int, count: int = 1) -> NDArray[np.object_]:
    """Take ``count`` new numbers of a series.

    Args:
        series: upper-case letters, for example ``CON``.
        year: the business year that is printed.
        count: how many, at least 1.

    Returns:
        (count,) strings such as ``CON-2026-0000001``, ascending.
    """
    if not (series.isalpha() and series.isupper()):
        raise ValueError(f"A series is upper-case letters, not {series!r}.")
    name = f"numbers_{series.lower()}_{year:04d}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is None:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
            cursor.execute(f"CREATE SEQUENCE IF NOT EXISTS {name} CACHE 1")
    numbers = take_values(name, count)
    out = np.empty(count, dtype=object)
    out[:] = [f"{series}-{year}-{number:0{_WIDTH}d}" for number in numbers.tolist()]
    return out


def take_one(series: str, year: int) -> str:
    """Take one new number of a series."""
    return str(take(series, year)[0])
