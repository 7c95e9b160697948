"""Expected future cash flows of insurance contracts, month by month, as unit values of cells.

A cell is a set of contracts alike in everything but size. One function (`step`) says what happens
to a cell in a month; everything else is read off it:

- `project` values every month of the cells' lives by one backward pass at a flat rate, so that the
  work grows with the cells and not with the book;
- `present_values` values contracts where they stand now, on any curve;
- `cash_flows` expects the flows of the coming months, by group.

The last two run by NumPy or by a compiled kernel; both give the same figures.
"""

from .backward import (
    Table,
    amounts,
    at_issue,
    at_month_end,
    month_of_issue,
    next_month,
    project,
)
from .forward import Engine, cash_flows, present_values
from .model import (
    CALENDAR,
    FLOWS,
    Amounts,
    BadProjection,
    Book,
    Cells,
    Conventions,
    Floats,
    Flow,
    Grid,
    Inflation,
    Ints,
    Spread,
)
from .month import step

__all__ = [
    "CALENDAR",
    "FLOWS",
    "Amounts",
    "BadProjection",
    "Book",
    "Cells",
    "Conventions",
    "Engine",
    "Floats",
    "Flow",
    "Grid",
    "Inflation",
    "Ints",
    "Spread",
    "Table",
    "amounts",
    "at_issue",
    "at_month_end",
    "cash_flows",
    "month_of_issue",
    "next_month",
    "present_values",
    "project",
    "step",
]
