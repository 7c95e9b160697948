"""What measurements assume, read from dated data: claims, lapse, expenses, risk, delays, policies.

A set names every portfolio that has contracts: nothing stands in silently for one that is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator

from core.errors import DomainError

PL, OCI = "PL", "OCI"
"""Insurance finance in profit or loss alone, or split with OCI (IFRS 17.88)."""
RATIO, UNITS = "RATIO", "UNITS"
"""How a loss component runs off: by the share of outflows (IFRS 17.51) or by coverage units."""
CONFIDENCE, CAPITAL = "CONFIDENCE", "CAPITAL"
"""Risk adjustment by confidence level or by cost of capital (IFRS 17.B91)."""

TRIANGLE, DELAYS = "TRIANGLE", "DELAYS"
"""Whence the pattern of claims not yet reported comes: triangles, or the delays assumed."""

BF, BENKTANDER, CAPE_COD, CHAIN = "BF", "BENKTANDER", "CAPE_COD", "CHAIN"
"""How claims not yet reported are estimated from the pattern."""
DEFER, EXPENSE = "DEFER", "EXPENSE"
"""Acquisition cash flows of premium allocation: over the cover, or as incurred (IFRS 17.59(a))."""

_RATE = {"type": "number", "minimum": 0, "maximum": 1}
_COST = {"type": "number", "minimum": 0}
_SHARES = {"type": "array", "minItems": 1, "items": _RATE}
_RISK: dict[str, Any] = {
    "type": "object",
    "properties": {
        "method": {"enum": [CONFIDENCE, CAPITAL]},
        "level": {"type": "number", "exclusiveMinimum": 0.5, "exclusiveMaximum": 1},
        "volatility": {"type": "number", "minimum": 0, "maximum": 5},
        "capital": {"type": "number", "minimum": 0, "maximum": 5},
        "cost": _RATE,
        "incurred": {"type": "number", "minimum": 0, "maximum": 5},
    },
    "required": ["method"],
    "additionalProperties": False,
}
_STRESS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "claims": {"type": "number", "minimum": 0, "maximum": 2},
        "expenses": {"type": "number", "minimum": 0, "maximum": 2},
        "lapse": _RATE,
    },
    "required": ["claims", "expenses", "lapse"],
    "additionalProperties": False,
}
_IBNR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "method": {"enum": [TRIANGLE, DELAYS]},
        "estimate": {"enum": [BF, BENKTANDER, CAPE_COD, CHAIN]},
        "excluded": {
            "type": "array",
            "items": {
                "type": "array",
                "prefixItems": [
                    {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"},
                    {"type": "integer", "minimum": 0},
                ],
                "minItems": 2,
                "maxItems": 2,
            },
        },
    },
    "required": ["method"],
    "additionalProperties": False,
}
_PAA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "acquisition": {"enum": [DEFER, EXPENSE]},
        "financing": {"type": "boolean"},
        "release": {
            "type": "array",
            "items": {"type": "number", "exclusiveMinimum": 0, "maximum": 100},
            "minItems": 12,
            "maxItems": 12,
        },
        "tolerance": _RATE,
        "shock": _RATE,
    },
    "additionalProperties": False,
}
_REINSURANCE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "default_rate": _RATE,
        "loss_given_default": _RATE,
        "loss_ratios": {
            "type": "object",
            "additionalProperties": {"type": "number", "minimum": 0, "maximum": 5},
        },
    },
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "surrender_reserve_share": _RATE,
        "reinsurance": _REINSURANCE,
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
                    "lapse": _SHARES,
                    "claims_factor": {"type": "number", "minimum": 0, "maximum": 10},
                    "expense_per_month": _COST,
                    "expense_of_premium": _RATE,
                    "expense_of_claims": _RATE,
                    "expense_inflation": {"type": "number", "minimum": -0.1, "maximum": 0.3},
                    "cost_per_month": _COST,
                    "cost_of_premium": _RATE,
                    "reported": _SHARES,
                    "paid": _SHARES,
                    "ibnr": _IBNR,
                    "paa": _PAA,
                    "risk": _RISK,
                    "stress": _STRESS,
                    "finance": {"enum": [PL, OCI]},
                    "loss": {"enum": [RATIO, UNITS]},
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


class MissingPortfolio(DomainError):
    """The set of assumptions lacks a portfolio that has contracts."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = sorted(lines)
        super().__init__(
            _(
                "The assumptions lack %(lines)s: there are contracts in it. Add lapse, claims,"
                " expenses, risk adjustment and delays of that portfolio to the set."
            )
            % {"lines": ", ".join(self.lines)}
        )


@dataclass(frozen=True, slots=True)
class Risk:
    """How the risk adjustment of a portfolio is worked out.

    Args:
        method: CONFIDENCE (quantile of a normal loss) or CAPITAL (cost of capital).
        level: confidence level, above 0.5.
        volatility: standard deviation of the present value of claims as a share of it.
        capital: capital held as a share of the claims still to come.
        cost: annual cost of that capital.
        incurred: standard deviation of incurred claims as a share of them.
    """

    method: str = CONFIDENCE
    level: float = 0.75
    volatility: float = 0.0
    capital: float = 0.0
    cost: float = 0.06
    incurred: float = 0.0


@dataclass(frozen=True, slots=True)
class Stress:
    """Which changes of estimates are taken for possible when contracts are grouped at issue.

    Contracts that stay profitable under each of them have no significant possibility of becoming
    onerous (IFRS 17.19(a)).

    Args:
        claims: claims and the risk adjustment rise by this share, together with
        expenses: maintenance, which rises by this share.
        lapse: lapse rates rise, and in a scenario of its own fall, by this share.
    """

    claims: float = 0.1
    expenses: float = 0.1
    lapse: float = 0.3


@dataclass(frozen=True, slots=True)
class Unreported:
    """How claims incurred but not reported are estimated.

    Args:
        method: TRIANGLE (its pattern, once it is old enough) or DELAYS (``reported``).
        estimate: BF, BENKTANDER, CAPE_COD or CHAIN.
        excluded: links left out: (month of the accident, development), 0 first.
    """

    method: str = DELAYS
    estimate: str = BF
    excluded: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Allocation:
    """How a portfolio is measured by premium allocation.

    Args:
        acquisition: DEFER, or EXPENSE where no contract covers more than a year.
        financing: whether the liability bears interest at the rate locked in (IFRS 17.56).
        release: how risk is released over the calendar months January to December, relative to
            each other (B126(b)); empty: by the passage of time.
        tolerance: difference to the general model that is not material, of the liability.
        shock: change of claims that is reasonably expected, for the test of eligibility.
    """

    acquisition: str = DEFER
    financing: bool = False
    release: tuple[float, ...] = ()
    tolerance: float = 0.05
    shock: float = 0.1


@dataclass(frozen=True, slots=True)
class LineAssumptions:
    """Assumptions of one portfolio.

    Args:
        lapse: annual rate of ending by lapse or surrender, by policy year; the last one stays.
        claims_factor: expected claims as a share of the claims that the product is priced with
            (multiplier on its mortality or incidence).
        expense_per_month: maintenance, won a contract and month, at today's prices.
        expense_of_premium: share of each premium that maintenance and collection cost.
        expense_of_claims: loss adjustment as a share of claims.
        expense_inflation: a year.
        reported: cumulative share of claims reported by the end of month 0, 1, 2 … after the
            month in which they happen; complete after the last.
        cost_per_month: what maintenance really costs, won a contract and month: the allocation
            that is booked. None: as expected.
        cost_of_premium: likewise, share of the premiums of the month.
        paid: cumulative share of incurred claims paid by the end of month 1, 2 … from now.
        ibnr: how claims not yet reported are estimated.
        paa: options of premium allocation.
        risk: risk adjustment.
        stress: changes of estimates against which contracts are grouped at issue.
        finance: PL or OCI.
        loss: RATIO or UNITS.
    """

    lapse: tuple[float, ...]
    claims_factor: float
    expense_per_month: float
    expense_of_premium: float
    expense_of_claims: float
    expense_inflation: float
    reported: tuple[float, ...]
    cost_per_month: float | None = None
    cost_of_premium: float | None = None
    paid: tuple[float, ...] = (1.0,)
    ibnr: Unreported = Unreported()
    paa: Allocation = Allocation()
    risk: Risk = Risk()
    stress: Stress = Stress()
    finance: str = PL
    loss: str = RATIO


_LOSS_RATIOS = {"EXCESS": 0.6, "CATASTROPHE": 0.35, "STOP_LOSS": 0.35}


@dataclass(frozen=True, slots=True)
class Reinsurance:
    """Assumptions of reinsurance contracts held.

    Args:
        default_rate: probability a year that a reinsurer does not pay.
        loss_given_default: part that is then lost.
        loss_ratios: kind of treaty → expected recoveries per won of premium, for layers over
            claims whose size is not the sum insured.
    """

    default_rate: float = 0.0005
    loss_given_default: float = 0.5
    loss_ratios: Mapping[str, float] = field(default_factory=lambda: dict(_LOSS_RATIOS))


@dataclass(frozen=True, slots=True)
class Assumptions:
    """A checked set of assumptions."""

    discount: Mapping[str, float]
    lines: Mapping[str, LineAssumptions]
    reinsurance: Reinsurance = field(default_factory=Reinsurance)

    def rate(self, cohort_year: int) -> float:
        """Return the annual effective rate locked in for a cohort (IFRS 17.B72(b))."""
        return float(self.discount.get(str(cohort_year), self.discount["default"]))

    def line(self, line: str) -> LineAssumptions:
        """Return the assumptions of a portfolio.

        Raises:
            MissingPortfolio: the set does not name it.
        """
        if line not in self.lines:
            raise MissingPortfolio([line])
        return self.lines[line]


def problems(values: Mapping[str, Any]) -> list[str]:
    """Return what forbids a set of assumptions, with paths; empty if it may be used."""
    found = [f"{e.json_path}: {e.message}" for e in _VALIDATOR.iter_errors(values)]
    for line, one in values.get("lines", {}).items() if not found else ():
        for name in ("reported", "paid"):
            shares = one.get(name, [1.0])
            if sorted(shares) != shares:
                found.append(f"$.lines.{line}.{name}: cumulative shares never fall")
        risk = one.get("risk", {})
        needed = {CONFIDENCE: ("level", "volatility"), CAPITAL: ("capital", "cost")}
        found += [
            f"$.lines.{line}.risk: {name!r} is needed by {risk['method']}"
            for name in needed.get(risk.get("method", ""), ())
            if name not in risk
        ]
    return found


def require(values: Mapping[str, Any], lines: Iterable[str]) -> None:
    """Refuse a set that lacks a portfolio with contracts.

    Raises:
        MissingPortfolio: with all that are missing.
    """
    missing = set(lines) - set(values["lines"])
    if missing:
        raise MissingPortfolio(missing)


def read(values: Mapping[str, Any]) -> Assumptions:
    """Read checked values."""
    return Assumptions(
        discount={year: float(rate) for year, rate in values["discount"].items()},
        lines={name: _line(one) for name, one in values["lines"].items()},
        reinsurance=Reinsurance(**values.get("reinsurance", {})),
    )


def _line(values: Mapping[str, Any]) -> LineAssumptions:
    given: dict[str, Any] = {
        key: tuple(float(v) for v in value) if isinstance(value, list) else value
        for key, value in values.items()
    }
    if "risk" in given:
        given["risk"] = Risk(**given["risk"])
    if "stress" in given:
        given["stress"] = Stress(**given["stress"])
    if "ibnr" in given:
        links = tuple((str(name), int(at)) for name, at in given["ibnr"].get("excluded", ()))
        given["ibnr"] = Unreported(**{**given["ibnr"], "excluded": links})
    if "paa" in given:
        release = tuple(float(weight) for weight in given["paa"].get("release", ()))
        given["paa"] = Allocation(**{**given["paa"], "release": release})
    return LineAssumptions(**given)
