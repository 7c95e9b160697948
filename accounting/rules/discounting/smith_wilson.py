"""The Smith-Wilson curve: exact at the market's prices, converging to an ultimate forward rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import ArrayLike

from .instruments import BadCurve, Floats, Instruments, zero_rates

_STEP = 0.01
_PLACES = 6


class NotConverging(BadCurve):
    """No speed of convergence within its limits brings the curve to its ultimate rate in time."""


@dataclass(frozen=True, slots=True, eq=False)
class SmithWilson:
    """A fitted curve; every method takes years (…,) and returns the same shape.

    Args:
        ufr: ultimate forward rate, annual effective.
        alpha: speed of convergence.
        times: (k,) years of the cash flows fitted.
        zeta: (n,) weight of each instrument: (C W C')⁻¹ (m − C μ).
        weights: (k,) weight of each cash flow time: C' ζ.
    """

    ufr: float
    alpha: float
    times: Floats
    zeta: Floats
    weights: Floats

    @property
    def omega(self) -> float:
        """The ultimate forward intensity ω = ln(1 + UFR)."""
        return float(np.log1p(self.ufr))

    def discount(self, t: ArrayLike) -> Floats:
        """Return the price today of 1 paid in t years: P(t) = e^(−ωt) + W(t, u) C'ζ.

        Raises:
            BadCurve: the price is not positive, as happens where quotes contradict each other.
        """
        years = np.asarray(t, np.float64)
        kernel = wilson(years.ravel(), self.times, omega=self.omega, alpha=self.alpha)
        price = np.exp(-self.omega * years) + (kernel @ self.weights).reshape(years.shape)
        if np.any(price <= 0):
            at = float(years.ravel()[np.flatnonzero(price.ravel() <= 0)[0]])
            raise BadCurve(
                _("The discount factor at %(at)g years is not positive; look at the quotes.")
                % {"at": at}
            )
        return price

    def intensity(self, t: ArrayLike) -> Floats:
        """Return the forward intensity f(t) = −P'(t) / P(t), continuously compounded."""
        years = np.asarray(t, np.float64)
        slope = _slope(years.ravel(), self.times, omega=self.omega, alpha=self.alpha)
        change = -self.omega * np.exp(-self.omega * years)
        change = change + (slope @ self.weights).reshape(years.shape)
        return -change / self.discount(years)

    def spot(self, t: ArrayLike) -> Floats:
        """Return annual effective spot rates P(t)^(−1/t) − 1; at 0 the rate of the first moment."""
        years = np.asarray(t, np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            rate = np.expm1(-np.log(self.discount(years)) / years)
        return np.where(years == 0, np.expm1(self.intensity(np.zeros_like(years))), rate)

    def forward(self, start: ArrayLike, end: ArrayLike) -> Floats:
        """Return annual effective forward rates between two times: (P(s)/P(e))^(1/(e−s)) − 1.

        Where both times are the same it is the rate of that moment.
        """
        given = np.broadcast_arrays(np.asarray(start, np.float64), np.asarray(end, np.float64))
        begin, finish = given
        gap = finish - begin
        ratio = np.log(self.discount(begin) / self.discount(finish))
        mean = np.divide(ratio, gap, out=np.zeros(gap.shape), where=gap != 0)
        return np.expm1(np.where(gap != 0, mean, self.intensity(begin)))


@dataclass(frozen=True, slots=True)
class Convergence:
    """When the curve counts as converged.

    Args:
        point: years at which it must have converged (최초수렴시점).
        tolerance: how far the forward rate may be from the ultimate one there, 0.0001 for 1 bp.
        lowest: smallest speed allowed.
        highest: largest speed tried.
        annual: compare annual effective rates (K-ICS) instead of intensities (Solvency II).
    """

    point: float = 60.0
    tolerance: float = 0.0001
    lowest: float = 0.05
    highest: float = 1.0
    annual: bool = False

    @classmethod
    def after(cls, last_liquid_point: float) -> Convergence:
        """Return the criterion of Solvency II: 1 bp at max(LLP + 40, 60) years, α ≥ 0.05.

        Source: EIOPA, Technical documentation of the risk-free interest rate term structures.
        """
        return cls(point=max(last_liquid_point + 40.0, 60.0))


def wilson(t: ArrayLike, u: ArrayLike, *, omega: float, alpha: float) -> Floats:
    """Compute the Wilson function.

    Args:
        t: (m,) years.
        u: (k,) years.
        omega: ultimate forward intensity.
        alpha: speed of convergence.

    Returns:
        (m, k) W = e^(−ω(t+u)) {α min(t,u) − e^(−α max(t,u)) sinh(α min(t,u))}.

    Source: CEIOPS QIS 5, Risk-free interest rates – extrapolation method (2010), formula (2).
    """
    at, to = np.atleast_1d(np.asarray(t, np.float64))[:, None], np.asarray(u, np.float64)
    low, high = np.minimum(at, to), np.maximum(at, to)
    damped = 0.5 * (np.exp(-alpha * (high - low)) - np.exp(-alpha * (high + low)))
    return np.exp(-omega * (low + high)) * (alpha * low - damped)


def fit(market: Instruments, *, ufr: float, alpha: float) -> SmithWilson:
    """Fit the curve to the market at a given speed of convergence.

    Args:
        market: n instruments; each keeps its price exactly.
        ufr: ultimate forward rate, annual effective, above −1.
        alpha: speed of convergence, positive.

    Raises:
        BadCurve: parameters out of range, or instruments that say the same thing twice.

    Source: CEIOPS QIS 5 (2010), formulas (3) to (9); Finanstilsynet (2010), sections 3 to 5.
    """
    if not np.isfinite(ufr) or ufr <= -1:
        raise BadCurve(_("The ultimate forward rate %(rate)g must be above −1.") % {"rate": ufr})
    if not np.isfinite(alpha) or alpha <= 0:
        raise BadCurve(_("The speed of convergence %(alpha)g must be positive.") % {"alpha": alpha})
    omega = float(np.log1p(ufr))
    u, flows = market.times, market.flows
    kernel = flows @ wilson(u, u, omega=omega, alpha=alpha) @ flows.T
    missing = market.prices - flows @ np.exp(-omega * u)
    try:
        zeta: Floats = np.linalg.solve(kernel, missing).astype(np.float64)
    except np.linalg.LinAlgError:
        raise BadCurve(_("Two instruments pay the same; one of them must go.")) from None
    return SmithWilson(ufr=ufr, alpha=alpha, times=u, zeta=zeta, weights=flows.T @ zeta)


def gap(market: Instruments, *, ufr: float, alpha: float, until: Convergence) -> float:
    """Return how far the forward rate is from the ultimate one at the convergence point.

    Args:
        market: n instruments.
        ufr: ultimate forward rate, annual effective.
        alpha: speed of convergence.
        until: the point, and whether intensities or annual rates are compared.

    Raises:
        BadCurve: as `fit`.
    """
    curve = fit(market, ufr=ufr, alpha=alpha)
    found = float(curve.intensity(until.point))
    return abs(float(np.expm1(found)) - ufr) if until.annual else abs(found - curve.omega)


def converge(market: Instruments, *, ufr: float, until: Convergence | None = None) -> SmithWilson:
    """Fit the curve with the smallest speed at which it converges in time.

    Args:
        market: n instruments.
        ufr: ultimate forward rate, annual effective.
        until: the convergence point and its tolerance.

    Returns:
        The curve; its ``alpha`` is rounded up to six decimals, so that the tolerance holds.

    Raises:
        NotConverging: even the highest speed leaves the forward rate too far away.
        BadCurve: as `fit`, or a convergence point before the last cash flow.

    Source: EIOPA, Technical documentation of the methodology to derive the risk-free interest
        rate term structures, section on the convergence criterion; K-ICS: smallest α with the
        forward rate at the first convergence point within 1 bp of the LTFR.
    """
    criterion = until or Convergence()
    if criterion.point <= market.times[-1]:
        raise BadCurve(
            _("The convergence point %(point)g lies before the last cash flow at %(last)g years.")
            % {"point": criterion.point, "last": market.times[-1]}
        )

    def good(alpha: float) -> bool:
        try:
            return gap(market, ufr=ufr, alpha=alpha, until=criterion) <= criterion.tolerance
        except BadCurve:
            return False

    steps = np.arange(criterion.lowest, criterion.highest + _STEP / 2, _STEP)
    first = next((row for row, alpha in enumerate(steps) if good(float(alpha))), None)
    if first is None:
        raise NotConverging(
            _("The curve does not come within %(bp)g bp of %(rate)g%% at %(point)g years.")
            % {
                "bp": 10_000 * criterion.tolerance,
                "rate": 100 * ufr,
                "point": criterion.point,
            }
        )
    if first == 0:
        return fit(market, ufr=ufr, alpha=criterion.lowest)
    low, high = float(steps[first - 1]), float(steps[first])
    while high - low > 0.1 * 10.0**-_PLACES:
        middle = (low + high) / 2.0
        low, high = (low, middle) if good(middle) else (middle, high)
    rounded = float(np.ceil(round(high * 10**_PLACES, 3)) / 10**_PLACES)
    return fit(market, ufr=ufr, alpha=rounded)


def with_premium(
    curve: SmithWilson,
    *,
    tenors: ArrayLike,
    premium: ArrayLike,
    ufr: float | None = None,
    until: Convergence | None = None,
) -> SmithWilson:
    """Add a premium to the spot rates of a curve up to the last liquid point, and extrapolate anew.

    Args:
        curve: the basic curve.
        tenors: (n,) years up to the last liquid point, ascending.
        premium: added to annual effective spot rates, one number or (n,): a volatility adjustment,
            a matching adjustment or a liquidity premium.
        ufr: ultimate forward rate of the new curve; None: that of the basic one, which the
            premium does not move.
        until: convergence of the new curve; None: it keeps the basic one's speed.

    Raises:
        NotConverging, BadCurve: see `converge`; also a premium that leaves a rate of −100 %.

    Source: EIOPA, Technical documentation of the risk-free interest rate term structures, section
        on the volatility adjustment; K-ICS, adjusted risk-free curve (조정 무위험 금리기간구조).
    """
    nodes = np.atleast_1d(np.asarray(tenors, np.float64))
    quotes = zero_rates(tenors=nodes, rates=curve.spot(nodes) + np.asarray(premium, np.float64))
    to = curve.ufr if ufr is None else ufr
    if until is None:
        return fit(quotes, ufr=to, alpha=curve.alpha)
    return converge(quotes, ufr=to, until=until)


def _slope(t: Floats, u: Floats, *, omega: float, alpha: float) -> Floats:
    """Return the derivative of the Wilson function by t, (m, k)."""
    at, to = t[:, None], u[None, :]
    near, far = np.exp(-alpha * np.abs(to - at)), np.exp(-alpha * (to + at))
    before = alpha - 0.5 * alpha * (near + far)
    after = 0.5 * alpha * (near - far)
    inner = np.where(at <= to, before, after)
    kernel = wilson(t, u, omega=omega, alpha=alpha)
    return -omega * kernel + np.exp(-omega * (at + to)) * inner
