"""Which curve discounts a month end, and the curve drawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from accounting.models import YieldCurve
from accounting.models.assumptions import CURVE_PARAMETERS
from accounting.rules import curves
from accounting.rules.curves import KoreanCurve
from core.errors import DomainError


class NoCurve(DomainError):
    """No checked yield curve is known by the month end."""


def for_day(day: date, currency: str = "KRW") -> YieldCurve:
    """Return the latest checked curve of a day or before.

    Raises:
        NoCurve: there is none.
    """
    found = (
        YieldCurve.objects.filter(status="ACTIVE", currency=currency, base_date__lte=day)
        .order_by("-base_date", "-version")
        .first()
    )
    if found is None:
        raise NoCurve(
            _("No yield curve is in force by %(day)s: enter yields and have them checked.")
            % {"day": day}
        )
    return found


def inputs(curve: YieldCurve) -> dict[str, Any]:
    """Return what a curve is drawn from, as plain values (texts for exact decimals)."""
    return {
        "version": curve.version,
        "base_date": str(curve.base_date),
        "currency": curve.currency,
        "tenors": [str(t) for t in curve.tenors],
        "yields": [str(y) for y in curve.yields],
        "ltfr": str(curve.ltfr),
        "last_liquid_point": str(curve.last_liquid_point),
        "convergence_point": str(curve.convergence_point),
        "liquidity_premium": str(curve.liquidity_premium),
        "coupons_per_year": curve.coupons_per_year,
        "first_alpha": str(curve.first_alpha),
        "tolerance": str(curve.tolerance),
        "lowest_alpha": str(curve.lowest_alpha),
    }


def drawn(curve: YieldCurve) -> KoreanCurve:
    """Return the discount curve of stored yields and parameters."""
    return from_inputs(inputs(curve))


def from_inputs(given: Mapping[str, Any]) -> KoreanCurve:
    """Draw a curve from the plain values of ``inputs``."""
    return _drawn(
        tuple(given["tenors"]),
        tuple(given["yields"]),
        *(str(given.get(name, _BEFORE.get(name))) for name in CURVE_PARAMETERS),
    )


_BEFORE = {"coupons_per_year": 2, "first_alpha": 0.1, "tolerance": 0.0001, "lowest_alpha": 0.0001}
"""What runs were made with whose archives do not say."""


@lru_cache(maxsize=64)
def _drawn(tenors: tuple[str, ...], yields: tuple[str, ...], *parameters: str) -> KoreanCurve:
    given: dict[str, Any] = dict(zip(CURVE_PARAMETERS, map(float, parameters), strict=True))
    given["coupons_per_year"] = int(given["coupons_per_year"])
    return curves.drawn(
        tenors=[float(t) for t in tenors],
        yields=[float(y) for y in yields],
        parameters=curves.Parameters(**given),
    )
