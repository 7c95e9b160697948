"""Expected future cash flows of insurance contracts, month by month, as unit values of cells.

A cell is a set of contracts alike in everything but size: product version, sex, age at issue, term,
payment period, cohort. Its unit values (per won of sum assured, per won of premium, per contract)
are computed once for every month of the contract's life by one backward pass; contracts then look
up the month that they have reached, so that the work grows with the cells and not with the book.

Months are calendar months counted from the month of issue (0). A contract is issued in the middle
of month 0, instalment k falls due in the middle of month k − 1, and cover of n months ends in the
middle of month n. All flows of a month fall in its middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Flow(IntEnum):
    """The cash flows, and what each is per."""

    PREMIUM = 0  # won of premium
    CLAIMS_SUM = 1  # won of sum assured
    CLAIMS_FIXED = 2  # contract
    REPAID = 3  # won of sum assured: surrender and maturity values
    EXPENSE = 4  # contract
    EXPENSE_PREMIUM = 5  # won of premium
    COMMISSION = 6  # won of premium
    UNITS = 7  # won of sum assured: coverage units, never discounted


FLOWS = len(Flow)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Cells in columns: n cells, y policy years.

    Args:
        exit_rate: (n, y) annual probability that an event ends the contract.
        claims_sum: (n, y) expected claims of a year per won of sum assured.
        claims_fixed: (n, y) expected claims of a year per contract, won.
        lapse: (n, y) annual rate of lapse and surrender.
        surrender: (n, y + 1) surrender value per won of sum assured at the policy year's ends.
        maturity: (n,) share of the sum assured paid at the end of the term.
        commission: (n, c) commission still to come per won of premium, by instalment.
        cover: (n,) months of cover.
        instalments: (n,) number of premiums.
        expense: (n,) maintenance, won a contract and month.
        inflation: (n,) of maintenance, annual.
        expense_premium: (n,) share of each premium.
        rate: (n,) annual effective discount rate.
    """

    exit_rate: Floats
    claims_sum: Floats
    claims_fixed: Floats
    lapse: Floats
    surrender: Floats
    maturity: Floats
    commission: Floats
    cover: Ints
    instalments: Ints
    expense: Floats
    inflation: Floats
    expense_premium: Floats
    rate: Floats

    def __len__(self) -> int:
        return len(self.cover)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Unit values by month.

    Args:
        value: (months, FLOWS, n) present value at the start of month m, per contract in force
            then, of the flows of months m, m + 1, …
        flow: (months, FLOWS, n) expected flow of month m, per contract in force at its start.
        initial: (FLOWS, n) present value at issue, in the middle of month 0, of all flows.
    """

    value: Floats
    flow: Floats
    initial: Floats


def project(cells: Cells, months: int) -> Table:
    """Compute the unit values of cells for the first months of their contracts' lives.

    Args:
        cells: the cells.
        months: how many months to keep, at least 2.

    Returns:
        The table for months 0 … months − 1; beyond the cover everything is 0.

    Source: prospective recursion A(m) = v^½ CF(m) + v s(m) A(m + 1); deaths uniform within policy
    years.
    """
    n = len(cells)
    v = 1.0 / (1.0 + cells.rate)
    month, half = v ** (1.0 / 12.0), v ** (1.0 / 24.0)
    discount = np.tile(month, (FLOWS, 1))
    middle = np.tile(half, (FLOWS, 1))
    discount[Flow.UNITS] = middle[Flow.UNITS] = 1.0
    later = np.zeros((FLOWS, n))
    values, flows = np.zeros((2, months, FLOWS, n))
    initial = np.zeros((FLOWS, n))
    for m in range(int(cells.cover.max(initial=0)), -1, -1):
        flow, survival = _month(cells, m)
        if m == 0:
            initial = flow + middle * survival * later
        later = middle * flow + discount * survival * later
        if m < months:
            values[m], flows[m] = later, flow
    return Table(values, flows, initial)


def _month(cells: Cells, m: int) -> tuple[Floats, Floats]:
    """Return the flows (FLOWS, n) of month m and the share of contracts that survive it (n,)."""
    year = min(m // 12, cells.exit_rate.shape[1] - 1)
    whole = np.where(m < cells.cover, 0.5 if m == 0 else 1.0, 0.5 * (m == cells.cover))
    leaving, claims_sum, claims_fixed = _events(cells, m, whole)
    lapsing = (1.0 - (1.0 - cells.lapse[:, year]) ** (1.0 / 12.0)) * whole
    due = (m < cells.instalments).astype(np.float64)
    flow = np.zeros((FLOWS, len(cells)))
    flow[Flow.PREMIUM] = due
    flow[Flow.CLAIMS_SUM] = claims_sum
    flow[Flow.CLAIMS_FIXED] = claims_fixed
    at_end = (1.0 - leaving) * (1.0 - lapsing) * cells.maturity * (m == cells.cover)
    flow[Flow.REPAID] = (1.0 - leaving) * lapsing * _surrender(cells, m) + at_end
    flow[Flow.EXPENSE] = whole * cells.expense * (1.0 + cells.inflation) ** (m / 12.0)
    flow[Flow.EXPENSE_PREMIUM] = due * cells.expense_premium
    if m < cells.commission.shape[1]:
        flow[Flow.COMMISSION] = due * cells.commission[:, m]
    flow[Flow.UNITS] = whole
    return flow, (1.0 - leaving) * (1.0 - lapsing) * (whole > 0)


def _events(cells: Cells, m: int, whole: Floats) -> tuple[Floats, Floats, Floats]:
    """Return exits and claims of month m per contract at its start; whole: its share with cover.

    A calendar month reaches from the middle of one policy month to the middle of the next, so
    every twelfth one lies half in the old policy year and half in the new.
    """
    if m == 0 or m % 12:
        return _spell(cells, m // 12, max(0.0, m % 12 - 0.5) / 12.0, whole)
    gone, claims_sum, claims_fixed = _spell(cells, m // 12 - 1, 11.5 / 12.0, np.minimum(whole, 0.5))
    after = _spell(cells, m // 12, 0.0, np.maximum(whole - 0.5, 0.0))
    left = 1.0 - gone
    return gone + left * after[0], claims_sum + left * after[1], claims_fixed + left * after[2]


def _spell(cells: Cells, year: int, past: float, months: Floats) -> tuple[Floats, Floats, Floats]:
    """Return exits and claims within a policy year, of which ``past`` is over already."""
    year = min(year, cells.exit_rate.shape[1] - 1)
    alive = 1.0 - cells.exit_rate[:, year] * past
    part = months / 12.0 / np.maximum(alive, 1e-12)
    return (
        np.minimum(1.0, cells.exit_rate[:, year] * part),
        cells.claims_sum[:, year] * part,
        cells.claims_fixed[:, year] * part,
    )


def _surrender(cells: Cells, m: int) -> Floats:
    """Return surrender values in the middle of month m, linear between policy years, (n,)."""
    last = cells.surrender.shape[1] - 1
    year, part = min(m // 12, last), (m % 12) / 12.0
    below, above = cells.surrender[:, year], cells.surrender[:, min(year + 1, last)]
    return np.where(m < cells.cover, below + (above - below) * part, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """Contracts in columns, (c,) each.

    Args:
        cell: which cell.
        group: which group of contracts.
        elapsed: months since the month of issue (0: issued this month).
        sum_assured: won.
        premium: won of one instalment.
        risk: expected claims against those of the cell (1.0: standard; extra for loadings).
        claims_expense: loss adjustment as a share of claims.
    """

    cell: Ints
    group: Ints
    elapsed: Ints
    sum_assured: Floats
    premium: Floats
    risk: Floats
    claims_expense: Floats

    def __len__(self) -> int:
        return len(self.cell)


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """Amounts by group in won, (groups,) each."""

    premium: Floats
    claims: Floats
    claims_expense: Floats
    repaid: Floats
    expense: Floats
    commission: Floats
    units: Floats

    @property
    def services(self) -> Floats:
        """Claims and expenses: what revenue is released for."""
        return self.claims + self.claims_expense + self.expense

    @property
    def outflows(self) -> Floats:
        """Everything that goes out."""
        return self.services + self.repaid + self.commission

    @property
    def fulfilment(self) -> Floats:
        """Fulfilment cash flows: outflows less premiums."""
        return self.outflows - self.premium


def amounts(units: Floats, book: Book, groups: int) -> Amounts:
    """Multiply each contract's unit values by its size and sum by group.

    Args:
        units: (FLOWS, c) unit values of the contracts.
        book: the contracts.
        groups: number of groups.
    """

    def total(values: Floats) -> Floats:
        summed = np.bincount(book.group, weights=values, minlength=groups)
        return summed.astype(np.float64)

    claims = book.risk * (units[Flow.CLAIMS_SUM] * book.sum_assured + units[Flow.CLAIMS_FIXED])
    return Amounts(
        premium=total(units[Flow.PREMIUM] * book.premium),
        claims=total(claims),
        claims_expense=total(claims * book.claims_expense),
        repaid=total(units[Flow.REPAID] * book.sum_assured),
        expense=total(units[Flow.EXPENSE] + units[Flow.EXPENSE_PREMIUM] * book.premium),
        commission=total(units[Flow.COMMISSION] * book.premium),
        units=total(units[Flow.UNITS] * book.sum_assured),
    )


def at_month_end(table: Table, book: Book) -> Floats:
    """Return present values at the end of the current month, (FLOWS, c)."""
    return table.value[book.elapsed + 1, :, book.cell].T


def next_month(table: Table, book: Book) -> Floats:
    """Return the expected flows of the coming month, (FLOWS, c)."""
    return table.flow[book.elapsed + 1, :, book.cell].T


def at_issue(table: Table, book: Book) -> Floats:
    """Return present values at issue, (FLOWS, c)."""
    return table.initial[:, book.cell]


def month_of_issue(table: Table, book: Book) -> Floats:
    """Return the expected flows of the month of issue, (FLOWS, c)."""
    return table.flow[0][:, book.cell]
