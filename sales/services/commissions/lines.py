"""Lines as columns: gathered by the engine, written in one statement, told by kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

import numpy as np

from core.bulk import copy_rows, take_ids
from core.columns import Days, Ints, Keys, Won
from core.events import MAX_ROWS, Event, publish
from sales.events import AdvancesMoved, CommissionsAccrued, CommissionsClawedBack
from sales.models import Commission

HUNDRED_PERCENT = Decimal(10_000)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lines:
    """Lines to write, (n,) each.

    Args:
        amount: won, signed as it is stored.
        base: won that the line rests on.
        rate: hundredths of a percent.
        factor: hundredths.
        share: hundredths of a percent of the contract.
        rule_id: of the product, 0 where a plan rules.
        plan_id: "" where the product's own rule rules.
    """

    contract_id: Keys
    agent_id: Keys
    product_code: Keys
    version: Ints
    line: Keys
    cohort_year: Ints
    kind: Keys
    part: Ints
    instalment: Ints
    amount: Won
    base: Won
    rate: Ints
    factor: Ints
    share: Ints
    rule_id: Ints
    plan_id: Keys
    due: Days

    def __len__(self) -> int:
        return len(self.contract_id)

    def take(self, rows: Any) -> Self:
        """Return some rows."""
        return type(self)(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def joined(parts: Sequence[Lines]) -> Lines:
    """Put lines together."""
    return Lines(
        **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Lines)}
    )


def write(lines: Lines, *, business_date: date, event_id: UUID) -> int:
    """Write lines and tell the books what arose, was taken back, and moved in advances.

    Args:
        lines: any number.
        business_date: the day on which they arose.
        event_id: the event that they follow from.

    Returns:
        How many were written.
    """
    if not len(lines):
        return 0
    ids = take_ids(Commission, len(lines))
    columns: dict[str, Any] = {
        "comm_id": ids,
        "contract": lines.contract_id,
        "agent": lines.agent_id,
        "product_code": lines.product_code,
        "version": lines.version,
        "amount": lines.amount,
        "payment_date": lines.due,
        "status": Commission.Status.PENDING,
        "kind": lines.kind,
        "instalment": lines.instalment,
        "base_amount": lines.base,
        "product_rate": exact(lines.rate, HUNDRED_PERCENT),
        "agent_rate": exact(lines.factor, Decimal(100)),
        "rule_id": lines.rule_id,
        "event_id": event_id,
        "accrued_on": business_date,
    }
    if np.any(lines.plan_id != "") or np.any(lines.part) or np.any(lines.share != 10_000):
        columns |= {"part": lines.part, "share": lines.share, "plan": lines.plan_id}
    copy_rows(Commission, columns)
    _tell(lines, ids, business_date)
    return len(lines)


def _tell(lines: Lines, ids: Ints, business_date: date) -> None:
    moved = lines.amount != 0
    for kinds, make in (
        (Commission.ACCRUED, _accrued),
        (("CLAWBACK",), _clawed_back),
        (Commission.ADVANCES, _advances),
    ):
        rows = _together(lines, np.flatnonzero(moved & np.isin(lines.kind, kinds)))
        for start in range(0, len(rows), MAX_ROWS):
            part = rows[start : start + MAX_ROWS]
            publish(make(lines.take(part), ids[part], business_date))


def _together(lines: Lines, rows: Ints) -> Ints:
    """Order rows that fill several events by contract: what one contract moved is one entry."""
    if len(rows) <= MAX_ROWS:
        return rows
    return rows[np.argsort(lines.contract_id[rows].astype(str), kind="stable")]


def _accrued(lines: Lines, ids: Ints, business_date: date) -> Event:
    return CommissionsAccrued(
        business_date=business_date,
        comm_id=ids,
        contract_id=lines.contract_id,
        agent_id=lines.agent_id,
        line=lines.line,
        cohort_year=lines.cohort_year,
        amount=lines.amount,
    )


def _clawed_back(lines: Lines, ids: Ints, business_date: date) -> Event:
    return CommissionsClawedBack(
        business_date=business_date,
        comm_id=ids,
        contract_id=lines.contract_id,
        agent_id=lines.agent_id,
        line=lines.line,
        cohort_year=lines.cohort_year,
        amount=-lines.amount,
    )


def _advances(lines: Lines, ids: Ints, business_date: date) -> Event:
    size = np.abs(lines.amount)
    return AdvancesMoved(
        business_date=business_date,
        comm_id=ids,
        contract_id=lines.contract_id,
        agent_id=lines.agent_id,
        granted=np.where(lines.kind == "ADVANCE", size, 0),
        redeemed=np.where(lines.kind == "REDEEMED", size, 0),
        recalled=np.where(lines.kind == "RECALL", size, 0),
    )


def exact(values: Ints, divisor: Decimal) -> list[str]:
    """Return whole numbers over a divisor as exact decimal texts, each distinct one worked once."""
    known, place = np.unique(values, return_inverse=True)
    shown = np.array([str(Decimal(int(value)) / divisor) for value in known], dtype=object)
    texts: list[str] = shown[place].tolist() if len(known) else []
    return texts
