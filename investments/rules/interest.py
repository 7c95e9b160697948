"""Interest by day count and by the effective rate; rent and dividends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.columns import Days, Ints, Keys, Won
from core.money import round_won_array

from .days import Floats, payment_days, year_fraction

_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Debt:
    """What a bond or a loan pays.

    Args:
        face: repaid at maturity, won.
        annual_percent: coupon, percent of face a year.
        start: interest runs from the end of this day.
        maturity: the last day of interest.
        every: months between coupons, paid at month ends.
        anchor: a month of payment, 1 to 12.
        day_count: ``ACT_365`` or ``THIRTY_360``.
    """

    face: int
    annual_percent: float
    start: date
    maturity: date
    every: int
    anchor: int
    day_count: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A payment to come: ``kind`` is COUPON, REDEMPTION, RENT or DIVIDEND."""

    day: date
    kind: str
    amount: int


def coupon(*, base: Won, annual_percent: Floats, start: Days, end: Days, day_count: Keys) -> Won:
    """Return simple interest (or rent) for the days after ``start`` up to ``end``.

    Args:
        base: (n,) face or cost, won.
        annual_percent: (n,) percent a year.
        start: (n,) days, exclusive.
        end: (n,) days, inclusive.
        day_count: (n,) ``ACT_365`` or ``THIRTY_360``.

    Returns:
        (n,) whole won, rounded half up once for the whole period.
    """
    return round_won_array(base * annual_percent * year_fraction(start, end, day_count) / 100.0)


def dividend(*, cost: Won, annual_percent: Floats, every: Ints) -> Won:
    """Return a dividend for ``every`` months by the yield on cost, in whole won.

    Args:
        cost: (n,) won.
        annual_percent: (n,) yield on cost, percent a year.
        every: (n,) months that the dividend is for.
    """
    return round_won_array(cost * annual_percent * every / 1200.0)


def return_rate(amount: Won, before: Won) -> Floats:
    """Return ``amount`` in percent of the carrying amount before it.

    Returns:
        (n,) two decimals, within ±999.99, which is what the column can hold; 0 where nothing
        was carried.
    """
    percent = np.divide(
        amount * 100.0, before, out=np.zeros(len(amount)), where=np.asarray(before) != 0
    )
    return np.clip(np.round(percent, 2), -999.99, 999.99)


def flows(debt: Debt, *, after: date) -> list[Flow]:
    """List what a debt pays after a day: coupons at month ends, then the face at maturity.

    Args:
        debt: whose payments.
        after: exclusive; what fell due up to this day has been paid.

    Returns:
        In order of days, whole won; coupons that come to nothing are left out.
    """
    days = payment_days(after=debt.start, until=debt.maturity, every=debt.every, anchor=debt.anchor)
    if not days or days[-1] != debt.maturity:
        days.append(debt.maturity)
    starts = [debt.start, *days[:-1]]
    amounts = coupon(
        base=np.full(len(days), debt.face, dtype=np.int64),
        annual_percent=np.full(len(days), debt.annual_percent),
        start=np.asarray(starts, dtype="datetime64[D]"),
        end=np.asarray(days, dtype="datetime64[D]"),
        day_count=np.full(len(days), debt.day_count, dtype=object),
    )
    paid = [
        Flow(day, "COUPON", int(amount))
        for day, amount in zip(days, amounts, strict=True)
        if day > after and amount
    ]
    if debt.maturity > after:
        paid.append(Flow(debt.maturity, "REDEMPTION", debt.face))
    return paid


def effective_rate(debt: Debt, price: int) -> float:
    """Return the yearly rate at which the payments are worth the price; 0 for a price at par.

    A debt bought at its face needs no amortisation, so that its coupon is its effective interest.

    Args:
        debt: whose payments, from ``debt.start``.
        price: paid on ``debt.start``, won, without interest.

    Raises:
        ValueError: no rate between −90 % and 1,000 % a year explains the price.

    Source: IFRS 9 Appendix A, effective interest rate.
    """
    if price == debt.face:
        return 0.0
    to_come = flows(debt, after=debt.start)
    low, high = -0.9, 10.0
    if not _worth(to_come, debt.start, high) <= price <= _worth(to_come, debt.start, low):
        raise ValueError("No effective interest rate explains this price.")
    while high - low > _TOLERANCE:
        middle = (low + high) / 2
        if _worth(to_come, debt.start, middle) > price:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def amortised_cost(debt: Debt, *, rate: float, on: date) -> int:
    """Return what a debt is carried at at the end of a day, without the interest since its coupon.

    A coupon that falls on the day counts as paid.

    Args:
        debt: whose payments.
        rate: its effective rate, from ``effective_rate``; not 0.
        on: the day, before or at maturity.

    Returns:
        Whole won; the face at maturity.

    Source: IFRS 9 Appendix A, amortised cost and effective interest method.
    """
    if on >= debt.maturity:
        return debt.face
    paid = payment_days(after=debt.start, until=on, every=debt.every, anchor=debt.anchor)
    running = coupon(
        base=np.asarray([debt.face], dtype=np.int64),
        annual_percent=np.asarray([debt.annual_percent]),
        start=np.asarray([paid[-1] if paid else debt.start], dtype="datetime64[D]"),
        end=np.asarray([on], dtype="datetime64[D]"),
        day_count=np.asarray([debt.day_count], dtype=object),
    )
    worth = _worth(flows(debt, after=on), on, rate)
    return int(round_won_array(np.asarray([worth - running[0]]))[0])


def _worth(to_come: list[Flow], on: date, rate: float) -> float:
    amounts: NDArray[np.float64] = np.asarray([f.amount for f in to_come], dtype=np.float64)
    years = np.asarray([(f.day - on).days for f in to_come]) / 365.0
    return float(np.sum(amounts * (1.0 + rate) ** -years))
