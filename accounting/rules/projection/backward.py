"""Unit values of every month of the cells' lives, by one backward pass at a flat rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .model import FLOWS, Amounts, Book, Cells, Floats, Flow, Grid, sized
from .month import step


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Unit values by month.

    Args:
        value: (months, FLOWS, n) present value at the start of month m, per contract in force
            then, of the flows of months m, m + 1, …
        flow: (months, FLOWS, n) expected flow of month m, per contract in force at its start.
        initial: (FLOWS, n) present value at issue of all flows.
    """

    value: Floats
    flow: Floats
    initial: Floats


def project(cells: Cells, months: int) -> Table:
    """Compute the unit values of cells for the first months of their contracts' lives.

    Args:
        cells: the cells; maintenance inflates from issue.
        months: how many months to keep, at least 2.

    Returns:
        The table for months 0 … months − 1; beyond the cover everything is 0.

    Raises:
        BadProjection: cells that cannot be projected.

    Source: prospective recursion A(m) = v^w CF(m) + v s(m) A(m + 1), v the discount of a month
        and w the moment of each flow within it.
    """
    cells.check()
    n = len(cells)
    month = (1.0 + cells.rate) ** (-1.0 / 12.0)
    discount = np.tile(month, (FLOWS, 1))
    moment = month ** cells.conventions.moments[:, None]
    middle = np.tile(month**0.5, (FLOWS, 1))
    discount[Flow.UNITS] = moment[Flow.UNITS] = middle[Flow.UNITS] = 1.0
    later = np.zeros((FLOWS, n))
    values, flows = np.zeros((2, months, FLOWS, n))
    initial = np.zeros((FLOWS, n))
    calendar = cells.conventions.grid is Grid.CALENDAR
    for m in range(int(cells.cover.max(initial=0)), -1, -1):
        flow, survival = step(cells, m)
        if m == 0 and calendar:
            initial = flow + middle * survival * later
        later = moment * flow + discount * survival * later
        if m < months:
            values[m], flows[m] = later, flow
    return Table(values, flows, initial if calendar else later)


def amounts(units: Floats, book: Book, groups: int) -> Amounts:
    """Multiply each contract's unit values by its size and sum by group.

    Args:
        units: (FLOWS, c) unit values of the contracts.
        book: the contracts.
        groups: number of groups.
    """
    return sized(units, book).by_group(book.group, groups)


def at_month_end(table: Table, book: Book) -> Floats:
    """Return present values at the end of the current month, (FLOWS, c).

    Args:
        table: of `project`, long enough for the oldest contract.
        book: the contracts; their unit values, sizes not yet in.
    """
    return table.value[book.elapsed + 1, :, book.cell].T


def next_month(table: Table, book: Book) -> Floats:
    """Return the expected flows of the coming month, (FLOWS, c).

    Args:
        table: of `project`, long enough for the oldest contract.
        book: the contracts; their unit values, sizes not yet in.
    """
    return table.flow[book.elapsed + 1, :, book.cell].T


def at_issue(table: Table, book: Book) -> Floats:
    """Return present values at issue, (FLOWS, c).

    Args:
        table: of `project`, long enough for the oldest contract.
        book: the contracts; their unit values, sizes not yet in.
    """
    return table.initial[:, book.cell]


def month_of_issue(table: Table, book: Book) -> Floats:
    """Return the expected flows of the month of issue, (FLOWS, c).

    Args:
        table: of `project`, long enough for the oldest contract.
        book: the contracts; their unit values, sizes not yet in.
    """
    return table.flow[0][:, book.cell]
