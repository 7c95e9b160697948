"""Any cash flows: the rate that they earn, and what they are carried at by it.

The textbook's form, for one asset or debt, in floats and without rounding: dates or whole periods,
fees in, estimates revised. ``bonds`` does the same for a whole portfolio in won.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

from .days import Floats

_GRID = np.expm1(np.concatenate([np.linspace(-9.0, -0.7, 84), np.linspace(-0.69, 4.7, 600)]))
"""Rates among which a change of sign is looked for: −99.99 % to 10,900 %."""


class NoRate(ValueError):
    """Cash flows that no rate explains, or that several rates explain; the text says which."""


def internal_rate(times: ArrayLike, amounts: ArrayLike, *, guess: float | None = None) -> float:
    """Return the effective rate at which flows are worth nothing.

    Args:
        times: (n,) in years (or other periods; then the rate is one of those).
        amounts: (n,) received positive, paid negative.
        guess: where several rates do it, the one nearest to this; None: that is refused.

    Returns:
        A rate above −99.99 %.

    Raises:
        NoRate: amounts of one sign only, no rate, or several and no guess.

    Source: IFRS 9 Appendix A (effective interest rate); GIPS 2020, money-weighted return.
    """
    when, what = np.asarray(times, np.float64), np.asarray(amounts, np.float64)
    if when.shape != what.shape or when.ndim != 1 or not np.isfinite(when + what).all():
        raise NoRate("One finite amount for each time.")
    if not ((what > 0).any() and (what < 0).any()):
        raise NoRate("Amounts of one sign earn no rate: something is paid and something received.")
    when = when - when.min()

    def worth(rate: float) -> float:
        return float((what * (1.0 + rate) ** -when).sum())

    with np.errstate(over="ignore", invalid="ignore"):  # far rates of long flows have no number
        values = (what * (1.0 + _GRID[:, None]) ** -when).sum(axis=1)
    sign = np.where(np.isfinite(values), np.sign(values), 0.0)
    change = np.flatnonzero(sign[:-1] * sign[1:] < 0)
    roots = [_between(worth, float(_GRID[k]), float(_GRID[k + 1])) for k in change]
    roots += [float(rate) for rate in _GRID[values == 0]]
    if not roots:
        raise NoRate("No rate explains these flows.")
    if len(roots) > 1 and guess is None:
        shown = ", ".join(f"{100 * rate:.4g} %" for rate in sorted(roots))
        raise NoRate(f"Several rates explain these flows: {shown}.")
    return min(roots, key=lambda rate: abs(rate - (guess or 0.0)))


def _between(worth: Callable[[float], float], low: float, high: float) -> float:
    at_low = worth(low)
    for _ in range(200):
        middle = 0.5 * (low + high)
        value = worth(middle)
        if value == 0 or middle in (low, high):
            return float(middle)
        if value * at_low > 0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def internal_rate_of_days(
    days: Sequence[date], amounts: ArrayLike, *, guess: float | None = None
) -> float:
    """Return the yearly rate at which dated flows are worth nothing, compounded by days / 365.

    Args:
        days: (n,) in any order.
        amounts: (n,) received positive, paid negative.
        guess: see `internal_rate`.

    Raises:
        NoRate: see `internal_rate`.

    Source: the rule of spreadsheets (XIRR), actual days over 365.
    """
    given = np.asarray(days, "datetime64[D]")
    if not len(given):
        raise NoRate("One finite amount for each time.")
    years = (given - given.min()).astype(np.int64) / 365.0
    return internal_rate(years, amounts, guess=guess)


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """An asset carried at amortised cost, period by period; every array is (periods,).

    Args:
        rate: effective interest rate of a period.
        opening: carrying amount at the start, gross of losses.
        interest: opening × rate.
        cash: received at the end.
        closing: opening + interest − cash; 0 at the end.
    """

    rate: float
    opening: Floats
    interest: Floats
    cash: Floats
    closing: Floats


def schedule(
    price: float, cash: ArrayLike, *, fees: float = 0.0, rate: float | None = None
) -> Schedule:
    """Carry an asset from its price to its last payment by the effective interest method.

    Args:
        price: paid for it (of a debt: received), without fees.
        cash: (periods,) expected at the period ends.
        fees: transaction costs paid on top (+), or fees that are part of the effective rate and
            were received (−).
        rate: effective rate of a period where it is known; None: the one that explains the price.

    Raises:
        NoRate: no rate explains price and fees.

    Source: IFRS 9 Appendix A (amortised cost, effective interest rate), B5.4.1–B5.4.4; IAS 39
        Implementation Guidance B.26 (1,000 for 59 a year and 1,250 after five: 10 %).
    """
    paid = np.atleast_1d(np.asarray(cash, np.float64))
    first = price + fees
    if rate is None:
        times = np.arange(len(paid) + 1.0)
        rate = internal_rate(times, np.concatenate(([-first], paid)))
    opening, closing = np.zeros(len(paid)), np.zeros(len(paid))
    carried = first
    for k, received in enumerate(paid):
        opening[k] = carried
        carried = carried * (1.0 + rate) - received
        closing[k] = carried
    return Schedule(rate, opening, opening * rate, paid, closing)


def revise(known: Schedule, *, after: int, cash: ArrayLike) -> tuple[float, Schedule]:
    """Carry on by the same effective rate when payments are expected otherwise.

    Args:
        known: the schedule so far.
        after: periods that have passed.
        cash: (periods,) expected from now on.

    Returns:
        Gain (+) or loss (−) of the holder in profit or loss today, and the schedule from here on.

    Raises:
        NoRate: more periods have passed than the schedule has.

    Source: IFRS 9.B5.4.6: the revised flows at the original effective rate; IAS 39 Implementation
        Guidance B.26 (prepayment).
    """
    if not 0 <= after <= len(known.cash):
        raise NoRate(f"The schedule has {len(known.cash)} periods, not {after}.")
    paid = np.atleast_1d(np.asarray(cash, np.float64))
    worth = float((paid * (1.0 + known.rate) ** -np.arange(1.0, len(paid) + 1.0)).sum())
    carried = float(known.closing[after - 1] if after else known.opening[0])
    return worth - carried, schedule(worth, paid, rate=known.rate)
