"""The watch-list: one person proposes, another agrees."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from claims import api as claims
from core.errors import DomainError, NotAllowed, NotFound
from fds.models import WatchEntry
from fds.services.common import person, reason_given


class BadWatch(DomainError):
    """The entry overlaps another one, its period is empty, or it is decided already."""


@transaction.atomic
def propose_watch(*, provider_code: str, start: date, end: date | None, reason: str) -> int:
    """Propose to watch a provider during [start, end); it counts once a second person agrees.

    Args:
        provider_code: hospital or garage.
        start: first day.
        end: first day without; None: open.
        reason: why, in facts.

    Returns:
        The id of the entry.

    Raises:
        BadWatch, NotFound, ReasonMissing, NotAllowed.
    """
    name, reason = person(), reason_given(reason)
    if not claims.provider_names([provider_code]):
        raise NotFound(_("There is no provider %(code)s.") % {"code": provider_code})
    if end is not None and end <= start:
        raise BadWatch(_("The period ends after it starts."))
    period = DateRange(start, end)
    if WatchEntry.objects.filter(provider_id=provider_code, period__overlap=period).exists():
        raise BadWatch(_("The provider is on the list, or proposed, in this period already."))
    entry = WatchEntry.objects.create(
        provider_id=provider_code, period=period, reason=reason[:300], made_by=name
    )
    return int(entry.pk)


@transaction.atomic
def approve_watch(*, entry_id: int) -> None:
    """Agree to a proposed entry.

    Raises:
        NotAllowed: the acting person proposed it.
        BadWatch: agreed already.
        NotFound.
    """
    name = person()
    entry = _locked(entry_id)
    if entry.approved_by:
        raise BadWatch(_("The entry is in force already."))
    if entry.made_by == name:
        raise NotAllowed(_("A second person agrees: you proposed this entry."))
    WatchEntry.objects.filter(pk=entry_id).update(approved_by=name, approved_at=timezone.now())


@transaction.atomic
def end_watch(*, entry_id: int, on: date) -> None:
    """End an entry on a day (first day without); a proposal that is refused is removed.

    Scores made by it stay as they are.

    Raises:
        BadWatch: it ended before, or would end before it starts.
        NotFound, NotAllowed.
    """
    person()
    entry = _locked(entry_id)
    if not entry.approved_by:
        WatchEntry.objects.filter(pk=entry_id).delete()
        return
    if on <= entry.period.lower or (entry.period.upper and entry.period.upper <= on):
        raise BadWatch(_("The entry has ended by then, or begins later."))
    WatchEntry.objects.filter(Q(pk=entry_id)).update(
        period=DateRange(entry.period.lower, on),
        planned_end=entry.period.upper,
        ended_at=timezone.now(),
    )


def _locked(entry_id: int) -> WatchEntry:
    entry = WatchEntry.objects.select_for_update().filter(pk=entry_id).first()
    if entry is None:
        raise NotFound(_("There is no such entry."))
    return entry
