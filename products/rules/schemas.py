"""Checking of rules: one JSON Schema per rule type, then the sense of the figures."""

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry, Resource

from products.rules import sense
from products.rules.problems import Problem, path_of

DIRECTORY = Path(__file__).resolve().parent.parent / "data" / "schemas"


class RuleType(StrEnum):
    """Kinds of rule that a product version may hold, at most one of each."""

    AGE_LIMIT = "AGE_LIMIT"
    COVERAGE_LIMIT = "COVERAGE_LIMIT"
    PREMIUM_CALC = "PREMIUM_CALC"
    RESERVE = "RESERVE"
    UNDERWRITING = "UNDERWRITING"
    COMMISSION_RULE = "COMMISSION_RULE"
    CLAWBACK = "CLAWBACK"


REQUIRED = (
    RuleType.AGE_LIMIT,
    RuleType.COVERAGE_LIMIT,
    RuleType.PREMIUM_CALC,
    RuleType.RESERVE,
    RuleType.COMMISSION_RULE,
)
"""Rules without which a version cannot be published."""

TYPE_NAMES = {
    "object": _("an object with named fields"),
    "array": _("a list"),
    "string": _("a text"),
    "number": _("a number"),
    "integer": _("a whole number"),
    "boolean": _("true or false"),
}

REASONS = {
    "type": _("must be %(wanted)s"),
    "minimum": _("must be %(wanted)s or more, but is %(found)s"),
    "maximum": _("must be %(wanted)s or less, but is %(found)s"),
    "enum": _("must be one of %(wanted)s, but is %(found)s"),
    "const": _("must be %(wanted)s, but is %(found)s"),
    "pattern": _("has a form that is not allowed here: %(found)s"),
    "minItems": _("needs at least %(wanted)s entry"),
    "uniqueItems": _("names the same entry twice"),
    "minLength": _("must not be empty"),
}
MISSING = _("is missing")
UNKNOWN = _("is not a field of this rule")
UNFIT = _("has none of the allowed forms: %(found)s")


@cache
def _registry() -> Registry[Any]:
    common = json.loads((DIRECTORY / "common.json").read_text(encoding="utf-8"))
    return Registry().with_resource("common.json", Resource.from_contents(common))


@cache
def schema(rule_type: str) -> dict[str, Any]:
    """Return the JSON Schema of a rule type.

    Raises:
        ValueError: there is no such rule type.
    """
    name = RuleType(rule_type)
    return json.loads((DIRECTORY / f"{name}.json").read_text(encoding="utf-8"))


def problems_of(rule_type: str, value: Any) -> list[Problem]:
    """List every fault of one rule.

    Args:
        rule_type: one of `RuleType`.
        value: the rule as parsed from JSON.

    Returns:
        Faults of form; if there are none, faults of sense. Empty for a sound rule.

    Raises:
        ValueError: there is no such rule type.
    """
    validator = Draft202012Validator(schema(rule_type), registry=_registry())
    found: list[Problem] = []
    for error in sorted(validator.iter_errors(value), key=lambda e: path_of(e.absolute_path)):
        found.extend(_plain(rule_type, error))
    return found or sense.problems_of(rule_type, value)


def problems_of_set(rules: Mapping[str, Any], *, complete: bool) -> list[Problem]:
    """List every fault of a version's rules, one by one and between them.

    Args:
        rules: rule by type.
        complete: also demand the rules without which nothing can be published.
    """
    found: list[Problem] = []
    if complete:
        found = [Problem(name, "$", MISSING) for name in REQUIRED if name not in rules]
    for rule_type, value in rules.items():
        found.extend(problems_of(rule_type, value))
    return found or sense.problems_between(rules)


def _plain(rule_type: str, error: ValidationError) -> list[Problem]:
    """Say one schema error in plain words; missing and unknown fields by their own path."""
    parts = list(error.absolute_path)
    kind, given = str(error.validator), cast("Any", error.validator_value)
    if kind == "required":
        absent = [name for name in given if name not in cast("dict[str, Any]", error.instance)]
        named = [name for name in absent if f"'{name}'" in error.message]
        return [Problem(rule_type, path_of([*parts, name]), MISSING) for name in named]
    if kind == "additionalProperties" and given is False:
        known = cast("dict[str, Any]", error.schema).get("properties", {})
        extra = [name for name in cast("dict[str, Any]", error.instance) if name not in known]
        return [Problem(rule_type, path_of([*parts, name]), UNKNOWN) for name in extra]
    params = {"wanted": _wanted(kind, given), "found": _short(error.instance)}
    template = REASONS.get(kind, UNFIT)
    return [Problem(rule_type, path_of(parts), template, params)]


def _wanted(kind: str, value: Any) -> Any:
    if kind == "type":
        names = value if isinstance(value, list) else [value]
        return " / ".join(str(TYPE_NAMES.get(name, name)) for name in names)
    return ", ".join(str(v) for v in value) if isinstance(value, list) else value


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
