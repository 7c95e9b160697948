"""The score by rules: pure, over columns; one claim is a column of one.

Source: the specification's weights: 단기 사고 40, 다수 사고 30, 특이 병원·업체 30; threshold 70.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.columns import Days, Flags, Ints, Keys

from .catalogue import DEFINITIONS, shown

CAP = 100
_NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One rule of a version.

    Args:
        code: R01, R02, R03: which predicate.
        tag: shown when it hits.
        title: for people.
        points: added when it hits.
        params: operands of the predicate.
        live: whether its points count; a rule in shadow is only written down.
    """

    code: str
    tag: str
    title: str
    points: int
    params: Mapping[str, Any]
    live: bool = True


@dataclass(frozen=True, slots=True)
class Spec:
    """A version of the rules with the score from which a claim is suspicious.

    ``snoozes``: whether any snooze exists that a reader must look for.
    """

    version: int
    threshold: int
    rules: tuple[RuleSpec, ...]
    snoozes: bool = False

    @property
    def deep(self) -> tuple[str, ...]:
        """The rules that need more than the columns of the intake."""
        return tuple(rule.code for rule in self.rules if rule.code in DEFINITIONS)

    def counting(self) -> Spec:
        """Return the set with the rules that count."""
        return replace(self, rules=tuple(rule for rule in self.rules if rule.live))

    def as_if_live(self) -> Spec:
        """Return the set as if its rules in shadow counted."""
        return replace(self, rules=tuple(replace(rule, live=True) for rule in self.rules))

    def param(self, code: str, name: str, default: int) -> int:
        """Return a parameter of a rule, or the default where the set lacks the rule."""
        return next((int(r.params[name]) for r in self.rules if r.code == code), default)


@dataclass(frozen=True, slots=True)
class Columns:
    """What the rules look at, (n,) each.

    Args:
        incident: days of the accidents.
        coverage_start: first days of cover, NaT where there was none.
        accidents: distinct accidents of the customer within R02's window, this one included.
        watched: whether the provider was on the watch-list on the day of the accident.
        days: from the start of cover to the accident; far below zero where there was none.
        more: operands of the rules R04 to R23, where the set has one of them.
        snoozed: by rule code, whether the rule is snoozed for the claim.
    """

    incident: Days
    coverage_start: Days
    accidents: Ints
    watched: Flags
    days: Ints = field(init=False)
    more: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    snoozed: Mapping[str, Flags] = field(default_factory=dict)

    def __post_init__(self) -> None:
        gap = (self.incident - self.coverage_start).astype("timedelta64[D]")
        known = ~np.isnat(gap)
        out = np.full(len(gap), _NEVER, dtype=np.int64)
        out[known] = gap[known].astype(np.int64)
        object.__setattr__(self, "days", out)


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of a batch, (n,) each; ``hits`` by rule code."""

    score: Ints
    raw: Ints
    suspicious: Flags
    hits: Mapping[str, Flags]


def short_term(columns: Columns, params: Mapping[str, Any]) -> Flags:
    """R01: 0 ≤ d − start of cover ≤ max_days (day 30 is in, day 31 is out, negative never)."""
    days = columns.days
    return (days >= 0) & (days <= int(params["max_days"]))


def repeated(columns: Columns, params: Mapping[str, Any]) -> Flags:
    """R02: at least so many distinct accidents of the customer in the window that ends on d."""
    return columns.accidents >= int(params["at_least"])


def watched(columns: Columns, params: Mapping[str, Any]) -> Flags:
    """R03: the provider was on the watch-list on the day of the accident."""
    return columns.watched


PREDICATES: dict[str, Callable[[Columns, Mapping[str, Any]], Flags]] = {
    "R01": short_term,
    "R02": repeated,
    "R03": watched,
}


def score(spec: Spec, columns: Columns) -> Scores:
    """Score a batch: the points of the rules that hit, capped at 100.

    Args:
        spec: version of the rules.
        columns: (n,) operands.

    Returns:
        (n,) scores, and whether they reach the threshold.
    """
    raw: NDArray[np.int64] = np.zeros(len(columns.incident), dtype=np.int64)
    hits: dict[str, Flags] = {}
    for rule in spec.rules:
        hit = _decide(rule, columns)
        hits[rule.code] = hit
        muted = columns.snoozed.get(rule.code)
        if rule.live:
            raw += rule.points * (hit if muted is None else hit & ~muted)
    capped = np.minimum(raw, CAP)
    return Scores(capped, raw, capped >= spec.threshold, hits)


def _decide(rule: RuleSpec, columns: Columns) -> Flags:
    if rule.code in PREDICATES:
        return PREDICATES[rule.code](columns, rule.params)
    return DEFINITIONS[rule.code].decide(columns.more, rule.params)


def tags(spec: Spec, scores: Scores) -> list[str]:
    """Return for each claim the tags of the rules that hit, and of no others."""
    return [
        ", ".join(rule.tag for rule in spec.rules if rule.live and scores.hits[rule.code][row])
        for row in range(len(scores.score))
    ]


def distinct_accidents(rows: int, row: Ints, accident_no: Keys) -> Ints:
    """Count the distinct accidents of each row of a history.

    Args:
        rows: how many questions were asked.
        row: (m,) which question each line answers.
        accident_no: (m,) the accidents.
    """
    counts = np.zeros(rows, dtype=np.int64)
    for number, _accident in set(zip(row.tolist(), accident_no.tolist(), strict=True)):
        counts[number] += 1
    return counts


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows behind the operands of one claim, as they are kept in its report.

    Args:
        contract_id: the contract, for R01.
        accidents: accident_no, reception_id, incident_date, for R02.
        provider_code: the provider, for R03; empty: none.
        entries: watch-list entries valid on the day, for R03.
    """

    contract_id: str
    accidents: Sequence[Mapping[str, str]]
    provider_code: str
    entries: Sequence[Mapping[str, str]]


def report(
    spec: Spec, columns: Columns, scores: Scores, row: int, evidence: Evidence
) -> dict[str, Any]:
    """Write down why a claim has its score: every rule with operands, points and rows."""
    incident: date = columns.incident[row].astype(object)
    return {
        "ruleset": spec.version,
        "threshold": spec.threshold,
        "score": int(scores.score[row]),
        "points": int(scores.raw[row]),
        "suspicious": bool(scores.suspicious[row]),
        "rules": [
            {
                "code": rule.code,
                "tag": rule.tag,
                "title": rule.title,
                "points": rule.points,
                "hit": bool(scores.hits[rule.code][row]),
                **({"snoozed": True} if _muted(columns, rule.code, row) else {}),
                **_operands(rule, columns, row, incident, evidence),
            }
            for rule in spec.rules
        ],
    }


def _muted(columns: Columns, code: str, row: int) -> bool:
    muted = columns.snoozed.get(code)
    return muted is not None and bool(muted[row])


def _operands(
    rule: RuleSpec, columns: Columns, row: int, incident: date, evidence: Evidence
) -> dict[str, Any]:
    if rule.code in _OPERANDS:
        return _OPERANDS[rule.code](rule, columns, row, incident, evidence)
    values = shown(rule.code, columns.more, row)
    return {"operands": {**values, **dict(rule.params)}, "evidence": []}


def _short_term_operands(
    rule: RuleSpec, columns: Columns, row: int, incident: date, evidence: Evidence
) -> dict[str, Any]:
    start = columns.coverage_start[row]
    known = not np.isnat(start)
    return {
        "operands": {
            "incident_date": incident.isoformat(),
            "coverage_start": str(start) if known else None,
            "days": int(columns.days[row]) if known else None,
            "max_days": int(rule.params["max_days"]),
        },
        "evidence": [{"contract_id": evidence.contract_id}],
    }


def _repeated_operands(
    rule: RuleSpec, columns: Columns, row: int, incident: date, evidence: Evidence
) -> dict[str, Any]:
    window = int(rule.params["window_days"])
    return {
        "operands": {
            "accidents": int(columns.accidents[row]),
            "at_least": int(rule.params["at_least"]),
            "after": (incident - timedelta(days=window)).isoformat(),
            "until": incident.isoformat(),
        },
        "evidence": [dict(line) for line in evidence.accidents],
    }


def _watched_operands(
    rule: RuleSpec, columns: Columns, row: int, incident: date, evidence: Evidence
) -> dict[str, Any]:
    return {
        "operands": {
            "provider_code": evidence.provider_code or None,
            "on": incident.isoformat(),
            "watched": bool(columns.watched[row]),
        },
        "evidence": [dict(line) for line in evidence.entries],
    }


_OPERANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "R01": _short_term_operands,
    "R02": _repeated_operands,
    "R03": _watched_operands,
}
