"""Referrals that their underwriter cannot decide: passed on, and warned of in time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from contracts.models import Underwriting
from core.errors import NotFound
from core.status import IllegalTransition

from .underwriting import CommentMissing

Status = Underwriting.Status


@transaction.atomic
def escalate(*, application_id: str, note: str, by: str, business_date: date) -> None:
    """Pass a referral on to the chief underwriter, with what was found so far.

    Args:
        application_id: a referred application that nobody passed on yet.
        note: why, and what has been looked at; kept with the case.
        by: who passes it on.
        business_date: the day.

    Raises:
        NotFound, CommentMissing.
        core.status.IllegalTransition: decided, withdrawn, or passed on already.
    """
    row = Underwriting.objects.select_for_update().filter(application_id=application_id).first()
    if row is None:
        raise NotFound(_("There is no referral of application %s.") % application_id)
    if not note.strip():
        raise CommentMissing(_("Say why it is passed on: the note is kept with the case."))
    if row.status != Status.REFERRED or row.escalated_on is not None:
        raise IllegalTransition(_("It was decided or passed on already."))
    Underwriting.objects.filter(pk=row.pk).update(
        escalated_by=by, escalated_on=business_date, escalation_note=note.strip()
    )


@transaction.atomic
def warn_of_silence(application_ids: Iterable[str], *, business_date: date) -> int:
    """Mark referrals that silence will accept within the warning period, once.

    The desk, the chief underwriter and operations see them from then on.

    Args:
        application_ids: candidates; those decided meanwhile are left alone.
        business_date: the day of the warning.

    Returns:
        How many were marked.
    """
    return Underwriting.objects.filter(
        application_id__in=list(application_ids), status=Status.REFERRED, alarmed_on=None
    ).update(alarmed_on=business_date)
