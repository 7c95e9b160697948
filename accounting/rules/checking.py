"""Whether a posting rule may be used: shape, columns, accounts, and that its lines balance.

Balance is proved for all amounts at once: for every combination of the values that lines ask for,
the factor of each column must be the same on both sides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator

from accounting.rules.posting import AccountChoice, Line, read, terms

_CHOICE: dict[str, Any] = {
    "oneOf": [
        {"type": "string", "minLength": 1, "maxLength": 10},
        {
            "type": "object",
            "properties": {
                "column": {"type": "string"},
                "of": {
                    "type": "object",
                    "minProperties": 1,
                    "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 10},
                },
                "else": {"$ref": "#/$defs/account"},
            },
            "required": ["column"],
            "additionalProperties": False,
        },
    ]
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$defs": {"account": _CHOICE},
    "type": "object",
    "properties": {
        "keys": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "items": {"type": "string"},
        },
        "lines": {
            "type": "array",
            "minItems": 2,
            "maxItems": 40,
            "items": {
                "type": "object",
                "properties": {
                    "side": {"enum": ["D", "C"]},
                    "account": {"$ref": "#/$defs/account"},
                    "amount": {"type": "string", "minLength": 1},
                    "reference": {"type": "string"},
                    "when": {
                        "type": "object",
                        "additionalProperties": {
                            "oneOf": [
                                {"type": "string"},
                                {"type": "array", "minItems": 1, "items": {"type": "string"}},
                            ]
                        },
                    },
                    "group": {"type": "boolean"},
                    "gather": {"type": "boolean"},
                },
                "required": ["side", "account", "amount"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["keys", "lines"],
    "additionalProperties": False,
}
_VALIDATOR = Draft202012Validator(SCHEMA)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a rule, and where."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def problems(
    *,
    keys: Sequence[str],
    lines: Sequence[Mapping[str, Any]],
    kinds: Mapping[str, str],
    accounts: Collection[str],
) -> list[Problem]:
    """Find everything that forbids a rule.

    Args:
        keys: the rule's key columns.
        lines: the rule's lines.
        kinds: the event's columns by kind (``core.columns``), with ``group_code`` and
            ``measurement`` where the event knows the group.
        accounts: codes of the chart.

    Returns:
        The problems with their paths; empty if the rule may be used.
    """
    shape = [
        Problem(error.json_path, error.message)
        for error in _VALIDATOR.iter_errors({"keys": list(keys), "lines": list(lines)})
    ]
    if shape:
        return shape
    found = [
        Problem(f"$.keys[{i}]", _no_column(name))
        for i, name in enumerate(keys)
        if name not in kinds
    ]
    for i, line in enumerate(lines):
        if line.get("gather") and line.get("reference", keys[0]) not in keys:
            text = _("a gathered line refers to a key of the rule, not to %(name)s")
            found.append(Problem(f"$.lines[{i}].gather", text % {"name": line["reference"]}))
        found += _line_problems(f"$.lines[{i}]", line, kinds, accounts)
    return found or list(_imbalances(lines, keys))


def _line_problems(
    path: str, line: Mapping[str, Any], kinds: Mapping[str, str], accounts: Collection[str]
) -> Iterator[Problem]:
    try:
        amount = terms(line["amount"])
    except ValueError as error:
        yield Problem(f"{path}.amount", str(error))
        amount = ()
    for _factor, name in amount:
        if kinds.get(name) != "won":
            yield Problem(f"{path}.amount", _("the event has no amount %(name)s") % {"name": name})
    for name in line.get("when", {}):
        if name not in kinds:
            yield Problem(f"{path}.when", _no_column(name))
    if line.get("reference", "") not in {*kinds, ""}:
        yield Problem(f"{path}.reference", _no_column(line["reference"]))
    if line.get("group") and "group_code" not in kinds:
        yield Problem(f"{path}.group", _("the event does not know the group of contracts"))
    yield from _account_problems(f"{path}.account", line["account"], kinds, accounts)


def _account_problems(
    path: str, choice: Any, kinds: Mapping[str, str], accounts: Collection[str]
) -> Iterator[Problem]:
    if isinstance(choice, str):
        if choice not in accounts:
            yield Problem(path, _no_account(choice))
        return
    if choice["column"] not in kinds:
        yield Problem(f"{path}.column", _no_column(choice["column"]))
    for value, code in choice.get("of", {}).items():
        if code not in accounts:
            yield Problem(f"{path}.of.{value}", _no_account(code))
    if "else" in choice:
        yield from _account_problems(f"{path}.else", choice["else"], kinds, accounts)


def _imbalances(lines: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> Iterator[Problem]:
    rule = read("", keys, lines)
    values: dict[str, set[str | None]] = {}
    for line in rule.lines:
        for name, wanted in line.when.items():
            values.setdefault(name, {None}).update(wanted)  # None: any other value
    names = sorted(values)
    for case in product(*(sorted(values[name], key=str) for name in names)):
        situation = dict(zip(names, case, strict=True))
        for column, factor in sorted(_factors(rule.lines, situation).items()):
            if factor:
                yield Problem("$.lines", _gap(column, factor, situation))


def _gap(column: str, factor: int, situation: Mapping[str, str | None]) -> str:
    words = {"gap": f"{factor:+d} × {column}"}
    if not situation:
        return _("debits and credits differ by %(gap)s") % words
    where = ", ".join(f"{name} = {value or _('other')}" for name, value in situation.items())
    return _("debits and credits differ by %(gap)s where %(where)s") % {**words, "where": where}


def _no_column(name: str) -> str:
    return _("the event has no column %(name)s") % {"name": name}


def _no_account(code: str) -> str:
    return _("there is no account %(code)s") % {"code": code}


def _factors(lines: Sequence[Line], situation: Mapping[str, str | None]) -> dict[str, int]:
    factors: dict[str, int] = {}
    for line in lines:
        if all(situation[name] in wanted for name, wanted in line.when.items()):
            for factor, column in line.amount:
                factors[column] = factors.get(column, 0) + line.sign * factor
    return factors


def accounts_of(lines: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return every account that a rule names."""
    found: set[str] = set()
    rule = read("", ("key",), lines)
    for line in rule.lines:
        choice: AccountChoice | None = line.account
        while choice is not None:
            found |= {choice.code} if choice.code else set((choice.of or {}).values())
            choice = choice.other
    return found
