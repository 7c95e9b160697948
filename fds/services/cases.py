"""Cases of the review queue: taken by one person, decided by a person with a reason."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from claims import api as claims
from core.errors import DomainError, NotFound
from core.events import publish
from core.status import transition
from fds.events import CasesDecided
from fds.models import Case, Hold
from fds.services.common import person, reason_given

Status = Case.Status


class CaseTaken(DomainError):
    """Another investigator works on the case."""


class WrongCase(DomainError):
    """The case has been decided already, or the decision is unknown."""


@transaction.atomic
def take_next() -> str | None:
    """Give the acting investigator the open case with the highest expected saving.

    Two people who ask at the same time get different cases.

    Returns:
        The reception number of its claim, or None if nothing waits.
    """
    name = person()
    case = (
        Case.objects.select_for_update(skip_locked=True)
        .filter(status=Status.OPEN)
        .order_by("-expected_saving", "opened_on", "pk")
        .first()
    )
    if case is None:
        return None
    transition(case, Status.WORKING, investigator=name)
    return str(case.claim_id)


@transaction.atomic
def take(*, reception_id: str) -> None:
    """Take one waiting case.

    Raises:
        CaseTaken: someone has it.
        WrongCase: decided already.
        NotFound.
    """
    name = person()
    case = _locked(reception_id)
    if case.status == Status.WORKING and case.investigator == name:
        return
    _refuse_others(case, name)
    transition(case, Status.WORKING, investigator=name)


@transaction.atomic
def put_back(*, reception_id: str) -> None:
    """Put a case that one works on back into the queue.

    Raises:
        CaseTaken, WrongCase, NotFound.
    """
    name = person()
    case = _locked(reception_id)
    _refuse_others(case, name)
    if case.status == Status.WORKING:
        transition(case, Status.OPEN, investigator="")


@transaction.atomic
def decide(*, reception_id: str, decision: str, reason: str, business_date: date) -> None:
    """Decide a case; a cleared claim may be paid, unless it is held.

    Args:
        reception_id: the claim.
        decision: CLEARED or CONFIRMED.
        reason: the person's own.
        business_date: day of the decision.

    Raises:
        CaseTaken, WrongCase, NotFound, ReasonMissing.
        NotAllowed: a programme cannot decide.
    """
    name, reason = person(), reason_given(reason)
    if decision not in (Status.CLEARED, Status.CONFIRMED):
        raise WrongCase(_("Decide: cleared, or fraud established."))
    case = _locked(reception_id)
    _refuse_others(case, name)
    transition(
        case,
        decision,
        reason=reason,
        investigator=name,
        decision_reason=reason,
        decided_by=name,
        decided_on=business_date,
    )
    held = Hold.objects.filter(claim_id=reception_id, released_on=None).exists()
    fact = claims.facts([reception_id])[reception_id]
    if decision == Status.CLEARED and not held and fact.open:
        claims.set_gate([reception_id], "CLEAR", reason)
    publish(
        CasesDecided.of(
            business_date=business_date,
            rows=[{"reception_id": reception_id, "decision": decision}],
        )
    )


def _locked(reception_id: str) -> Case:
    case = Case.objects.select_for_update().filter(claim_id=reception_id).first()
    if case is None:
        raise NotFound(_("Claim %(number)s has no case.") % {"number": reception_id})
    return case


def _refuse_others(case: Case, name: str) -> None:
    if case.status in (Status.CLEARED, Status.CONFIRMED):
        raise WrongCase(
            _("%(person)s decided this case on %(day)s.")
            % {"person": case.decided_by, "day": case.decided_on}
        )
    if case.status == Status.WORKING and case.investigator != name:
        raise CaseTaken(_("%(person)s works on this case.") % {"person": case.investigator})
