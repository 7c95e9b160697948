"""What scoring reads: the active rules, the watch-list, earlier scores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
from django.db.models import Exists

from claims.api import History
from core.columns import Days, Flags, Ints, Keys
from fds.models import Analysis, Evaluation, Rule, RuleSet, Snooze, WatchEntry
from fds.rules import RuleSpec, Spec

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def active_spec() -> Spec | None:
    """Return the active rule set, or None."""
    return _spec(Rule.objects.filter(ruleset__status=RuleSet.Status.ACTIVE))


def spec_of(version: int) -> Spec | None:
    """Return one version of the rules, or None."""
    return _spec(Rule.objects.filter(ruleset_id=version))


def _spec(rows: Iterable[Rule]) -> Spec | None:
    snoozed = Exists(Snooze.objects.exclude(approved_by=""))
    rules = list(
        rows.select_related("ruleset").annotate(snoozes=snoozed).order_by("code")  # type: ignore[attr-defined]
    )
    if not rules:
        return None
    return Spec(
        version=rules[0].ruleset.version,
        threshold=rules[0].ruleset.threshold,
        rules=tuple(
            RuleSpec(
                rule.code,
                rule.tag,
                rule.title,
                rule.points,
                rule.params,
                live=rule.mode == Rule.Mode.LIVE,
            )
            for rule in rules
        ),
        snoozes=rules[0].snoozes,
    )


def shadow_specs() -> list[Spec]:
    """Return what is tried in shadow: whole sets, and the active set's own rules in shadow."""
    status = RuleSet.Status
    found = []
    for ruleset in RuleSet.objects.filter(status__in=[status.SHADOW, status.ACTIVE]):
        spec = spec_of(ruleset.pk)
        if spec and (ruleset.status == status.SHADOW or spec.counting() != spec):
            found.append(spec.as_if_live())
    return found


def snoozed(
    spec: Spec, entities: Mapping[str, Keys], on: Days, recorded: Ints | None
) -> dict[str, Flags]:
    """Say for each rule of a set and each row whether the rule is snoozed.

    Args:
        spec: version of the rules; if nobody ever snoozed, nothing is read.
        entities: CUSTOMER, PROVIDER, AGENT → (n,) keys.
        on: (n,) days of report.
        recorded: (n,) only snoozes agreed by then count, microseconds; None: all.
    """
    if not spec.snoozes:
        return {}
    keys = {(kind, str(key)) for kind, column in entities.items() for key in column.tolist()}
    rows = [
        one
        for one in Snooze.objects.exclude(approved_by="").filter(
            key__in={key for _kind, key in keys}, code__in=[rule.code for rule in spec.rules]
        )
        if (one.entity, one.key) in keys
    ]
    found: dict[str, Flags] = {}
    for one in rows:
        same = np.asarray([str(key) == one.key for key in entities[one.entity].tolist()])
        days = (on >= np.datetime64(one.period.lower)) & (on < np.datetime64(one.period.upper))
        known = True if recorded is None else _instant(one.approved_at) <= recorded
        found[one.code] = found.get(one.code, np.zeros(len(on), np.bool_)) | (same & days & known)
    return found


def _instant(moment: datetime | None) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) if moment else 0


def watched_on(
    provider_code: Keys, on: Days, recorded: Ints | None = None
) -> tuple[Flags, list[list[dict[str, str]]]]:
    """Say for each row whether its provider was on the watch-list on the day, with the entries.

    Args:
        provider_code: (n,) codes; empty: none.
        on: (n,) days.
        recorded: (n,) only what was agreed or ended by then counts, microseconds; None: all.
    """
    entries: dict[str, list[WatchEntry]] = {}
    named = {code for code in provider_code.tolist() if code}
    if named:
        for entry in WatchEntry.objects.filter(provider_id__in=named).exclude(approved_by=""):
            entries.setdefault(entry.provider_id, []).append(entry)
    lines: list[list[dict[str, str]]] = [
        [_line(entry, at) for entry in entries.get(code, ()) if _within(entry, day, at)]
        for code, day, at in zip(
            provider_code.tolist(),
            on.astype(object).tolist(),
            [None] * len(on) if recorded is None else recorded.tolist(),
            strict=True,
        )
    ]
    return np.asarray([bool(line) for line in lines], dtype=np.bool_), lines


def _within(entry: WatchEntry, day: date, at: int | None) -> bool:
    if at is not None and _instant(entry.approved_at) > at:
        return False
    upper = _upper(entry, at)
    return entry.period.lower <= day and (upper is None or day < upper)


def _upper(entry: WatchEntry, at: int | None) -> date | None:
    """Return the end of an entry as it was known at an instant."""
    if at is not None and entry.ended_at is not None and _instant(entry.ended_at) > at:
        return entry.planned_end
    end: date | None = entry.period.upper
    return end


def _line(entry: WatchEntry, at: int | None) -> dict[str, str]:
    upper = _upper(entry, at)
    return {
        "entry": str(entry.pk),
        "from": entry.period.lower.isoformat(),
        "until": upper.isoformat() if upper else "",
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


def scored_at(reception_ids: Sequence[str]) -> dict[str, int]:
    """Return when claims were scored at their reception, microseconds since 1970 UTC."""
    rows = Evaluation.objects.filter(claim_id__in=list(reception_ids), trigger="reception")
    return {claim: _instant(at) for claim, at in rows.values_list("claim_id", "made_at")}
