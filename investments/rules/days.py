"""Days as parts of a year, and the days on which income is paid."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

import numpy as np
from numpy.typing import NDArray

ACT_365 = "ACT_365"
THIRTY_360 = "THIRTY_360"
Floats = NDArray[np.float64]


def year_fraction(
    start: NDArray[np.datetime64], end: NDArray[np.datetime64], basis: NDArray[np.object_]
) -> Floats:
    """Return the part of a year between two days.

    Args:
        start: (n,) days, exclusive.
        end: (n,) days, inclusive; before ``start`` counts as no time.
        basis: (n,) ``ACT_365`` or ``THIRTY_360``.

    Raises:
        ValueError: an unknown basis.

    Source: ISDA 2006 Definitions 4.16 (d) actual/365 fixed and (f) 30/360.
    """
    unknown = {str(name) for name in set(basis.tolist())} - {ACT_365, THIRTY_360}
    if unknown:
        raise ValueError(f"Unknown day count: {', '.join(sorted(unknown))}.")
    start, end = start.astype("datetime64[D]"), end.astype("datetime64[D]")
    years: Floats = (end - start).astype(np.int64) / 365.0
    thirty = np.flatnonzero(basis == THIRTY_360)
    if len(thirty):
        years[thirty] = _thirty_360_days(start[thirty], end[thirty]) / 360.0
    return np.maximum(years, 0.0)


def _thirty_360_days(
    start: NDArray[np.datetime64], end: NDArray[np.datetime64]
) -> NDArray[np.int64]:
    y1, m1, d1 = _parts(start)
    y2, m2, d2 = _parts(end)
    d1 = np.minimum(d1, 30)
    d2 = np.where((d2 == 31) & (d1 == 30), 30, d2)
    return 360 * (y2 - y1) + 30 * (m2 - m1) + (d2 - d1)


def _parts(
    days: NDArray[np.datetime64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    months = days.astype("datetime64[M]")
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (days - months).astype(np.int64) + 1
    return years, month, day


def sum_by(owner: NDArray[np.int64], values: Floats, groups: int) -> Floats:
    """Return (groups,) the sums of values by owner, 0 to ``groups`` − 1."""
    return np.bincount(owner, weights=values, minlength=groups).astype(np.float64)


def pays_in(
    month: NDArray[np.int64], every: NDArray[np.int64], anchor: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say whether income is paid in a month.

    Args:
        month: (n,) calendar months, 1 to 12.
        every: (n,) months between two payments; divides 12.
        anchor: (n,) a month of payment, 1 to 12.
    """
    return (month - anchor) % every == 0


def payment_days(*, after: date, until: date, every: int, anchor: int) -> list[date]:
    """List the month ends on which income is paid.

    Args:
        after: exclusive.
        until: inclusive.
        every: months between two payments; divides 12.
        anchor: a month of payment, 1 to 12.
    """
    found = []
    year, month = after.year, after.month
    while (year, month) <= (until.year, until.month):
        last = date(year, month, monthrange(year, month)[1])
        if (month - anchor) % every == 0 and after < last <= until:
            found.append(last)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return found
