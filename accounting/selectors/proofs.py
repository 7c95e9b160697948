"""Proof of the measurements: they foot, follow each other and equal the ledger."""

from __future__ import annotations

from typing import Any

from django.db import connection

from accounting.models import MeasurementRun
from accounting.selectors import ties


def footing() -> list[str]:
    """Return facts that do not foot, and margins and losses below zero or side by side."""
    return [
        f"{run} {group} {what}"
        for run, group, what in _query(
            """
            SELECT r.period || ' #' || r.number, f.group_code,
                concat_ws(' ', f.estimate, f.amount_type, f.basis)
            FROM measurement_facts f JOIN measurement_runs r ON r.id = f.run_id
            WHERE f.estimate <> 'EXPECTED'
            GROUP BY r.id, f.group_code, f.estimate, f.amount_type, f.basis
            HAVING sum(CASE f.step WHEN 'CLOSING' THEN -f.amount ELSE f.amount END) <> 0
            UNION ALL
            SELECT r.period || ' #' || r.number, f.group_code, 'CSM/LC'
            FROM measurement_facts f JOIN measurement_runs r ON r.id = f.run_id
            WHERE f.estimate IN ('CSM', 'LC') AND f.step = 'CLOSING'
            GROUP BY r.id, f.group_code
            HAVING min(f.amount) < 0 OR count(*) FILTER (WHERE f.amount <> 0) > 1
            """
        )
    ]


def opened() -> list[str]:
    """Return facts of posted runs that do not open at the closing of the run before."""
    return [
        f"{period} {group} {what}"
        for period, group, what in _query(
            """
            WITH posted AS (
                SELECT id, period, lag(id) OVER (ORDER BY period) AS before
                FROM measurement_runs WHERE event_id IS NOT NULL
            )
            SELECT p.period, o.group_code, concat_ws(' ', o.estimate, o.amount_type, o.basis)
            FROM posted p JOIN measurement_facts o ON o.run_id = p.id AND o.step = 'OPENING'
            LEFT JOIN measurement_facts c ON c.run_id = p.before AND c.step = 'CLOSING'
                AND (c.group_code, c.estimate, c.amount_type, c.basis)
                    = (o.group_code, o.estimate, o.amount_type, o.basis)
            WHERE o.amount <> coalesce(c.amount, 0)
            """
        )
    ]


def tied() -> list[str]:
    """Return what the ledger holds otherwise than the posted run of a closed month measured."""
    found: list[str] = []
    runs = MeasurementRun.objects.filter(event_id__isnull=False).select_related("period")
    for run in runs.order_by("period"):
        found += [
            f"{run} {group} {estimate}: {booked:,} ≠ {wanted:,}"
            for group, estimate, booked, wanted in ties.differences(run)
        ]
    return found


def _query(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()
