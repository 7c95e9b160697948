"""What policyholders do: some debits fail, some contracts are surrendered or withdrawn."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from config.simulation.plan import Plan
from config.simulation.world import World
from contracts import services as contracts
from contracts.models import Contract
from core.acting import acting
from core.errors import DomainError
from sales import api as sales

STOPS = 0.006
LATE = 0.02
SURRENDERS = 0.0025
WITHDRAWALS = 0.012
REVIVALS = 0.25
REQUESTS = 0.1


def pay_or_not(plan: Plan, world: World, day: date) -> None:
    """Say whose debits fail tonight: most are good again within two weeks, some never."""
    rng = plan.rng(day, "debits")
    due = list(
        Contract.objects.filter(policy_status="ACTIVE", next_due_date=day)
        .order_by("contract_id")
        .values_list("contract_id", flat=True)
    )
    draws = rng.random(len(due))
    with acting("bank", day.isoformat()):
        stopping = [c for c, x in zip(due, draws, strict=True) if x < STOPS]
        if stopping:
            contracts.report_debit_failures(stopping, reason="CLOSED", start=day)
        late = [c for c, x in zip(due, draws, strict=True) if STOPS <= x < STOPS + LATE]
        if late:
            until = day + timedelta(days=int(rng.integers(5, 14)))
            contracts.report_debit_failures(late, reason="FUNDS", start=day, end=until)


def leave(plan: Plan, world: World, day: date) -> None:
    """Withdraw and surrender some contracts."""
    rng = plan.rng(day, "leaving")
    fresh = Contract.objects.filter(
        policy_status="ACTIVE", contract_date=day - timedelta(days=7)
    ).order_by("contract_id")
    for number in _chosen(rng, list(fresh.values_list("contract_id", flat=True)), WITHDRAWALS):
        with acting("servicing", day.isoformat()), suppress(DomainError):
            contracts.withdraw(contract_id=number, sent_on=day, day=day, by="servicing")
    older = Contract.objects.filter(
        policy_status="ACTIVE",
        next_due_date=day + timedelta(days=3),
        contract_date__lt=day - timedelta(days=60),
    ).order_by("contract_id")
    for number in _chosen(rng, list(older.values_list("contract_id", flat=True)), SURRENDERS):
        with acting("servicing", day.isoformat()), suppress(DomainError):
            contracts.surrender(contract_id=number, reason="고객 요청", day=day, by="servicing")


def come_back(plan: Plan, world: World, day: date) -> None:
    """Reinstate some contracts a month after their lapse; others ask for their value."""
    rng = plan.rng(day, "coming back")
    lapsed = Contract.objects.filter(
        policy_status="LAPSED", ended_on=day - timedelta(days=30)
    ).select_related("version")
    for row in lapsed.order_by("contract_id"):
        wish = rng.random()
        with acting("servicing", day.isoformat()), suppress(DomainError):
            if wish < REVIVALS:
                _reinstate(row, day)
            elif wish < REVIVALS + REQUESTS:
                contracts.pay_surrender_value(contract_id=row.contract_id, day=day, by="servicing")


def _reinstate(row: Contract, day: date) -> None:
    figures = contracts.reinstatement_figures(row.contract_id, day=day)
    asked = sales.questions(row.product_id, row.version.version)
    contracts.reinstate(
        contract_id=row.contract_id,
        money=contracts.Money(
            amount=Decimal(figures.total),
            received_on=day,
            channel="TRANSFER",
            receipt_key=f"REVIVAL-{row.contract_id}-{day}",
        ),
        disclosures={question.code: question.default for question in asked},
        by="servicing",
        business_date=day,
    )
    contracts.restore_debit(row.contract_id, day=day)


def _chosen(rng: np.random.Generator, numbers: list[str], share: float) -> list[str]:
    draws = rng.random(len(numbers))
    return [n for n, x in zip(numbers, draws, strict=True) if x < share]
