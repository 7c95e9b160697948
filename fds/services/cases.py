"""Cases of the review queue: taken by one person, decided by a person with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from claims import api as claims
from core.clock import add_business_days
from core.errors import DomainError, NotFound
from core.events import publish
from core.people import name_of
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
KEPT_DAYS = 10
"""Working days for which a case stays with its investigator after the last step."""


class CaseTaken(DomainError):
    """Another investigator works on the case."""


class WrongCase(DomainError):
    """The case has been decided already, or the decision is unknown."""


@transaction.atomic
def take_next(
    *, business_date: date | None = None, among: Sequence[str] | None = None
) -> str | None:
    """Give the acting investigator the free case with the highest expected saving.

    Two people who ask at the same time get different cases. A case that somebody kept for longer
    than ``KEPT_DAYS`` without a step is free again; one that was put aside is not.

    Args:
        business_date: from which the case is kept; None: it is kept without an end.
        among: only cases of these claims; None: all.

    Returns:
        The reception number of its claim, or None if nothing waits.
    """
    name = person()
    rows = Case.objects.select_for_update(skip_locked=True).filter(free(business_date))
    if among is not None:
        rows = rows.filter(claim_id__in=among)
    case = rows.order_by("-expected_saving", "opened_on", "pk").first()
    if case is None:
        return None
    _give(case, name, business_date)
    return str(case.claim_id)


def free(on: date | None) -> Q:
    """Return the condition under which a case may be taken from the queue on a day."""
    if on is None:
        return Q(status=Status.OPEN)
    waiting = Q(status=Status.OPEN) & (Q(aside_until=None) | Q(aside_until__lte=on))
    return waiting | Q(status=Status.WORKING, kept_until__lt=on)


@transaction.atomic
def take(*, reception_id: str, business_date: date | None = None) -> None:
    """Take one waiting case, or one whose investigator has let it lie for too long.

    Args:
        reception_id: the claim.
        business_date: from which the case is kept; None: it is kept without an end.

    Raises:
        CaseTaken: someone has it.
        WrongCase: decided already.
        NotFound.
    """
    name = person()
    case = locked(reception_id)
    if case.status == Status.WORKING and case.investigator == name:
        return
    refuse_others(case, name, business_date)
    _give(case, name, business_date)


def _give(case: Case, name: str, on: date | None) -> None:
    if case.status == Status.WORKING:
        left = _("%(person)s let the case lie.") % {"person": name_of(case.investigator)}
        transition(case, Status.OPEN, reason=left, kept_until=None)
    transition(
        case,
        Status.WORKING,
        investigator=name,
        kept_until=add_business_days(on, KEPT_DAYS) if on else None,
        aside_until=None,
    )


@transaction.atomic
def put_back(*, reception_id: str) -> None:
    """Put a case that one works on back into the queue.

    Raises:
        CaseTaken, WrongCase, NotFound.
    """
    name = person()
    case = locked(reception_id)
    refuse_others(case, name, None)
    if case.status == Status.WORKING:
        transition(case, Status.OPEN, investigator="", kept_until=None)


@transaction.atomic
def decide(
    *,
    reception_id: str,
    decision: str,
    reason: str,
    business_date: date,
    outcome: str = "",
    amount: int | None = None,
    kind: str = "",
) -> None:
    """Decide a case; a cleared claim may be paid, unless it is held. The outcome is its label.

    Args:
        reception_id: the claim.
        decision: CLEARED or CONFIRMED.
        reason: the person's own.
        business_date: day of the decision.
        outcome: state of the label; INNOCENT or CONFIRMED by the decision if not given.
        amount: established damage, won; of established fraud all that is at stake if not given.
        kind: sort of fraud, of ``Outcome.Kind``.

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
    case = locked(reception_id)
    refuse_others(case, name, business_date)
    transition(
        case,
        decision,
        reason=reason,
        investigator=name,
        decision_reason=reason,
        decided_by=name,
        decided_on=business_date,
        kept_until=None,
        aside_until=None,
    )
    held = Hold.objects.filter(claim_id=reception_id, released_on=None).exists()
    fact = claims.facts([reception_id])[reception_id]
    if decision == Status.CLEARED and not held and fact.open:
        claims.set_gate([reception_id], "CLEAR", reason)
    if decision == Status.CONFIRMED and not held and fact.open and fact.gate == "CLEAR":
        claims.set_gate([reception_id], "REVIEW", reason)  # a person's decision, not a score
    damage = int(case.amount) if outcome == Label.State.CONFIRMED else 0
    audited = case.origin == Case.Origin.AUDIT
    record_label(
        reception_id=reception_id,
        state=outcome,
        source=Label.Source.AUDIT if audited else Label.Source.CASE,
        decided_on=max(business_date, fact.reported_at.date()),
        amount=damage if amount is None else amount,
        kind=kind,
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


def locked(reception_id: str) -> Case:
    """Return the case of a claim, kept as it is until the transaction ends.

    Raises:
        NotFound.
    """
    case = Case.objects.select_for_update().filter(claim_id=reception_id).first()
    if case is None:
        raise NotFound(_("Claim %(number)s has no case.") % {"number": reception_id})
    return case


def refuse_others(case: Case, name: str, on: date | None) -> None:
    """Refuse a case that is decided, or that another works on.

    Args:
        case: locked.
        name: who wants it.
        on: a case that was kept until before this day is free; None: kept cases never are.

    Raises:
        WrongCase, CaseTaken.
    """
    if case.status in (Status.CLEARED, Status.CONFIRMED):
        raise WrongCase(
            _("%(person)s decided this case on %(day)s.")
            % {"person": name_of(case.decided_by), "day": case.decided_on}
        )
    if case.status != Status.WORKING or case.investigator == name:
        return
    if on is None or case.kept_until is None or on <= case.kept_until:
        raise CaseTaken(
            _("%(person)s works on this case.") % {"person": name_of(case.investigator)}
        )
