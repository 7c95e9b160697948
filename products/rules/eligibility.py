"""Who and what a product accepts: ages, terms, sums, and the reason for each refusal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from numpy.typing import ArrayLike, NDArray

from products.rules.ruleset import RuleSet

Mask = NDArray[np.bool_]
Found = Iterator[tuple[str, Mask, Mapping[str, Any]]]

REASONS: dict[str, str | Promise] = {
    "AGE_BELOW": _("The insurance age of %(age)s is below the entry age of %(limit)s."),
    "AGE_ABOVE": _("The insurance age of %(age)s is above the entry age of %(limit)s."),
    "AGE_AT_END": _("At the end of the term the age would be %(age)s; the limit is %(limit)s."),
    "PLAN": _("A term of %(term)s with payment over %(pay)s is not offered at this age and sex."),
    "FREQUENCY": _("Payment %(per_year)s times a year is not offered."),
    "SUM_BELOW": _("The sum assured of %(sum)s won is below the minimum of %(limit)s won."),
    "SUM_ABOVE": _("The sum assured of %(sum)s won is above the maximum of %(limit)s won."),
    "SUM_STEP": _("The sum assured of %(sum)s won is not a multiple of %(limit)s won."),
    "SUM_AT_AGE": _(
        "At age %(age)s the sum assured may be %(limit)s won at most, but is %(sum)s won."
    ),
    "SUM_TOTAL": _(
        "With the %(existing)s won held already, the total would be above %(limit)s won."
    ),
    "CHOICE": _("%(value)s is not a choice of the field %(name)s."),
}


@dataclass(frozen=True)
class Refusal:
    """Why one row is not accepted.

    Attributes:
        row: number of the row in the batch.
        rule_type: the rule that refuses.
        code: key of the reason.
        params: figures of the reason.
    """

    row: int
    rule_type: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Return the reason in the language of the reader."""
        shown = {
            name: f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else value
            for name, value in self.params.items()
        }
        return str(REASONS[self.code]) % shown


def eligible(ruleset: RuleSet, columns: Mapping[str, ArrayLike]) -> list[Refusal]:
    """List every reason against every row of a batch.

    Args:
        ruleset: rules of one version.
        columns: as for `products.rules.rating.rate`; ``existing_sum`` (won already assured with
            the same product) counts toward the total where it is given.

    Returns:
        Refusals ordered by row; empty when all rows are accepted.
    """
    prepared = ruleset.prepare(columns)
    if "existing_sum" not in prepared:
        given = np.asarray(columns.get("existing_sum", 0), np.int64)
        prepared["existing_sum"] = np.broadcast_to(given, prepared["age"].shape)
    found: list[Refusal] = []
    checks = (("AGE_LIMIT", _ages), ("COVERAGE_LIMIT", _sums), ("PREMIUM_CALC", _choices))
    for rule_type, check in checks:
        for code, mask, limits in check(ruleset, prepared):
            for row in np.flatnonzero(mask):
                params = _params(prepared, int(row)) | dict(limits)
                found.append(Refusal(int(row), rule_type, code, params))
    return sorted(found, key=lambda refusal: refusal.row)


def _params(columns: Mapping[str, NDArray[Any]], row: int) -> dict[str, Any]:
    return {
        "age": int(columns["age"][row]),
        "term": months(int(columns["term_months"][row])),
        "pay": months(int(columns["pay_months"][row])),
        "per_year": int(columns["per_year"][row]),
        "sum": int(columns["sum_assured"][row]),
        "existing": int(columns["existing_sum"][row]),
    }


def months(count: int) -> str:
    """Say a term in words: whole of life, years, or months."""
    if count == 0:
        return str(_("the whole term"))
    if count % 12 == 0:
        return str(_("%(count)s years")) % {"count": count // 12}
    return str(_("%(count)s months")) % {"count": count}


def _ages(ruleset: RuleSet, columns: Mapping[str, NDArray[Any]]) -> Found:
    rule = ruleset.rules["AGE_LIMIT"]
    age, term, pay = columns["age"], columns["term_months"], columns["pay_months"]
    yield "AGE_BELOW", age < rule["min_age"], {"limit": rule["min_age"]}
    yield "AGE_ABOVE", age > rule["max_age"], {"limit": rule["max_age"]}
    if "max_age_at_end" in rule:
        at_end = age + term // 12
        too_old = (term > 0) & (at_end > rule["max_age_at_end"])
        for reached in np.unique(at_end[too_old]):
            limits = {"limit": rule["max_age_at_end"], "age": int(reached)}
            yield "AGE_AT_END", too_old & (at_end == reached), limits
    offered = np.zeros(age.shape, bool)
    for plan in rule["plans"]:
        fits = (term == plan["term_months"]) & np.isin(pay, plan["pay_months"])
        fits &= age >= plan.get("min_age", rule["min_age"])
        fits &= age <= plan.get("max_age", rule["max_age"])
        offered |= fits & np.isin(columns["sex"], plan.get("sexes", ["M", "F"]))
    inside = (age >= rule["min_age"]) & (age <= rule["max_age"])
    yield "PLAN", inside & ~offered, {}


def _sums(ruleset: RuleSet, columns: Mapping[str, NDArray[Any]]) -> Found:
    rule = ruleset.limits
    total = columns["sum_assured"]
    yield "SUM_BELOW", total < rule["min_sum"], {"limit": rule["min_sum"]}
    yield "SUM_ABOVE", total > rule["max_sum"], {"limit": rule["max_sum"]}
    yield "SUM_STEP", total % rule["step"] != 0, {"limit": rule["step"]}
    for band in rule.get("by_age", []):
        at_age = (columns["age"] >= band["from"]) & (columns["age"] <= band["to"])
        yield "SUM_AT_AGE", at_age & (total > band["max_sum"]), {"limit": band["max_sum"]}
    if "max_total_sum" in rule:
        over = total + columns["existing_sum"] > rule["max_total_sum"]
        yield "SUM_TOTAL", over, {"limit": rule["max_total_sum"]}


def _choices(ruleset: RuleSet, columns: Mapping[str, NDArray[Any]]) -> Found:
    offered = np.isin(columns["per_year"], ruleset.calc["payments_per_year"])
    yield "FREQUENCY", ~offered, {}
    for name, entry in ruleset.inputs().items():
        choices = [choice["value"] for choice in entry.get("choices", [])]
        if not choices:
            continue
        values = columns[name]
        wrong = ~np.isin(values, np.asarray(choices, values.dtype))
        for value in {values[row] for row in np.flatnonzero(wrong)}:
            yield "CHOICE", wrong & (values == value), {"name": name, "value": str(value)}
