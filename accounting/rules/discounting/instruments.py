"""What the market says, as cash flows and prices: zero bonds, par swaps, coupon bonds, yields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import ArrayLike, NDArray

from core.errors import DomainError

Floats = NDArray[np.float64]

_SAME = 1e-9
"""Years within which two cash flows fall on one day."""


class BadCurve(DomainError):
    """Market data or parameters that no curve can be drawn from."""


@dataclass(frozen=True, slots=True, eq=False)
class Instruments:
    """Instruments in columns: what each pays and what it costs.

    Args:
        tenors: (n,) years to maturity, ascending.
        times: (k,) years of all cash flows, ascending.
        flows: (n, k) cash flow of each instrument at each time, for a notional of 1.
        prices: (n,) price today, for a notional of 1.
    """

    tenors: Floats
    times: Floats
    flows: Floats
    prices: Floats

    def until(self, last_liquid_point: float) -> Instruments:
        """Return the instruments up to the last liquid point, with their own times only.

        Args:
            last_liquid_point: years, inclusive.

        Raises:
            BadCurve: no instrument is liquid.
        """
        liquid = self.tenors <= last_liquid_point + _SAME
        if not np.any(liquid):
            raise BadCurve(
                _("No quote reaches up to the last liquid point of %(at)g years.")
                % {"at": last_liquid_point}
            )
        flows = self.flows[liquid]
        paid = np.any(flows != 0, axis=0)
        return Instruments(
            self.tenors[liquid], self.times[paid], flows[:, paid], self.prices[liquid]
        )


def zero_prices(*, tenors: ArrayLike, prices: ArrayLike) -> Instruments:
    """Describe zero-coupon bonds by their prices.

    Args:
        tenors: (n,) years, ascending.
        prices: (n,) price of 1 paid at the tenor.

    Raises:
        BadCurve: tenors that are not positive and ascending, a price that is not positive.
    """
    years, given = _pair(tenors, prices)
    _positive(years, given)
    return Instruments(years, years, np.eye(len(years)), given)


def zero_rates(*, tenors: ArrayLike, rates: ArrayLike, credit_risk: ArrayLike = 0.0) -> Instruments:
    """Describe zero-coupon bonds by annual effective spot rates: price (1 + r)^−u.

    Args:
        tenors: (n,) years, ascending.
        rates: (n,) annual effective rate.
        credit_risk: credit risk adjustment taken off the rates, one number or (n,).

    Raises:
        BadCurve: tenors that are not positive and ascending, a rate of −100 % or less.
    """
    years, given = _pair(tenors, rates)
    given = given - np.asarray(credit_risk, np.float64)
    _above_minus_one(years, given)
    return Instruments(years, years, np.eye(len(years)), (1.0 + given) ** -years)


def par_swaps(
    *,
    tenors: ArrayLike,
    rates: ArrayLike,
    per_year: ArrayLike = 1,
    credit_risk: ArrayLike = 0.0,
) -> Instruments:
    """Describe par swaps as par bonds: a fixed leg with the notional at the end costs 1.

    Args:
        tenors: (n,) years, ascending.
        rates: (n,) par rate a year.
        per_year: payments a year, one number or (n,). A first period that is shorter pays in
            proportion.
        credit_risk: credit risk adjustment taken off the rates, 0.001 for 10 bp, one number or
            (n,).

    Raises:
        BadCurve: tenors that are not positive and ascending, a rate of −100 % or less.

    Source: Finanstilsynet, A Technical Note on the Smith-Wilson Method (2010), section 4; EIOPA,
        Technical documentation of the risk-free interest rate term structures (credit risk
        adjustment).
    """
    years, given = _pair(tenors, rates)
    given = given - np.asarray(credit_risk, np.float64)
    _above_minus_one(years, given)
    often = _frequency(years, per_year)

    def coupons(row: int, times: Floats) -> Floats:
        return given[row] * np.diff(times, prepend=0.0)

    return _scheduled(years, often, coupons, np.ones(len(years)))


def bonds(
    *, tenors: ArrayLike, coupons: ArrayLike, prices: ArrayLike, per_year: ArrayLike = 1
) -> Instruments:
    """Describe coupon bonds by their prices.

    Args:
        tenors: (n,) years to maturity, ascending.
        coupons: (n,) coupon a year for a notional of 1.
        prices: (n,) price with accrued interest for a notional of 1.
        per_year: coupons a year, one number or (n,); 0 for a zero-coupon bond.

    Raises:
        BadCurve: tenors that are not positive and ascending, a price that is not positive, a
            negative coupon.
    """
    years, cost = _pair(tenors, prices)
    _positive(years, cost)
    rate = _pair(tenors, coupons)[1]
    if np.any(rate < 0):
        at = years[np.flatnonzero(rate < 0)[0]]
        raise BadCurve(_("The coupon at tenor %(at)g is negative.") % {"at": at})
    often = _frequency(years, per_year)

    def paid(row: int, times: Floats) -> Floats:
        return np.full(len(times), rate[row] / max(1, often[row]) * (often[row] > 0))

    return _scheduled(years, often, paid, cost)


def treasury_yields(*, tenors: ArrayLike, yields: ArrayLike, per_year: int = 2) -> Instruments:
    """Describe government bonds quoted by yield: bonds whose coupon is their yield.

    A bond of whole coupon periods is at par. Where a period is broken, cash flows at a broken
    time are discounted by simple interest, 1 / (1 + y t), so that a bill of three months costs
    1 / (1 + y / 4).

    Args:
        tenors: (n,) years, ascending.
        yields: (n,) yield to maturity a year, compounded ``per_year`` times.
        per_year: coupons a year; Korean treasury bonds (국고채) pay twice.

    Raises:
        BadCurve: tenors that are not positive and ascending, a yield of −100 % or less.

    Source: K-ICS, basic risk-free curve from treasury yields with two coupons a year.
    """
    years, given = _pair(tenors, yields)
    _above_minus_one(years, given)
    often = _frequency(years, per_year)
    cost = np.zeros(len(years))
    for row, rate in enumerate(given):
        times = _schedule(years[row], per_year)
        whole = np.abs(times * per_year - np.rint(times * per_year)) < _SAME
        factor = np.where(
            whole, (1.0 + rate / per_year) ** (-times * per_year), 1.0 / (1.0 + rate * times)
        )
        flows = np.full(len(times), rate / per_year)
        flows[-1] += 1.0
        cost[row] = flows @ factor

    def coupons(row: int, times: Floats) -> Floats:
        return np.full(len(times), given[row] / per_year)

    return _scheduled(years, often, coupons, cost)


def checked_tenors(tenors: ArrayLike) -> Floats:
    """Return tenors as an array.

    Args:
        tenors: (n,) years.

    Raises:
        BadCurve: none, not finite, not positive, twice the same, or not ascending.
    """
    years = np.atleast_1d(np.asarray(tenors, np.float64))
    if years.ndim != 1 or not len(years):
        raise BadCurve(_("A curve needs at least one tenor."))
    if not np.all(np.isfinite(years)) or np.any(years <= 0):
        at = years[np.flatnonzero(~(np.isfinite(years) & (years > 0)))[0]]
        raise BadCurve(_("The tenor %(at)g is not a positive number of years.") % {"at": at})
    step = np.diff(years)
    if np.any(np.abs(step) < _SAME):
        at = years[np.flatnonzero(np.abs(step) < _SAME)[0]]
        raise BadCurve(_("The tenor %(at)g stands twice.") % {"at": at})
    if np.any(step < 0):
        row = int(np.flatnonzero(step < 0)[0])
        raise BadCurve(
            _("Tenors must ascend: %(after)g follows %(before)g.")
            % {"after": years[row + 1], "before": years[row]}
        )
    return years


def _pair(tenors: ArrayLike, values: ArrayLike) -> tuple[Floats, Floats]:
    years = checked_tenors(tenors)
    given = np.atleast_1d(np.asarray(values, np.float64))
    if given.shape != years.shape:
        raise BadCurve(
            _("%(tenors)d tenors, but %(values)d quotes.")
            % {"tenors": len(years), "values": given.size}
        )
    if not np.all(np.isfinite(given)):
        at = years[np.flatnonzero(~np.isfinite(given))[0]]
        raise BadCurve(_("The quote at tenor %(at)g is not a number.") % {"at": at})
    return years, given


def _positive(years: Floats, prices: Floats) -> None:
    if np.any(prices <= 0):
        row = int(np.flatnonzero(prices <= 0)[0])
        raise BadCurve(
            _("The price at tenor %(at)g is %(price)g; a price is positive.")
            % {"at": years[row], "price": prices[row]}
        )


def _above_minus_one(years: Floats, rates: Floats) -> None:
    if np.any(rates <= -1):
        row = int(np.flatnonzero(rates <= -1)[0])
        raise BadCurve(
            _("The rate at tenor %(at)g is %(rate)g; it must be above −1.")
            % {"at": years[row], "rate": rates[row]}
        )


def _frequency(years: Floats, per_year: ArrayLike) -> Sequence[int]:
    often = np.broadcast_to(np.asarray(per_year), years.shape)
    if np.any(often < 0) or np.any(often != np.rint(often)):
        raise BadCurve(_("Payments a year must be a whole number."))
    return [int(one) for one in often]


def _schedule(tenor: float, per_year: int) -> Floats:
    """Return payment times counted back from maturity, ascending; maturity alone for 0."""
    if per_year == 0:
        return np.array([tenor])
    count = int(np.ceil(tenor * per_year - _SAME))
    return tenor - np.arange(count - 1, -1, -1) / per_year


def _scheduled(
    years: Floats,
    often: Sequence[int],
    coupons: Callable[[int, Floats], Floats],
    prices: Floats,
) -> Instruments:
    """Lay coupons and the notional of each instrument out on the times of all of them."""
    schedules = [_schedule(tenor, k) for tenor, k in zip(years, often, strict=True)]
    times: Floats = np.unique(np.round(np.concatenate(schedules), 9)).astype(np.float64)
    flows = np.zeros((len(years), len(times)))
    for row, own in enumerate(schedules):
        place = np.searchsorted(times, np.round(own, 9))
        flows[row, place] += coupons(row, own)
        flows[row, place[-1]] += 1.0
    return Instruments(years, times, flows, prices)
