"""Accounting months: opened by need, closed by accounting.services.closing."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from accounting.models import FiscalPeriod
from core.clock import month_end
from core.errors import DomainError


class PeriodIsClosed(DomainError):
    """The books of that month are closed."""


class NoSuchPeriod(DomainError):
    """There is no such accounting month."""


def name_of(day: date) -> str:
    """Return the name of a day's month, ``YYYY-MM``."""
    return f"{day:%Y-%m}"


def open_for(day: date) -> FiscalPeriod:
    """Return the open month of ``day``; the first fact of a month opens it.

    Raises:
        PeriodIsClosed: its month is closed, or a later one is.
    """
    name = name_of(day)
    period = FiscalPeriod.objects.filter(period=name).first()
    if period is None:
        if FiscalPeriod.objects.filter(status="CLOSED", period__gt=name).exists():
            raise PeriodIsClosed(
                _("A later month than %(month)s is closed; use a date after the last closed month.")
                % {"month": name}
            )
        FiscalPeriod.objects.bulk_create(
            [FiscalPeriod(period=name, starts_on=day.replace(day=1), ends_on=month_end(day))],
            ignore_conflicts=True,
        )
        period = FiscalPeriod.objects.get(period=name)
    if period.status != FiscalPeriod.Status.OPEN:
        raise PeriodIsClosed(
            _("The books of %(month)s are closed; post a correction in the current month.")
            % {"month": name}
        )
    return period
