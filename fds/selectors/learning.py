"""Labels as they were known, and the models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from core.bulk import read_columns
from core.columns import Days, Keys
from fds.models import LearnedModel, ModelCheck, Prediction, TierPolicy

Status = LearnedModel.Status
_LABELS = """
    SELECT a.id, f.state, f.decided_on, f.source
    FROM unnest(%(ids)s::text[]) WITH ORDINALITY AS a(id, row)
    JOIN LATERAL (
        SELECT state, decided_on, source FROM fds_labels f
        WHERE f.reception_id = a.id AND f.decided_on < %(before)s
        ORDER BY f.decided_on DESC, f.id DESC LIMIT 1
    ) f ON true ORDER BY a.row
"""


@dataclass(frozen=True, slots=True)
class Known:
    """The latest labels of claims that have one, (m,) each, in the order asked."""

    reception_id: Keys
    state: Keys
    decided_on: Days
    source: Keys


def labels_known(reception_ids: Sequence[str], before: date) -> Known:
    """Return the labels of claims as they were known before a day."""
    found = read_columns(
        _LABELS,
        {"ids": list(reception_ids), "before": before},
        reception_id="keys",
        state="keys",
        decided_on="days",
        source="keys",
    )
    return Known(**found)


def champion() -> LearnedModel | None:
    """Return the model whose word counts, or None."""
    return LearnedModel.objects.filter(status=Status.CHAMPION).first()


def challenger() -> LearnedModel | None:
    """Return the model that is tried beside it, or None."""
    return LearnedModel.objects.filter(status=Status.CHALLENGER).first()


def learned_models() -> QuerySet[LearnedModel]:
    """Return all models, newest first, without their texts."""
    return LearnedModel.objects.defer("artefact", "encoder", "calibrator").order_by("-pk")


def checks_of(model_id: int) -> list[ModelCheck]:
    """Return the checks of a model, oldest first."""
    return list(ModelCheck.objects.filter(model_id=model_id).order_by("on"))


def tier_policy() -> TierPolicy:
    """Return the active tier policy; the migrations make sure that there is one."""
    return TierPolicy.objects.get(active=True)


def shadow_figures(version: int) -> list[dict[str, Any]]:
    """Return for each rule of a version in shadow: title, hits, frauds among those judged."""
    sql = """
        SELECT h ->> 'code', min(h ->> 'title'), count(DISTINCT e.reception_id),
            count(DISTINCT e.reception_id) FILTER (WHERE l.state IN ('CONFIRMED', 'INNOCENT')),
            count(DISTINCT e.reception_id) FILTER (WHERE l.state = 'CONFIRMED')
        FROM fds_shadow_evaluations e CROSS JOIN LATERAL jsonb_array_elements(e.hits) h
        LEFT JOIN LATERAL (
            SELECT state FROM fds_labels f WHERE f.reception_id = e.reception_id
            ORDER BY decided_on DESC, id DESC LIMIT 1
        ) l ON true
        WHERE e.ruleset_id = %s GROUP BY 1 ORDER BY 1
    """
    names = ("code", "title", "hits", "labelled", "frauds")
    with connection.cursor() as cursor:
        cursor.execute(sql, [version])
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def tiers(reception_ids: Sequence[str]) -> dict[str, str]:
    """Return the latest tier of claims that have one, by reception number."""
    rows = Prediction.objects.filter(claim__in=list(reception_ids)).order_by("pk")
    return dict(rows.values_list("claim_id", "tier"))


def latest_prediction(reception_id: str) -> Prediction | None:
    """Return what the models said last about a claim, or None."""
    return Prediction.objects.filter(claim=reception_id).select_related("model").last()
