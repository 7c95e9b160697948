"""The business clock: a stored date that the nightly chain advances, and Korean working days."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import holidays
from django.db import transaction
from django.utils.translation import gettext as _

from .errors import DomainError
from .models import BusinessClock


class ClockUnset(DomainError):
    """The business date has not been set: run the set-up or the simulation first."""


class ClockBackwards(DomainError):
    """The business date only goes forward."""


def business_date() -> date:
    """Return the business date. Call it at the edge (view, task) and pass the date on.

    Raises:
        ClockUnset: no business date is stored yet.
    """
    stored = BusinessClock.objects.values_list("today", flat=True).first()
    if stored is None:
        raise ClockUnset(_("The business date is not set; an administrator sets it at start-up."))
    return stored


@transaction.atomic
def advance(to: date) -> None:
    """Move the business date forward to ``to``, or set it the first time.

    Raises:
        ClockBackwards: ``to`` is before the stored date.
    """
    clock, _made = BusinessClock.objects.select_for_update().get_or_create(
        id=1, defaults={"today": to}
    )
    if to < clock.today:
        raise ClockBackwards(
            _("The business date is %(today)s; it cannot go back to %(to)s.")
            % {"today": clock.today, "to": to}
        )
    BusinessClock.objects.filter(id=1).update(today=to)


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("KR", years=year))


def is_business_day(day: date) -> bool:
    """Say whether Korean business is open on ``day`` (no weekend, no public holiday)."""
    return day.weekday() < 5 and day not in _holidays(day.year)


def next_business_day(day: date) -> date:
    """Return ``day`` itself if it is a working day, otherwise the first one after it."""
    while not is_business_day(day):
        day += timedelta(days=1)
    return day


def add_business_days(day: date, count: int) -> date:
    """Return the ``count``-th working day after ``day`` (``day`` itself is not counted)."""
    for _step in range(count):
        day = next_business_day(day + timedelta(days=1))
    return day


def add_months(day: date, months: int) -> date:
    """Return the same day ``months`` later, or the last day of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, _days_in(year, month + 1)))


def _days_in(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


def month_end(day: date) -> date:
    """Return the last calendar day of ``day``'s month."""
    return date(day.year, day.month, _days_in(day.year, day.month))
