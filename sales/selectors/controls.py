"""The identities that must hold over all commissions and statements, each one query."""

from __future__ import annotations

from django.db import connection

from sales.selectors import plans

Finding = tuple[str, int, str]

_CHECKS: tuple[tuple[str, str], ...] = (
    (
        "a commission is its base by its rates and share, or less where the first-year cap cut it",
        """
        SELECT comm_id::text FROM (
            SELECT *, base_amount * product_rate * agent_rate * share / 10000 AS exact
            FROM commissions WHERE kind IN ('NEW', 'RENEWAL', 'MAINTAIN', 'OVERRIDE')
        ) c WHERE amount > CASE WHEN share = 10000 THEN round(exact) ELSE floor(exact) + 1 END
            OR (instalment > 12 AND abs(amount - exact) >= 1)
            OR (instalment > 12 AND share = 10000 AND amount <> round(exact))
        """,
    ),
    (
        "the shares of every instalment, and of every contract, come to 100 %",
        """
        SELECT contract_id FROM commissions WHERE kind IN ('NEW', 'RENEWAL', 'MAINTAIN')
        GROUP BY contract_id, kind, instalment HAVING sum(share) <> 10000
        UNION ALL
        SELECT contract_id FROM contract_shares
        GROUP BY contract_id, starts_on HAVING sum(share) <> 10000
        """,
    ),
    (
        "an override is its percent of one commission line below, of the same instalment",
        """
        SELECT o.comm_id::text FROM commissions o WHERE o.kind = 'OVERRIDE' AND NOT EXISTS (
            SELECT 1 FROM commissions d WHERE d.contract_id = o.contract_id
                AND d.instalment = o.instalment AND d.kind IN ('NEW', 'RENEWAL')
                AND d.part = o.part % 100 AND d.amount = o.base_amount
                AND d.agent_id <> o.agent_id)
        """,
    ),
    (
        "a recovery or its restoration is the target less what was recovered before",
        """
        SELECT comm_id::text FROM (
            SELECT comm_id, kind, amount, round(base_amount * product_rate) AS target,
                coalesce(-sum(amount) OVER (
                    PARTITION BY contract_id, agent_id ORDER BY comm_id
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
            FROM commissions WHERE kind IN ('CLAWBACK', 'RESTORED')
        ) c WHERE -amount <> target - before
        """,
    ),
    (
        "nothing is recovered on a contract in force, or one that kept its promise",
        """
        SELECT contract_id FROM commissions c JOIN sales_records r USING (contract_id)
        WHERE c.kind IN ('CLAWBACK', 'RESTORED')
            AND r.ended_kind NOT IN ('LAPSE', 'SURRENDER', 'WITHDRAWAL')
        GROUP BY contract_id, c.agent_id HAVING sum(c.amount) <> 0
        """,
    ),
    (
        "advance = redeemed + taken back + outstanding, and none is outstanding after an early end",
        """
        SELECT contract_id FROM commissions c LEFT JOIN sales_records r USING (contract_id)
        WHERE c.kind IN ('ADVANCE', 'REDEEMED', 'RECALL')
        GROUP BY contract_id, c.agent_id, r.ended_kind HAVING sum(c.amount) < 0
            OR (sum(c.amount) <> 0 AND r.ended_kind IN ('LAPSE', 'SURRENDER', 'WITHDRAWAL'))
        """,
    ),
    (
        "no advance redeems more than the commission that it is set off against",
        """
        SELECT r.comm_id::text FROM commissions r LEFT JOIN commissions d
            ON d.contract_id = r.contract_id AND d.instalment = r.instalment
            AND d.agent_id = r.agent_id AND d.part = r.part
            AND d.kind IN ('NEW', 'RENEWAL', 'MAINTAIN')
        WHERE r.kind = 'REDEEMED' AND -r.amount > coalesce(d.amount, 0)
        """,
    ),
    (
        "every line's plan exists and rules its contract",
        """
        SELECT c.comm_id::text FROM commissions c JOIN sales_records r USING (contract_id)
        LEFT JOIN commission_plans p USING (plan_id)
        WHERE c.plan_id IS NOT NULL AND (p.plan_id IS NULL OR p.product_code <> c.product_code
            OR NOT p.period @> r.issued_on OR p.status = 'DRAFT')
        """,
    ),
    (
        "nobody activated a commission plan that they made",
        """
        SELECT plan_id FROM commission_plans
        WHERE status = 'ACTIVE' AND (checked_by = made_by OR checked_by = '')
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
            SELECT settlement_id,
                coalesce(sum(amount) FILTER (WHERE NOT taken), 0) AS e,
                coalesce(-sum(amount) FILTER (WHERE taken), 0) AS c
            FROM (SELECT *, kind IN ('CLAWBACK', 'RECALL') AS taken FROM commissions) t
            WHERE settlement_id IS NOT NULL GROUP BY settlement_id
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


def _cap() -> tuple[str, str]:
    """Return the check of the first-year cap, by the regime of each contract's date."""
    rows = []
    for regime in plans.regimes():
        for channel, kinds in sorted(regime.counts.items()):
            listed = ", ".join(f"'{kind}'" for kind in sorted(kinds))
            if listed:
                rows.append(
                    f"('{regime.starts}'::date, '{regime.ends or 'infinity'}'::date, '{channel}',"
                    f" {regime.multiple(channel)}, ARRAY[{listed}])"
                )
    return (
        "no contract's first year was paid more than its regime's cap",
        f"""
        SELECT c.contract_id FROM commissions c JOIN sales_records s USING (contract_id)
        JOIN agents a ON a.agent_id = s.agent_id
        JOIN (VALUES {", ".join(rows)}) AS g(starts, ends, channel, multiple, kinds)
            ON s.issued_on >= g.starts AND s.issued_on < g.ends AND g.channel = a.channel
        WHERE c.instalment <= 12 AND c.kind = ANY(g.kinds)
        GROUP BY c.contract_id, s.premium, g.multiple
        HAVING sum(c.amount) > s.premium * g.multiple / 100
        """,  # noqa: S608 - our own data
    )


def findings() -> list[Finding]:
    """Check every identity; return its name, how many rows break it, and the first of them."""
    found = []
    with connection.cursor() as cursor:
        for name, query in (*_CHECKS, _cap()):
            cursor.execute(
                f"WITH broken(key) AS ({query})"  # noqa: S608 - our own text, no input
                " SELECT (SELECT count(*) FROM broken),"
                " (SELECT string_agg(key, ', ') FROM (SELECT key FROM broken LIMIT 5) f)"
            )
            breaches, first = cursor.fetchone()
            found.append((name, breaches, first or ""))
    return found
