"""What stage 2 does when later stages announce facts: in their transaction."""

from __future__ import annotations

import numpy as np

from contracts.events import (
    ContractsEnded,
    ContractsIssued,
    ContractsReinstated,
    PremiumsCollected,
    UnderwritingDecided,
)
from core.events import books
from sales.rules import CLAWBACK_KINDS, IN_FORCE
from sales.services import applications, commissions, hierarchy, records


@books(ContractsIssued)
def on_issue(event: ContractsIssued) -> None:
    """Note the sale and its shares; a first premium that came with it earns at once."""
    paid = event.received > 0
    records.record_issued(
        contract_id=event.contract_id,
        agent_id=event.agent_id,
        product_code=event.product_code,
        issued_on=event.contract_date,
        premium=event.premium,
        pay_months=event.pay_months,
        paid=paid,
    )
    shared = hierarchy.share_as_applied(
        application_id=event.application_id,
        contract_id=event.contract_id,
        starts_on=np.minimum(event.contract_date, np.datetime64(event.business_date, "D")),
    )
    if not paid.any():
        return
    rows = event.take(paid)
    commissions.accrue(
        commissions.Collected(
            contract_id=rows["contract_id"],
            product_code=rows["product_code"],
            version=rows["version"],
            agent_id=rows["agent_id"],
            line=rows["line"],
            cohort_year=rows["cohort_year"],
            premium=rows["premium"],
            instalment=np.ones(int(paid.sum()), np.int64),
            contract_date=rows["contract_date"],
            fresh=True,
            shared=shared > 0,
        ),
        business_date=event.business_date,
        event_id=event.event_id,
    )


@books(PremiumsCollected)
def on_collection(event: PremiumsCollected) -> None:
    """Let collected instalments earn by the product's rule."""
    records.record_paid(contract_id=event.contract_id, instalment=event.instalment)
    commissions.accrue(
        commissions.Collected(
            contract_id=event.contract_id,
            product_code=event.product_code,
            version=event.version,
            agent_id=event.agent_id,
            line=event.line,
            cohort_year=event.cohort_year,
            premium=event.amount,
            instalment=event.instalment,
        ),
        business_date=event.business_date,
        event_id=event.event_id,
    )


@books(ContractsEnded)
def on_end(event: ContractsEnded) -> None:
    """Take commissions back when contracts end early."""
    records.record_ended(
        contract_id=event.contract_id,
        kind=event.kind,
        paid=event.paid_instalments,
        on=event.business_date,
    )
    early = np.isin(event.kind, CLAWBACK_KINDS) & (event.early | (event.kind == "WITHDRAWAL"))
    if not early.any():
        return
    rows = event.take(early)
    commissions.claw_back(
        commissions.Ended(
            contract_id=rows["contract_id"],
            kind=rows["kind"],
            product_code=rows["product_code"],
            version=rows["version"],
            line=rows["line"],
            cohort_year=rows["cohort_year"],
            paid_instalments=rows["paid_instalments"],
        ),
        business_date=event.business_date,
        event_id=event.event_id,
    )


@books(ContractsReinstated)
def on_reinstatement(event: ContractsReinstated) -> None:
    """Restore what a lapse took back, since the contract is in force again."""
    records.record_reinstated(contract_id=event.contract_id)
    commissions.claw_back(
        commissions.Ended(
            contract_id=event.contract_id,
            kind=np.full(event.rows, IN_FORCE, dtype=object),
            product_code=event.product_code,
            version=event.version,
            line=event.line,
            cohort_year=event.cohort_year,
            paid_instalments=event.paid_instalments,
        ),
        business_date=event.business_date,
        event_id=event.event_id,
    )


@books(UnderwritingDecided)
def on_decision(event: UnderwritingDecided) -> None:
    """Move applications to accepted or rejected."""
    applications.decide(event.application_id, event.result)
