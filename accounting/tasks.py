"""The last step of the nightly chain: the close of the month, on its last day."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_lazy as _

from accounting import services
from core.clock import month_end
from core.jobs import Step


def _select(day: date) -> list[str]:
    return [services.periods.open_for(day).pk]


def _run(day: date, keys: list[str]) -> None:
    for period in keys:
        services.closing.close(period, business_date=day)


CLOSE = Step(
    name="close",
    label=_("Monthly close"),
    select=_select,
    run=_run,
    due=lambda day: day == month_end(day),
    chunk=1,
)
