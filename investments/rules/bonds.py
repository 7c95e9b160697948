"""Many bonds and loans at once: payments, yields, amortised cost, accrued interest.

Payments of all bonds stand in one set of columns (``Payments``), so that a portfolio is valued
without a loop. ``interest`` answers the same for one bond, with what is easy to read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.columns import Days, Flags, Ints, Keys, Won
from core.money import round_won_array

from .days import Floats, sum_by
from .interest import coupon

_STEPS = 80
_LOW, _HIGH = -0.9, 10.0


@dataclass(frozen=True, slots=True)
class Bonds:
    """What bonds and loans pay; columns of one row each.

    Args:
        face: (n,) repaid at maturity, won.
        annual_percent: (n,) coupon, percent of face a year.
        start: (n,) interest runs from the end of this day: the issue, or the last coupon before
            the purchase.
        maturity: (n,) the last day of interest.
        every: (n,) months between coupons, paid at month ends; divides 12.
        anchor: (n,) a month of payment, 1 to 12.
        day_count: (n,) ``ACT_365`` or ``THIRTY_360``.
    """

    face: Won
    annual_percent: Floats
    start: Days
    maturity: Days
    every: Ints
    anchor: Ints
    day_count: Keys

    def __len__(self) -> int:
        return len(self.face)


@dataclass(frozen=True, slots=True)
class Payments:
    """Payments of bonds in the order of bonds and days.

    Args:
        bond: (p,) number of the bond.
        day: (p,) when.
        coupon: (p,) interest, won.
        principal: (p,) repaid face, won.
        start: (p,) interest of the payment runs from the end of this day.
        bonds: how many bonds there are.
    """

    bond: Ints
    day: Days
    coupon: Won
    principal: Won
    start: Days
    bonds: int

    @property
    def amount(self) -> Won:
        """Interest and principal, won."""
        return self.coupon + self.principal


def payments(bonds: Bonds) -> Payments:
    """Return all payments of bonds: coupons at the ends of their months, the face at maturity.

    The last coupon is paid with the face; every coupon is rounded to whole won once.

    Args:
        bonds: what they pay.

    Raises:
        ValueError: a bond that is due before its interest begins, by its number.
    """
    late = np.flatnonzero(bonds.maturity < bonds.start)
    if len(late):
        raise ValueError(f"Bond {int(late[0])} is due before its interest begins.")
    first = bonds.start.astype("datetime64[M]").astype(np.int64)
    last = bonds.maturity.astype("datetime64[M]").astype(np.int64)
    count = last - first + 1
    bond = np.repeat(np.arange(len(bonds)), count)
    offset = np.arange(len(bond)) - np.repeat(np.cumsum(count) - count, count)
    month = np.repeat(first, count) + offset
    day = (month + 1).astype("datetime64[M]").astype("datetime64[D]") - np.timedelta64(1, "D")
    pays = (month % 12 + 1 - bonds.anchor[bond]) % bonds.every[bond] == 0
    ends = offset == count[bond] - 1
    keep = (pays & (day > bonds.start[bond]) & (day < bonds.maturity[bond])) | ends
    bond, ends = bond[keep], ends[keep]
    day = np.where(ends, bonds.maturity[bond], day[keep])
    start = np.concatenate([bonds.start[:1], day[:-1]])
    begins = np.concatenate([[True], bond[1:] != bond[:-1]])
    start = np.where(begins, bonds.start[bond], start)
    paid = coupon(
        base=bonds.face[bond],
        annual_percent=bonds.annual_percent[bond],
        start=start,
        end=day,
        day_count=bonds.day_count[bond],
    )
    return Payments(bond, day, paid, np.where(ends, bonds.face[bond], 0), start, len(bonds))


def worth(flows: Payments, *, on: Days, rate: Floats) -> Floats:
    """Return what the payments after a day are worth at a yearly rate, compounded by days / 365.

    Args:
        flows: payments.
        on: (bonds,) days; a payment on the day has been made.
        rate: (bonds,) effective yearly rates.

    Returns:
        (bonds,) won, not rounded.
    """
    years = _years(flows, on)
    factor = (1.0 + rate[flows.bond]) ** -years
    return _total(flows, np.where(years > 0, flows.amount * factor, 0.0))


def _years(flows: Payments, on: Days) -> Floats:
    return (flows.day - on[flows.bond]).astype(np.int64) / 365.0


def _total(flows: Payments, values: Floats) -> Floats:
    return sum_by(flows.bond, values, flows.bonds)


def yields(flows: Payments, *, price: NDArray[np.float64] | Won, on: Days) -> Floats:
    """Return the yearly rates at which the payments after a day are worth a price.

    Newton's steps, kept between bounds that close in on the answer.

    Args:
        flows: payments.
        price: (bonds,) with accrued interest, won, above zero.
        on: (bonds,) days of the prices.

    Returns:
        (bonds,) rates between −90 % and 1,000 %; NaN where none explains the price.

    Source: IFRS 9 Appendix A, effective interest rate.
    """
    years = _years(flows, on)
    due = years > 0
    bond, years, amount = flows.bond[due], years[due], flows.amount[due].astype(np.float64)
    low, high = np.full(flows.bonds, _LOW), np.full(flows.bonds, _HIGH)
    rate = np.full(flows.bonds, 0.03)
    target = np.asarray(price, dtype=np.float64)

    def value(at: Floats) -> tuple[Floats, Floats]:
        present = amount * (1.0 + at[bond]) ** -years
        slope = -years * present / (1.0 + at[bond])
        return (
            sum_by(bond, present, flows.bonds),
            sum_by(bond, slope, flows.bonds),
        )

    known = (value(high)[0] <= target) & (target <= value(low)[0])
    for _step in range(_STEPS):
        present, slope = value(rate)
        gap = present - target
        low, high = np.where(gap > 0, rate, low), np.where(gap > 0, high, rate)
        step = rate - np.divide(gap, slope, out=np.zeros_like(gap), where=slope != 0)
        inside = (step > low) & (step < high)
        after = np.where(inside, step, (low + high) / 2)
        if np.nanmax(np.abs(after - rate)[known], initial=0.0) < 1e-14:
            break
        rate = after
    return np.where(known, rate, np.nan)


def accrued(bonds: Bonds, flows: Payments, *, on: Days) -> Won:
    """Return the interest that has run since the last coupon, at the end of a day.

    Args:
        bonds: what they pay.
        flows: their payments.
        on: (n,) days; after maturity nothing runs.

    Returns:
        (n,) whole won.
    """
    running = (flows.start < on[flows.bond]) & (flows.day > on[flows.bond])
    out = np.zeros(len(bonds), dtype=np.int64)
    bond = flows.bond[running]
    out[bond] = coupon(
        base=bonds.face[bond],
        annual_percent=bonds.annual_percent[bond],
        start=flows.start[running],
        end=on[bond],
        day_count=bonds.day_count[bond],
    )
    return out


def amortised_cost(bonds: Bonds, flows: Payments, *, rate: Floats, on: Days) -> Won:
    """Return what bonds are carried at at the end of a day, without the interest since the coupon.

    Args:
        bonds: what they pay.
        flows: their payments.
        rate: (n,) effective rates from ``yields`` of the price with accrued interest.
        on: (n,) days.

    Returns:
        (n,) whole won; the face from maturity on.

    Source: IFRS 9 Appendix A, amortised cost; 5.4.1.
    """
    clean = worth(flows, on=on, rate=rate) - accrued(bonds, flows, on=on)
    return np.where(on >= bonds.maturity, bonds.face, round_won_array(clean))


def bought_between(bonds: Bonds, on: Days) -> Days:
    """Return from when the first coupon runs of bonds that were issued before they are bought.

    Args:
        bonds: with ``start`` at their issue.
        on: (n,) days of purchase, not before the issue.

    Returns:
        (n,) the last coupon day up to the purchase, or the issue.
    """
    flows = payments(bonds)
    paid: Flags = flows.day <= on[flows.bond]
    last = bonds.start.copy()
    np.maximum.at(last, flows.bond[paid], flows.day[paid])
    return np.minimum(last, on)
