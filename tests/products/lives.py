"""A basis and contracts for trying the life engine."""

from __future__ import annotations

from products.rules.basis import Basis, Coverage
from products.rules.commutation import Timing
from products.rules.reserve import Contracts

S = 100_000_000


def basis(interest: float = 0.025, **changes: object) -> Basis:
    given = {
        "interest": interest,
        "exits": ("KR7_DEATH",),
        "coverages": (Coverage(code="DEATH", table="KR7_DEATH", sum_ratio=1.0),),
        "timing": Timing.MID_YEAR,
    }
    return Basis(**{**given, **changes})  # type: ignore[arg-type]


def held(**changes: object) -> Contracts:
    given = {
        "sex": 0,
        "age": 40,
        "term_months": 240,
        "pay_months": 240,
        "elapsed_months": 0,
        "sum_assured": S,
        "per_year": 1,
    }
    return Contracts.of(**{**given, **changes})  # type: ignore[arg-type]
