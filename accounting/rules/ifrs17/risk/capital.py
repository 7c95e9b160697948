"""Risk adjustment as the cost of the capital that stands behind a risk until it has run off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats, ratio, series
from accounting.rules.ifrs17.discount import Timing, factors
from accounting.rules.ifrs17.errors import BadMeasurement


@dataclass(frozen=True, slots=True, eq=False)
class CapitalCost:
    """Risk adjustment by cost of capital.

    Args:
        adjustment: (periods + 1,) at each period start; the last is 0.
        release: (periods,) adjustment released in each period before interest.
    """

    adjustment: Floats
    release: Floats


def by_cost_of_capital(
    capital: ArrayLike,
    *,
    cost: ArrayLike,
    rates: ArrayLike,
    unwind: bool = True,
    timing: Timing = Timing.END,
) -> CapitalCost:
    """Return the risk adjustment as the cost of holding capital until the risk has run off.

    Args:
        capital: (periods,) required at each period start.
        cost: cost of capital above the risk-free rate, per period (for example 0.06 a year), one
            number or (periods,).
        rates: forward rates by period, one number or (periods,).
        unwind: discount the cost of each period to its start date; without, costs simply add up.
        timing: where in its period the cost of a period falls (Solvency II and K-ICS: its end).

    Returns:
        adjustment[k] = Σ over j ≥ k of cost × capital[j] × v(k → j + 1).

    Raises:
        BadMeasurement: capital below zero.
        LengthMismatch: another number of costs than periods.
        BadRate, CurveTooShort: see ``discount``.

    Source: IFRS 17.B91–B92; cost-of-capital technique as in IAA, "Risk Adjustments for Insurance
    Contracts under IFRS 17" (2018), chapter 4.
    """
    needed = np.atleast_1d(floats(capital, "capital"))
    if (needed < 0).any():
        raise BadMeasurement("Required capital is not negative.")
    periods = len(needed)
    v = factors(rates, periods) if unwind else np.ones(periods + 1)
    paid = series(cost, periods, "cost") * needed * (v[:-1] / v[1:]) ** (1.0 - timing.value)
    today = np.concatenate((np.cumsum((paid * v[1:])[::-1])[::-1], [0.0]))
    adjustment = today / v
    return CapitalCost(adjustment, -np.diff(adjustment))


def run_off(adjustment: float, drivers: ArrayLike) -> Floats:
    """Let an adjustment run off with a driver, for example expected claims still to come.

    Args:
        adjustment: today.
        drivers: (periods + 1,) driver today and at the coming period ends.

    Returns:
        (periods + 1,) adjustment at the same points.

    Source: IFRS 17.B91 (no technique is prescribed), .44(b), B124(b) (release).
    """
    path = floats(drivers, "drivers")
    return adjustment * ratio(path, path[0])
