"""Nights that an operator asks for, where the business date does not follow the calendar.

A demonstration or a rehearsal lives in its own time: nothing moves its clock but its people. An
order says up to which business date the nightly chain may run; it is kept in PostgreSQL, so that
neither an emptied broker nor a killed worker loses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from .acting import current
from .broker import nudge
from .clock import business_date
from .errors import DomainError
from .models import BusinessClock, JobRun, NightOrder

MOST_NIGHTS = 31


class NightRefused(DomainError):
    """The nightly chain may not be ordered now, or not up to this date."""


@dataclass(frozen=True, slots=True)
class Nights:
    """How far the ordered nights are.

    Args:
        by_hand: the clock stands still until somebody orders a night.
        today: the stored business date; None before the set-up.
        order: the latest order, while it is not done.
        failed: a step of the present business date failed and waits for a retry.
    """

    by_hand: bool
    today: date | None
    order: NightOrder | None = None
    failed: bool = False

    @property
    def total(self) -> int:
        """How many nights the open order asks for."""
        return (self.order.until - self.order.since).days + 1 if self.order else 0

    @property
    def done(self) -> int:
        """How many nights of the open order are over."""
        return (self.today - self.order.since).days if self.order and self.today else 0

    @property
    def may_order(self) -> bool:
        """Whether somebody may order a night now."""
        return self.by_hand and self.today is not None and self.order is None and not self.failed


def stand() -> Nights:
    """Return how the ordered nights stand."""
    today = BusinessClock.objects.values_list("today", flat=True).first()
    by_hand = _calendar() is None
    if today is None:
        return Nights(by_hand, None)
    order = NightOrder.objects.filter(until__gte=today).order_by("-until").first()
    failed = JobRun.objects.filter(business_date=today, state=JobRun.State.FAILED).exists()
    return Nights(by_hand, today, order, failed)


def target() -> date | None:
    """Return the last business date whose night may run: the calendar's, or the order's."""
    ordered = NightOrder.objects.order_by("-until").values_list("until", flat=True).first()
    return max((day for day in (_calendar(), ordered) if day is not None), default=None)


@transaction.atomic
def order(*, until: date) -> NightOrder:
    """Order the nights from the present business date up to and including ``until``.

    Raises:
        ClockUnset: there is no business date yet.
        NightRefused: the clock follows the calendar, a chain runs or has failed, or the date is
            past or more than ``MOST_NIGHTS`` nights away.
    """
    BusinessClock.objects.select_for_update().first()
    today = business_date()
    now = stand()
    _refuse(now, today, until)
    made = NightOrder.objects.create(since=today, until=until, ordered_by=current().actor)
    transaction.on_commit(partial(nudge, "core.tasks.wake_chain"))
    return made


def _refuse(now: Nights, today: date, until: date) -> None:
    if not now.by_hand:
        raise NightRefused(_("The chain follows the calendar here and runs by itself every night."))
    if now.failed:
        raise NightRefused(
            _("A step of %(day)s has failed: retry it first, then the night goes on.")
            % {"day": today}
        )
    if now.order is not None:
        raise NightRefused(
            _("The nights up to %(until)s are already being run; wait until they are done.")
            % {"until": now.order.until}
        )
    if JobRun.objects.filter(business_date=today, state=JobRun.State.RUNNING).exists():
        raise NightRefused(_("The night of %(day)s is being run just now.") % {"day": today})
    last = today + timedelta(days=MOST_NIGHTS - 1)
    if not today <= until <= last:
        raise NightRefused(
            _("Choose a date from %(first)s to %(last)s.") % {"first": today, "last": last}
        )


def _calendar() -> date | None:
    until: date | None = import_string(settings.CHAIN_TARGET)()
    return until
