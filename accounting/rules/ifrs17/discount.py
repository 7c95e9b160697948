"""Discounting of cash flows by period: factors, present values, unwinding.

A curve is given as forward rates by period, ``(periods,)``, effective for the period; a single
rate stands for a flat curve. Curves themselves (Smith–Wilson, liquidity premium) come from the
discounting engine.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats
from accounting.rules.ifrs17.errors import BadRate, BadShare, CurveTooShort, LengthMismatch


class Timing(Enum):
    """When in its period a cash flow falls: the share of the period before it."""

    BEGIN = 0.0
    MIDDLE = 0.5
    END = 1.0


def factors(rates: ArrayLike, periods: int) -> Floats:
    """Return discount factors at the period ends 0 … periods, (periods + 1,).

    Args:
        rates: one flat rate, or forward rates (at least ``periods`` of them).
        periods: number of periods.

    Raises:
        BadRate: a rate is not finite or not above −100 %.
        CurveTooShort: the curve has fewer rates than periods.

    Source: IFRS 17.36, B72–B85.
    """
    forward = _forward(rates, periods)
    return np.concatenate(([1.0], np.cumprod(1.0 / (1.0 + forward))))


def present_value(flows: ArrayLike, rates: ArrayLike, *, timing: Timing = Timing.END) -> Floats:
    """Discount flows of the coming periods to today.

    Args:
        flows: (periods,) or (periods, groups), row k falls in period k + 1.
        rates: flat rate or forward rates.
        timing: where in the period the flows fall.

    Returns:
        The present value, a 0-d array or (groups,).

    Raises:
        BadRate, CurveTooShort: see ``factors``.

    Source: IFRS 17.36, B72–B85.
    """
    amounts = floats(flows, "cash flows")
    forward = _forward(rates, len(amounts))
    start = np.concatenate(([1.0], np.cumprod(1.0 / (1.0 + forward))))[:-1]
    weights = start * (1.0 + forward) ** -timing.value
    if amounts.ndim > 2:
        return np.asarray(np.tensordot(weights, amounts, axes=1), np.float64)
    return np.asarray(weights @ amounts, np.float64)


def path(flows: ArrayLike, rates: ArrayLike, *, timing: Timing = Timing.END) -> Floats:
    """Return the value of the flows still to come at the period ends 0 … periods.

    Args:
        flows: (periods,), row k falls in period k + 1.
        rates: flat rate or forward rates.
        timing: where in the period the flows fall.

    Returns:
        (periods + 1,), the last is 0; value[k](1 + f) − flow(1 + f)^(1 − timing) = value[k + 1].

    Source: IFRS 17.36, .44(b), .87 (unwinding).
    """
    amounts = floats(flows, "cash flows")
    forward = _forward(rates, len(amounts))
    growth = 1.0 + forward
    worth = (amounts * growth**-timing.value).tolist()
    value = np.zeros(len(amounts) + 1)
    later = 0.0
    for k, v in zip(range(len(worth) - 1, -1, -1), (1.0 / growth)[::-1].tolist(), strict=True):
        later = worth[k] + later * v
        value[k] = later
    return value


def periodic(annual: ArrayLike, periods_per_year: int) -> Floats:
    """Return the rate of a period for annual effective rates: (1 + i)^(1/m) − 1.

    Args:
        annual: effective rates a year, any shape.
        periods_per_year: m, for example 12.
    """
    return (1.0 + _checked(annual)) ** (1.0 / periods_per_year) - 1.0


def forwards(spot: ArrayLike) -> Floats:
    """Return forward rates of the periods from spot rates of the terms 1 … n.

    Args:
        spot: (n,) effective rates a period for the terms 1 … n.

    Returns:
        (n,): ∏ (1 + forward) over k periods = (1 + spot[k])^k.

    Raises:
        BadRate: a rate is not finite or not above −100 %.
    """
    rates = np.atleast_1d(_checked(spot))
    growth = (1.0 + rates) ** np.arange(1, len(rates) + 1)
    return np.concatenate((growth[:1], growth[1:] / growth[:-1])) - 1.0


def weighted_rate(rates: ArrayLike, weights: ArrayLike) -> float:
    """Return the average rate locked in for contracts that joined a group over a year.

    Args:
        rates: rate at the recognition of each set of contracts.
        weights: their share, for example premiums or fulfilment cash flows (positive).

    Raises:
        BadShare: weights below zero, or all of them zero.
        LengthMismatch: rates and weights differ in length.

    Source: IFRS 17.28, B73 (weighted average over the period in which contracts are issued).
    """
    each, base = np.atleast_1d(_checked(rates)), np.atleast_1d(floats(weights, "weights"))
    if each.shape != base.shape:
        raise LengthMismatch(f"{each.size} rates, but {base.size} weights.")
    if (base < 0).any() or not base.sum() > 0:
        raise BadShare("Weights are not negative, and one of them is above zero.")
    return float(each @ base / base.sum())


def _forward(rates: ArrayLike, periods: int) -> Floats:
    array = _checked(rates)
    if array.ndim == 0:
        return np.full(periods, float(array))
    if len(array) < periods:
        raise CurveTooShort(
            f"The curve has {len(array)} rates, the cash flows run for {periods} periods."
        )
    return array[:periods]


def _checked(rates: ArrayLike) -> Floats:
    array = np.asarray(rates, np.float64)
    if not np.isfinite(array).all() or (array <= -1.0).any():
        raise BadRate("Rates are finite numbers above −100 %.")
    return array
