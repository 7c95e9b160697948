"""The discount curve of a month end, read by the middle of each coming month."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from accounting.rules.discounting import BadCurve, KoreanCurve, Parameters, korean_curve
from accounting.rules.projection import Floats

__all__ = [
    "BadCurve",
    "KoreanCurve",
    "Parameters",
    "drawn",
    "flat_factors",
    "flat_forwards",
    "middle_factors",
    "middles",
    "month_forwards",
]


def drawn(
    *, tenors: Sequence[float], yields: Sequence[float], parameters: Parameters
) -> KoreanCurve:
    """Draw the curve of a day.

    Args:
        tenors: years, ascending.
        yields: a year (0.03 for 3 %), as many as tenors.
        parameters: stored with them.

    Raises:
        BadCurve: no curve can be drawn from them.
    """
    return korean_curve(tenors=tenors, yields=yields, parameters=parameters)


def middle_factors(curve: KoreanCurve, months: int) -> Floats:
    """Return what 1 paid in the middle of coming month 1, 2 … is worth today, (months,)."""
    return np.asarray(curve.discount((np.arange(months) + 0.5) / 12.0), np.float64)


def month_forwards(curve: KoreanCurve, months: int) -> Floats:
    """Return the forward rates of the coming months, effective for a month, (months,)."""
    worth = np.asarray(curve.discount(np.arange(months + 1) / 12.0), np.float64)
    return worth[:-1] / worth[1:] - 1.0


def flat_factors(rate: Floats, months: int, *, first: float = 0.5) -> Floats:
    """Return discount factors at flat annual rates, (groups, months).

    Args:
        rate: (groups,) annual effective.
        months: how many.
        first: months from now to the first flow; the others follow monthly.
    """
    return np.asarray((1.0 + rate[:, None]) ** (-(np.arange(months) + first) / 12.0), np.float64)


def flat_forwards(rate: Floats, months: int) -> Floats:
    """Return the rates of each month at flat annual rates, (groups, months), effective a month."""
    monthly = (1.0 + np.asarray(rate, np.float64)[:, None]) ** (1.0 / 12.0) - 1.0
    return np.repeat(monthly, months, axis=1)


def middles(forwards: Floats) -> Floats:
    """Return what 1 paid in the middle of each month is worth at the start of the first.

    Args:
        forwards: (…, months) effective rates of each month.

    Returns:
        (…, months): a month's interest for each month before, half of one for its own.
    """
    growth = 1.0 + np.asarray(forwards, np.float64)
    passed = np.cumprod(growth, axis=-1)
    return np.asarray(np.sqrt(growth) / passed, np.float64)
