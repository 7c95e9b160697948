"""The Korean discount curve: treasury yields, liquidity premium, long-term forward rate.

Two passes. The first turns treasury yields into spot rates. The second takes those spot rates up
to the last liquid point, adds the liquidity premium, and extrapolates them to the long-term
forward rate. Every parameter is data of a date; none is a constant of the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import ArrayLike

from .curves import Monthly, by_month
from .instruments import BadCurve, Floats, treasury_yields
from .smith_wilson import Convergence, SmithWilson, fit, with_premium


class NoParameters(BadCurve):
    """No parameters of the curve are in force on this day."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of the curve from a day on.

    Args:
        valid_from: first day.
        ltfr: long-term forward rate, annual effective (장기선도금리).
        last_liquid_point: years up to which the market is taken (최종관찰만기).
        convergence_point: years at which the forward rate has reached the LTFR (최초수렴시점).
        liquidity_premium: added to annual effective spot rates up to the last liquid point.
        coupons_per_year: of the treasury bonds whose yields are given.
        first_alpha: speed with which the first pass interpolates.
        tolerance: distance from the LTFR that counts as converged, 0.0001 for 1 bp.
        lowest_alpha: smallest speed of the second pass.
        source: where the figures were announced.
    """

    valid_from: date
    ltfr: float
    last_liquid_point: float
    convergence_point: float
    liquidity_premium: float
    coupons_per_year: int = 2
    first_alpha: float = 0.1
    tolerance: float = 0.0001
    lowest_alpha: float = 0.0001
    source: str = ""

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Parameters:
        """Build from JSON values, the day as ISO text.

        Raises:
            BadCurve: a name that is not known, one that is missing, or a figure out of range.
        """
        known = {one.name for one in fields(cls)}
        if strange := sorted(set(values) - known):
            raise BadCurve(_("%(name)s is not a parameter of the curve.") % {"name": strange[0]})
        try:
            given = {**values, "valid_from": date.fromisoformat(str(values["valid_from"]))}
            found = cls(**given)
        except (KeyError, TypeError, ValueError) as error:
            raise BadCurve(
                _("The parameters of the curve cannot be read: %(why)s.") % {"why": error}
            ) from None
        found.check()
        return found

    def check(self) -> None:
        """Refuse figures that contradict each other.

        Raises:
            BadCurve: convergence at or before the last liquid point, a rate of −100 % or less, or
                a tolerance or speed that is not positive.
        """
        if not 0 < self.last_liquid_point < self.convergence_point:
            raise BadCurve(
                _("The convergence point %(cp)g must lie after the last liquid point %(llp)g.")
                % {"cp": self.convergence_point, "llp": self.last_liquid_point}
            )
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


def parameters_on(on: date, rows: Iterable[Parameters]) -> Parameters:
    """Return the parameters in force on a day.

    Args:
        on: the day.
        rows: dated parameters in any order.

    Raises:
        NoParameters: all of them begin later.
        BadCurve: two begin on the same day.
    """
    given = sorted(rows, key=lambda one: one.valid_from)
    days = [one.valid_from for one in given]
    if len(set(days)) != len(days):
        raise BadCurve(_("Two sets of curve parameters begin on the same day."))
    found = [one for one in given if one.valid_from <= on]
    if not found:
        raise NoParameters(
            _("No curve parameters are in force on %(day)s; enter them first.") % {"day": on}
        )
    return found[-1]


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
