"""What measurements assume, read from dated data: discount, lapse, claims, expenses, delays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

_RATE = {"type": "number", "minimum": 0, "maximum": 1}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "discount": {
            "type": "object",
            "required": ["default"],
            "additionalProperties": {"type": "number", "minimum": -0.05, "maximum": 0.3},
        },
        "lines": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "lapse": {"type": "array", "minItems": 1, "items": _RATE},
                    "claims_factor": {"type": "number", "minimum": 0, "maximum": 10},
                    "expense_per_month": {"type": "number", "minimum": 0},
                    "expense_of_premium": _RATE,
                    "expense_of_claims": _RATE,
                    "expense_inflation": {"type": "number", "minimum": -0.1, "maximum": 0.3},
                    "reported": {"type": "array", "minItems": 1, "items": _RATE},
                },
                "required": [
                    "lapse",
                    "claims_factor",
                    "expense_per_month",
                    "expense_of_premium",
                    "expense_of_claims",
                    "expense_inflation",
                    "reported",
                ],
                "additionalProperties": False,
            },
        },
    },
    "required": ["discount", "lines"],
    "additionalProperties": False,
}
_VALIDATOR = Draft202012Validator(SCHEMA)


@dataclass(frozen=True, slots=True)
class LineAssumptions:
    """Assumptions of one portfolio.

    Args:
        lapse: annual rate of ending by lapse or surrender, by policy year; the last one stays.
        claims_factor: expected claims as a share of the claims that the product is priced with.
        expense_per_month: maintenance, won a contract and month, at today's prices.
        expense_of_premium: share of each premium that maintenance and collection cost.
        expense_of_claims: loss adjustment as a share of claims.
        expense_inflation: a year.
        reported: cumulative share of claims reported by the end of month 0, 1, 2 … after the
            month in which they happen; complete after the last.
    """

    lapse: tuple[float, ...]
    claims_factor: float
    expense_per_month: float
    expense_of_premium: float
    expense_of_claims: float
    expense_inflation: float
    reported: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Assumptions:
    """A checked set of assumptions."""

    discount: Mapping[str, float]
    lines: Mapping[str, LineAssumptions]

    def rate(self, cohort_year: int) -> float:
        """Return the annual effective rate locked in for a cohort (IFRS 17.B72(b))."""
        return float(self.discount.get(str(cohort_year), self.discount["default"]))

    def line(self, line: str) -> LineAssumptions:
        """Return the assumptions of a portfolio; ``default`` stands for those not named."""
        return self.lines[line] if line in self.lines else self.lines["default"]


def problems(values: Mapping[str, Any]) -> list[str]:
    """Return what forbids a set of assumptions, with paths; empty if it may be used."""
    found = [f"{e.json_path}: {e.message}" for e in _VALIDATOR.iter_errors(values)]
    if not found and "default" not in values["lines"]:
        found.append("$.lines: a portfolio 'default' stands for those that are not named")
    for line, one in values.get("lines", {}).items() if not found else ():
        shares = one["reported"]
        if sorted(shares) != shares:
            found.append(f"$.lines.{line}.reported: shares reported so far never fall")
    return found


def read(values: Mapping[str, Any]) -> Assumptions:
    """Read checked values."""
    return Assumptions(
        discount={year: float(rate) for year, rate in values["discount"].items()},
        lines={name: _line(one) for name, one in values["lines"].items()},
    )


def _line(values: Mapping[str, Any]) -> LineAssumptions:
    given: dict[str, Any] = {
        key: tuple(float(v) for v in value) if isinstance(value, list) else float(value)
        for key, value in values.items()
    }
    return LineAssumptions(**given)
