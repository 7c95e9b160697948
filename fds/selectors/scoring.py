"""What scoring reads: the active rules, the watch-list, earlier scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np

from claims.api import History
from core.columns import Days, Flags, Keys
from fds.models import Analysis, Evaluation, Rule, RuleSet, WatchEntry
from fds.rules import RuleSpec, Spec


def active_spec() -> Spec | None:
    """Return the active rule set, or None."""
    return _spec(Rule.objects.filter(ruleset__status=RuleSet.Status.ACTIVE))


def spec_of(version: int) -> Spec | None:
    """Return one version of the rules, or None."""
    return _spec(Rule.objects.filter(ruleset_id=version))


def _spec(rows: Iterable[Rule]) -> Spec | None:
    rules = list(rows.select_related("ruleset").order_by("code"))  # type: ignore[attr-defined]
    if not rules:
        return None
    return Spec(
        version=rules[0].ruleset.version,
        threshold=rules[0].ruleset.threshold,
        rules=tuple(
            RuleSpec(rule.code, rule.tag, rule.title, rule.points, rule.params) for rule in rules
        ),
    )


def watched_on(provider_code: Keys, on: Days) -> tuple[Flags, list[list[dict[str, str]]]]:
    """Say for each row whether its provider was on the watch-list on the day, with the entries.

    Args:
        provider_code: (n,) codes; empty: none.
        on: (n,) days.
    """
    entries: dict[str, list[WatchEntry]] = {}
    named = {code for code in provider_code.tolist() if code}
    if named:
        for entry in WatchEntry.objects.filter(provider_id__in=named).exclude(approved_by=""):
            entries.setdefault(entry.provider_id, []).append(entry)
    lines: list[list[dict[str, str]]] = [
        [_line(entry) for entry in entries.get(code, ()) if _within(entry, day)]
        for code, day in zip(provider_code.tolist(), on.astype(object).tolist(), strict=True)
    ]
    return np.asarray([bool(line) for line in lines], dtype=np.bool_), lines


def _within(entry: WatchEntry, day: date) -> bool:
    upper = entry.period.upper
    return entry.period.lower <= day and (upper is None or day < upper)


def _line(entry: WatchEntry) -> dict[str, str]:
    return {
        "entry": str(entry.pk),
        "from": entry.period.lower.isoformat(),
        "until": entry.period.upper.isoformat() if entry.period.upper else "",
        "reason": entry.reason,
    }


def watched_providers(on: date) -> list[str]:
    """Return the providers that are on the watch-list on a day."""
    rows = WatchEntry.objects.filter(period__contains=on).exclude(approved_by="")
    return sorted(set(rows.values_list("provider_id", flat=True)))


def accident_lines(history: History, rows: int) -> list[list[dict[str, str]]]:
    """Return the claims of a history row by row, as they are kept in a report."""
    lines: list[list[dict[str, str]]] = [[] for _ in range(rows)]
    for row, accident, number, day in zip(
        history.row.tolist(),
        history.accident_no.tolist(),
        history.reception_id.tolist(),
        history.incident_date.astype(str).tolist(),
        strict=True,
    ):
        lines[row].append({"accident_no": accident, "reception_id": number, "incident_date": day})
    return lines


def present_scores(reception_ids: Sequence[str]) -> Mapping[str, int]:
    """Return the present scores of claims by reception number."""
    rows = Analysis.objects.filter(claim_id__in=list(reception_ids))
    return dict(rows.values_list("claim_id", "risk_score"))


def evaluated(reception_ids: Sequence[str], trigger: str) -> list[str]:
    """Return which of the claims have an evaluation of a trigger already."""
    rows = Evaluation.objects.filter(claim_id__in=list(reception_ids), trigger=trigger)
    return list(rows.values_list("claim_id", flat=True))
