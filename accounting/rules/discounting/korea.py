"""The Korean discount curve: treasury yields, liquidity premium, long-term forward rate.

Two passes. The first turns treasury yields into spot rates. The second takes those spot rates up
to the last liquid point, adds the liquidity premium, and extrapolates them to the long-term
forward rate. Every parameter is data of a date; none is a constant of the program.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import ArrayLike

from .curves import Monthly, by_month
from .instruments import BadCurve, Floats, treasury_yields
from .smith_wilson import Convergence, SmithWilson, fit, with_premium


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of the curve of a day; they are stored with its yields.

    Args:
        ltfr: long-term forward rate, annual effective (장기선도금리).
        last_liquid_point: years up to which the market is taken (최종관찰만기).
        convergence_point: years at which the forward rate has reached the LTFR (최초수렴시점).
        liquidity_premium: added to annual effective spot rates up to the last liquid point.
        coupons_per_year: of the treasury bonds whose yields are given.
        first_alpha: speed with which the first pass interpolates.
        tolerance: distance from the LTFR that counts as converged, 0.0001 for 1 bp.
        lowest_alpha: smallest speed of the second pass.
    """

    ltfr: float
    last_liquid_point: float
    convergence_point: float
    liquidity_premium: float
    coupons_per_year: int
    first_alpha: float
    tolerance: float
    lowest_alpha: float

    def check(self) -> None:
        """Refuse figures that contradict each other.

        Raises:
            BadCurve: convergence at or before the last liquid point, a rate of −100 % or less, a
                tolerance or speed that is not positive, or coupons that do not divide a year.
        """
        if not 0 < self.last_liquid_point < self.convergence_point:
            raise BadCurve(
                _("The convergence point %(cp)g must lie after the last liquid point %(llp)g.")
                % {"cp": self.convergence_point, "llp": self.last_liquid_point}
            )
        if self.coupons_per_year not in {1, 2, 4, 12}:
            raise BadCurve(_("Coupons are paid once, twice, four or twelve times a year."))
        if self.ltfr <= -1 or min(self.tolerance, self.first_alpha, self.lowest_alpha) <= 0:
            raise BadCurve(_("A rate, speed or tolerance of the curve is out of range."))


@dataclass(frozen=True, slots=True, eq=False)
class KoreanCurve:
    """The two passes and what stands between them.

    Args:
        parameters: what was in force.
        market: first pass, through the treasury yields.
        tenors: (n,) years of the second pass: those quoted up to the last liquid point and it.
        spot: (n,) annual effective spot rates of the first pass there.
        base: second pass without the premium (기본 무위험 금리기간구조).
        adjusted: second pass with the premium (조정 무위험 금리기간구조): discounts liabilities.
    """

    parameters: Parameters
    market: SmithWilson
    tenors: Floats
    spot: Floats
    base: SmithWilson
    adjusted: SmithWilson

    def discount(self, t: ArrayLike) -> Floats:
        """Return discount factors of liabilities, (…,) as t years."""
        return self.adjusted.discount(t)

    def by_month(self, months: int = 1_200) -> Monthly:
        """Return the adjusted curve by month."""
        return by_month(self.adjusted, months)


def korean_curve(*, tenors: ArrayLike, yields: ArrayLike, parameters: Parameters) -> KoreanCurve:
    """Draw the discount curve from treasury yields in two passes.

    Args:
        tenors: (n,) years, ascending.
        yields: (n,) yield to maturity a year (0.03 for 3 %).
        parameters: in force on the day of the yields.

    Raises:
        BadCurve: as `treasury_yields`, or no yield reaches the last liquid point.
        NotConverging: the LTFR cannot be reached in time.

    Source: 보험업감독업무시행세칙 별표 (지급여력금액 및 지급여력기준금액 산출기준, K-ICS), 할인율;
        IFRS 17.B80 (bottom-up: risk-free rates adjusted for illiquidity).
    """
    parameters.check()
    market = treasury_yields(tenors=tenors, yields=yields, per_year=parameters.coupons_per_year)
    last = parameters.last_liquid_point
    if market.tenors[-1] < last:
        raise BadCurve(
            _("The last yield is that of %(last)g years, the last liquid point %(llp)g.")
            % {"last": market.tenors[-1], "llp": last}
        )
    far = float(np.atleast_1d(np.asarray(yields, np.float64))[-1])
    first = fit(market, ufr=far, alpha=parameters.first_alpha)
    nodes = np.union1d(market.tenors[market.tenors <= last], [last])
    spot = first.spot(nodes)
    until = Convergence(
        point=parameters.convergence_point,
        tolerance=parameters.tolerance,
        lowest=parameters.lowest_alpha,
        annual=True,
    )

    def second(premium: float) -> SmithWilson:
        return with_premium(first, tenors=nodes, premium=premium, ufr=parameters.ltfr, until=until)

    return KoreanCurve(
        parameters=parameters,
        market=first,
        tenors=nodes,
        spot=spot,
        base=second(0.0),
        adjusted=second(parameters.liquidity_premium),
    )
