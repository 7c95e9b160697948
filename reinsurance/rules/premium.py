"""Ceded premium, and the commission that comes back: flat, by sliding scale, of the profit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.columns import Ints, Won
from core.money import round_won, round_won_array

from .programme import WHOLE

Scale = Sequence[tuple[float, float]]
"""(loss ratio, commission rate) pairs in percent, loss ratios ascending."""


def cede_premium(subject: int, *, percent: Decimal, commission_percent: Decimal) -> tuple[int, int]:
    """Return the ceded premium and the commission that comes back on it.

    Args:
        subject: the premium that is shared, won, signed.
        percent: ceded share of a quota share, or premium rate of a layer, percent.
        commission_percent: of the ceded premium, percent.

    Returns:
        Two amounts in whole won, each rounded half away from zero.
    """
    ceded = round_won(subject * percent / 100)
    return int(ceded), commission_on(int(ceded), commission_percent)


def deposit_due(deposit: int, *, instalments: int, months: int, month: int) -> int:
    """Return what of a deposit premium falls due in a month of the period, won.

    Args:
        deposit: for the whole period, won.
        instalments: how many equal ones; what cannot be shared to the won comes with the first.
        months: length of the period.
        month: which, from 0; an instalment falls due in the first month of its part.
    """
    firsts = [number * months // instalments for number in range(instalments)]
    if month not in firsts:
        return 0
    each = deposit // instalments
    return each if month else deposit - each * (instalments - 1)


def adjusted_premium(subject: int, *, percent: Decimal, minimum: int) -> int:
    """Return what a treaty's premium comes to at the end: its rate, at least the minimum, won.

    Args:
        subject: premium of the line over the whole period, won.
        percent: rate on it.
        minimum: what the reinsurer gets at least, won.

    Source: Clark, Basics of Reinsurance Pricing (CAS 2014), deposit and minimum premium.
    """
    return max(int(round_won(subject * percent / 100)), minimum)


def swing_premium(
    losses: int, *, subject: int, load: Decimal, minimum: Decimal, maximum: Decimal
) -> int:
    """Return the premium of a swing-rated layer: its own losses loaded, between two rates.

    Args:
        losses: of the layer, paid and outstanding, won.
        subject: premium that the rates are of, won.
        load: factor on losses, 100/80 for example.
        minimum: lowest rate, percent of ``subject``.
        maximum: highest rate, percent.

    Returns:
        Whole won, rounded half away from zero.

    Raises:
        ValueError: rates that are negative or out of order.

    Source: Clark, Basics of Reinsurance Pricing (CAS 2014), swing rated contracts.
    """
    if not 0 <= minimum <= maximum:
        raise ValueError("The lowest rate is not negative and not above the highest.")
    low, high = subject * minimum / 100, subject * maximum / 100
    return int(round_won(min(max(losses * load, low), high)))


def loss_corridor(losses: int, *, premium: int, start: Decimal, end: Decimal, kept: Decimal) -> int:
    """Return what the insurer takes back of ceded losses within a corridor of loss ratios.

    Args:
        losses: ceded, won.
        premium: ceded, won.
        start: loss ratio at which the corridor begins, percent.
        end: … and ends.
        kept: share of the losses in it that the insurer keeps, percent.

    Raises:
        ValueError: ratios that are negative or out of order, or a share above the whole.

    Source: Clark, Basics of Reinsurance Pricing (CAS 2014), loss corridor.
    """
    if not 0 <= start <= end or not 0 <= kept <= 100:
        raise ValueError("A corridor runs upward and shares at most the whole.")
    inside = min(Decimal(losses), premium * end / 100) - premium * start / 100
    return int(round_won(max(inside, Decimal(0)) * kept / 100))


def commission_on(ceded: int, percent: Decimal) -> int:
    """Return a flat commission on ceded premium in whole won, rounded half away from zero.

    Args:
        ceded: premium, won, signed.
        percent: of it.
    """
    return int(round_won(ceded * percent / 100))


def cede_by_risk(amounts: Won, shares: Ints) -> Won:
    """Return the premium ceded of each risk by its own share (surplus, facultative).

    Args:
        amounts: (n,) premiums, won, signed.
        shares: (n,) parts of ``WHOLE``, the same that losses of the risk are shared by.

    Returns:
        (n,) whole won, rounded half away from zero.
    """
    return round_won_array(amounts * (shares / WHOLE))


def sliding_rate(loss_ratio: float | NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    """Return the commission rate of a sliding scale, straight between its points.

    Args:
        loss_ratio: ratios in percent, any shape.
        scale: the points; below the first and above the last the rate stays.

    Returns:
        Rates in percent, in the shape of ``loss_ratio``.

    Raises:
        ValueError: the scale is empty or does not fall as losses rise, with the point.

    Source: Clark, Basics of Reinsurance Pricing (CAS 2014), sliding scale commission.
    """
    fault = fault_of_scale(scale)
    if fault:
        raise ValueError(fault)
    ratios, rates = zip(*scale, strict=True)
    return np.interp(np.asarray(loss_ratio, dtype=np.float64), ratios, rates)


def fault_of_scale(scale: Scale) -> str:
    """Return what is wrong with a sliding scale, with its point; empty if it may be used."""
    if not scale:
        return "A scale has at least one point."
    for (r1, c1), (r2, c2) in pairwise(scale):
        if r2 <= r1 or c2 > c1:
            return f"{r1:g}:{c1:g} {r2:g}:{c2:g}"
    if min(min(p) for p in scale) < 0 or max(c for _, c in scale) > 100:
        return f"{scale[0][0]:g}:{scale[0][1]:g}"
    return ""


@dataclass(frozen=True, slots=True)
class Profit:
    """A treaty's profit account.

    Args:
        premium: ceded, won.
        losses: paid and outstanding, won.
        commission: kept by the insurer, won.
        expenses: the reinsurer's, as agreed, won.
        carried: loss of earlier years, won, not negative.
        result: premium − losses − commission − expenses − carried, won, signed.
        due: the profit commission, won.
    """

    premium: int
    losses: int
    commission: int
    expenses: int
    carried: int
    result: int
    due: int

    @property
    def to_carry(self) -> int:
        """The loss that the next year begins with, won."""
        return max(-self.result, 0)


def profit_commission(
    *,
    premium: int,
    losses: int,
    commission: int,
    expense_percent: Decimal,
    percent: Decimal,
    carried: int = 0,
) -> Profit:
    """Return the profit account of a treaty and the profit commission due.

    Args:
        premium: ceded, won.
        losses: the reinsurer's, paid and outstanding, won.
        commission: the reinsurance commission on the premium, won.
        expense_percent: the reinsurer's expenses, percent of the premium.
        percent: of the profit that comes back.
        carried: loss brought forward, won.

    Source: Clark, Basics of Reinsurance Pricing (CAS 2014), profit commission with deficit
    carried forward.
    """
    expenses = int(round_won(premium * expense_percent / 100))
    result = premium - losses - commission - expenses - carried
    due = int(round_won(max(result, 0) * percent / 100))
    return Profit(premium, losses, commission, expenses, carried, result, due)
