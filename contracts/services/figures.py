"""Figures that products work out for contracts: versions, reserves, surrender values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from contracts import rules
from contracts.selectors import ContractColumns
from core.columns import Days, Ints, Keys, Won
from products import api as products


@dataclass(frozen=True, slots=True, eq=False)
class Versions:
    """What products say of each row's version, (n,) each."""

    product_code: Keys
    version: Ints
    line: Keys
    measurement: Keys


@dataclass(frozen=True, slots=True, eq=False)
class Reserved:
    """Policy reserves of a batch, (n,) each."""

    amount: Won
    basis: Keys
    elapsed: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Surrendered:
    """Surrender values of a batch, (n,) won each: refund = max(0, reserve − deduction)."""

    reserve: Won
    deduction: Won
    refund: Won


def versions_of(version_ids: Ints) -> Versions:
    """Return code, number, line and measurement of each row's product version."""
    distinct, index = np.unique(version_ids, return_inverse=True)
    rows = [products.version_by_id(int(pk)) for pk in distinct]

    def column(name: str) -> NDArray[Any]:
        return np.array([getattr(row, name) for row in rows], dtype=object)[index]

    return Versions(
        product_code=column("product_code"),
        version=column("version").astype(np.int64),
        line=column("line"),
        measurement=column("measurement"),
    )


def reserves_of(c: ContractColumns, *, as_of: ArrayLike | date) -> Reserved:
    """Compute the policy reserve of each contract at the end of its base date.

    Args:
        c: the contracts; ``paid_instalments`` says what was received.
        as_of: one base date, or (n,) of them.
    """
    day = np.broadcast_to(np.asarray(as_of, dtype="datetime64[D]"), (len(c),))
    amount = np.zeros(len(c), np.int64)
    basis = np.empty(len(c), dtype=object)
    elapsed = _elapsed(c, day)
    for code, number, rows in _by_version(c):
        got = products.reserves(code, number, _inputs(c.take(rows), elapsed[rows]), as_of=day[rows])
        amount[rows], basis[rows] = got.amounts, got.basis
    return Reserved(amount=amount, basis=basis, elapsed=elapsed)


def surrender_values_of(c: ContractColumns, *, as_of: ArrayLike | date) -> Surrendered:
    """Compute what each contract pays back when it ends early on its day.

    Args:
        c: the contracts; where no instalment is paid everything is 0.
        as_of: one day, or (n,) of them.
    """
    day = np.broadcast_to(np.asarray(as_of, dtype="datetime64[D]"), (len(c),))
    reserve, deduction, refund = (np.zeros(len(c), np.int64) for _ in range(3))
    elapsed = _elapsed(c, day)
    for code, number, rows in _by_version(c):
        got = products.surrender_values(
            code, number, _inputs(c.take(rows), elapsed[rows]), as_of=day[rows]
        )
        reserve[rows], deduction[rows], refund[rows] = got.reserve, got.deduction, got.refund
    for column in (reserve, deduction, refund):
        column[c.paid_instalments == 0] = 0
    return Surrendered(reserve=reserve, deduction=deduction, refund=refund)


def reserve_inputs(c: ContractColumns, as_of: ArrayLike | date) -> dict[str, Any]:
    """Return the columns with which products compute and explain reserves."""
    day = np.broadcast_to(np.asarray(as_of, dtype="datetime64[D]"), (len(c),))
    return _inputs(c, _elapsed(c, day))


def _elapsed(c: ContractColumns, day: Days) -> Ints:
    months = rules.completed_months(c.contract_date, day)
    return rules.reserve_months(months, c.paid_instalments, c.total)


def _by_version(c: ContractColumns) -> Iterator[tuple[str, int, NDArray[np.int64]]]:
    distinct, index = np.unique(c.version_id, return_inverse=True)
    for position, pk in enumerate(distinct):
        row = products.version_by_id(int(pk))
        yield row.product_code, row.version, np.flatnonzero(index == position)


def _inputs(c: ContractColumns, elapsed: Ints) -> dict[str, Any]:
    period = rules.paid_period(
        contract_date=c.contract_date,
        cover_end=c.coverage_end,
        frequency=c.frequency,
        paid=c.paid_instalments,
        premium=c.premium,
    )
    monthly = c.frequency == rules.MONTHLY
    return {
        "sex": c.sex,
        "age": c.insurance_age,
        "term_months": c.term_months,
        "pay_months": c.pay_months,
        "elapsed_months": elapsed,
        "sum_assured": c.sum_assured,
        "premium": period.premium,
        "per_year": np.where(monthly, 12, 0),
        "paid_months": np.where(monthly, c.paid_instalments, 0),
        "period_start": period.start,
        "period_end": period.end,
    }
