"""The nightly steps of investments."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from core.clock import is_business_day, month_end
from core.jobs import Step

from . import services
from .models import Asset
from .selectors import limit_basis


def _is_month_end(day: date) -> bool:
    return day == month_end(day)


def _held(day: date) -> list[str]:
    held = Asset.objects.filter(status="HELD", purchase_date__lte=day)
    return list(held.order_by("asset_id").values_list("asset_id", flat=True))


def _matured(day: date) -> list[str]:
    held = Asset.objects.filter(status="HELD", maturity_date__lte=day)
    return list(held.order_by("asset_id").values_list("asset_id", flat=True))


def _redeem(day: date, keys: list[str]) -> None:
    services.redeem_matured_many(keys, on=day)


def _record_income(day: date, keys: list[str]) -> None:
    services.record_income_many(keys, on=day)


def _revalue(day: date, keys: list[str]) -> None:
    services.revalue_many(keys, on=day)


def _impair(day: date, keys: list[str]) -> None:
    services.impair_many(keys, on=day)


def _watch(day: date, keys: list[str]) -> None:
    services.watch_limits(on=day)


def _measured(day: date) -> list[str]:
    """Return the one item of the watch, once the books have stated a month."""
    return ["limits"] if limit_basis(day) else []


MATURITIES = Step(
    name="maturities",
    label=_("Redemption of bonds and loans"),
    select=_matured,
    run=_redeem,
    due=is_business_day,
)
INCOME = Step(
    name="investment_income",
    label=_("Interest, rent and dividends"),
    select=_held,
    run=_record_income,
    due=_is_month_end,
)
VALUATION = Step(
    name="valuation",
    label=_("Valuation of assets"),
    select=_held,
    run=_revalue,
    due=_is_month_end,
)
IMPAIRMENT = Step(
    name="impairment",
    label=_("Expected credit losses"),
    select=_held,
    run=_impair,
    due=_is_month_end,
)
LIMITS = Step(
    name="investment_limits",
    label=_("Statutory limits of investments"),
    select=_measured,
    run=_watch,
)
