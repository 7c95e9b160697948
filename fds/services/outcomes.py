"""How a case ends: the outcome with its ground, the label, and what others have to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from claims import api as claims
from core.clock import add_business_days
from core.errors import DomainError, NotFound
from core.status import transition
from fds.models import Case, CaseEvent, Label, Outcome, Task
from fds.services.cases import OUTCOMES, decide
from fds.services.common import person, reason_given

State = Label.State
FRAUD = (State.CONFIRMED, State.REFERRED)
HANDOVERS = (Task.Kind.DENY, Task.Kind.REDUCE)
MOTOR = "MOTOR"
TASK_DAYS, REFUND_DAYS = 3, 10
"""Working days within which an adjuster acts, and within which victims are told."""


class BadOutcome(DomainError):
    """The outcome lacks what its state asks, or says what contradicts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What an inquiry found.

    Args:
        state: INNOCENT, DOUBTFUL, CLOSED, REFERRED or CONFIRMED.
        reason: the person's own.
        kind: sort of fraud, of ``Outcome.Kind``.
        ground: of ``Outcome.Ground``.
        amount: established damage, won.
        evidence: what proves it.
        false_alarm: of ``Outcome.FalseAlarm``, where no suspicion is left.
        handover: DENY or REDUCE, for the adjuster; empty: none.
        handover_text: what the adjuster is told.
        handover_amount: by how much the benefit is reduced, won.
    """

    state: str
    reason: str
    kind: str = ""
    ground: str = ""
    amount: int = 0
    evidence: str = ""
    false_alarm: str = ""
    handover: str = ""
    handover_text: str = ""
    handover_amount: int = 0


@transaction.atomic
def conclude(*, reception_id: str, finding: Finding, business_date: date) -> None:
    """Decide a case with its outcome; adjusters and victims get their tasks.

    Established fraud of a motor claim leaves the task to tell victims whose premiums were
    surcharged that these are refunded.

    Raises:
        BadOutcome: sort, ground, evidence or amount is missing or contradicts the state.
        WrongCase, CaseTaken, NotFound, ReasonMissing, NotAllowed.

    Source: 보험사기방지 특별법 §6, §8; 시행령 (자동차보험 할증보험료 환급 고지).
    """
    name = person()
    _refuse_wrong(finding)
    decision = next(d for d, states in OUTCOMES.items() if finding.state in states)
    decide(
        reception_id=reception_id,
        decision=decision,
        reason=finding.reason,
        business_date=business_date,
        outcome=finding.state,
        amount=finding.amount,
        kind=finding.kind,
    )
    case = Case.objects.get(claim_id=reception_id)
    Outcome.objects.create(
        case=case,
        state=finding.state,
        kind=finding.kind,
        ground=finding.ground,
        amount=finding.amount,
        evidence=finding.evidence.strip(),
        false_alarm=finding.false_alarm,
        decided_on=business_date,
        made_by=name,
    )
    if finding.handover:
        _hand_over(case, finding, business_date, name)
    line = claims.facts([reception_id])[reception_id].line
    if finding.state == State.CONFIRMED and line == MOTOR:
        Task.objects.create(
            case=case,
            kind=Task.Kind.REFUND,
            text=_("Fraud established: find whose premium was surcharged because of it."),
            made_on=business_date,
            due_on=add_business_days(business_date, REFUND_DAYS),
            made_by=name,
        )


def _refuse_wrong(finding: Finding) -> None:
    reason_given(finding.reason)
    if finding.state not in {state for states in OUTCOMES.values() for state in states}:
        raise BadOutcome(_("Choose what the inquiry found."))
    fraud = finding.state in FRAUD
    if fraud and not (finding.kind and finding.ground and finding.evidence.strip()):
        raise BadOutcome(_("Fraud needs its sort, its legal ground and the evidence."))
    if not fraud and (finding.kind or finding.ground or finding.amount):
        raise BadOutcome(_("Without fraud there is no sort, no ground and no damage."))
    if finding.kind not in ("", *Outcome.Kind.values) or finding.ground not in (
        "",
        *Outcome.Ground.values,
    ):
        raise BadOutcome(_("Choose the sort of fraud and its legal ground."))
    if finding.state == State.CONFIRMED and finding.amount <= 0:
        raise BadOutcome(_("Say how much damage is established."))
    if finding.amount < 0 or finding.handover_amount < 0:
        raise BadOutcome(_("Amounts are not negative."))
    if finding.false_alarm and finding.state != State.INNOCENT:
        raise BadOutcome(_("A false alarm is one where no suspicion is left."))
    if finding.false_alarm not in ("", *Outcome.FalseAlarm.values):
        raise BadOutcome(_("Choose why it was a false alarm."))
    _refuse_wrong_handover(finding, fraud=fraud)


def _refuse_wrong_handover(finding: Finding, *, fraud: bool) -> None:
    if not finding.handover:
        return
    if finding.handover not in HANDOVERS:
        raise BadOutcome(_("The adjuster denies or reduces the benefit."))
    if not finding.handover_text.strip():
        raise BadOutcome(_("Tell the adjuster what to do and on which ground."))
    if finding.handover == Task.Kind.DENY and not fraud:
        raise BadOutcome(_("A benefit is denied on the ground of established or referred fraud."))
    if finding.handover == Task.Kind.REDUCE and not finding.handover_amount:
        raise BadOutcome(_("Say by how much the benefit is reduced."))


def _hand_over(case: Case, finding: Finding, on: date, name: str) -> None:
    made = Task.objects.create(
        case=case,
        kind=finding.handover,
        text=finding.handover_text.strip(),
        amount=finding.handover_amount,
        made_on=on,
        due_on=add_business_days(on, TASK_DAYS),
        made_by=name,
    )
    CaseEvent.objects.create(
        case=case,
        kind=CaseEvent.Kind.HANDED,
        text=f"{made.get_kind_display()}: {made.text}",
        on=on,
        made_by=name,
    )


@transaction.atomic
def finish_task(*, reception_id: str, kind: str, note: str, business_date: date) -> None:
    """Say that a task was done, and how.

    Raises:
        NotFound, ReasonMissing, NotAllowed.
        IllegalTransition: it was done before.
    """
    name, note = person(), reason_given(note)
    task = Task.objects.select_for_update().filter(case__claim=reception_id, kind=kind).first()
    if task is None:
        raise NotFound(_("There is no such task."))
    transition(task, Task.Status.DONE, done_by=name, done_on=business_date, note=note)


__all__ = ["BadOutcome", "Finding", "conclude", "finish_task"]
