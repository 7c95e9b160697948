"""What stage 3 does when others announce facts: in their transaction."""

from __future__ import annotations

from claims.events import ClaimsPaid, ClaimsReceived, ClaimsRejected
from contracts import services
from core.events import books
from sales.events import ApplicationsSubmitted, ApplicationsWithdrawn


@books(ApplicationsSubmitted)
def on_applications(event: ApplicationsSubmitted) -> None:
    """Underwrite at once; what the rules accept becomes a contract in the same transaction."""
    services.underwrite(event.application_id, business_date=event.business_date)


@books(ClaimsReceived)
def on_claims(event: ClaimsReceived) -> None:
    """Note which contracts have an open claim: who ends one must know."""
    services.note_received(event.reception_id, event.contract_id)


@books(ClaimsRejected)
def on_claims_closed(event: ClaimsRejected) -> None:
    """Note that claims were declined or withdrawn."""
    services.note_closed(event.reception_id.tolist(), paid=False)


@books(ClaimsPaid)
def on_payout(event: ClaimsPaid) -> None:
    """Note the payment, and end the contracts whose benefit is paid in full."""
    services.note_closed(event.reception_id.tolist(), paid=True)
    if event.final.any():
        services.end_by_benefit(
            sorted(set(event.contract_id[event.final])), day=event.business_date
        )


@books(ApplicationsWithdrawn)
def on_applications_withdrawn(event: ApplicationsWithdrawn) -> None:
    """Nobody needs to decide what the applicant took back."""
    services.close_withdrawn(event.application_id)
