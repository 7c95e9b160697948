"""Yield curves: market yields entered by one person, checked by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounting.models import YieldCurve
from accounting.rules import curves
from core.acting import current
from core.errors import DomainError, NotAllowed
from core.status import transition


class CurveRefused(DomainError):
    """No discount curve can be drawn from these yields and parameters."""


class CurveExists(DomainError):
    """The day has a checked curve already."""


@dataclass(frozen=True, slots=True)
class CurveDraft:
    """Yields of a day and the parameters to make a discount curve of them.

    Args:
        base_date: day of the yields.
        tenors: years, ascending.
        yields: a year, 0.03 for 3 %; as many as tenors.
        ltfr: long-term forward rate.
        last_liquid_point, convergence_point: years.
        liquidity_premium: added to spot rates up to the last liquid point.
        coupons_per_year, first_alpha, tolerance, lowest_alpha: see
            ``accounting.rules.discounting.Parameters``.
        provenance: source of all of these.
        currency: of the yields.
    """

    base_date: date
    tenors: Sequence[Decimal]
    yields: Sequence[Decimal]
    ltfr: Decimal
    last_liquid_point: Decimal
    convergence_point: Decimal
    liquidity_premium: Decimal
    coupons_per_year: int
    first_alpha: Decimal
    tolerance: Decimal
    lowest_alpha: Decimal
    provenance: str
    currency: str = "KRW"


@transaction.atomic
def draft(given: CurveDraft) -> YieldCurve:
    """Propose a yield curve; nothing is discounted with it until it is checked.

    Raises:
        CurveRefused: tenors out of order, a yield missing, or no curve converges.
    """
    _drawn(given)
    version = (YieldCurve.objects.aggregate(n=Max("version"))["n"] or 0) + 1
    values = {**asdict(given), "tenors": list(given.tenors), "yields": list(given.yields)}
    return YieldCurve.objects.create(version=version, made_by=current().actor, **values)


@transaction.atomic
def activate(curve_id: int) -> YieldCurve:
    """Let a drafted curve discount month ends from its day on.

    Raises:
        NotAllowed: the maker checks the own draft.
        CurveExists: another curve of the day is in force.
    """
    chosen = YieldCurve.objects.select_for_update().get(pk=curve_id)
    if chosen.made_by == current().actor:
        raise NotAllowed(_("A yield curve is checked by a second person."))
    same = YieldCurve.objects.filter(
        status="ACTIVE", base_date=chosen.base_date, currency=chosen.currency
    ).first()
    if same is not None:
        raise CurveExists(
            _("%(curve)s is in force for %(day)s; runs were made with it. Enter a later day.")
            % {"curve": same, "day": chosen.base_date}
        )
    transition(chosen, YieldCurve.Status.ACTIVE, checked_by=current().actor)
    return chosen


def _drawn(given: CurveDraft) -> None:
    try:
        curves.drawn(
            tenors=[float(t) for t in given.tenors],
            yields=[float(y) for y in given.yields],
            parameters=curves.Parameters(
                ltfr=float(given.ltfr),
                last_liquid_point=float(given.last_liquid_point),
                convergence_point=float(given.convergence_point),
                liquidity_premium=float(given.liquidity_premium),
                coupons_per_year=given.coupons_per_year,
                first_alpha=float(given.first_alpha),
                tolerance=float(given.tolerance),
                lowest_alpha=float(given.lowest_alpha),
            ),
        )
    except (curves.BadCurve, ValueError) as wrong:
        raise CurveRefused(str(wrong)) from wrong
