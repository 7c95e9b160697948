"""Commissions are taken back and restored: recoveries move to their targets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from django.db import transaction

from core.columns import Ints, Keys, Won, as_column, distinct
from sales import rules
from sales.selectors import booked, catalogue, plans
from sales.selectors.booked import Stake

from .batches import Ended, contract_dates
from .lines import Lines, joined, write


@transaction.atomic
def claw_back(batch: Ended, *, business_date: date, event_id: UUID) -> int:
    """Bring recoveries to their targets: take back, or restore what was taken back too much.

    The target follows from what each recipient earned on the contract, how it ended, and the
    clawback table of its plan or product; a contract in force (again) has the target zero. Doing
    it again moves nothing. What is outstanding of an advance is taken back at an early end.
    A clawback falls due with the last commission that it takes back, so that both meet on one
    statement.

    Args:
        batch: at most 10,000 contracts.
        business_date: the day on which they ended or came back.
        event_id: the event that it follows from.

    Returns:
        How many lines were written.
    """
    stakes = booked.stakes(batch.contract_id)
    if not stakes:
        return 0
    place = {key: row for row, key in enumerate(batch.contract_id.tolist())}
    row = np.asarray([place[stake.contract_id] for stake in stakes], np.int64)
    moved = _moved(batch.take(row), stakes)
    lines = _lines(batch.take(row), stakes, moved, business_date)
    return write(lines, business_date=business_date, event_id=event_id)


@transaction.atomic
def true_up(contract_ids: Iterable[str], *, business_date: date) -> int:
    """Bring recoveries of contracts to their targets after a rule, an end or a plan has changed.

    Args:
        contract_ids: as the sales record has them.
        business_date: the day on which differences arise.

    Returns:
        How many lines were written; none when every recovery stood at its target.
    """
    state = booked.states(contract_ids)
    if not len(state.contract_id):
        return 0
    kind = np.where(np.isin(state.kind, rules.CLAWBACK_KINDS), state.kind, rules.IN_FORCE)
    batch = Ended(
        contract_id=state.contract_id,
        kind=kind.astype(object),
        product_code=state.product_code,
        version=state.version,
        line=_lines_of_business(state.product_code, state.version),
        cohort_year=state.issued_on.astype("datetime64[Y]").astype(np.int64) + 1970,
        paid_instalments=state.paid,
    )
    return claw_back(batch, business_date=business_date, event_id=uuid4())


def _lines_of_business(product_code: Keys, version: Ints) -> Keys:
    first, group = distinct(product_code, version)
    names = [catalogue.version(str(product_code[r]), int(version[r])).line for r in first]
    return as_column("keys", names)[group]


class _Moved:
    """How the recovery of each stake moves, (n,) each."""

    def __init__(self, count: int) -> None:
        self.change: Won = np.zeros(count, np.int64)
        self.percent: Ints = np.zeros(count, np.int64)
        self.rule_id: Ints = np.zeros(count, np.int64)
        self.plan_id: Keys = np.full(count, "", dtype=object)


def _moved(batch: Ended, stakes: list[Stake]) -> _Moved:
    out = _Moved(len(stakes))
    earned = np.asarray([stake.earned for stake in stakes], np.int64)
    recovered = np.asarray([stake.recovered for stake in stakes], np.int64)
    for rows, table, rule_id, plan_id in _tables(batch):
        found = rules.recovery(
            earned=earned[rows],
            recovered=recovered[rows],
            paid_instalments=batch.paid_instalments[rows],
            kind=batch.kind[rows],
            table=table,
        )
        out.change[rows], out.percent[rows] = found.change, found.percent
        out.rule_id[rows], out.plan_id[rows] = rule_id, plan_id
    return out


def _tables(batch: Ended) -> list[tuple[Ints, rules.ClawbackTable, int, str]]:
    """Return the clawback table of each group of rows: the plan's, else the product's."""
    found: list[tuple[Ints, rules.ClawbackTable, int, str]] = []
    rest = np.ones(len(batch.contract_id), bool)
    active = plans.active(np.unique(batch.product_code.astype(str)).tolist())
    if active:
        dates = contract_dates(batch, booked.issue_dates(batch.contract_id))
        for code, ones in active.items():
            for plan in ones:
                rows = np.flatnonzero(
                    (batch.product_code == code)
                    & (dates >= np.datetime64(plan.starts, "D"))
                    & (dates < np.datetime64(plan.ends, "D"))
                )
                found.append((rows, plan.scheme.clawback, 0, plan.plan_id))
                rest[rows] = False
    left = np.flatnonzero(rest)
    if len(left):
        first, group = distinct(batch.product_code[left], batch.version[left])
        for number, row in enumerate(first):
            code, version = str(batch.product_code[left][row]), int(batch.version[left][row])
            rule_id, table = catalogue.clawback_table(code, version)
            found.append((left[group == number], table, rule_id, ""))
    return found


def _lines(batch: Ended, stakes: list[Stake], moved: _Moved, day: date) -> Lines:
    before = np.asarray([stake.moves for stake in stakes], np.int64)
    last_due = np.asarray([stake.due for stake in stakes], "datetime64[D]")
    due = np.maximum(last_due, np.datetime64(day, "D"))
    part = before + _within(batch.contract_id)
    earned = np.asarray([stake.earned for stake in stakes], np.int64)
    outstanding = np.asarray([stake.outstanding for stake in stakes], np.int64)
    early = np.isin(batch.kind, rules.CLAWBACK_KINDS)
    count = len(stakes)
    common: dict[str, Any] = {
        "contract_id": batch.contract_id,
        "agent_id": as_column("keys", [stake.agent_id for stake in stakes]),
        "product_code": batch.product_code,
        "version": batch.version,
        "line": batch.line,
        "cohort_year": batch.cohort_year,
        "part": part,
        "instalment": batch.paid_instalments,
        "factor": np.full(count, rules.FACTOR),
        "share": np.full(count, rules.PERCENT),
        "rule_id": moved.rule_id,
        "plan_id": moved.plan_id,
    }
    moves = Lines(
        **common,
        kind=np.where(moved.change > 0, "CLAWBACK", "RESTORED").astype(object),
        amount=-moved.change,
        base=earned,
        rate=moved.percent,
        due=np.where(moved.change > 0, due, np.datetime64(day, "D")),
    )
    recalls = Lines(
        **common,
        kind=np.full(count, "RECALL", dtype=object),
        amount=-outstanding,
        base=outstanding,
        rate=np.full(count, rules.PERCENT),
        due=due,
    )
    taken_back = np.flatnonzero(early & (outstanding > 0))
    return joined([moves.take(np.flatnonzero(moved.change)), recalls.take(taken_back)])


def _within(contract_id: Keys) -> Ints:
    """Number the recipients of each contract from 0, in their order."""
    seen: dict[str, int] = {}
    out = np.empty(len(contract_id), np.int64)
    for row, key in enumerate(contract_id.tolist()):
        out[row] = seen.get(key, 0)
        seen[key] = int(out[row]) + 1
    return out
