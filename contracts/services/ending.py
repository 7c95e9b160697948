"""The end of contracts: bills void, reserve to zero, status, money back, and the news of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import orjson

from contracts import rules
from contracts.events import BillsVoided, ContractsEnded
from contracts.models import Contract, PremiumBill, Termination
from contracts.selectors import ContractColumns, rows_of, unpaid_bills
from core.acting import current
from core.bulk import copy_rows
from core.columns import Won
from core.events import publish
from core.status import transition_rows

from . import reserves
from .figures import versions_of

Status = Contract.Status
Kind = Termination.Kind
TO_STATUS = {
    Kind.LAPSE: Status.LAPSED,
    Kind.SURRENDER: Status.CANCELED,
    Kind.WITHDRAWAL: Status.CANCELED,
    Kind.EXPIRY: Status.EXPIRED,
    Kind.DEATH: Status.EXPIRED,
}
EARLY = (Kind.LAPSE, Kind.SURRENDER, Kind.WITHDRAWAL)


@dataclass(frozen=True, slots=True, eq=False)
class Ending:
    """Locked contracts that end in one way on one day, with what is paid back (won)."""

    contracts: ContractColumns
    kind: Termination.Kind
    to: Contract.Status
    ended_on: date
    reserve: Won
    deduction: Won
    refund: Won
    traces: Sequence[Mapping[str, Any]]
    reason: str
    by: str


def without_refund(
    rows: ContractColumns, kind: Termination.Kind, day: date, trace: dict[str, Any], reason: str
) -> Ending:
    """Return an ending that pays nothing back, asked for by whoever acts."""
    nothing = np.zeros(len(rows), np.int64)
    return Ending(
        contracts=rows,
        kind=kind,
        to=TO_STATUS[kind],
        ended_on=day,
        reserve=rows.reserve,
        deduction=nothing,
        refund=nothing,
        traces=[trace] * len(rows),
        reason=reason,
        by=current().actor,
    )


def end(ending: Ending) -> None:
    """Write and tell the end of contracts: bills void, reserve to zero, status, money back."""
    contracts = ending.contracts
    _void_bills(contracts, ending.ended_on, ending.reason)
    copy_rows(
        Termination,
        {
            "contract": contracts.contract_id,
            "kind": ending.kind.value,
            "ended_on": np.full(len(contracts), np.datetime64(ending.ended_on, "D")),
            "reserve": ending.reserve,
            "deduction": ending.deduction,
            "refund": ending.refund,
            "trace": [orjson.dumps(dict(one)).decode() for one in ending.traces],
            "requested_by": ending.by,
        },
    )
    elapsed = rules.completed_months(contracts.contract_date, np.datetime64(ending.ended_on, "D"))
    reserves.release(contracts, day=ending.ended_on, elapsed=elapsed)
    _close(contracts, ending)
    versions = versions_of(contracts.version_id)
    count = len(contracts)
    publish(
        ContractsEnded(
            business_date=ending.ended_on,
            contract_id=contracts.contract_id,
            kind=np.array([ending.kind.value] * count, dtype=object),
            product_code=contracts.product_code,
            version=versions.version,
            agent_id=contracts.agent_id,
            line=contracts.line,
            cohort_year=contracts.cohort_year,
            paid_instalments=contracts.paid_instalments,
            premiums_paid=contracts.premiums_paid,
            refund=ending.refund,
            early=np.full(count, ending.kind in EARLY),
        )
    )


def _close(contracts: ContractColumns, ending: Ending) -> None:
    """Move the contracts; one that is withdrawn from is undone, so it never had cover."""
    statuses = sorted(set(contracts.status.tolist()))
    undone: dict[str, Any] = {"coverage_start": None} if ending.kind is Kind.WITHDRAWAL else {}
    moved = transition_rows(
        Contract,
        contracts.contract_id.tolist(),
        frm=statuses,
        to=ending.to,
        field="policy_status",
        reason=ending.reason,
        ended_on=ending.ended_on,
        next_due_date=None,
        **undone,
    )
    assert moved == len(contracts), "locked contracts do not move under us"


def _void_bills(contracts: ContractColumns, day: date, reason: str) -> None:
    bills = unpaid_bills(contracts.contract_id)
    if not len(bills):
        return
    transition_rows(
        PremiumBill,
        bills.pk.tolist(),
        frm=[PremiumBill.Status.DUE],
        to=PremiumBill.Status.VOID,
        reason=reason,
    )
    order = rules.occurrence(bills.contract_id)
    for nth in range(int(order.max()) + 1):
        batch = bills.take(order == nth)
        of = contracts.take(rows_of(contracts, batch.contract_id))
        publish(
            BillsVoided(
                business_date=day,
                contract_id=batch.contract_id,
                instalment=batch.instalment,
                line=of.line,
                cohort_year=of.cohort_year,
                amount=batch.amount,
            )
        )
