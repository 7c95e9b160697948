"""lifelib's term assurance as our cells and contracts, and what lifelib says of it."""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from accounting.rules import discounting
from accounting.rules import projection as p

DATA = Path(__file__).resolve().parent / "data" / "basicterm.json"
YEARS = 20
SEED = 12_345
CONVENTIONS = p.Conventions(
    grid=p.Grid.CONTRACT,
    spread=p.Spread.CONSTANT,
    inflation=p.Inflation.VALUATION,
    usual=0.0,
)
"""Contract months, constant monthly probabilities, everything at the start of the month."""


@dataclass(frozen=True, slots=True, eq=False)
class ModelPoints:
    """lifelib's model points in columns, (n,) each.

    Args:
        age: at entry, 20 to 59.
        sex: M or F; the rates do not read it.
        term: years, 10, 15 or 20.
        count: policies.
        sum_assured: of one policy.
        duration: months in force; 0 or less: issued so many months later.
    """

    age: p.Ints
    sex: Any
    term: p.Ints
    count: p.Floats
    sum_assured: p.Floats
    duration: p.Ints


def model_points(n: int) -> ModelPoints:
    """Make n model points as lifelib's own notebook makes them; 10,000 are the shipped ones."""
    rng = np.random.default_rng(SEED)
    age = rng.integers(low=20, high=60, size=n)
    sex = np.array(["M", "F"])[rng.integers(low=0, high=2, size=n)]
    term = rng.integers(low=0, high=3, size=n) * 5 + 10
    sum_assured = np.round(990_000 * rng.random(size=n) + 10_000, -3)
    duration = np.rint(rng.random(size=n) * (term * 12 + 36) - 36).astype(np.int64)
    count = np.rint(rng.random(size=n) * 100)
    return ModelPoints(age, sex, term, count, sum_assured, duration)


@cache
def data() -> dict[str, Any]:
    """Return lifelib's tables and results."""
    return json.loads(DATA.read_text(encoding="utf-8"))


@cache
def cells() -> p.Cells:
    """Return the cells: one for each age at entry and term."""
    tables = data()
    ages, terms = (np.array(tables["premium"][name]) for name in ("ages", "terms"))
    age, term = np.repeat(ages, len(terms)), np.tile(terms, len(ages))
    year = np.arange(YEARS)
    first, last = tables["mortality"]["first_age"], tables["mortality"]["durations"] - 1
    q = np.array(tables["mortality"]["q"])
    rates = q[age[:, None] + year - first, np.minimum(year, last)]
    n = len(age)
    nothing = np.zeros(n)
    return p.Cells(
        exit_rate=rates,
        claims_sum=rates,
        claims_fixed=np.zeros((n, YEARS)),
        lapse=np.tile(np.maximum(0.1 - 0.02 * year, 0.02), (n, 1)),
        surrender=np.zeros((n, YEARS + 1)),
        maturity=nothing,
        commission=np.ones((n, 12)),
        cover=12 * term,
        instalments=12 * term,
        expense=np.full(n, 60.0 / 12.0),
        inflation=np.full(n, 0.01),
        expense_premium=nothing,
        rate=nothing,
        expense_issue=np.full(n, 300.0),
        conventions=CONVENTIONS,
    )


def book(points: ModelPoints) -> p.Book:
    """Return the contracts: a row for each model point, its sizes those of all its policies."""
    tables = data()["premium"]
    at = np.searchsorted(tables["ages"], points.age)
    kind = np.searchsorted(tables["terms"], points.term)
    rate = np.array(tables["rate"])[at, kind]
    n = len(points.age)
    return p.Book(
        cell=at * len(tables["terms"]) + kind,
        group=np.zeros(n, np.int64),
        elapsed=points.duration,
        sum_assured=points.sum_assured * points.count,
        premium=np.round(points.sum_assured * rate, 2) * points.count,
        risk=np.broadcast_to(1.0, n),
        claims_expense=np.broadcast_to(0.0, n),
        count=points.count,
    )


@cache
def discount() -> p.Floats:
    """Return discount factors of month 0, 1, 2 …: the year's spot rate through the year."""
    curve = discounting.SpotByYear(np.array(data()["zero_spot"]))
    return discounting.by_month(curve, 300).discount


def present_values(of: p.Book, engine: p.Engine, *, alike: bool = True) -> p.Floats:
    """Return PV of premiums, claims, expenses, commissions and net by model point, (n, 5)."""
    found = p.present_values(cells(), of, discount(), engine=engine, alike=alike)
    out = np.empty((len(of), 5))
    out[:, 0], out[:, 1] = found.premium, found.claims
    out[:, 2], out[:, 3] = found.expense, found.commission
    out[:, 4] = out[:, 0] - out[:, 1] - out[:, 2] - out[:, 3]
    return out


def peak_memory(n: int, engine: p.Engine) -> float:
    """Value n points and return the peak memory of this process in MiB."""
    present_values(book(model_points(n)), engine)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(peak_memory(int(sys.argv[1]), sys.argv[2]))  # type: ignore[arg-type]
