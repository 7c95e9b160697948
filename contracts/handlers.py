"""What stage 3 does when others announce facts: in their transaction."""

from __future__ import annotations

from claims.events import ClaimsPaid
from contracts import services
from core.events import books
from sales.events import ApplicationsSubmitted, ApplicationsWithdrawn


@books(ApplicationsSubmitted)
def on_applications(event: ApplicationsSubmitted) -> None:
    """Underwrite at once; what the rules accept becomes a contract in the same transaction."""
    services.underwrite(event.application_id, business_date=event.business_date)


@books(ClaimsPaid)
def on_payout(event: ClaimsPaid) -> None:
    """End the contracts whose benefit is paid in full."""
    if event.final.any():
        services.end_by_benefit(
            sorted(set(event.contract_id[event.final])), day=event.business_date
        )


@books(ApplicationsWithdrawn)
def on_applications_withdrawn(event: ApplicationsWithdrawn) -> None:
    """Nobody needs to decide what the applicant took back."""
    services.close_withdrawn(event.application_id)
