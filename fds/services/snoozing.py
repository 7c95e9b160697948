"""Lifting a snooze before its end, or refusing one that was proposed."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from core.errors import NotFound
from fds.models import Snooze
from fds.services.common import person
from fds.services.trials import BadSnooze


@transaction.atomic
def lift_snooze(*, snooze_id: int, on: date, business_date: date) -> None:
    """Let a rule count again from a day on; a snooze that is only proposed is removed.

    What was scored while it held stays as it is, so the day lies after today.

    Args:
        snooze_id: the snooze.
        on: first day of reports on which the rule counts again.
        business_date: today.

    Raises:
        BadSnooze: it ends before that day, or the day is not in the future.
        NotFound, NotAllowed.
    """
    person()
    found = Snooze.objects.select_for_update().filter(pk=snooze_id).first()
    if found is None:
        raise NotFound(_("There is no such snooze."))
    if not found.approved_by or on <= found.period.lower:
        if found.approved_by and found.period.lower <= business_date:
            raise BadSnooze(_("A snooze is lifted from tomorrow on: what was scored stays."))
        Snooze.objects.filter(pk=snooze_id).delete()
        return
    if on <= business_date:
        raise BadSnooze(_("A snooze is lifted from tomorrow on: what was scored stays."))
    if on >= found.period.upper:
        raise BadSnooze(_("The snooze ends by itself on %(day)s.") % {"day": found.period.upper})
    Snooze.objects.filter(pk=snooze_id).update(period=DateRange(found.period.lower, on))


__all__ = ["lift_snooze"]
