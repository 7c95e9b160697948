"""The nightly steps of reinsurance."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from core.clock import month_end
from core.jobs import Step

from . import selectors, services


def _is_month_end(day: date) -> bool:
    return day == month_end(day)


def _cede(day: date, keys: list[str]) -> None:
    services.cede_premiums_many(keys, on=day)


def _accumulate(day: date, keys: list[str]) -> None:
    services.accumulate_many(keys, on=day)


def _adjust(day: date, keys: list[str]) -> None:
    services.adjust_commissions_many(keys, on=day)


ACCUMULATION = Step(
    name="accumulation",
    label=_("Losses of catastrophes and stop loss treaties added up"),
    select=selectors.to_accumulate,
    run=_accumulate,
)
CESSION = Step(
    name="cession",
    label=_("Cession of premium to reinsurers"),
    select=selectors.in_force,
    run=_cede,
    due=_is_month_end,
)
COMMISSION = Step(
    name="ri_commission",
    label=_("Sliding scale and profit commission of treaties"),
    select=selectors.to_adjust,
    run=_adjust,
    due=_is_month_end,
)
