"""What the watch over models reads: predictions as they were frozen, outcomes, audits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import orjson
from django.db.models import Sum

from core.bulk import read_columns
from core.columns import Keys
from fds.models import AuditDraw, Label, ModelCheck
from fds.rules import drift
from fds.rules.features import NUMBERS, WORDS, Features, Numbers

_PREDICTED = """
    SELECT p.reception_id, p.features::text, coalesce(s.state, '') FROM (
        SELECT DISTINCT ON (p.reception_id) p.reception_id, p.features
        FROM fds_predictions p JOIN claim_receptions c USING (reception_id)
        WHERE c.report_date >= %(since)s::date::timestamp AT TIME ZONE 'Asia/Seoul'
            AND c.report_date < %(until)s::date::timestamp AT TIME ZONE 'Asia/Seoul'
        ORDER BY p.reception_id, p.id
    ) p LEFT JOIN LATERAL (
        SELECT f.state FROM fds_labels f WHERE f.reception_id = p.reception_id
            AND f.decided_on < %(before)s::date ORDER BY f.decided_on DESC, f.id DESC LIMIT 1
    ) s ON true
    WHERE NOT %(judged)s OR s.state IN ('CONFIRMED', 'INNOCENT') ORDER BY p.reception_id
"""
_UNFLAGGED = """
    SELECT c.reception_id FROM claim_receptions c
    LEFT JOIN fds_cases k USING (reception_id)
    LEFT JOIN LATERAL (
        SELECT p.tier FROM fds_predictions p WHERE p.reception_id = c.reception_id
        ORDER BY p.id DESC LIMIT 1
    ) t ON true
    WHERE c.report_date >= %(on)s::date::timestamp AT TIME ZONE 'Asia/Seoul'
        AND c.report_date < (%(on)s::date + 1)::timestamp AT TIME ZONE 'Asia/Seoul'
        AND c.status <> 'WITHDRAWN' AND k.id IS NULL AND coalesce(t.tier, '') <> 'SIU'
    ORDER BY c.reception_id
"""
_AUDITED = """
    SELECT count(*), count(*) FILTER (WHERE s.state = 'CONFIRMED')
    FROM fds_cases k JOIN LATERAL (
        SELECT f.state FROM fds_labels f WHERE f.reception_id = k.reception_id
            AND f.decided_on < %(until)s::date ORDER BY f.decided_on DESC, f.id DESC LIMIT 1
    ) s ON s.state IN ('CONFIRMED', 'INNOCENT')
    WHERE k.origin = 'AUDIT' AND k.opened_on >= %(since)s AND k.opened_on < %(until)s
"""
_FOUND = """
    SELECT count(*) FROM claim_receptions c JOIN LATERAL (
        SELECT f.state FROM fds_labels f WHERE f.reception_id = c.reception_id
            AND f.decided_on < %(until)s::date ORDER BY f.decided_on DESC, f.id DESC LIMIT 1
    ) s ON s.state = 'CONFIRMED'
    LEFT JOIN fds_cases k ON k.reception_id = c.reception_id AND k.origin = 'AUDIT'
    WHERE k.id IS NULL AND c.report_date >= %(since)s::date::timestamp AT TIME ZONE 'Asia/Seoul'
        AND c.report_date < %(until)s::date::timestamp AT TIME ZONE 'Asia/Seoul'
"""


@dataclass(frozen=True, slots=True)
class Predicted:
    """Claims with the features by which they were first predicted, and their truth, (n,)."""

    reception_id: Keys
    table: Features
    truth: Numbers


def predicted(since: date, until: date, *, judged_before: date | None = None) -> Predicted:
    """Return the claims reported in [since, until) as models first saw them.

    Args:
        since: first day of report.
        until: first day that is not.
        judged_before: only claims whose outcome was decided before this day; None: all.
    """
    found = read_columns(
        _PREDICTED,
        {
            "since": since,
            "until": until,
            "before": judged_before or until,
            "judged": judged_before is not None,
        },
        reception_id="keys",
        features="keys",
        state="keys",
    )
    rows = [orjson.loads(text) for text in found["features"].tolist()]
    truth = (found["state"] == Label.State.CONFIRMED).astype(np.float64)
    return Predicted(found["reception_id"], _table(rows), truth)


def _table(rows: Sequence[dict[str, Any]]) -> Features:
    numbers = {
        name: np.asarray([row.get(name, np.nan) for row in rows], dtype=np.float64)
        for name in NUMBERS
    }
    words: dict[str, Keys] = {}
    for name in WORDS:
        column = np.empty(len(rows), dtype=object)
        column[:] = [row.get(name, "") for row in rows]
        words[name] = column
    return Features(numbers, words)


def unflagged(on: date) -> list[str]:
    """Return the claims reported on a day that no rule, model, network or person has flagged."""
    found: list[str] = read_columns(_UNFLAGGED, {"on": on}, reception_id="keys")[
        "reception_id"
    ].tolist()
    return found


def audit_recall(since: date, until: date) -> dict[str, float]:
    """Return the share of fraud that is found, by the random audits of [since, until).

    Returns:
        share, low, high (0 to 1), missed, audited, frauds, population, found; shares are absent
        while no audit is decided.
    """
    params = {"since": since, "until": until}
    audits = read_columns(_AUDITED, params, audited="ints", frauds="ints")
    found = int(read_columns(_FOUND, params, found="ints")["found"][0])
    population = AuditDraw.objects.filter(on__gte=since, on__lt=until).aggregate(
        n=Sum("population")
    )["n"]
    audited, frauds = int(audits["audited"][0]), int(audits["frauds"][0])
    said = drift.recall(found, population or 0, audited, frauds)
    figures = {
        "share": said.share,
        "low": said.low,
        "high": said.high,
        "missed": said.missed,
        "audited": float(audited),
        "frauds": float(frauds),
        "population": float(population or 0),
        "found": float(found),
    }
    return {name: round(value, 6) for name, value in figures.items() if not np.isnan(value)}


def alarming_checks() -> list[ModelCheck]:
    """Return the latest checks of the models in use that raise an alarm."""
    latest = ModelCheck.objects.filter(model__status__in=["CHAMPION", "CHALLENGER"])
    rows = latest.order_by("model_id", "-on").distinct("model_id").select_related("model")
    return [one for one in rows if one.alarm]


def audits_before(day: date, days: int = 365) -> list[AuditDraw]:
    """Return the draws of the days before a day, the latest first."""
    since = day - timedelta(days=days)
    return list(AuditDraw.objects.filter(on__gte=since, on__lt=day).order_by("-on"))
