"""Contracts read as columns, for set-based services."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Self

import numpy as np
from django.db import connection
from django.db.models import Sum
from numpy.typing import NDArray

from contracts import rules
from contracts.models import Contract, DebitFailure, LiabilityReserve
from core.bulk import read_columns
from core.columns import Days, Ints, Keys, Won


@dataclass(frozen=True, slots=True, eq=False)
class ContractColumns:
    """Contracts in columns, (n,) each, ascending by contract number; amounts in whole won.

    ``reserve`` is the last policy reserve, ``premiums_paid`` the sum of all instalments received.
    """

    contract_id: Keys
    status: Keys
    product_code: Keys
    version_id: Ints
    line: Keys
    agent_id: Keys
    customer_id: Ints
    application_id: Keys
    contract_date: Days
    frequency: Keys
    insurance_age: Ints
    sex: Keys
    sum_assured: Won
    premium: Won
    term_months: Ints
    pay_months: Ints
    coverage_start: Days
    coverage_end: Days
    paid_instalments: Ints
    next_due_date: Days
    ended_on: Days
    delivered_on: Days
    rating_id: Ints
    loading_percent: Ints
    reserve: Won
    premiums_paid: Won

    def __len__(self) -> int:
        return len(self.contract_id)

    def take(self, mask: Any) -> Self:
        """Return the rows of a mask or an index array."""
        return type(self)(**{f.name: getattr(self, f.name)[mask] for f in fields(self)})

    @property
    def total(self) -> Ints:
        """How many instalments each contract has in all."""
        return rules.instalments(self.frequency, self.pay_months, self.term_months)

    @property
    def cohort_year(self) -> Ints:
        """The year of the contract date (annual cohort of the group of contracts)."""
        return self.contract_date.astype("datetime64[Y]").astype(np.int64) + 1970


_KINDS = {
    "contract_id": "keys",
    "status": "keys",
    "product_code": "keys",
    "version_id": "ints",
    "line": "keys",
    "agent_id": "keys",
    "customer_id": "ints",
    "application_id": "keys",
    "contract_date": "days",
    "frequency": "keys",
    "insurance_age": "ints",
    "sex": "keys",
    "sum_assured": "won",
    "premium": "won",
    "term_months": "ints",
    "pay_months": "ints",
    "coverage_start": "days",
    "coverage_end": "days",
    "paid_instalments": "ints",
    "next_due_date": "days",
    "ended_on": "days",
    "delivered_on": "days",
    "rating_id": "ints",
    "loading_percent": "ints",
    "reserve": "won",
    "premiums_paid": "won",
}
_SELECT = """
    SELECT c.contract_id, c.policy_status, c.product_code, c.version_id, c.line, c.agent_id,
        c.customer_id, c.application_id, c.contract_date, c.frequency, c.insurance_age, c.sex,
        c.sum_assured::bigint, c.premium_amount::bigint, c.term_months, c.pay_months,
        c.coverage_start, c.coverage_end, c.paid_instalments, c.next_due_date, c.ended_on,
        c.delivered_on, c.rating_id, c.loading_percent::bigint, r.amount,
        c.paid_instalments * c.premium_amount::bigint
    FROM contracts c
    LEFT JOIN LATERAL (
        SELECT reserve_amount::bigint AS amount FROM liability_reserves r
        WHERE r.contract_id = c.contract_id ORDER BY base_date DESC, reserve_id DESC LIMIT 1
    ) r ON true
"""
_NO_GAP = (
    "NOT EXISTS (SELECT 1 FROM reinstatements g WHERE g.contract_id = c.contract_id"
    " AND g.lapsed_on <= %(day)s AND g.reinstated_on > %(day)s)"
)


def contract_columns(ids: Iterable[str]) -> ContractColumns:
    """Read contracts by number; numbers that do not exist are left out."""
    return _read("WHERE c.contract_id = ANY(%(ids)s)", ids=[str(one) for one in ids])


def locked_columns(ids: Iterable[str]) -> ContractColumns:
    """Lock contracts in the order of their numbers, so that nobody waits in a circle, and read.

    Everything that changes a contract or its bills takes these locks first.
    """
    wanted = [str(one) for one in ids]
    lock(wanted)
    return contract_columns(wanted)


def lock(ids: Iterable[str]) -> None:
    """Lock contracts in the order of their numbers until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM contracts WHERE contract_id = ANY(%s) ORDER BY contract_id FOR UPDATE",
            [[str(one) for one in ids]],
        )


def measured_on(day: date) -> ContractColumns:
    """Read the contracts issued up to a day that had not ended at its end, paid or not yet."""
    return _read(
        "WHERE c.contract_date <= %(day)s AND (c.ended_on IS NULL OR c.ended_on > %(day)s)"
        f" AND {_NO_GAP}",
        day=day,
    )


def in_force_on(day: date) -> ContractColumns:
    """Read the contracts that were in force at the end of a day, by their present columns."""
    return _read(
        "WHERE c.coverage_start <= %(day)s AND (c.ended_on IS NULL OR c.ended_on > %(day)s)"
        f" AND (c.coverage_end IS NULL OR c.coverage_end > %(day)s) AND {_NO_GAP}",
        day=day,
    )


def _read(where: str, **params: Any) -> ContractColumns:
    return ContractColumns(
        **read_columns(f"{_SELECT} {where} ORDER BY c.contract_id", params, **_KINDS)
    )


@dataclass(frozen=True, slots=True, eq=False)
class BillColumns:
    """Bills in columns, (n,) each, by contract and instalment."""

    pk: Ints
    contract_id: Keys
    instalment: Ints
    due_date: Days
    amount: Won
    reminded_on: Days
    lapse_on: Days

    def __len__(self) -> int:
        return len(self.contract_id)

    def take(self, mask: Any) -> Self:
        """Return the rows of a mask or an index array."""
        return type(self)(**{f.name: getattr(self, f.name)[mask] for f in fields(self)})


def unpaid_bills(ids: Iterable[str], *, due_by: date | None = None) -> BillColumns:
    """Read the unpaid bills of contracts, oldest first within a contract.

    Args:
        ids: contract numbers; lock the contracts before when the bills will be changed.
        due_by: only bills due on or before this day.
    """
    return _bills("DUE", ids, due_by)


def _bills(status: str, ids: Iterable[str], due_by: date | None) -> BillColumns:
    return BillColumns(
        **read_columns(
            "SELECT id, contract_id, instalment, due_date, amount::bigint, reminded_on, lapse_on"
            " FROM premium_bills WHERE status = %(status)s AND contract_id = ANY(%(ids)s)"
            " AND (%(due)s::date IS NULL OR due_date <= %(due)s)"
            " ORDER BY contract_id, instalment",
            {"status": status, "ids": [str(one) for one in ids], "due": due_by},
            pk="ints",
            contract_id="keys",
            instalment="ints",
            due_date="days",
            amount="won",
            reminded_on="days",
            lapse_on="days",
        )
    )


def rows_of(columns: ContractColumns, ids: Keys) -> NDArray[np.int64]:
    """Return the row of each contract number in ``columns`` (all must be there)."""
    known = columns.contract_id.astype(str)
    order = np.argsort(known)
    return order[np.searchsorted(known, ids.astype(str), sorter=order)]


def void_bills(ids: Iterable[str]) -> BillColumns:
    """Read the bills of contracts that became void, oldest first within a contract."""
    return _bills("VOID", ids, None)


def refused_debits(ids: Iterable[str], *, on: date) -> set[str]:
    """Return the contracts whose automatic debit the bank refuses on a day."""
    failing = DebitFailure.objects.filter(contract_id__in=list(ids), period__contains=on)
    return set(failing.values_list("contract_id", flat=True))


def sums_assured_of(rrn_hashes: Iterable[str], product_code: str) -> dict[str, int]:
    """Return what people hold of a product already: index of the resident number → won."""
    held = (
        Contract.objects.filter(
            customer__rrn_hash__in=list(rrn_hashes),
            product_id=product_code,
            policy_status__in=[Contract.Status.PENDING, Contract.Status.ACTIVE],
        )
        .values("customer__rrn_hash")
        .annotate(held=Sum("sum_assured"))
    )
    return {row["customer__rrn_hash"]: int(row["held"]) for row in held.order_by()}


def reserved_at_month_end(ids: Iterable[str], day: date) -> set[str]:
    """Return the contracts that have their reserve of a month end already."""
    done = LiabilityReserve.objects.filter(
        contract_id__in=list(ids),
        base_date=day,
        occasion=LiabilityReserve.Occasion.MONTH_END,
    )
    return set(done.values_list("contract_id", flat=True))
