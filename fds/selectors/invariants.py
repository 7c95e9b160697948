"""What must always hold of scores, cases and holds, counted over the tables as they are."""

from __future__ import annotations

from django.db import connection

_BREACHES = {
    "every claim has a score": """
        SELECT c.reception_id FROM claim_receptions c LEFT JOIN fds_analysis a USING (reception_id)
        WHERE a.fds_id IS NULL OR c.fds_gate = 'UNSCORED'""",
    "every score has its evaluation": """
        SELECT a.reception_id FROM fds_analysis a LEFT JOIN fds_evaluations e
            ON e.reception_id = a.reception_id AND e.risk_score = a.risk_score
        WHERE e.id IS NULL""",
    "the score is the sum of the points in its report": """
        SELECT reception_id FROM fds_analysis a WHERE risk_score <> least(100, (
            SELECT coalesce(sum((r ->> 'points')::int), 0)
            FROM jsonb_array_elements(a.analysis_report -> 'rules') r WHERE (r ->> 'hit')::boolean
                AND NOT coalesce((r ->> 'snoozed')::boolean, false)
        ))""",
    "suspicious exactly from the threshold on": """
        SELECT a.reception_id FROM fds_analysis a JOIN fds_rulesets s ON s.version = a.ruleset_id
        WHERE a.is_suspicious <> (a.risk_score >= s.threshold)""",
    "every suspicious claim has a case": """
        SELECT a.reception_id FROM fds_analysis a LEFT JOIN fds_cases k USING (reception_id)
        WHERE a.is_suspicious AND k.id IS NULL""",
    "no payout on a held, undecided or unscored claim": """
        SELECT p.reception_id FROM claim_payouts p
        LEFT JOIN fds_analysis a USING (reception_id)
        LEFT JOIN fds_cases k USING (reception_id)
        LEFT JOIN fds_holds h ON h.reception_id = p.reception_id AND h.released_on IS NULL
        WHERE a.fds_id IS NULL OR h.id IS NOT NULL
            OR (k.status <> 'CLEARED' AND k.origin = 'RULES')""",
    "the gate of a claim agrees with its case and hold, and was clear where it was paid": """
        SELECT c.reception_id FROM claim_receptions c
        LEFT JOIN fds_cases k USING (reception_id)
        LEFT JOIN fds_holds h ON h.reception_id = c.reception_id AND h.released_on IS NULL
        WHERE c.status IN ('RECEIVED', 'INVESTIGATING', 'APPROVED', 'PAID') AND c.fds_gate <> CASE
            WHEN c.status = 'PAID' THEN 'CLEAR'
            WHEN h.id IS NOT NULL THEN 'HELD'
            WHEN k.status = 'CONFIRMED' THEN 'REVIEW'
            WHEN k.status IN ('OPEN', 'WORKING') AND k.origin = 'RULES' THEN 'REVIEW'
            ELSE 'CLEAR' END""",
    "every hold was placed by a person on a statutory ground": """
        SELECT h.reception_id FROM fds_holds h LEFT JOIN core_user u ON u.username = h.placed_by
        WHERE u.id IS NULL OR h.explanation = '' OR h.notified_on > h.placed_on""",
}


def invariants() -> list[tuple[str, int, str]]:
    """Return (name, number of breaches, first keys) of every invariant of this stage."""
    found: list[tuple[str, int, str]] = []
    with connection.cursor() as cursor:
        for name, sql in _BREACHES.items():
            cursor.execute(sql)
            keys = [str(row[0]) for row in cursor.fetchall()]
            found.append((name, len(keys), ", ".join(keys[:5])))
    return found
