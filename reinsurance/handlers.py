"""Other stages' facts that concern reinsurance: claims, and premium that moves."""

from __future__ import annotations

import numpy as np

from claims.events import CaseReservesMoved, ClaimsPaid, ClaimsReceived
from contracts.events import ContractsEnded, ContractsIssued, PremiumsCollected
from core.events import books

from . import services


@books(ClaimsPaid)
def recover(event: ClaimsPaid) -> None:
    """Work out what reinsurers owe, in the transaction of the payment."""
    services.cede_losses(
        payout_id=event.payout_id,
        claim_number=event.reception_id,
        contract_number=event.contract_id,
        line=event.line,
        loss_date=event.incident_date,
        amount=event.amount,
        on=event.business_date,
    )
    services.move_recoverables(
        event.reception_id.tolist(), on=event.business_date, lines=event.line.tolist()
    )


@books(ClaimsReceived)
def expect(event: ClaimsReceived) -> None:
    """Work out what reinsurers would pay of the first case reserves."""
    services.move_recoverables(
        event.reception_id.tolist(), on=event.business_date, lines=event.line.tolist()
    )


@books(CaseReservesMoved)
def expect_anew(event: CaseReservesMoved) -> None:
    """Work out anew what reinsurers would pay, when case reserves moved."""
    services.move_recoverables(
        event.reception_id.tolist(), on=event.business_date, lines=event.line.tolist()
    )


@books(ContractsIssued)
def note_first_premiums(event: ContractsIssued) -> None:
    """Note the premiums that came with new contracts."""
    services.note_premiums(
        event_id=event.event_id,
        line=event.line,
        amount=event.received,
        contract=event.contract_id,
        on=event.business_date,
    )


@books(PremiumsCollected)
def note_premiums(event: PremiumsCollected) -> None:
    """Note the premiums that were collected."""
    services.note_premiums(
        event_id=event.event_id,
        line=event.line,
        amount=event.amount,
        contract=event.contract_id,
        on=event.business_date,
    )


@books(ContractsEnded)
def note_returned_premiums(event: ContractsEnded) -> None:
    """Take off the premiums of contracts that were undone within the cooling-off period."""
    undone = event.kind == "WITHDRAWAL"
    services.note_premiums(
        event_id=event.event_id,
        line=event.line,
        amount=np.where(undone, -event.refund, 0),
        contract=event.contract_id,
        on=event.business_date,
    )
