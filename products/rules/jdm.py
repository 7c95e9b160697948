"""Decision tables and expressions of ZEN, evaluated once per distinct combination of inputs.

A table is the content of a JSON Decision Model decision table node: ``hitPolicy``, ``inputs``,
``outputs`` and ``rules``, each rule with an ``_id`` and one cell per column id.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import zen
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from core.errors import DomainError

Columns = Mapping[str, NDArray[Any]]
Ints = NDArray[np.int64]

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*(?!\s*\(|[A-Za-z0-9_.])")
_WORDS = frozenset({"true", "false", "null", "and", "or", "not", "in"})
_ENGINE = zen.ZenEngine()


class RuleFailed(DomainError):
    """A rule cannot be evaluated on these inputs; the text names the rule and the input."""


@dataclass(frozen=True)
class Fired:
    """What a table answered for one combination.

    Attributes:
        rows: ids of the rules that applied, in order; empty when none did.
        conditions: per applied rule, the cells that were tested, by field.
        outputs: per applied rule, the values by output field.
        notes: per applied rule, its description.
    """

    rows: tuple[str, ...]
    conditions: tuple[Mapping[str, str], ...]
    outputs: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class TableAnswer:
    """Answers of a batch: ``outcomes[index[i]]`` is the answer for row i."""

    index: Ints
    outcomes: tuple[Fired, ...]


def cannot(rule: str, context: Mapping[str, Any]) -> str:
    """Return the refusal of a rule that has no answer for these inputs."""
    shown = ", ".join(f"{name} = {value}" for name, value in context.items())
    return _("%(rule)s has no answer for %(inputs)s.") % {"rule": rule, "inputs": shown}


def names_in(expression: str) -> frozenset[str]:
    """Return the variables that an expression reads."""
    bare = _QUOTED.sub("", expression)
    return frozenset(_NAME.findall(bare)) - _WORDS


def cell_problem(cell: str) -> str:
    """Return why a condition cell cannot be read, or an empty string. An empty cell is free."""
    return _problem(zen.compile_unary_expression, cell) if cell.strip() else ""


def expression_problem(expression: str) -> str:
    """Return why an expression cannot be read, or an empty string."""
    return _problem(zen.compile_expression, expression)


def _problem(compile_: Callable[[str], Any], text: str) -> str:
    try:
        compile_(text)
    except RuntimeError as error:
        return str(json.loads(str(error).splitlines()[0]).get("source", "unreadable"))
    return ""


def _plain(value: Any) -> Any:
    """Return a NumPy scalar as the Python value that JSON knows."""
    return value.item() if isinstance(value, np.generic) else value


def combine(codes: Sequence[Ints], length: int) -> tuple[Ints, Ints]:
    """Number the distinct combinations of coded columns.

    Args:
        codes: columns of small non-negative integers, each (n,).
        length: n, for the case of no columns.

    Returns:
        The first row of each combination, and for each row the number of its combination.
    """
    if not codes:
        return np.zeros(min(1, length), np.int64), np.zeros(length, np.int64)
    key = np.zeros(length, np.int64)
    for code in codes:
        size = int(code.max(initial=0)) + 1
        if int(key.max(initial=0)) > np.iinfo(np.int64).max // max(size, 1) - 1:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
        key = key * size + code
    _, first, index = np.unique(key, return_index=True, return_inverse=True)
    return first.astype(np.int64), index.astype(np.int64)


def codes_of(values: NDArray[Any]) -> tuple[list[Any], Ints]:
    """Return the distinct values of a column and each row's number among them."""
    if values.dtype == object:
        seen: dict[Any, int] = {}
        code = np.fromiter((seen.setdefault(v, len(seen)) for v in values), np.int64, len(values))
        return list(seen), code
    distinct, code = np.unique(values, return_inverse=True)
    return distinct.tolist(), code.astype(np.int64)


class DecisionTable:
    """A compiled decision table.

    Args:
        content: content of a JSON Decision Model decision table node.
        name: used in refusals.
    """

    def __init__(self, content: Mapping[str, Any], name: str = "") -> None:
        self.content = content
        self.name = name
        self.inputs = [(str(column["id"]), str(column["field"])) for column in content["inputs"]]
        self.fields = tuple(field for _, field in self.inputs)
        self.rules = {str(rule["_id"]): rule for rule in content["rules"]}
        self._decision = _ENGINE.create_decision(json.dumps(_graph(content)))
        self._tests = {
            field: [_test(str(rule.get(column, ""))) for rule in content["rules"]]
            for column, field in self.inputs
        }
        self._separable = not any(self._free_names())

    def _free_names(self) -> frozenset[str]:
        """Return variables read by cells or outputs beyond the column that a cell tests."""
        names: set[str] = set()
        outputs = [str(column["id"]) for column in self.content["outputs"]]
        for rule in self.content["rules"]:
            for column, _field in self.inputs:
                names |= names_in(str(rule.get(column, "")))
            for column in outputs:
                names |= names_in(str(rule.get(column, "")))
        return frozenset(names)

    def evaluate(self, columns: Columns) -> TableAnswer:
        """Answer a batch.

        Values that satisfy the same cells of their column form one class, and ZEN runs once for
        each combination of classes that occurs. A table whose cells or outputs read other
        variables runs once for each distinct combination of values.

        Args:
            columns: (n,) arrays by field; each input field of the table must be there.

        Raises:
            RuleFailed: an input is missing, or ZEN refuses a value.
        """
        length = len(next(iter(columns.values()))) if columns else 1
        if self._separable:
            context = self.fields
            codes = [self._classes(field, columns) for field in context]
        else:
            context = tuple(columns)
            codes = [codes_of(columns[name])[1] for name in context]
        first, index = combine(codes, length)
        outcomes = tuple(
            self._run({name: _plain(columns[name][row]) for name in context}) for row in first
        )
        return TableAnswer(index=index, outcomes=outcomes)

    def _classes(self, field: str, columns: Columns) -> Ints:
        """Number the rows by which cells of the column their value satisfies."""
        if field not in columns:
            msg = _("%(rule)s: the input %(name)s is missing.") % {"rule": self.name, "name": field}
            raise RuleFailed(msg)
        values, code = codes_of(columns[field])
        tests = self._tests[field]
        seen: dict[bytes, int] = {}
        number = np.empty(len(values), np.int64)
        for row, value in enumerate(values):
            try:
                hits = bytes(test is None or bool(test({"$": value})) for test in tests)
            except RuntimeError:
                raise RuleFailed(cannot(self.name, {field: value})) from None
            number[row] = seen.setdefault(hits, len(seen))
        return number[code]

    def _run(self, context: Mapping[str, Any]) -> Fired:
        """Let ZEN decide one combination."""
        try:
            answer = self._decision.evaluate(dict(context), {"trace": True})
        except RuntimeError:
            msg = cannot(self.name, context)
            raise RuleFailed(msg) from None
        hits = answer["trace"]["table"]["traceData"]
        result = answer["result"]
        if not hits:
            return Fired((), (), (), ())
        many = hits if isinstance(hits, list) else [hits]
        rows = tuple(str(hit["rule"]["_id"]) for hit in many)
        return Fired(
            rows=rows,
            conditions=tuple(self._conditions(row) for row in rows),
            outputs=tuple(result if isinstance(result, list) else [result]),
            notes=tuple(str(self.rules[row].get("_description", "")) for row in rows),
        )

    def _conditions(self, row: str) -> dict[str, str]:
        """Return the cells of a rule that test something, by field."""
        rule = self.rules[row]
        cells = {field: str(rule.get(column, "")) for column, field in self.inputs}
        return {field: cell for field, cell in cells.items() if cell.strip()}


def _test(cell: str) -> Any:
    """Compile a cell to a function of ``{"$": value}``, None when the cell is free."""
    return zen.compile_unary_expression(cell).evaluate if cell.strip() else None


def _graph(content: Mapping[str, Any]) -> dict[str, Any]:
    """Wrap a table in the smallest graph that ZEN runs."""
    table = {
        "passThrough": False,
        "inputField": None,
        "outputPath": None,
        "executionMode": "single",
        **content,
    }
    kinds = (("in", "inputNode", None), ("table", "decisionTableNode", table))
    nodes: list[dict[str, Any]] = [
        {"id": key, "name": key, "type": kind, "position": {"x": 0, "y": 0}, "content": inner or {}}
        for key, kind, inner in (*kinds, ("out", "outputNode", None))
    ]
    edges = [
        {"id": f"{source}-{target}", "type": "edge", "sourceId": source, "targetId": target}
        for source, target in (("in", "table"), ("table", "out"))
    ]
    return {"nodes": nodes, "edges": edges}


class Expression:
    """A compiled ZEN expression of named inputs.

    Args:
        source: for example ``1 + extra_percent / 100``.
        name: used in refusals.
    """

    def __init__(self, source: str, name: str = "") -> None:
        self.source = source
        self.name = name
        self.fields = tuple(sorted(names_in(source)))
        self._run = zen.compile_expression(source).evaluate

    def evaluate(self, columns: Columns) -> TableAnswer:
        """Answer a batch, each distinct combination of the inputs once.

        Raises:
            RuleFailed: an input is missing, or ZEN refuses a value.
        """
        missing = [field for field in self.fields if field not in columns]
        if missing:
            params = {"rule": self.name, "name": missing[0]}
            msg = _("%(rule)s: the input %(name)s is missing.") % params
            raise RuleFailed(msg)
        length = len(next(iter(columns.values()))) if columns else 1
        codes = [codes_of(columns[field])[1] for field in self.fields]
        first, index = combine(codes, length)
        return TableAnswer(index=index, outcomes=tuple(self._one(columns, row) for row in first))

    def _one(self, columns: Columns, row: int) -> Fired:
        context = {field: _plain(columns[field][row]) for field in self.fields}
        try:
            value = self._run(context)
        except RuntimeError:
            msg = cannot(self.name, context)
            raise RuleFailed(msg) from None
        seen = ({"expression": self.source},)
        return Fired(
            rows=(self.source,), conditions=seen, outputs=({"factor": value},), notes=("",)
        )
