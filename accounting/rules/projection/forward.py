"""Contracts valued where they stand on any curve, and the flows of their coming months.

Contracts of one cell that have been in force equally long have the same unit values: they are
projected once. The work is cut into pieces of bounded size, so that memory does not grow with the
book beyond its own columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from django.utils.translation import gettext as _

from . import kernel
from .model import (
    FLOWS,
    Amounts,
    BadProjection,
    Book,
    Cells,
    Floats,
    Flow,
    Grid,
    Inflation,
    Ints,
    sized,
)
from .month import unroll
from .walk import NUMPY, Piece, Terms, Walker

Engine = Literal["auto", "numpy", "numba"]

PIECE_BYTES = 48 * 2**20
"""Size of the unrolled cells that are held at a time."""
SLICE = 65_536
"""Contracts that are sized at a time."""
WORTH_COMPILING = 4_000_000
"""Month steps of rows from which the compiled kernel pays for its start."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Distinct positions of contracts, sorted by cell; r rows.

    Args:
        cell: (r,) which cell.
        start: (r,) the first month that lies ahead.
        delay: (r,) months until that month begins.
        length: (r,) months ahead, the one in which cover ends included; 0 for nothing.
        index: (c,) the row of each contract.
    """

    cell: Ints
    start: Ints
    delay: Ints
    length: Ints
    index: Ints

    @property
    def months(self) -> int:
        """Months until the last flow of all rows."""
        return int((self.delay + self.length).max(initial=0))


def present_values(
    cells: Cells, book: Book, discount: Floats, *, engine: Engine = "auto", alike: bool = True
) -> Amounts:
    """Value the future flows of each contract on a curve.

    Args:
        cells: the cells, n.
        book: the contracts, c. On the calendar grid the valuation stands at the end of month
            ``elapsed``; on the contract grid at the start of it, and contracts with a negative
            ``elapsed`` are issued so many months later.
        discount: (months,) price today of 1 paid after 0, 1, 2 … months.
        engine: ``numpy``, ``numba``, or ``auto``: numba where it pays for its start.
        alike: project contracts of the same cell and elapsed months once; the figures are the
            same.

    Returns:
        Present values by contract in won, (c,) each; coverage units are counted, not discounted.

    Raises:
        BadProjection: cells, contracts or a curve that cannot be projected.

    Source: IFRS 17.33, .36 (expected cash flows, discounted); multiple decrements by month.
    """
    cells, rows = _rows(cells, book, alike=alike)
    weights = _weights(cells, discount, rows.months)
    growth = _inflated(cells, weights)
    units = np.zeros((FLOWS, len(rows.cell)))
    use = _engine(engine, rows)
    for some, piece in _pieces(cells, rows, growth):
        units[piece.kinds, some] = use.present_values(piece, weights[piece.kinds])
    return _expand(units, rows.index, book)


def cash_flows(
    cells: Cells, book: Book, *, months: int, groups: int, engine: Engine = "auto"
) -> Amounts:
    """Expect the flows of the coming months by group, undiscounted.

    Args:
        cells: the cells, n.
        book: the contracts, c; see `present_values`.
        months: how many months to show; later flows are left out.
        groups: number of groups.
        engine: as `present_values`.

    Returns:
        Expected flows in won, (months, groups) each.

    Raises:
        BadProjection: cells or contracts that cannot be projected.
    """
    if months < 1 or groups < 1:
        raise BadProjection(_("Cash flows need at least one month and one group."))
    if not _within(book.group, groups):
        raise BadProjection(_("A contract belongs to a group that is not there."))
    cells, rows = _rows(cells, book, by_group=groups)
    sizes = _sizes(rows, book)
    of_group = np.zeros(len(rows.cell), np.int64)
    of_group[rows.index] = book.group
    weights = np.ones((FLOWS, months))
    growth = _inflated(cells, weights)
    found = np.zeros((len(TERMS), months, groups))
    use = _engine(engine, rows)
    for some, piece in _pieces(cells, rows, growth):
        place = {int(flow): number for number, flow in enumerate(piece.kinds)}
        here = [row for row, (_name, flow, _size) in enumerate(TERMS) if flow in place]
        terms = Terms(
            kind=np.array([place[TERMS[row][1]] for row in here], np.int64),
            size=sizes[[TERMS[row][2] for row in here], some],
            group=of_group[some],
        )
        made = np.zeros((len(here), months, groups))
        use.cash_flows(piece, weights[piece.kinds], terms, made)
        found[here] += made
    return _collect(found)


TERMS: tuple[tuple[str, Flow, int], ...] = (
    ("premium", Flow.PREMIUM, 0),
    ("claims", Flow.CLAIMS_SUM, 3),
    ("claims", Flow.CLAIMS_FIXED, 4),
    ("claims_expense", Flow.CLAIMS_SUM, 5),
    ("claims_expense", Flow.CLAIMS_FIXED, 6),
    ("repaid", Flow.REPAID, 1),
    ("repaid", Flow.MATURITY, 1),
    ("expense", Flow.EXPENSE, 2),
    ("expense", Flow.EXPENSE_ISSUE, 2),
    ("expense", Flow.EXPENSE_PREMIUM, 0),
    ("commission", Flow.COMMISSION, 0),
    ("units", Flow.UNITS, 1),
)
"""Which flow times which size (a row of `_sizes`) makes which amount."""


def _sizes(rows: Rows, book: Book) -> Floats:
    """Sum the sizes of the contracts of each row, (7, r)."""
    count, risk = book.count, book.risk
    each = (
        book.premium,
        book.sum_assured,
        count,
        book.sum_assured * risk,
        count * risk,
        book.sum_assured * risk * book.claims_expense,
        count * risk * book.claims_expense,
    )
    return np.array([np.bincount(rows.index, one, len(rows.cell)) for one in each])


def _collect(found: Floats) -> Amounts:
    out = {one.name: np.zeros(found.shape[1:]) for one in fields(Amounts)}
    for (name, _flow, _size), part in zip(TERMS, found, strict=True):
        out[name] += part
    return Amounts(**out)


def _rows(cells: Cells, book: Book, *, alike: bool = True, by_group: int = 1) -> tuple[Cells, Rows]:
    """Sort the cells, the longest cover first, and find the distinct positions of a book."""
    cells.check()
    n = len(cells)
    if not _within(book.cell, n):
        raise BadProjection(_("A contract belongs to a cell that is not there."))
    order = np.argsort(-cells.cover, kind="stable")
    rank = np.empty(n, np.int64)
    rank[order] = np.arange(n)
    longest = cells.take(order)
    return longest, _positions(longest, rank[book.cell], book, alike=alike, by_group=by_group)


def _positions(cells: Cells, cell: Ints, book: Book, *, alike: bool, by_group: int) -> Rows:
    """Find the distinct positions of a book, sorted by cell."""
    n = len(cells)
    low = int(book.elapsed.min(initial=0))
    span = int(book.elapsed.max(initial=0)) - low + 1
    if not alike:
        order = np.argsort(cell, kind="stable")
        index = np.empty(len(book), np.int64)
        index[order] = np.arange(len(book))
        return _placed(cells, cell[order], book.elapsed[order], index)
    key = cell * span + (book.elapsed - low)
    if by_group > 1:
        key = key * by_group + book.group
    keys, index = _distinct(key, n * span * by_group)
    keys = keys // by_group
    return _placed(cells, keys // span, keys % span + low, index)


def _within(index: Ints, length: int) -> bool:
    return not len(index) or (int(index.min()) >= 0 and int(index.max()) < length)


def _distinct(key: Ints, limit: int) -> tuple[Ints, Ints]:
    """Return the distinct keys, ascending, and the place of each; by counting where it fits."""
    if limit > 16 * len(key) + 1_000_000:
        found, index = np.unique(key, return_inverse=True)
        return found, index.astype(np.int64)
    seen = np.zeros(limit, np.bool_)
    seen[key] = True
    found = np.flatnonzero(seen)
    place = np.empty(limit, np.int64)
    place[found] = np.arange(len(found))
    return found, place[key]


def _placed(cells: Cells, cell: Ints, elapsed: Ints, index: Ints) -> Rows:
    calendar = cells.conventions.grid is Grid.CALENDAR
    start = elapsed + 1 if calendar else elapsed
    if calendar and np.any(start < 0):
        raise BadProjection(_("On the calendar grid a contract is issued this month or earlier."))
    begun = np.maximum(0, start)
    length = np.maximum(0, cells.cover[cell] + 1 - begun)
    return Rows(cell=cell, start=begun, delay=begun - start, length=length, index=index)


def _weights(cells: Cells, discount: Floats, months: int) -> Floats:
    """Return what a flow of each month is worth today, (FLOWS, months)."""
    price = np.asarray(discount, np.float64)
    calendar = cells.conventions.grid is Grid.CALENDAR
    needed = months + 1 if calendar else max(1, months)
    if len(price) < needed:
        raise BadProjection(
            _("The curve has %(found)d months, but the contracts need %(needed)d.")
            % {"found": len(price), "needed": needed}
        )
    if not np.all(np.isfinite(price)) or np.any(price <= 0):
        raise BadProjection(_("A discount factor is not a positive number."))
    after = np.append(price[1:], price[-1])[:months]
    moment = cells.conventions.moments[:, None]
    worth: Floats = price[:months] ** (1.0 - moment) * after**moment
    worth[Flow.UNITS] = 1.0
    return worth


def _inflated(cells: Cells, weights: Floats) -> Floats | None:
    """Let maintenance of a valuation grow: in the weights where all cells grow alike.

    Returns:
        (n,) monthly growth of each cell, None where the weights hold it or nothing grows.
    """
    growth = (1.0 + cells.inflation) ** (1.0 / 12.0)
    if cells.conventions.inflation is not Inflation.VALUATION or not len(cells):
        return None
    if growth.min() < growth.max():
        return growth
    years = np.arange(weights.shape[1]) / 12.0
    weights[Flow.EXPENSE] *= (1.0 + cells.inflation[0]) ** years
    return None


def _engine(engine: Engine, rows: Rows) -> Walker:
    """Choose who does the work."""
    if engine == "numpy":
        return NUMPY
    if engine == "numba" and not kernel.AVAILABLE:
        raise BadProjection(_("numba is not installed; project by NumPy."))
    pays = kernel.AVAILABLE and int(rows.length.sum()) >= WORTH_COMPILING
    return kernel.COMPILED if engine == "numba" or pays else NUMPY


def _pieces(cells: Cells, rows: Rows, growth: Floats | None) -> Iterator[tuple[slice, Piece]]:
    """Cut the rows by cells, those of the longest cover first, into pieces that fit unrolled."""
    last = 0
    while last < len(cells):
        first, months = last, int(cells.cover[last]) + 1
        last += max(1, PIECE_BYTES // (8 * (FLOWS + 1) * months))
        low, high = np.searchsorted(rows.cell, [first, last])
        if low == high:
            continue
        some = slice(int(low), int(high))
        flow, survival = unroll(cells.take(slice(first, last)), months)
        kinds = np.flatnonzero(flow.any(axis=(0, 2)))
        wide = survival.shape[1]
        yield (
            some,
            Piece(
                kinds=kinds,
                flow=np.array([flow[:, kind].ravel() for kind in kinds]).reshape(len(kinds), -1),
                survival=survival.ravel(),
                base=rows.start[some] * wide + rows.cell[some] - first,
                stride=wide,
                delay=rows.delay[some],
                length=rows.length[some],
                growth=None if growth is None else growth[rows.cell[some]],
            ),
        )


def _expand(units: Floats, index: Ints, book: Book) -> Amounts:
    """Size the unit values of the rows for each contract, slice by slice."""
    out = {one.name: np.zeros(len(book)) for one in fields(Amounts)}
    used = np.flatnonzero(units.any(axis=1))
    for begin in range(0, len(book), SLICE):
        part = slice(begin, min(begin + SLICE, len(book)))
        own = np.zeros((FLOWS, part.stop - part.start))
        for flow in used:
            np.take(units[flow], index[part], out=own[flow], mode="clip")
        made = sized(own, book.take(part))
        for name, values in out.items():
            if (found := getattr(made, name)).any():
                values[part] = found
    return Amounts(**out)
