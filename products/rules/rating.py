"""Premiums of a batch: each distinct combination of inputs is priced and explained once."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import ArrayLike, NDArray

from products.rules import rounding
from products.rules.basis import Basis
from products.rules.jdm import Fired, RuleFailed, TableAnswer, codes_of, combine
from products.rules.premium import UnitPremium, unit_premium
from products.rules.ruleset import Factor, RuleSet

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KEYS = ("sex_index", "age", "term_months", "pay_months", "per_year")


@dataclass(frozen=True)
class Priced:
    """Distinct combinations of a batch, priced per won of sum assured; arrays are (combinations,).

    Attributes:
        inputs: inputs of each combination by name; the sum assured is not among them.
        fired: what each factor answered, per factor in order.
        values: value of each factor, (factors, combinations).
        unit: unit premiums before gross factors.
        gross_factor: product of the gross factors.
    """

    inputs: Mapping[str, NDArray[Any]]
    fired: tuple[tuple[Fired, ...], ...]
    values: Floats
    unit: UnitPremium
    gross_factor: Floats


@dataclass(frozen=True)
class Rating:
    """Premiums of a batch and what stands behind them.

    Attributes:
        ruleset: the rules.
        premiums: (n,) int64 won, gross premium of one instalment.
        index: (n,) number of each row's combination.
        priced: the combinations.
    """

    ruleset: RuleSet
    premiums: Ints
    index: Ints
    priced: Priced

    @cached_property
    def digests(self) -> tuple[str, ...]:
        """Key of each combination's trace: the same rules and inputs give the same key."""
        return tuple(self._digest(combination) for combination in range(self.combinations))

    @property
    def combinations(self) -> int:
        """How many distinct combinations the batch has."""
        return len(self.priced.gross_factor)

    def _digest(self, combination: int) -> str:
        rows = [answers[combination].rows for answers in self.priced.fired]
        key = [self.ruleset.product_code, self.ruleset.version, self.ruleset.digest]
        text = json.dumps([*key, self._inputs(combination), rows], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def _inputs(self, combination: int) -> dict[str, Any]:
        return {
            name: column[combination].item()
            if isinstance(column[combination], np.generic)
            else column[combination]
            for name, column in self.priced.inputs.items()
        }

    def trace(self, combination: int) -> dict[str, Any]:
        """Return how a combination's premium comes about, as JSON values.

        Args:
            combination: a value of ``index``.

        Returns:
            Rule version, inputs, basis, table rows that fired, formula steps and rounding. The
            amount follows from ``unit_premium × sum assured + constant_premium``, rounded.
        """
        one = _Steps(self, combination)
        unit, mode = self.ruleset.rounding
        factor = float(self.priced.gross_factor[combination])
        return {
            "rule": {
                "product_code": self.ruleset.product_code,
                "version": self.ruleset.version,
                "rule_type": "PREMIUM_CALC",
                "digest": self.ruleset.digest,
            },
            "inputs": self._inputs(combination),
            "declared": {
                name: {key: entry[key] for key in ("label", "choices") if key in entry}
                for name, entry in self.ruleset.inputs("PREMIUM_CALC").items()
            },
            "basis": one.basis(),
            "factors": one.factors(),
            "steps": one.steps(),
            "unit_premium": float(self.priced.unit.per_sum[combination]) * factor,
            "constant_premium": float(self.priced.unit.constant[combination]) * factor,
            "rounding": {"unit": unit, "mode": str(mode)},
        }


class _Steps:
    """Parts of one combination's trace."""

    def __init__(self, rating: Rating, combination: int) -> None:
        self.rating = rating
        self.row = combination

    def _at(self, column: NDArray[Any]) -> float:
        return float(column[self.row])

    def basis(self) -> dict[str, Any]:
        """Return tables, interest, loadings and the commutation values of this age and term."""
        basis: Basis = self.rating.ruleset.basis
        table, inputs = basis.table, self.rating.priced.inputs
        sex, age = int(inputs["sex_index"][self.row]), int(inputs["age"][self.row])
        unit = self.rating.priced.unit
        end = min(age + int(unit.years[self.row]), table.end)
        paid = min(age + int(unit.pay_years[self.row]), table.end)
        calc = self.rating.ruleset.calc["basis"]
        here = table.at(sex, age)
        return {
            "interest": basis.interest,
            "claim_timing": str(basis.timing),
            "exits": list(basis.exits),
            "loadings": dict(calc.get("loadings", {})),
            "years": int(unit.years[self.row]),
            "pay_years": int(unit.pay_years[self.row]),
            "D_x": float(table.d[here]),
            "D_end": float(table.d[table.at(sex, end, age)]),
            "D_paid": float(table.d[table.at(sex, paid, age)]),
            "N_x": float(table.paying[1][here]),
            "N_paid": float(table.paying[1][table.at(sex, paid, age)]),
            "coverages": [
                {
                    "code": coverage.code,
                    "name": dict(coverage.name),
                    "table": coverage.table,
                    "annual_rate": coverage.annual_rate,
                    "rate_factor": coverage.rate_factor,
                    "sum_ratio": coverage.sum_ratio,
                    "fixed_sum": coverage.fixed_sum,
                    "waiting_days": coverage.waiting_days,
                    "first_year_percent": coverage.first_year_percent,
                    "M_x": float(table.m[(row, *here)]),
                    "M_end": float(table.m[(row, *table.at(sex, end, age))]),
                    "C_x": float(table.c[(row, *here)]),
                }
                for row, coverage in enumerate(basis.coverages)
            ],
        }

    def factors(self) -> list[dict[str, Any]]:
        """Return the rows that fired, with conditions and values."""
        out = []
        for row, factor in enumerate(self.rating.ruleset.factors):
            fired = self.rating.priced.fired[row][self.row]
            out.append(
                {
                    "code": factor.code,
                    "name": dict(factor.name),
                    "applies_to": factor.applies_to,
                    "coverages": list(factor.coverages),
                    "row": fired.rows[0] if fired.rows else "",
                    "note": fired.notes[0] if fired.notes else "",
                    "conditions": dict(fired.conditions[0]) if fired.conditions else {},
                    "value": float(self.rating.priced.values[row, self.row]),
                }
            )
        return out

    def steps(self) -> list[dict[str, Any]]:
        """Return the formula steps in order; names are codes that the face translates."""
        unit = self.rating.priced.unit
        net = unit.net
        return [
            {
                "code": "NET_SINGLE",
                "formula": "Σ (M_x − M_x+n) / D_x",
                "value": self._at(net.single),
            },
            {
                "code": "ANNUITY",
                "formula": "[N_x − N_x+m − (k−1)/2k · (D_x − D_x+m)] / D_x",
                "value": self._at(net.annuity_instalment),
            },
            {"code": "NET_ANNUAL", "formula": "A / ä", "value": self._at(net.annual)},
            {"code": "NET_INSTALMENT", "formula": "A / (k · ä)", "value": self._at(net.instalment)},
            {
                "code": "GROSS_UNIT",
                "formula": "[P + α/(k·ä) + β/k] / (1 − α_P/ä − β_P − γ − ce)",
                "value": self._at(unit.per_sum),
            },
            {
                "code": "GROSS_CONSTANT",
                "formula": "P / (1 − α_P/ä − β_P − γ − ce)",
                "value": self._at(unit.constant),
            },
            {
                "code": "GROSS_FACTOR",
                "formula": "Π",
                "value": self._at(self.rating.priced.gross_factor),
            },
        ]


def rate(ruleset: RuleSet, columns: Mapping[str, ArrayLike]) -> Rating:
    """Price a batch.

    Args:
        ruleset: rules of one version.
        columns: ``age``, ``sex`` ("M"/"F" or 0/1), ``term_months`` (0 whole of life),
            ``pay_months`` (0 the whole term), ``per_year`` (instalments a year, 0 single),
            ``sum_assured`` (won) and declared inputs; arrays (n,) or scalars.

    Returns:
        Premiums in whole won, rounded once at the end as the rule says, and the combinations
        behind them.

    Raises:
        RuleFailed: an input is missing, a factor table has no row for it, or the age lies outside
            the tables.
    """
    prepared = ruleset.prepare(columns)
    _within_tables(ruleset, prepared["age"])
    answers = tuple(factor.source.evaluate(prepared) for factor in ruleset.factors)
    first, index = combine(_codes(ruleset, prepared, answers), len(prepared["age"]))
    values = np.array(
        [
            _values(factor, answer)[answer.index[first]]
            for factor, answer in zip(ruleset.factors, answers, strict=True)
        ]
    ).reshape(len(answers), len(first))
    names = [*KEYS, *(name for name in ruleset.inputs("PREMIUM_CALC"))]
    inputs = {name: prepared[name][first] for name in names}
    unit = unit_premium(
        ruleset.basis,
        sex=inputs["sex_index"],
        **{name: inputs[name] for name in KEYS[1:]},
        risk_factor=_risk_factor(ruleset, values),
    )
    gross = _gross_factor(ruleset, values, len(first))
    priced = Priced(
        inputs=inputs,
        fired=tuple(tuple(a.outcomes[i] for i in a.index[first]) for a in answers),
        values=values,
        unit=unit,
        gross_factor=gross,
    )
    per_sum, constant = (unit.per_sum * gross)[index], (unit.constant * gross)[index]
    unit_won, mode = ruleset.rounding
    amount = per_sum * prepared["sum_assured"] + constant
    premiums = rounding.whole(amount, unit=unit_won, mode=mode)
    return Rating(ruleset=ruleset, premiums=premiums, index=index, priced=priced)


def _within_tables(ruleset: RuleSet, age: Ints) -> None:
    """Refuse ages that the tables do not know."""
    oldest = max(ruleset.basis.table.omega)
    bad = age[(age < 0) | (age > oldest)]
    if bad.size:
        params = {"code": ruleset.product_code, "age": int(bad[0]), "oldest": oldest}
        msg = _("%(code)s has no rates at age %(age)s; its tables end at %(oldest)s.") % params
        raise RuleFailed(msg)


def _codes(
    ruleset: RuleSet, prepared: Mapping[str, NDArray[Any]], answers: tuple[TableAnswer, ...]
) -> list[Ints]:
    """Return what makes combinations distinct: standard and declared inputs, and rows fired."""
    names = [*KEYS, *ruleset.inputs("PREMIUM_CALC")]
    return [*(codes_of(prepared[name])[1] for name in names), *(a.index for a in answers)]


def _values(factor: Factor, answer: TableAnswer) -> Floats:
    """Return the factor of each outcome of a table.

    Raises:
        RuleFailed: no row of the table applies, or the answer is not a positive number.
    """
    values = np.empty(len(answer.outcomes))
    for row, fired in enumerate(answer.outcomes):
        value = fired.outputs[0].get("factor") if fired.outputs else None
        if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
            msg = _("%(rule)s has no positive factor for these inputs.") % {"rule": factor.code}
            raise RuleFailed(msg)
        values[row] = value
    return values


def _risk_factor(ruleset: RuleSet, values: Floats) -> Floats | None:
    """Return the multiplier on each coverage, (coverages, combinations), None where all are 1."""
    risks = [row for row, factor in enumerate(ruleset.factors) if factor.applies_to == "risk"]
    if not risks:
        return None
    codes = [coverage.code for coverage in ruleset.basis.coverages]
    out = np.ones((len(codes), values.shape[1]))
    for row in risks:
        touched = ruleset.factors[row].coverages or codes
        for code in touched:
            out[codes.index(code)] *= values[row]
    return out


def _gross_factor(ruleset: RuleSet, values: Floats, combinations: int) -> Floats:
    """Return the multiplier on the gross premium, (combinations,)."""
    out = np.ones(combinations)
    for row, factor in enumerate(ruleset.factors):
        if factor.applies_to == "gross":
            out = out * values[row]
    return out


def amount_from(trace: Mapping[str, Any], sum_assured: int) -> int:
    """Recompute a premium in won from a stored trace.

    Args:
        trace: as returned by `Rating.trace`.
        sum_assured: won.
    """
    exact = trace["unit_premium"] * sum_assured + trace["constant_premium"]
    rule = trace["rounding"]
    mode = rounding.Mode(rule["mode"])
    return int(rounding.whole(exact, unit=int(rule["unit"]), mode=mode))
