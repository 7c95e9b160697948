"""Policy reserves and surrender values of a million contracts in one call, in whole won.

The book is held in columns; what depends on sex, age, term, payment and year alone is computed
once for each such kind and gathered. Beside it stands the same function called a contract at a
time. What is written to the database is measured by the contest ``close``.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from bench.harness import Contest
from products.rules import reserve, surrender
from products.rules.basis import Basis, Coverage, Loadings
from products.rules.reserve import Contracts

CONTRACTS = 1_000_000
ONE_BY_ONE = 500
SEED = 7
TERMS = surrender.SurrenderBasis(cap_multiple=1.4)


def contests() -> list[Contest]:
    """Return the contest of the reserves."""
    return [
        Contest(
            name="reserves",
            unit="contracts",
            contestants={
                "a million at once": at_once,
                "and surrender values": with_values,
                "a contract at a time": one_by_one,
            },
            prepare=prepare,
            target="1,000,000 contracts in one call",
            verdict=_equal,
        )
    ]


def prepare() -> None:
    """Have the book and its commutation columns in memory."""
    _book()
    assert basis().table.end


@cache
def basis() -> Basis:
    """Return a whole life basis on the seventh Korean standard rates."""
    return Basis(
        interest=0.0275,
        exits=("KR7_DEATH",),
        coverages=(Coverage(code="DEATH", table="KR7_DEATH", sum_ratio=1.0),),
        loadings=Loadings(alpha_premium=1.0),
    )


@cache
def _book() -> Contracts:
    rng = np.random.default_rng(SEED)
    n = CONTRACTS
    return Contracts.of(
        sex=rng.integers(0, 2, n),
        age=rng.integers(15, 66, n),
        term_months=rng.choice([0, 120, 240], n),
        pay_months=rng.choice([120, 240], n),
        elapsed_months=rng.integers(0, 240, n),
        sum_assured=rng.integers(10, 501, n) * 1_000_000,
        premium=rng.integers(10_000, 500_000, n),
        per_year=12,
    )


def at_once() -> int:
    """Compute the reserves of the whole book."""
    return len(reserve.policy_reserve(basis(), _book()))


def with_values() -> int:
    """Compute reserves and surrender values of the whole book."""
    at_once()
    return len(surrender.surrender_value(basis(), _book(), surrender=TERMS))


def one_by_one() -> int:
    """Compute the reserves of the first contracts one after the other."""
    for row in range(ONE_BY_ONE):
        reserve.policy_reserve(basis(), _book().take(np.array([row])))
    return ONE_BY_ONE


def _equal() -> list[str]:
    """Compare the book with its contracts taken alone.

    Raises:
        AssertionError: one of them differs.
    """
    together = reserve.policy_reserve(basis(), _book())
    alone = [
        int(reserve.policy_reserve(basis(), _book().take(np.array([row])))[0])
        for row in range(ONE_BY_ONE)
    ]
    assert together[:ONE_BY_ONE].tolist() == alone
    return [f"{ONE_BY_ONE} contracts taken alone have the same reserves to the won"]
