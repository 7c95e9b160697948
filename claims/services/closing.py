"""Claims that end without a payment."""

from __future__ import annotations

from datetime import date

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from claims.events import ClaimsRejected
from claims.models import Adjustment, Claim
from claims.services.common import WrongStatus, lock, reason_given, tell_moves, write_moves
from core.events import publish
from core.status import transition

Status = Claim.Status


@transaction.atomic
def reject(*, reception_id: str, reason: str, business_date: date) -> None:
    """Decline a claim with the reason that the claimant is told; its reserve is released.

    Raises:
        WrongStatus: approved or closed, or a proposal waits (send it back first).
        ReasonMissing, NotFound.
    """
    claim = lock([reception_id], Status.RECEIVED, Status.INVESTIGATING)[0]
    if claim.adjustments.filter(status=Adjustment.Status.PROPOSED).exists():
        raise WrongStatus(_("A proposal waits for approval: it is sent back first."))
    _close(claim, Status.REJECTED, "REJECTION", reason_given(reason), business_date)


@transaction.atomic
def withdraw(*, reception_id: str, reason: str, business_date: date) -> None:
    """Withdraw a claim at the claimant's wish; it no longer counts in the fraud rules.

    Raises:
        WrongStatus: approved or closed.
        ReasonMissing, NotFound.
    """
    claim = lock([reception_id], Status.RECEIVED, Status.INVESTIGATING)[0]
    for proposal in claim.adjustments.filter(status=Adjustment.Status.PROPOSED):
        transition(
            proposal,
            Adjustment.Status.RETURNED,
            reason=reason,
            decided_by="system:withdrawal",
            decided_at=timezone.now(),
            decision_note=reason,
        )
    _close(claim, Status.WITHDRAWN, "WITHDRAWAL", reason_given(reason), business_date)


def _close(claim: Claim, to: str, move: str, reason: str, business_date: date) -> None:
    movement = np.asarray([-int(claim.case_reserve)], dtype=np.int64)
    write_moves([claim], movement, business_date=business_date, reason=move)
    transition(
        claim, to, reason=reason, case_reserve=0, closing_reason=reason, closed_on=business_date
    )
    tell_moves([claim], movement, business_date=business_date)
    publish(
        ClaimsRejected.of(
            business_date=business_date,
            rows=[{"reception_id": claim.pk, "contract_id": claim.contract_id}],
        )
    )
