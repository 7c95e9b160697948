"""Commissions arise on collected premiums and are taken back when contracts end early."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Max, Q, Sum
from numpy.typing import NDArray

from core.bulk import copy_rows, take_ids
from core.clock import add_months
from core.columns import Ints, Keys, Won, distinct
from core.errors import NotFound
from core.events import publish
from sales import rules
from sales.events import CommissionsAccrued, CommissionsClawedBack
from sales.models import Commission
from sales.selectors import catalogue, organisation

Kind = Commission.Kind
_HUNDRED_PERCENT = Decimal(10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Premiums that were collected, as equal-length columns.

    Args:
        contract_id, product_code, version, agent_id, line, cohort_year: of the contract.
        premium: won, of this instalment.
        instalment: its number, from 1.
    """

    contract_id: Keys
    product_code: Keys
    version: Ints
    agent_id: Keys
    line: Keys
    cohort_year: Ints
    premium: Won
    instalment: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """Contracts that ended early, as equal-length columns."""

    contract_id: Keys
    kind: Keys
    product_code: Keys
    version: Ints
    line: Keys
    cohort_year: Ints
    paid_instalments: Ints


@transaction.atomic
def accrue(batch: Collected, *, business_date: date, event_id: UUID) -> int:
    """Write the commissions that collected instalments earn, due the next month; announce them.

    An instalment at which the product's rule pays nothing earns none. One contract's instalment
    earns once, however often its premium is told.

    Args:
        batch: at most 10,000 instalments.
        business_date: the day of collection.
        event_id: the event that they follow from.

    Returns:
        How many commissions were written.

    Raises:
        NotFound: an agent does not exist.
        sales.selectors.catalogue.NotPayable: a version has no commission rule.
    """
    factor = _factors(batch.agent_id)
    amount = np.zeros(len(factor), np.int64)
    rate = np.zeros(len(factor), np.int64)
    rule_id = np.zeros(len(factor), np.int64)
    for rows, code, number in _versions(batch.product_code, batch.version):
        rule, plan = catalogue.commission_plan(code, number)
        earned = rules.commission(
            premium=batch.premium[rows],
            instalment=batch.instalment[rows],
            agent_factor=factor[rows],
            plan=plan,
        )
        amount[rows], rate[rows], rule_id[rows] = earned.amount, earned.rate, rule
    hit = np.flatnonzero(rate > 0)
    if not len(hit):
        return 0
    ids = take_ids(Commission, len(hit))
    copy_rows(
        Commission,
        {
            "comm_id": ids,
            "contract": batch.contract_id[hit],
            "agent": batch.agent_id[hit],
            "product_code": batch.product_code[hit],
            "version": batch.version[hit],
            "amount": amount[hit],
            "payment_date": add_months(business_date, 1),
            "status": Commission.Status.PENDING,
            "kind": np.where(batch.instalment[hit] == 1, Kind.NEW.value, Kind.RENEWAL.value),
            "instalment": batch.instalment[hit],
            "base_amount": batch.premium[hit],
            "product_rate": _exact(rate[hit], _HUNDRED_PERCENT),
            "agent_rate": _exact(factor[hit], Decimal(100)),
            "rule_id": rule_id[hit],
            "event_id": event_id,
            "accrued_on": business_date,
        },
    )
    paid = amount[hit] > 0
    if paid.any():
        publish(
            CommissionsAccrued(
                business_date=business_date,
                comm_id=ids[paid],
                contract_id=batch.contract_id[hit][paid],
                agent_id=batch.agent_id[hit][paid],
                line=batch.line[hit][paid],
                cohort_year=batch.cohort_year[hit][paid],
                amount=amount[hit][paid],
            )
        )
    return len(hit)


def _factors(agent_ids: Keys) -> Ints:
    names, place = np.unique(agent_ids, return_inverse=True)
    found = organisation.factors(names.tolist())
    if missing := [name for name in names if name not in found]:
        raise NotFound(f"There is no agent {missing[0]}.")
    return np.asarray([found[name] for name in names], np.int64)[place]


def _versions(product_code: Keys, version: Ints) -> Iterator[tuple[NDArray[np.int64], str, int]]:
    first, group = distinct(product_code, version)
    for number, row in enumerate(first):
        yield np.flatnonzero(group == number), str(product_code[row]), int(version[row])


def _exact(values: Ints, divisor: Decimal) -> list[str]:
    shown = {int(value): str(Decimal(int(value)) / divisor) for value in np.unique(values)}
    return [shown[value] for value in values.tolist()]


@transaction.atomic
def claw_back(batch: Ended, *, business_date: date, event_id: UUID) -> int:
    """Take back commissions of contracts that ended early, by the product's dated table.

    The target less what was taken back before, so that doing it again takes back nothing more.
    It falls due with the last commission that it takes back, so that both meet on one statement.

    Args:
        batch: at most 10,000 contracts.
        business_date: the day on which they ended.
        event_id: the event that it follows from.

    Returns:
        How many clawbacks were written.
    """
    sums = _earned(batch.contract_id)
    rows = np.asarray([key in sums for key in batch.contract_id], dtype=bool).nonzero()[0]
    if not len(rows):
        return 0
    earned = np.asarray([sums[k].earned for k in batch.contract_id[rows]], np.int64)
    recovered = np.asarray([sums[k].recovered for k in batch.contract_id[rows]], np.int64)
    amount = np.zeros(len(rows), np.int64)
    percent = np.zeros(len(rows), np.int64)
    rule_id = np.zeros(len(rows), np.int64)
    for part, code, number in _versions(batch.product_code[rows], batch.version[rows]):
        rule, table = catalogue.clawback_table(code, number)
        taken = rules.clawback(
            earned=earned[part],
            recovered=recovered[part],
            paid_instalments=batch.paid_instalments[rows][part],
            kind=batch.kind[rows][part],
            table=table,
        )
        amount[part], percent[part], rule_id[part] = taken.amount, taken.percent, rule
    hit = np.flatnonzero(amount > 0)
    if not len(hit):
        return 0
    at = rows[hit]
    contract_id = batch.contract_id[at]
    agent_id = np.asarray([sums[k].agent_id for k in contract_id], dtype=object)
    due = [max(business_date, sums[k].due) for k in contract_id]
    ids = take_ids(Commission, len(hit))
    copy_rows(
        Commission,
        {
            "comm_id": ids,
            "contract": contract_id,
            "agent": agent_id,
            "product_code": batch.product_code[at],
            "version": batch.version[at],
            "amount": -amount[hit],
            "payment_date": np.asarray(due, "datetime64[D]"),
            "status": Commission.Status.PENDING,
            "kind": Kind.CLAWBACK,
            "instalment": batch.paid_instalments[at],
            "base_amount": earned[hit],
            "product_rate": _exact(percent[hit], _HUNDRED_PERCENT),
            "agent_rate": "1",
            "rule_id": rule_id[hit],
            "event_id": event_id,
            "accrued_on": business_date,
        },
    )
    publish(
        CommissionsClawedBack(
            business_date=business_date,
            comm_id=ids,
            contract_id=contract_id,
            agent_id=agent_id,
            line=batch.line[at],
            cohort_year=batch.cohort_year[at],
            amount=amount[hit],
        )
    )
    return len(hit)


@dataclass(frozen=True, slots=True)
class _Sum:
    agent_id: str
    earned: int
    recovered: int
    due: date


def _earned(contract_ids: Keys) -> dict[str, _Sum]:
    taken = Q(kind=Kind.CLAWBACK)
    rows: Any = (
        Commission.objects.filter(contract_id__in=contract_ids.tolist())
        .values("contract_id")
        .annotate(
            agent=Max("agent_id"),
            earned=Sum("amount", filter=~taken, default=0),
            recovered=Sum("amount", filter=taken, default=0),
            due=Max("payment_date", filter=~taken),
        )
        .order_by()
    )
    return {
        row["contract_id"]: _Sum(
            row["agent"], int(row["earned"]), -int(row["recovered"]), row["due"]
        )
        for row in rows
    }
