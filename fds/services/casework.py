"""The steps of an investigation: notes, inquiries, files, links to other cases, waiting.

Steps are only ever added. Each one keeps the case with its investigator for another ten working
days, so that what is worked on stays where it is and what is left alone returns to the queue.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from claims import api as claims
from core.clock import add_business_days
from core.errors import DomainError
from fds.models import Case, CaseEvent
from fds.services.cases import KEPT_DAYS, WrongCase, locked, refuse_others
from fds.services.common import person, reason_given

Kind = CaseEvent.Kind
STEPS = (Kind.NOTE, Kind.DOCUMENTS, Kind.FIELD, Kind.MEDICAL, Kind.POLICE)
LONGEST_ASIDE = 60


class BadLink(DomainError):
    """A case is linked to itself, to none, or twice to the same one."""


class BadWait(DomainError):
    """A case is put aside without an end, or for too long."""


@transaction.atomic
def add_step(*, reception_id: str, kind: str, text: str, business_date: date) -> None:
    """Write down a step of an investigation.

    Args:
        reception_id: the claim.
        kind: NOTE, DOCUMENTS, FIELD, MEDICAL or POLICE.
        text: what was done or asked.
        business_date: day of the step.

    Raises:
        WrongCase: the kind is unknown, or the case is decided.
        CaseTaken, NotFound, ReasonMissing, NotAllowed.
    """
    name, text = person(), reason_given(text)
    if kind not in STEPS:
        raise WrongCase(_("Choose what was done: note, documents, inquiry, opinion or police."))
    _write(_mine(reception_id, name, business_date), kind, text, business_date, name)


@transaction.atomic
def link(*, reception_id: str, other: str, text: str, business_date: date) -> None:
    """Link a case to another one; both show it.

    Args:
        reception_id: the claim.
        other: the other claim.
        text: what they have in common.
        business_date: day of the step.

    Raises:
        BadLink, WrongCase, CaseTaken, NotFound, ReasonMissing, NotAllowed.
    """
    name, text = person(), reason_given(text)
    if other == reception_id:
        raise BadLink(_("A case is linked to another one, not to itself."))
    case = _mine(reception_id, name, business_date)
    found = Case.objects.filter(claim_id=other).first()
    if found is None:
        raise BadLink(_("Claim %(number)s has no case.") % {"number": other})
    for one, another in ((case, found), (found, case)):
        if CaseEvent.objects.filter(case=one, other=another).exists():
            raise BadLink(_("The two cases are linked already."))
    CaseEvent.objects.create(
        case=case, kind=Kind.LINKED, text=text, other=found, on=business_date, made_by=name
    )


@transaction.atomic
def add_file(
    *, reception_id: str, file_name: str, content: bytes, text: str, business_date: date
) -> None:
    """Keep a piece of evidence with the documents of the claim, and write the step down.

    Args:
        reception_id: the claim.
        file_name: the sender's, shown to people only.
        content: the whole file.
        text: what it shows.
        business_date: day of the step.

    Raises:
        WrongCase, CaseTaken, NotFound, ReasonMissing, NotAllowed.
        BadDocument: size or type.
    """
    name, text = person(), reason_given(text)
    case = _mine(reception_id, name, business_date)
    kept, _digest = claims.add_document(reception_id, file_name, content)
    _write(case, Kind.FILE, f"{kept}: {text}", business_date, name)


@transaction.atomic
def put_aside(*, reception_id: str, until: date, text: str, business_date: date) -> None:
    """Let a case wait for something, outside the queue; it stays with its investigator.

    The clock of the claim goes on: waiting is no ground for a late payment.

    Args:
        reception_id: the claim.
        until: day on which it returns to the queue, within sixty days.
        text: what it waits for.
        business_date: day of the step.

    Raises:
        BadWait, WrongCase, CaseTaken, NotFound, ReasonMissing, NotAllowed.
    """
    name, text = person(), reason_given(text)
    if not 0 < (until - business_date).days <= LONGEST_ASIDE:
        raise BadWait(
            _("A case waits for %(n)d days at most, and returns after today.")
            % {"n": LONGEST_ASIDE}
        )
    case = _mine(reception_id, name, business_date)
    kept = add_business_days(until, KEPT_DAYS) if case.status == Case.Status.WORKING else None
    Case.objects.filter(pk=case.pk).update(aside_until=until, kept_until=kept)
    words = _("until %(day)s: %(text)s") % {"day": until, "text": text}
    _write(case, Kind.ASIDE, words, business_date, name)


@transaction.atomic
def call_back(*, reception_id: str, business_date: date) -> None:
    """Bring a case that was put aside back into the queue.

    Raises:
        WrongCase, CaseTaken, NotFound, NotAllowed.
    """
    case = _mine(reception_id, person(), business_date)
    Case.objects.filter(pk=case.pk).update(aside_until=None)


@transaction.atomic
def note_export(*, reception_id: str, text: str, business_date: date) -> None:
    """Write into the journal that a paper was taken out, of decided cases too.

    Raises:
        NotFound, ReasonMissing, NotAllowed.
    """
    name, text = person(), reason_given(text)
    _write(locked(reception_id), Kind.EXPORTED, text, business_date, name)


def _mine(reception_id: str, name: str, on: date) -> Case:
    """Return the locked case, kept for the acting person for another while if it is theirs."""
    case = locked(reception_id)
    refuse_others(case, name, on)
    if case.status == Case.Status.WORKING and case.investigator == name:
        Case.objects.filter(pk=case.pk).update(kept_until=add_business_days(on, KEPT_DAYS))
    return case


def _write(case: Case, kind: str, text: str, on: date, name: str) -> None:
    CaseEvent.objects.create(case=case, kind=kind, text=text, on=on, made_by=name)


__all__ = [
    "STEPS",
    "BadLink",
    "BadWait",
    "add_file",
    "add_step",
    "call_back",
    "link",
    "note_export",
    "put_aside",
]
