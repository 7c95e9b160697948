"""A group walked by the general model, beside the printed figures."""

from __future__ import annotations

from accounting.rules.ifrs17.plan import Plan, Walk, walk
from tests.golden import agree, case

ROWS = {
    "opening": "OPENING",
    "new": "NEW",
    "cash_in": "CASH_IN",
    "ife": "FINANCE",
    "future": "FUTURE",
    "current": "CURRENT",
    "cash_out": "CASH_OUT",
    "closing": "CLOSING",
}


def tables(walked: Walk) -> dict:
    """Roll-forwards by year, as the standard prints them."""
    return {
        f"Y{k}": {
            row: {c.lower(): float(steps[step][0]) for c, steps in r.components.items()}
            for row, step in ROWS.items()
        }
        for k, r in enumerate(walked.periods, 1)
    }


def with_total(values) -> list[float]:
    return [*map(float, values), float(sum(values))]


def meets(found, name: str) -> None:
    """Hold figures against both columns of a worked example."""
    example = case(name)
    agree(found, example.exact)
    agree(found, example.published, tolerance=example.tolerance)


def example_2(**changes) -> Walk:
    plan = Plan(claims=[200] * 3, premiums=900, ra=[120, 80, 40, 0], rate=0.05)
    return walk(plan, **changes)
