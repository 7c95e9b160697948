"""What must always hold of claims, counted over the tables as they are."""

from __future__ import annotations

from django.db import connection

_BREACHES = {
    "no payout on a claim whose gate is not clear": """
        SELECT p.reception_id FROM claim_payouts p JOIN claim_receptions c USING (reception_id)
        WHERE c.fds_gate <> 'CLEAR'""",
    "a claim is paid exactly when it has a payout": """
        SELECT c.reception_id FROM claim_receptions c LEFT JOIN claim_payouts p USING (reception_id)
        WHERE (c.status = 'PAID') <> (p.payout_id IS NOT NULL)""",
    "one payout per claim": """
        SELECT reception_id FROM claim_payouts GROUP BY 1 HAVING count(*) > 1""",
    "what is paid is what a second person approved within authority": """
        SELECT p.reception_id
        FROM claim_payouts p JOIN claim_adjustments a ON a.id = p.adjustment_id
        WHERE a.status <> 'APPROVED' OR a.reception_id <> p.reception_id
            OR a.payable <> p.payout_amount OR a.decided_by = a.made_by
            OR a.payable > a.authority_limit""",
    "approvals out of one sum never exceed it": """
        SELECT c.contract_id
        FROM claim_adjustments a JOIN claim_receptions c USING (reception_id)
        WHERE a.status = 'APPROVED'
        GROUP BY c.contract_id, a.coverage_code, a.limit_scope
        HAVING sum(a.payable) > max(a.limit_sum)""",
    "contracts know every claim as it stands": """
        SELECT coalesce(c.reception_id, k.reception_id)
        FROM claim_receptions c FULL JOIN contract_claims k USING (reception_id)
        WHERE c.contract_id IS DISTINCT FROM k.contract_id OR k.status <> CASE
            WHEN c.status = 'PAID' THEN 'PAID'
            WHEN c.status IN ('REJECTED', 'WITHDRAWN') THEN 'CLOSED' ELSE 'OPEN' END""",
    "the case reserve is the sum of its moves": """
        SELECT c.reception_id FROM claim_receptions c LEFT JOIN (
            SELECT reception_id, sum(movement) AS total FROM case_reserves GROUP BY 1
        ) m USING (reception_id) WHERE coalesce(m.total, 0) <> c.case_reserve""",
    "a closed claim has no case reserve": """
        SELECT reception_id FROM claim_receptions
        WHERE status IN ('PAID', 'REJECTED', 'WITHDRAWN') AND case_reserve <> 0""",
    "an approved claim is reserved at its amount": """
        SELECT c.reception_id FROM claim_receptions c LEFT JOIN claim_adjustments a
            ON a.reception_id = c.reception_id AND a.status = 'APPROVED'
        WHERE c.status = 'APPROVED' AND c.case_reserve IS DISTINCT FROM a.payable""",
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
