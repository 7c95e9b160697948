"""Sample premiums by age and sex, and what changed between two versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from products.rules import rating
from products.rules.problems import path_of
from products.rules.ruleset import RuleSet

STEP = 10
USUAL_SUM = 100_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """Premiums in won of one instalment at an age."""

    age: int
    male: int
    female: int


@dataclass(frozen=True, slots=True)
class Change:
    """One value that differs between two versions; None where it is absent."""

    rule_type: str
    path: str
    before: Any
    after: Any


def usual_plan(ruleset: RuleSet) -> tuple[int, int]:
    """Return the longest term of the first plan that takes everybody, with its payment months."""
    plans = [plan for plan in ruleset.rules["AGE_LIMIT"]["plans"] if "sexes" not in plan]
    plan = max(plans or ruleset.rules["AGE_LIMIT"]["plans"], key=lambda p: p["term_months"])
    return int(plan["term_months"]), int(max(plan["pay_months"]))


def usual_sum(ruleset: RuleSet) -> int:
    """Return the sum assured of samples: 100 million won, or the nearest that is allowed."""
    limits = ruleset.limits
    return int(min(max(USUAL_SUM, limits["min_sum"]), limits["max_sum"]))


def premium_samples(
    ruleset: RuleSet, *, plan: tuple[int, int] | None = None, sum_assured: int | None = None
) -> list[Sample]:
    """Price both sexes at ages ten years apart, other inputs at their defaults.

    Args:
        ruleset: rules of a version.
        plan: months of cover and of payment; the usual ones where None.
        sum_assured: won; the usual one where None.
    """
    ages = sample_ages(ruleset)
    term, pay = plan or usual_plan(ruleset)
    each = np.repeat(ages, 2)
    rated = rating.rate(
        ruleset,
        {
            "age": each,
            "sex": np.tile([0, 1], len(ages)),
            "term_months": term,
            "pay_months": pay,
            "per_year": max(ruleset.calc["payments_per_year"]),
            "sum_assured": sum_assured or usual_sum(ruleset),
        },
    )
    pairs = rated.premiums.reshape(-1, 2).tolist()
    return [Sample(age, male, female) for age, (male, female) in zip(ages, pairs, strict=True)]


def sample_ages(ruleset: RuleSet) -> list[int]:
    """Return the entry age, the full tens above it, and the last age."""
    rule = ruleset.rules["AGE_LIMIT"]
    low, high = rule["min_age"], rule["max_age"]
    tens = range((low // STEP + 1) * STEP, high, STEP)
    return sorted({low, *tens, high})


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """List every value that differs between two versions' rules, by path.

    Args:
        before: rule by type of the earlier version.
        after: rule by type of the later version.
    """
    found: list[Change] = []
    for rule_type in sorted({*before, *after}):
        old, new = dict(_leaves(before.get(rule_type))), dict(_leaves(after.get(rule_type)))
        found.extend(
            Change(rule_type, path, old.get(path), new.get(path))
            for path in sorted({*old, *new})
            if old.get(path) != new.get(path)
        )
    return found


def _leaves(value: Any, parts: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*parts, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*parts, index))
    elif value is not None:
        yield path_of(parts), value
