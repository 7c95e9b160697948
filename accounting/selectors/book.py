"""The expected flows of the contracts of a month end, as the measurement engine wants them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounting.rules import allocation
from accounting.rules.assumptions import Assumptions
from accounting.rules.cells import Points, Rates, Surrender, build
from accounting.rules.flows import Expected, expected, with_risk
from accounting.rules.locked import Locked
from accounting.rules.projection import Book, Cells, Floats, Ints
from accounting.selectors import members
from contracts import api as contracts
from products import api as products

_UNIT = 100_000_000
"""Sum assured at which surrender values are asked; they are then scaled."""
COLUMNS = (
    "contract_id",
    "version_id",
    "line",
    "cohort_year",
    "contract_date",
    "coverage_end",
    "insurance_age",
    "sex",
    "sum_assured",
    "premium",
    "term_months",
    "total_instalments",
    "loading_percent",
)
"""What is read and kept of each contract, beside its group."""
Columns = Mapping[str, NDArray[Any]]
Group = tuple[str, str, int, str]
"""Code, line, cohort, measurement."""


@dataclass(frozen=True, slots=True, eq=False)
class Projected:
    """What the contracts of a month end are expected to bring, by group.

    Args:
        flows: with risk.
        unearned, earned: (groups,) premiums due less premium earned by service; earned this month.
        left: (groups,) premium that later service earns.
        cover: (groups,) longest cover of the contracts issued this month, months (0: none).
        locked: the rates locked in, as far ahead as the flows.
        contracts: (groups,) how many.
        cells: how many sets of alike contracts there are.
        surrender: (groups,) surrender values at the month end, won.
    """

    flows: Expected
    locked: Locked
    unearned: Floats
    earned: Floats
    left: Floats
    cover: Ints
    contracts: Ints
    cells: int
    surrender: Floats


def columns_at(on: date) -> dict[str, NDArray[Any]]:
    """Read the contracts measured at a month end, with the code of their ``group``."""
    read = contracts.measurement_points(on)
    group = members.groups_of(read.contract_id, read.line, read.cohort_year)
    return {"group": group} | {name: getattr(read, name) for name in COLUMNS}


def project(
    read: Columns,
    on: date,
    groups: Sequence[Group],
    rates: Callable[[int], Locked],
    assumed: Assumptions,
) -> Projected:
    """Project contracts by group.

    Args:
        read: contracts in ``COLUMNS`` with their ``group``.
        on: the month end.
        groups: all groups, in the order of the results.
        rates: months ahead → the rates locked in of all groups.
        assumed: the assumptions.

    Raises:
        accounting.rules.assumptions.MissingPortfolio: a contract's portfolio is not assumed.
    """
    place = {group[0]: number for number, group in enumerate(groups)}
    group = np.array([place[code] for code in read["group"].tolist()], np.int64)
    cells, book, points = booked(read, on, group, assumed)
    n = len(groups)
    cover = np.zeros(n, np.int64)
    fresh = points.elapsed == 0
    np.maximum.at(cover, group[fresh], points.cover[fresh])
    unearned, earned, left = _service(read, points, on, assumed)
    flows = expected(cells, book, n)
    locked = rates(flows.coming.shape[2])
    flows = with_risk(
        flows,
        [assumed.line(one[1]).risk for one in groups],
        ahead=locked.ahead,
        own=locked.own,
    )
    return Projected(
        flows=flows,
        locked=locked,
        unearned=np.bincount(group, unearned, n).astype(np.float64),
        earned=np.bincount(group, earned, n).astype(np.float64),
        left=np.bincount(group, left, n).astype(np.float64),
        cover=cover,
        contracts=np.bincount(group, minlength=n).astype(np.int64),
        cells=len(cells),
        surrender=np.bincount(group, surrender_values(cells, book), n).astype(np.float64),
    )


def booked(
    read: Columns, on: date, group: Ints, assumed: Assumptions
) -> tuple[Cells, Book, Points]:
    """Build the cells and the book of contracts; ``group`` says to which row each one belongs."""
    versions, points = _points(read, on)
    cells, index = build(points, [_rates(v) for v in versions], assumed, _surrender(versions))
    handling = {str(line): assumed.line(str(line)).expense_of_claims for line in set(points.line)}
    book = Book(
        cell=index,
        group=group,
        elapsed=points.elapsed,
        sum_assured=points.sum_assured.astype(np.float64),
        premium=points.premium.astype(np.float64),
        risk=1.0 + read["loading_percent"] / 100.0,
        claims_expense=np.array([handling[str(line)] for line in points.line], np.float64),
    )
    return cells, book, points


def surrender_values(cells: Cells, book: Book) -> Floats:
    """Return surrender values of contracts at the month end, linear within policy years, (c,)."""
    last = cells.surrender.shape[1] - 1
    year = np.minimum(book.elapsed // 12, last)
    part = (book.elapsed % 12) / 12.0
    below = cells.surrender[book.cell, year]
    above = cells.surrender[book.cell, np.minimum(year + 1, last)]
    return np.asarray((below + (above - below) * part) * book.sum_assured, np.float64)


def _points(read: Columns, on: date) -> tuple[list[products.Version], Points]:
    distinct, index = np.unique(read["version_id"], return_inverse=True)
    versions = [products.version_by_id(int(pk)) for pk in distinct]
    month = read["contract_date"].astype("datetime64[M]")
    elapsed = (np.datetime64(on, "M") - month).astype(np.int64)
    return versions, Points(
        version=index.astype(np.int64),
        line=read["line"],
        cohort=read["cohort_year"],
        sex=(read["sex"] == "F").astype(np.int64),
        age=read["insurance_age"],
        cover=read["term_months"],
        instalments=read["total_instalments"],
        elapsed=elapsed,
        sum_assured=read["sum_assured"],
        premium=read["premium"],
    )


def _rates(version: products.Version) -> Rates:
    found = products.expected(version.product_code, version.version)
    return Rates(**{f.name: getattr(found, f.name) for f in fields(Rates)})


def _surrender(versions: Sequence[products.Version]) -> Surrender:
    """Return how surrender values per won of sum assured are asked of products."""

    def ask(number: int, at: Points, per_won: Floats, years: int) -> Floats:
        version = versions[number]
        n, ends = len(at), years + 1
        if version.measurement != "GMM":
            return np.zeros((n, ends))
        columns = {
            "sex": np.repeat(at.sex, ends),
            "age": np.repeat(at.age, ends),
            "term_months": np.repeat(at.cover, ends),
            "pay_months": np.repeat(at.instalments, ends),
            "elapsed_months": np.tile(12 * np.arange(ends), n),
            "sum_assured": np.full(n * ends, _UNIT),
            "premium": np.repeat(np.rint(per_won * _UNIT).astype(np.int64), ends),
            "per_year": np.repeat(np.where(at.instalments > 1, 12, 0), ends),
        }
        found = products.surrender_values(
            version.product_code, version.version, columns, as_of=np.datetime64("2000-01-01")
        )
        return np.asarray(found.refund.reshape(n, ends) / _UNIT, np.float64)

    return ask


def _service(
    read: Columns, points: Points, on: date, assumed: Assumptions
) -> tuple[Floats, Floats, Floats]:
    """Return premiums due less premium earned, premium earned in the month and later, (c,) each."""
    start = read["contract_date"]
    months = start.astype("datetime64[M]")
    day = (start - months.astype("datetime64[D]")).astype(np.int64)
    last = (months + read["term_months"]).astype("datetime64[D]") + day
    end = np.where(np.isnat(read["coverage_end"]), last, read["coverage_end"])
    end = np.maximum(end, start + 1)
    total = (points.premium * points.instalments).astype(np.float64)
    now, before = np.zeros(len(points)), np.zeros(len(points))
    lines = points.line.astype(str)
    for line in np.unique(lines):
        mine = lines == line
        pattern = assumed.line(str(line)).paa.release
        span = start[mine], end[mine], pattern
        now[mine] = allocation.earned_until(total[mine], *span, np.datetime64(on) + 1)
        first = np.datetime64(on, "M").astype("datetime64[D]")
        before[mine] = allocation.earned_until(total[mine], *span, first)
    due = np.minimum(points.elapsed + 1, points.instalments) * points.premium
    return due - now, now - before, total - now
