"""One bond by whole coupon periods: price, accrued interest, yield, duration, convexity.

The textbook's form with a nominal yield compounded with the coupons. Portfolios with real days are
valued by ``bonds`` and ``duration``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .days import Floats
from .effective import NoRate, internal_rate


@dataclass(frozen=True, slots=True)
class Quote:
    """A bond on a day, per its face.

    Args:
        dirty: what is paid: the worth of all payments to come.
        accrued: interest since the last coupon, by its part of the period.
        clean: dirty less accrued: what is quoted.
    """

    dirty: float
    accrued: float
    clean: float


@dataclass(frozen=True, slots=True)
class Risk:
    """How the price of a bond moves with its yield.

    Args:
        macaulay: mean years to the payments.
        modified: share of the price lost for 1 of yield.
        convexity: second derivative by the yield over the price, years squared.
        point_value: price lost for one basis point.
    """

    macaulay: float
    modified: float
    convexity: float
    point_value: float


def payments_of(face: float, coupon: float, periods: int, per_year: int) -> Floats:
    """Return what a bond pays at its coupon dates, (periods,).

    Args:
        face: repaid with the last coupon.
        coupon: a year, as a ratio of the face.
        periods: coupons to come.
        per_year: coupons a year.

    Raises:
        NoRate: no payment to come, or no coupon date in a year.
    """
    if periods < 1 or per_year < 1:
        raise NoRate("A bond has at least one payment to come and one date a year.")
    paid = np.full(periods, face * coupon / per_year)
    paid[-1] += face
    return paid


def quote(
    *,
    face: float,
    coupon: float,
    nominal_yield: float,
    periods: int,
    per_year: int = 2,
    elapsed: float = 0.0,
) -> Quote:
    """Price a bond by its yield.

    Args:
        face: repaid with the last coupon.
        coupon: a year, as a ratio of the face.
        nominal_yield: a year, compounded ``per_year`` times.
        periods: coupons to come.
        per_year: coupons a year.
        elapsed: part of the running coupon period that has passed, 0 to 1.

    Raises:
        NoRate: see `payments_of`; a part outside 0 to 1, or a yield of −100 % a period.

    Source: ICMA, street convention: Σ payment ÷ (1 + y/k)^(j − elapsed), j = 1, 2, …
    """
    times = _times(periods, elapsed)
    base = _base(nominal_yield, per_year)
    dirty = float((payments_of(face, coupon, periods, per_year) * base**-times).sum())
    accrued = face * coupon / per_year * elapsed
    return Quote(dirty, accrued, dirty - accrued)


def nominal_yield(
    *,
    face: float,
    coupon: float,
    clean: float,
    periods: int,
    per_year: int = 2,
    elapsed: float = 0.0,
) -> float:
    """Return the yield a year, compounded ``per_year`` times, at a clean price. See `quote`.

    Raises:
        NoRate: no yield explains the price.
    """
    paid = payments_of(face, coupon, periods, per_year)
    dirty = clean + face * coupon / per_year * elapsed
    times = np.concatenate(([0.0], _times(periods, elapsed)))
    return per_year * internal_rate(times, np.concatenate(([-dirty], paid)))


def risk(
    *,
    face: float,
    coupon: float,
    nominal_yield: float,
    periods: int,
    per_year: int = 2,
    elapsed: float = 0.0,
) -> Risk:
    """Return duration and convexity of a bond at its yield. See `quote`.

    Source: Macaulay (1938); Fabozzi, Fixed Income Mathematics, chapters 10 and 11.
    """
    times = _times(periods, elapsed)
    base = _base(nominal_yield, per_year)
    worth = payments_of(face, coupon, periods, per_year) * base**-times
    price = float(worth.sum())
    macaulay = float((worth * times).sum()) / price / per_year
    modified = macaulay / base
    second = float((worth * times * (times + 1.0)).sum()) / price / base**2 / per_year**2
    return Risk(macaulay, modified, second, modified * price / 10_000.0)


def _times(periods: int, elapsed: float) -> Floats:
    if not 0.0 <= elapsed < 1.0:
        raise NoRate("The part of the coupon period that has passed lies between 0 and 1.")
    return np.arange(1.0, periods + 1.0) - elapsed


def _base(nominal_yield: float, per_year: int) -> float:
    base = 1.0 + nominal_yield / per_year if per_year >= 1 else 0.0
    if not base > 0:
        raise NoRate("A yield lies above −100 % a period, of which a year has one at least.")
    return base
