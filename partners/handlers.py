"""What partners hear of: claims and endings of their contracts, in the transaction of each."""

from __future__ import annotations

from claims.events import ClaimsPaid, ClaimsReceived, ClaimsRejected
from contracts.events import ContractsEnded
from core.events import books
from partners.services import webhooks


@books(ClaimsReceived)
def on_received(event: ClaimsReceived) -> None:
    """A claim was received, by whatever way it came."""
    amounts = [{"claimed_amount": amount} for amount in event.claimed.tolist()]
    webhooks.tell_of_claims("claim.received", event.reception_id, amounts)


@books(ClaimsPaid)
def on_paid(event: ClaimsPaid) -> None:
    """A claim was paid."""
    day = event.business_date.isoformat()
    paid = [
        {"paid_amount": amount, "late_interest": interest, "paid_on": day}
        for amount, interest in zip(
            event.amount.tolist(), event.late_interest.tolist(), strict=True
        )
    ]
    webhooks.tell_of_claims("claim.paid", event.reception_id, paid)


@books(ClaimsRejected)
def on_declined(event: ClaimsRejected) -> None:
    """A claim was declined or withdrawn."""
    webhooks.tell_of_claims("claim.declined", event.reception_id, [{}] * event.rows)


@books(ContractsEnded)
def on_ended(event: ContractsEnded) -> None:
    """A contract ended: withdrawal, surrender, lapse, expiry, or its benefit was paid."""
    day = event.business_date.isoformat()
    ends = [
        {"kind": str(kind), "refund": refund, "ended_on": day}
        for kind, refund in zip(event.kind, event.refund.tolist(), strict=True)
    ]
    webhooks.tell_of_contracts("contract.ended", event.agent_id, event.contract_id, ends)
