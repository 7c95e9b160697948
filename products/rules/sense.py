"""The sense of rules whose form is right: limits in order, shares that sum, cells that parse."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from products.rules import jdm, tables
from products.rules.problems import Problem, path_of

STANDARD_INPUTS = frozenset({"age", "sex", "term_months", "pay_months", "per_year", "sum_assured"})
"""Inputs that every quote has; rules need not declare them."""

UW_RESULTS = ("PASS", "CONDITION", "REFER", "REJECT")

ORDER = _("%(low)s is above %(high)s")
TWICE = _("%(what)s stands here twice")
WHOLE_YEARS = _("must be whole years, in months")
SHORT = _(
    "a cover of less than a year needs rates of the whole cover (per_cover) and unearned premium"
)
LONGER = _("payment of %(pay)s months is longer than the term of %(term)s months")
NO_TABLE = _("there is no sound rate table %(table)s: %(why)s")
ONE_RATE = _("needs either a table or an annual rate, not both and not neither")
TOO_LOADED = _("the loadings on each premium sum to %(sum)s; they must stay below 1")
UNDECLARED = _("reads the input %(name)s, which the rule does not declare")
UNREADABLE = _("cannot be read: %(why)s")
ONE_SOURCE = _("needs either a table or an expression")
NO_OUTPUT = _("needs an output column %(name)s")
NOT_A_COLUMN = _("%(name)s is not a column of this table")
RESULT = _("the result %(found)s is not one of %(wanted)s")
FIRST_RATE = _("the first premium earns %(first)s %% here, but comm_rate is %(wanted)s")
OVER_CAP = _("the first twelve instalments sum to %(sum)s %%, above the cap of %(cap)s %%")
ASCENDING = _("instalments must ascend; %(found)s follows %(before)s")
GAP = _("starts at %(found)s, but must start at %(wanted)s")
BENEFIT = _("pays nothing: give sum_ratio or fixed_sum")
NO_COVERAGE = _("%(code)s is not a coverage of COVERAGE_LIMIT")
NO_BASIS = _("a net premium reserve needs a basis")
SURRENDER = _("a net premium reserve needs the terms of surrender")
DEFAULT = _("the default %(found)s is not one of the choices")
NO_CHOICES = _("a choice needs its choices")
ODD_STEP = _("%(what)s is not a multiple of the step %(step)s")

Check = Callable[[Mapping[str, Any]], Iterator[tuple[list[str | int], Any, dict[str, Any]]]]
Fault = tuple[list[str | int], Any, dict[str, Any]]


def problems_of(rule_type: str, value: Mapping[str, Any]) -> list[Problem]:
    """List what makes no sense in one rule of sound form."""
    return [
        Problem(rule_type, path_of(path), template, params)
        for path, template, params in CHECKS[rule_type](value)
    ]


def problems_between(rules: Mapping[str, Any]) -> list[Problem]:
    """List contradictions between the rules of a version."""
    if "COVERAGE_LIMIT" not in rules:
        return []
    known = {entry["code"] for entry in rules["COVERAGE_LIMIT"]["coverages"]}
    found = []
    for rule_type in ("PREMIUM_CALC", "RESERVE"):
        basis = rules.get(rule_type, {}).get("basis")
        if not isinstance(basis, Mapping):
            continue
        for row, entry in enumerate(basis["coverages"]):
            if entry["code"] not in known:
                path = path_of(["basis", "coverages", row, "code"])
                found.append(Problem(rule_type, path, NO_COVERAGE, {"code": entry["code"]}))
    return found + _short_covers(rules)


def _short_covers(rules: Mapping[str, Any]) -> list[Problem]:
    """A cover of less than a year is priced by the cover and reserved as unearned premium."""
    plans = rules.get("AGE_LIMIT", {}).get("plans", [])
    basis = rules.get("PREMIUM_CALC", {}).get("basis", {})
    unearned = rules.get("RESERVE", {}).get("method") != "NET_PREMIUM"
    return [
        Problem("AGE_LIMIT", path_of(["plans", row, "term_months"]), SHORT, {})
        for row, plan in enumerate(plans)
        if 0 < plan["term_months"] < 12 and not (basis.get("per_cover") and unearned)
    ]


def _ordered(value: Mapping[str, Any], low: str, high: str) -> Iterator[Fault]:
    if low in value and high in value and value[low] > value[high]:
        yield [low], ORDER, {"low": value[low], "high": value[high]}


def _under(prefix: list[str | int], faults: Iterator[Fault]) -> Iterator[Fault]:
    for path, template, params in faults:
        yield [*prefix, *path], template, params


def _age_limit(value: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _ordered(value, "min_age", "max_age")
    seen = set()
    for row, plan in enumerate(value["plans"]):
        at: list[str | int] = ["plans", row]
        yield from _under(at, _ordered(plan, "min_age", "max_age"))
        term = plan["term_months"]
        if term % 12 and term > 12:
            yield [*at, "term_months"], WHOLE_YEARS, {}
        for index, pay in enumerate(plan["pay_months"]):
            if pay % 12 and (pay > 12 or not term or term > 12):
                yield [*at, "pay_months", index], WHOLE_YEARS, {}
            if term and pay > term:
                yield [*at, "pay_months", index], LONGER, {"pay": pay, "term": term}
            key = (term, pay, *plan.get("sexes", ()))
            if key in seen:
                yield at, TWICE, {"what": f"{term}/{pay}"}
            seen.add(key)


def _coverage_limit(value: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _ordered(value, "min_sum", "max_sum")
    yield from _ordered(value, "max_sum", "max_total_sum")
    for name in ("min_sum", "max_sum"):
        if value[name] % value["step"]:
            yield [name], ODD_STEP, {"what": value[name], "step": value["step"]}
    for row, band in enumerate(value.get("by_age", [])):
        yield from _under(["by_age", row], _ordered(band, "from", "to"))
    seen = set()
    for row, entry in enumerate(value["coverages"]):
        if entry["code"] in seen:
            yield ["coverages", row, "code"], TWICE, {"what": entry["code"]}
        seen.add(entry["code"])
        if not entry.get("sum_ratio") and not entry.get("fixed_sum"):
            yield ["coverages", row], BENEFIT, {}


def _table_exists(table_id: str) -> str:
    try:
        tables.load(table_id)
    except tables.BadTable as error:
        return str(error)
    return ""


def _basis(basis: Mapping[str, Any]) -> Iterator[Fault]:
    for row, table_id in enumerate(basis["exits"]):
        if why := _table_exists(table_id):
            yield ["exits", row], NO_TABLE, {"table": table_id, "why": why}
    for row, table_id in enumerate(basis.get("waivers", [])):
        if why := _table_exists(table_id):
            yield ["waivers", row], NO_TABLE, {"table": table_id, "why": why}
    seen = set()
    for row, entry in enumerate(basis["coverages"]):
        at: list[str | int] = ["coverages", row]
        if entry["code"] in seen:
            yield [*at, "code"], TWICE, {"what": entry["code"]}
        seen.add(entry["code"])
        if ("table" in entry) == ("annual_rate" in entry):
            yield at, ONE_RATE, {}
        elif "table" in entry and (why := _table_exists(entry["table"])):
            yield [*at, "table"], NO_TABLE, {"table": entry["table"], "why": why}
    each = ("alpha_each_premium", "beta_premium", "gamma", "claim_expense")
    share = sum(Decimal(str(basis.get("loadings", {}).get(name, 0))) for name in each)
    if share >= 1:
        yield ["loadings"], TOO_LOADED, {"sum": share}


def _inputs(entries: list[Mapping[str, Any]]) -> Iterator[Fault]:
    seen = set()
    for row, entry in enumerate(entries):
        at: list[str | int] = ["inputs", row]
        if entry["name"] in seen:
            yield [*at, "name"], TWICE, {"what": entry["name"]}
        seen.add(entry["name"])
        choices = [choice["value"] for choice in entry.get("choices", [])]
        if entry["type"] == "choice" and not choices:
            yield at, NO_CHOICES, {}
        if choices and entry["default"] not in choices:
            yield [*at, "default"], DEFAULT, {"found": entry["default"]}


def _table(table: Mapping[str, Any], declared: frozenset[str], output: str) -> Iterator[Fault]:
    for row, column in enumerate(table["inputs"]):
        if column["field"] not in declared:
            yield ["inputs", row, "field"], UNDECLARED, {"name": column["field"]}
    if output not in {column["field"] for column in table["outputs"]}:
        yield ["outputs"], NO_OUTPUT, {"name": output}
    conditions = {column["id"] for column in table["inputs"]}
    answers = {column["id"] for column in table["outputs"]}
    seen = set()
    for row, rule in enumerate(table["rules"]):
        if rule["_id"] in seen:
            yield ["rules", row, "_id"], TWICE, {"what": rule["_id"]}
        seen.add(rule["_id"])
        yield from _under(["rules", row], _cells(rule, conditions, answers))


def _cells(rule: Mapping[str, str], conditions: set[str], answers: set[str]) -> Iterator[Fault]:
    for column, cell in rule.items():
        if column in conditions:
            why = jdm.cell_problem(cell)
        elif column in answers:
            why = jdm.expression_problem(cell)
        else:
            why = ""
            if not column.startswith("_"):
                yield [column], NOT_A_COLUMN, {"name": column}
        if why:
            yield [column], UNREADABLE, {"why": why}


def _factor(factor: Mapping[str, Any], declared: frozenset[str]) -> Iterator[Fault]:
    if ("table" in factor) == ("expression" in factor):
        yield [], ONE_SOURCE, {}
    elif "table" in factor:
        yield from _under(["table"], _table(factor["table"], declared, "factor"))
    elif why := jdm.expression_problem(factor["expression"]):
        yield ["expression"], UNREADABLE, {"why": why}
    else:
        for name in sorted(jdm.names_in(factor["expression"]) - declared):
            yield ["expression"], UNDECLARED, {"name": name}


def _premium_calc(value: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _under(["basis"], _basis(value["basis"]))
    yield from _inputs(value.get("inputs", []))
    declared = STANDARD_INPUTS | {entry["name"] for entry in value.get("inputs", [])}
    priced = {entry["code"] for entry in value["basis"]["coverages"]}
    for row, factor in enumerate(value.get("factors", [])):
        yield from _under(["factors", row], _factor(factor, declared))
        for index, code in enumerate(factor.get("coverages", [])):
            if code not in priced:
                yield ["factors", row, "coverages", index], NO_COVERAGE, {"code": code}


def _commission(value: Mapping[str, Any]) -> Iterator[Fault]:
    before, first, first_year = 0, Decimal(0), Decimal(0)
    for row, entry in enumerate(value["instalments"]):
        number, rate = entry["instalment"], Decimal(str(entry["rate"]))
        if number <= before:
            path: list[str | int] = ["instalments", row, "instalment"]
            yield path, ASCENDING, {"found": number, "before": before}
        before = number
        if (row, number) == (0, 1):
            first = rate
        first_year += rate if number <= 12 else 0
    wanted = Decimal(str(value["comm_rate"]))
    if first != wanted:
        yield ["instalments"], FIRST_RATE, {"first": first, "wanted": wanted}
    cap = 100 * Decimal(str(value["cap"]["first_year_multiple"]))
    if first_year > cap:
        yield ["instalments"], OVER_CAP, {"sum": first_year, "cap": cap}


def _clawback(value: Mapping[str, Any]) -> Iterator[Fault]:
    wanted = 1
    for row, band in enumerate(value["table"]):
        if band["from"] != wanted:
            yield ["table", row, "from"], GAP, {"found": band["from"], "wanted": wanted}
        yield from _under(["table", row], _ordered(band, "from", "to"))
        wanted = band["to"] + 1


def _reserve(value: Mapping[str, Any]) -> Iterator[Fault]:
    basis = value.get("basis")
    if isinstance(basis, Mapping):
        yield from _under(["basis"], _basis(basis))
    if value["method"] == "NET_PREMIUM":
        if basis is None:
            yield ["basis"], NO_BASIS, {}
        if "surrender" not in value:
            yield ["surrender"], SURRENDER, {}


def _underwriting(value: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _inputs(value["inputs"])
    declared = STANDARD_INPUTS | {entry["name"] for entry in value["inputs"]}
    table = value["table"]
    yield from _under(["table"], _table(table, declared, "result"))
    results = [column["id"] for column in table["outputs"] if column["field"] == "result"]
    for row, rule in enumerate(table["rules"]):
        for column in results:
            found = rule.get(column, "").strip("'\"")
            if found not in UW_RESULTS:
                params = {"found": found, "wanted": ", ".join(UW_RESULTS)}
                yield ["table", "rules", row, column], RESULT, params


CHECKS: Mapping[str, Check] = {
    "AGE_LIMIT": _age_limit,
    "COVERAGE_LIMIT": _coverage_limit,
    "PREMIUM_CALC": _premium_calc,
    "RESERVE": _reserve,
    "UNDERWRITING": _underwriting,
    "COMMISSION_RULE": _commission,
    "CLAWBACK": _clawback,
}
