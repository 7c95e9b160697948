"""The nightly step of reinsurance."""

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


CESSION = Step(
    name="cession",
    label=_("Cession of premium to reinsurers"),
    select=selectors.in_force,
    run=_cede,
    due=_is_month_end,
)
