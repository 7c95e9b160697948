"""The second person: approval within authority, sending back, taking back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from claims import selectors
from claims.models import Adjustment, Claim
from claims.rules import clock
from claims.services.common import WrongStatus, lock, reason_given, tell_moves, write_moves
from claims.services.limits import refuse_above_sums
from claims.services.reception import persons
from core.acting import current
from core.columns import as_column
from core.errors import DomainError, NotAllowed
from core.models import User
from core.permissions import limit_of
from core.status import transition, transition_rows

Status = Claim.Status
Decision = Adjustment.Status


class AboveAuthority(DomainError):
    """The amount is above what this person may approve."""


def approve(*, reception_id: str, note: str = "", business_date: date) -> None:
    """Approve the proposal of one claim; see ``approve_many``."""
    approve_many(reception_ids=[reception_id], note=note, business_date=business_date)


@transaction.atomic
def approve_many(*, reception_ids: Sequence[str], note: str = "", business_date: date) -> None:
    """Approve proposals within the acting person's authority; case reserves follow the amounts.

    The authority is compared with all that the same accident has been granted on the contract,
    so that splitting a payment does not go round it. What the coverages still give is worked out
    again under a lock of the contracts: of two proposals for one sum, the second is refused.

    Raises:
        WrongStatus: nothing is proposed.
        NotAllowed: the acting person made the proposal, or is unknown.
        AboveAuthority, NotFound.
        SumUsedUp: other claims were granted the same sum meanwhile.
    """
    claims = lock(reception_ids, Status.INVESTIGATING)
    proposals = _open_proposals(claims)
    limit = _authority()
    granted = selectors.granted_in_accidents(claims)
    for claim, proposal in zip(claims, proposals, strict=True):
        if proposal.made_by == current().actor:
            raise NotAllowed(_("A second person approves: you made this proposal."))
        total = int(proposal.payable) + granted.get((claim.contract_id, claim.accident_no), 0)
        if total > limit:
            raise AboveAuthority(
                _("%(total)s won for this accident is above your authority of %(limit)s won.")
                % {"total": f"{total:,}", "limit": f"{limit:,}"}
            )
    _grant(claims, proposals, note=note, by=current().actor, limit=limit)
    _follow(claims, proposals, business_date)


@transaction.atomic
def approve_by_rule(
    *, reception_ids: Sequence[str], by: str, limit: int, note: str, business_date: date
) -> None:
    """Approve proposals that a product's rule made, by the standing decision of who published it.

    Args:
        reception_ids: claims with a proposal of the acting rule.
        by: who published the rule as a second person.
        limit: won up to which the rule decides; all that an accident was granted counts.
        note: which rule.
        business_date: accounting date.

    Raises:
        WrongStatus: nothing is proposed.
        NotAllowed: somebody else made the proposal, or the same published the rule.
        AboveAuthority, NotFound.
        SumUsedUp: other claims were granted the same sum meanwhile.
    """
    claims = lock(reception_ids, Status.INVESTIGATING)
    proposals = _open_proposals(claims)
    granted = selectors.granted_in_accidents(claims)
    for claim, proposal in zip(claims, proposals, strict=True):
        if proposal.made_by != current().actor or proposal.made_by == by:
            raise NotAllowed(_("A rule decides only what it proposed, by a second person's order."))
        total = int(proposal.payable) + granted.get((claim.contract_id, claim.accident_no), 0)
        if total > limit:
            raise AboveAuthority(
                _("%(total)s won for this accident is above the %(limit)s won of the rule.")
                % {"total": f"{total:,}", "limit": f"{limit:,}"}
            )
    _grant(claims, proposals, note=note, by=by, limit=limit)
    _follow(claims, proposals, business_date)


def _grant(
    claims: Sequence[Claim], proposals: Sequence[Adjustment], *, note: str, by: str, limit: int
) -> None:
    """Write the decision, unless other claims were granted the same sums meanwhile."""
    refuse_above_sums(claims, proposals)
    transition_rows(
        Adjustment,
        [proposal.pk for proposal in proposals],
        frm=[Decision.PROPOSED],
        to=Decision.APPROVED,
        reason=note,
        decided_by=by,
        decided_at=timezone.now(),
        decision_note=note.strip(),
        authority_limit=limit,
    )


def _follow(claims: Sequence[Claim], proposals: Sequence[Adjustment], business_date: date) -> None:
    """Move the claims to APPROVED with reserves equal to the amounts; property gets its clock."""
    amounts = np.asarray([int(one.payable) for one in proposals], dtype=np.int64)
    before = np.asarray([int(claim.case_reserve) for claim in claims], dtype=np.int64)
    write_moves(claims, amounts - before, business_date=business_date, reason="ADJUSTMENT")
    property_due = clock.due_after_decision(business_date)
    things = ~persons(
        as_column("keys", [claim.claim_type for claim in claims]),
        as_column("keys", [claim.line for claim in claims]),
    )
    for claim, amount, thing in zip(claims, amounts.tolist(), things.tolist(), strict=True):
        clocks: dict[str, Any] = {}
        if thing:
            clocks = {"due_on": property_due.day, "due_trace": property_due.trace}
        transition(claim, Status.APPROVED, case_reserve=amount, **clocks)
    tell_moves(claims, amounts - before, business_date=business_date)


@transaction.atomic
def send_back(*, reception_id: str, note: str) -> None:
    """Send a proposal back to its maker, with what is missing.

    Raises:
        WrongStatus: nothing is proposed.
        NotAllowed: the acting person made it.
        ReasonMissing, NotFound.
    """
    note = reason_given(note)
    proposal = _open_proposals(lock([reception_id], Status.INVESTIGATING))[0]
    if proposal.made_by == current().actor:
        raise NotAllowed(_("A second person sends back: you made this proposal."))
    transition(
        proposal,
        Decision.RETURNED,
        reason=note,
        decided_by=current().actor,
        decided_at=timezone.now(),
        decision_note=note,
    )


@transaction.atomic
def reopen(*, reception_id: str, reason: str) -> None:
    """Take an approval back before it is paid, so that the claim is adjusted anew.

    Raises:
        WrongStatus: not approved, or paid.
        NotAllowed: the acting person made the proposal.
        ReasonMissing, NotFound.
    """
    reason = reason_given(reason)
    claim = lock([reception_id], Status.APPROVED)[0]
    approved = claim.adjustments.get(status=Decision.APPROVED)
    if approved.made_by == current().actor:
        raise NotAllowed(_("A second person takes an approval back: you made the proposal."))
    transition(
        approved,
        Decision.RETURNED,
        reason=reason,
        decided_by=current().actor,
        decided_at=timezone.now(),
        decision_note=reason,
    )
    transition(claim, Status.INVESTIGATING, reason=reason)


def _open_proposals(claims: Sequence[Claim]) -> list[Adjustment]:
    found = {
        one.claim_id: one
        for one in Adjustment.objects.filter(claim__in=claims, status=Decision.PROPOSED)
    }
    for claim in claims:
        if claim.pk not in found:
            raise WrongStatus(_("Nothing is proposed on claim %(number)s.") % {"number": claim.pk})
    return [found[claim.pk] for claim in claims]


def _authority() -> int:
    person = User.objects.filter(username=current().actor, is_active=True).first()
    if person is None:
        raise NotAllowed(_("Only a person approves a claim."))
    limit = limit_of(person, "claims.approve")
    if not limit:
        raise NotAllowed(_("Your roles give no authority to approve claims."))
    return limit
