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
from fds.models import Case, CaseEvent, Hold, Label
from fds.services.common import person, reason_given
from fds.services.evidence import record_label

Status = Case.Status
OUTCOMES: dict[str, tuple[str, ...]] = {
    Status.CLEARED: (
        Label.State.INNOCENT,
        Label.State.DOUBTFUL,
        Label.State.CLOSED,
    ),
    Status.CONFIRMED: (Label.State.CONFIRMED, Label.State.REFERRED),
}
STEPS = (
    CaseEvent.Kind.NOTE,
    CaseEvent.Kind.DOCUMENTS,
    CaseEvent.Kind.FIELD,
    CaseEvent.Kind.MEDICAL,
    CaseEvent.Kind.POLICE,
)


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
def decide(
    *, reception_id: str, decision: str, reason: str, business_date: date, outcome: str = ""
) -> None:
    """Decide a case; a cleared claim may be paid, unless it is held. The outcome is its label.

    Args:
        reception_id: the claim.
        decision: CLEARED or CONFIRMED.
        reason: the person's own.
        business_date: day of the decision.
        outcome: state of the label; INNOCENT or CONFIRMED by the decision if not given.

    Raises:
        CaseTaken, NotFound, ReasonMissing.
        WrongCase: the outcome contradicts the decision, or it is decided already.
        NotAllowed: a programme cannot decide.
    """
    name, reason = person(), reason_given(reason)
    if decision not in (Status.CLEARED, Status.CONFIRMED):
        raise WrongCase(_("Decide: cleared, or fraud established."))
    outcome = outcome or OUTCOMES[decision][0]
    if outcome not in OUTCOMES[decision]:
        raise WrongCase(_("The outcome contradicts the decision."))
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
    if decision == Status.CONFIRMED and not held and fact.open and fact.gate == "CLEAR":
        claims.set_gate([reception_id], "REVIEW", reason)  # a person's decision, not a score
    audited = case.origin == Case.Origin.AUDIT
    record_label(
        reception_id=reception_id,
        state=outcome,
        source=Label.Source.AUDIT if audited else Label.Source.CASE,
        decided_on=max(business_date, fact.reported_at.date()),
        amount=int(case.amount) if outcome == Label.State.CONFIRMED else 0,
    )
    CaseEvent.objects.create(
        case=case, kind=CaseEvent.Kind.DECIDED, text=reason, on=business_date, made_by=name
    )
    publish(
        CasesDecided.of(
            business_date=business_date,
            rows=[{"reception_id": reception_id, "decision": decision}],
        )
    )


@transaction.atomic
def add_step(*, reception_id: str, kind: str, text: str, business_date: date) -> None:
    """Write down a step of an investigation; steps are only ever added.

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
    case = _locked(reception_id)
    _refuse_others(case, name)
    CaseEvent.objects.create(case=case, kind=kind, text=text, on=business_date, made_by=name)


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
