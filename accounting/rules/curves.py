"""The discount curve of a month end, read by the middle of each coming month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from accounting.rules.discounting import BadCurve, KoreanCurve, Parameters, korean_curve
from accounting.rules.projection import Floats

__all__ = ["BadCurve", "KoreanCurve", "drawn", "flat_factors", "middle_factors", "month_forwards"]


def drawn(
    *,
    base_date: date,
    tenors: Sequence[float],
    yields: Sequence[float],
    ltfr: float,
    last_liquid_point: float,
    convergence_point: float,
    liquidity_premium: float,
) -> KoreanCurve:
    """Draw the curve of a day.

    Args:
        base_date: day of the yields.
        tenors: years, ascending.
        yields: a year (0.03 for 3 %), as many as tenors.
        ltfr: long-term forward rate, annual effective.
        last_liquid_point: years observed.
        convergence_point: years to convergence.
        liquidity_premium: added to annual spot rates up to the last liquid point.

    Raises:
        BadCurve: no curve can be drawn from them.
    """
    return korean_curve(
        tenors=tenors,
        yields=yields,
        parameters=Parameters(
            valid_from=base_date,
            ltfr=ltfr,
            last_liquid_point=last_liquid_point,
            convergence_point=convergence_point,
            liquidity_premium=liquidity_premium,
        ),
    )


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
