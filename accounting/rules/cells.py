"""Cells of alike contracts, from what products expect and what the company assumes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounting.rules.assumptions import Assumptions
from accounting.rules.projection import Cells, Floats, Ints
from core.columns import distinct


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Contracts in columns, (c,) each: what measuring needs to know of them.

    Args:
        version: number of the product version in the caller's list of versions.
        line: portfolio.
        cohort: year of issue.
        sex: 0 male, 1 female.
        age: insurance age at issue.
        cover: months of cover; 0: whole of life.
        instalments: number of premiums in all.
        elapsed: calendar months since the month of issue.
        sum_assured, premium: won; premium of one instalment.
    """

    version: Ints
    line: NDArray[np.object_]
    cohort: Ints
    sex: Ints
    age: Ints
    cover: Ints
    instalments: Ints
    elapsed: Ints
    sum_assured: Ints
    premium: Ints

    def __len__(self) -> int:
        return len(self.version)

    def take(self, mask: Any) -> Points:
        """Return the rows of a mask or an index array."""
        return Points(**{f.name: getattr(self, f.name)[mask] for f in fields(self)})


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """What a product version expects by sex and attained age; see ``products.api.expected``."""

    exit_rate: Floats
    claims_sum: Floats
    claims_fixed: Floats
    first_claims_sum: Floats
    first_claims_fixed: Floats
    last_age: tuple[int, int]
    maturity_ratio: float
    commission: Floats


Surrender = Callable[[int, Points, Floats, int], Floats]
"""(version, cells, premium per won of sum assured, years) → (n, years + 1) values per won."""


def build(
    points: Points, versions: Sequence[Rates], assumed: Assumptions, surrender: Surrender
) -> tuple[Cells, Ints]:
    """Find the cells of a book and give them rates.

    Args:
        points: the contracts.
        versions: what each product version expects.
        assumed: what the company assumes.
        surrender: values paid back, asked once for each version.

    Returns:
        ``(cells, index)``: the cells, and the cell of each contract.
    """
    first, index = distinct(
        points.version,
        points.line,
        points.cohort,
        points.sex,
        points.age,
        points.cover,
        points.instalments,
    )
    at = points.take(first)
    cover = _cover(at, versions)
    years = max(1, int(-(-cover.max(initial=1) // 12)))
    per_won = np.bincount(index, points.premium) / np.bincount(index, points.sum_assured)
    rates = {name: np.zeros((len(first), years)) for name in ("exit", "sum", "fixed")}
    held = np.zeros((len(first), years + 1))
    widest = max((len(v.commission) for v in versions), default=0)
    commission = np.zeros((len(first), max(1, widest)))
    maturity = np.zeros(len(first))
    for number, version in enumerate(versions):
        here = np.flatnonzero(at.version == number)
        if not len(here):
            continue
        some = at.take(here)
        for name, values in _by_year(some, version, years).items():
            rates[name][here] = values
        held[here] = surrender(number, some, per_won[here], years)
        commission[here, : len(version.commission)] = version.commission
        maturity[here] = version.maturity_ratio
    lines = [assumed.line(str(line)) for line in at.line]
    factor = np.array([one.claims_factor for one in lines])[:, None]
    scale = np.where(rates["exit"] >= 1.0, 1.0, factor)
    cells = Cells(
        exit_rate=np.minimum(1.0, rates["exit"] * scale),
        claims_sum=rates["sum"] * scale,
        claims_fixed=rates["fixed"] * scale,
        lapse=_lapses(lines, years),
        surrender=held,
        maturity=maturity,
        commission=commission,
        cover=cover,
        instalments=at.instalments,
        expense=np.array([one.expense_per_month for one in lines]),
        inflation=np.array([one.expense_inflation for one in lines]),
        expense_premium=np.array([one.expense_of_premium for one in lines]),
        rate=np.array([assumed.rate(int(year)) for year in at.cohort]),
    )
    return cells, index


def _cover(at: Points, versions: Sequence[Rates]) -> Ints:
    last = np.array([v.last_age for v in versions], dtype=np.int64).reshape(-1, 2)
    whole = 12 * (last[at.version, at.sex] + 1 - at.age)
    return np.where(at.cover == 0, whole, at.cover)


def _by_year(at: Points, version: Rates, years: int) -> dict[str, Floats]:
    oldest = version.exit_rate.shape[1] - 1
    age = np.minimum(at.age[:, None] + np.arange(years), oldest)
    sex = at.sex[:, None]
    found = {
        "exit": version.exit_rate[sex, age],
        "sum": version.claims_sum[sex, age],
        "fixed": version.claims_fixed[sex, age],
    }
    found["sum"][:, 0] = version.first_claims_sum[at.sex, age[:, 0]]
    found["fixed"][:, 0] = version.first_claims_fixed[at.sex, age[:, 0]]
    return found


def _lapses(lines: Sequence[Any], years: int) -> Floats:
    out = np.zeros((len(lines), years))
    for row, one in enumerate(lines):
        given = one.lapse[:years]
        out[row, : len(given)] = given
        out[row, len(given) :] = one.lapse[-1]
    return out
