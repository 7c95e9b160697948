"""The identities that must hold over all commissions and statements, each one query."""

from __future__ import annotations

from django.db import connection

Finding = tuple[str, int, str]

_CHECKS: tuple[tuple[str, str], ...] = (
    (
        "a commission is its base by its rates, or less where the first-year cap cut it",
        """
        SELECT comm_id::text FROM commissions WHERE kind <> 'CLAWBACK' AND (
            amount > round(base_amount * product_rate * agent_rate)
            OR (instalment > 12 AND amount <> round(base_amount * product_rate * agent_rate)))
        """,
    ),
    (
        "a clawback is its target less what was taken back before",
        """
        SELECT comm_id::text FROM (
            SELECT comm_id, kind, amount, round(base_amount * product_rate) AS target,
                coalesce(-sum(amount) FILTER (WHERE kind = 'CLAWBACK') OVER (
                    PARTITION BY contract_id ORDER BY comm_id
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
            FROM commissions
        ) c WHERE kind = 'CLAWBACK' AND -amount <> target - before
        """,
    ),
    (
        "no contract gives back more than it earned",
        "SELECT contract_id FROM commissions GROUP BY contract_id HAVING sum(amount) < 0",
    ),
    (
        "every commission and clawback falls due on or after the day it arose",
        "SELECT comm_id::text FROM commissions WHERE payment_date < accrued_on",
    ),
    (
        "a statement is the sum of its lines",
        """
        SELECT s.settlement_id FROM commission_settlements s LEFT JOIN (
            SELECT settlement_id, coalesce(sum(amount) FILTER (WHERE kind <> 'CLAWBACK'), 0) AS e,
                coalesce(-sum(amount) FILTER (WHERE kind = 'CLAWBACK'), 0) AS c
            FROM commissions WHERE settlement_id IS NOT NULL GROUP BY settlement_id
        ) l USING (settlement_id)
        WHERE s.earned <> coalesce(l.e, 0) OR s.clawed_back <> coalesce(l.c, 0)
        """,
    ),
    (
        "a statement carries on what the one before it left",
        """
        SELECT settlement_id FROM (
            SELECT settlement_id, carried_in,
                coalesce(lag(carried_out) OVER (PARTITION BY agent_id ORDER BY month), 0) AS owed
            FROM commission_settlements
        ) s WHERE carried_in <> owed
        """,
    ),
    (
        "lines are paid or recalled exactly when their statement is paid",
        """
        SELECT c.comm_id::text FROM commissions c LEFT JOIN commission_settlements s
            USING (settlement_id)
        WHERE (c.status <> 'PENDING') <> (coalesce(s.status, 'DRAFT') = 'PAID')
            OR (s.agent_id IS NOT NULL AND s.agent_id <> c.agent_id)
        """,
    ),
    (
        "paid − recovered = entitled: what agents got before tax, with what they still owe",
        """
        SELECT agent_id FROM (
            SELECT agent_id, sum(net_paid + withheld) AS got,
                (array_agg(carried_out ORDER BY month DESC))[1] AS owed
            FROM commission_settlements WHERE status = 'PAID' GROUP BY agent_id
        ) s FULL JOIN (
            SELECT agent_id, sum(amount) AS entitled FROM commissions
            WHERE status <> 'PENDING' GROUP BY agent_id
        ) c USING (agent_id)
        WHERE coalesce(got, 0) + coalesce(owed, 0) <> coalesce(entitled, 0)
        """,
    ),
    (
        "3.3 % is withheld: 3 % and a tenth of it, each cut to tens of won",
        """
        SELECT settlement_id FROM commission_settlements WHERE
            income_tax <> floor((net_paid + withheld) * 3 / 1000) * 10
            OR local_tax <> floor(income_tax / 100) * 10
        """,
    ),
    (
        "nobody released a statement that they made",
        """
        SELECT settlement_id FROM commission_settlements
        WHERE status = 'PAID' AND (checked_by = made_by OR checked_by = '')
        """,
    ),
    (
        "every decided application was explained and names an agent who existed",
        """
        SELECT application_id FROM applications a
        WHERE status IN ('SUBMITTED', 'ACCEPTED', 'REJECTED') AND (NOT explained
            OR NOT EXISTS (SELECT 1 FROM agents g WHERE g.agent_id = a.agent_id))
        """,
    ),
)


def findings() -> list[Finding]:
    """Check every identity; return its name, how many rows break it, and the first of them."""
    found = []
    with connection.cursor() as cursor:
        for name, query in _CHECKS:
            cursor.execute(
                f"WITH broken(key) AS ({query})"  # noqa: S608 - our own text, no input
                " SELECT (SELECT count(*) FROM broken),"
                " (SELECT string_agg(key, ', ') FROM (SELECT key FROM broken LIMIT 5) f)"
            )
            breaches, first = cursor.fetchone()
            found.append((name, breaches, first or ""))
    return found
