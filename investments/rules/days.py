"""Days as parts of a year, and the days on which income is paid."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date

import numpy as np
from numpy.typing import NDArray

ACT_365 = "ACT_365"
THIRTY_360 = "THIRTY_360"
ACT_360 = "ACT_360"
ACT_ACT = "ACT_ACT"
THIRTY_E_360 = "THIRTY_E_360"
BASES = (ACT_365, THIRTY_360, ACT_360, ACT_ACT, THIRTY_E_360)
"""Day counts that the engine knows; assets are kept with the first two."""
Floats = NDArray[np.float64]


def year_fraction(
    start: NDArray[np.datetime64], end: NDArray[np.datetime64], basis: NDArray[np.object_]
) -> Floats:
    """Return the part of a year between two days.

    Args:
        start: (n,) days, exclusive.
        end: (n,) days, inclusive; before ``start`` counts as no time.
        basis: (n,) of ``BASES``.

    Raises:
        ValueError: an unknown basis.

    Source: ISDA 2006 Definitions 4.16 (b) actual/actual, (d) actual/365 fixed, (e) actual/360,
        (f) 30/360 and (g) 30E/360. Actual/actual by coupon periods is `coupon_fraction`.
    """
    unknown = {str(name) for name in set(basis.tolist())} - set(BASES)
    if unknown:
        raise ValueError(f"Unknown day count: {', '.join(sorted(unknown))}.")
    start, end = start.astype("datetime64[D]"), end.astype("datetime64[D]")
    years: Floats = (end - start).astype(np.int64) / 365.0
    for name, count in _COUNTS.items():
        rows = np.flatnonzero(basis == name)
        if len(rows):
            years[rows] = count(start[rows], end[rows])
    return np.maximum(years, 0.0)


def coupon_fraction(
    start: NDArray[np.datetime64],
    end: NDArray[np.datetime64],
    *,
    period_start: NDArray[np.datetime64],
    period_end: NDArray[np.datetime64],
    per_year: int,
) -> Floats:
    """Return the part of a year between two days of one coupon period, actual/actual of ICMA.

    Args:
        start: (n,) days, exclusive.
        end: (n,) days, inclusive; both within the period.
        period_start: (n,) the last regular coupon date before; of a short first coupon the date
            on which the period would have begun.
        period_end: (n,) the next regular coupon date.
        per_year: coupons a year.

    Raises:
        ValueError: a period without days.

    Source: ICMA Rule 251; ISDA (1998), "EMU and market conventions: recent developments".
    """
    whole = (period_end - period_start).astype("timedelta64[D]").astype(np.int64)
    if np.any(whole <= 0):
        raise ValueError("A coupon period has at least one day.")
    days = (end - start).astype("timedelta64[D]").astype(np.int64)
    return np.maximum(days / (whole * per_year), 0.0)


def _actual_actual(start: NDArray[np.datetime64], end: NDArray[np.datetime64]) -> Floats:
    """Days of leap years over 366, of the others over 365."""
    first, last = start.astype("datetime64[Y]"), end.astype("datetime64[Y]")

    def passed(day: NDArray[np.datetime64], year: NDArray[np.datetime64]) -> Floats:
        begins = year.astype("datetime64[D]")
        length = ((year + 1).astype("datetime64[D]") - begins).astype(np.int64)
        return np.asarray((day - begins).astype(np.int64) / length, np.float64)

    years = (last - first).astype(np.int64)
    return np.asarray(years + passed(end, last) - passed(start, first), np.float64)


def _thirty_e_360(start: NDArray[np.datetime64], end: NDArray[np.datetime64]) -> Floats:
    (y1, m1, d1), (y2, m2, d2) = _parts(start), _parts(end)
    days = np.minimum(d2, 30) - np.minimum(d1, 30)
    return np.asarray((360 * (y2 - y1) + 30 * (m2 - m1) + days) / 360.0, np.float64)


def _thirty_360_days(
    start: NDArray[np.datetime64], end: NDArray[np.datetime64]
) -> NDArray[np.int64]:
    y1, m1, d1 = _parts(start)
    y2, m2, d2 = _parts(end)
    d1 = np.minimum(d1, 30)
    d2 = np.where((d2 == 31) & (d1 == 30), 30, d2)
    return 360 * (y2 - y1) + 30 * (m2 - m1) + (d2 - d1)


_COUNTS: dict[str, Callable[[NDArray[np.datetime64], NDArray[np.datetime64]], Floats]] = {
    THIRTY_360: lambda start, end: np.asarray(_thirty_360_days(start, end) / 360.0),
    ACT_360: lambda start, end: np.asarray((end - start).astype(np.int64) / 360.0),
    ACT_ACT: _actual_actual,
    THIRTY_E_360: _thirty_e_360,
}


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
