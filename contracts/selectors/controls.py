"""What must always hold of contracts, each as one query that finds the breaches."""

from __future__ import annotations

from django.db import connection

_CHECKS: list[tuple[str, str]] = [
    (
        "every contract has the product of its version and a rating by it",
        "SELECT c.contract_id FROM contracts c LEFT JOIN product_versions v ON v.id = c.version_id"
        " LEFT JOIN product_ratings r ON r.id = c.rating_id WHERE v.id IS NULL OR r.id IS NULL"
        " OR v.product_code <> c.product_code OR r.version_id <> c.version_id",
    ),
    (
        "every contract has its customer and its agent",
        "SELECT c.contract_id FROM contracts c LEFT JOIN customers k USING (customer_id)"
        " LEFT JOIN agents a USING (agent_id) WHERE k.customer_id IS NULL OR a.agent_id IS NULL",
    ),
    (
        "no contract on a rejection, and every acceptance has its contract",
        "SELECT u.application_id FROM underwritings u LEFT JOIN contracts c USING (application_id)"
        " WHERE (u.result IN ('PASS', 'CONDITION')) <> (c.contract_id IS NOT NULL)"
        " OR c.uw_result <> u.result",
    ),
    (
        "paid instalments are the collected bills",
        "SELECT c.contract_id FROM contracts c LEFT JOIN (SELECT contract_id, count(*) AS n"
        " FROM premium_bills WHERE status = 'COLLECTED' GROUP BY 1) b USING (contract_id)"
        " WHERE c.paid_instalments <> coalesce(b.n, 0)",
    ),
    (
        "the bank debits on its working days",
        "SELECT contract_id FROM premium_bills WHERE channel = 'DEBIT'"
        " AND extract(isodow FROM collected_on) > 5",
    ),
    (
        "bills are numbered without a gap and paid in order",
        "SELECT contract_id FROM premium_bills GROUP BY contract_id HAVING count(*) <>"
        " max(instalment) OR max(instalment) FILTER (WHERE status = 'COLLECTED') >"
        " count(*) FILTER (WHERE status = 'COLLECTED')",
    ),
    (
        "every bill asks the premium of its contract",
        "SELECT b.contract_id FROM premium_bills b JOIN contracts c USING (contract_id)"
        " WHERE b.amount <> c.premium_amount",
    ),
    (
        "the reserve of a line is the sum of its contracts' reserves",
        "SELECT line FROM (SELECT line, sum(movement) AS total FROM reserve_totals GROUP BY line) t"
        " FULL JOIN (SELECT c.line, sum(r.movement) AS each FROM liability_reserves r"
        " JOIN contracts c USING (contract_id) GROUP BY c.line) e USING (line)"
        " WHERE t.total IS DISTINCT FROM e.each",
    ),
    (
        "no unpaid bill on an ended contract",
        "SELECT b.contract_id FROM premium_bills b JOIN contracts c USING (contract_id)"
        " WHERE b.status IN ('DUE') AND c.policy_status NOT IN ('PENDING', 'ACTIVE')",
    ),
    (
        "an ended contract has its ending, on the same day",
        "SELECT c.contract_id FROM contracts c LEFT JOIN (SELECT t.* FROM terminations t LEFT JOIN"
        " reinstatements r ON r.termination_id = t.id WHERE r.id IS NULL) t USING (contract_id)"
        " WHERE (c.policy_status IN ('PENDING', 'ACTIVE')) <> (t.contract_id IS NULL)"
        " OR t.ended_on <> c.ended_on",
    ),
    (
        "a withdrawal pays every premium back, nothing else is paid without a value",
        "SELECT t.contract_id FROM terminations t JOIN contracts c USING (contract_id) WHERE"
        " (t.kind = 'WITHDRAWAL' AND t.refund <> c.paid_instalments * c.premium_amount)"
        " OR (t.kind IN ('LAPSE', 'EXPIRY', 'DEATH') AND t.refund <> 0)"
        " OR (t.kind = 'SURRENDER' AND t.refund > t.reserve)",
    ),
    (
        "no lapse before its notice ran out",
        "SELECT contract_id FROM premium_bills b JOIN contracts c USING (contract_id)"
        " WHERE b.lapse_on - b.reminded_on <="
        " CASE WHEN c.term_months BETWEEN 1 AND 11 THEN 7 ELSE 14 END",
    ),
    (
        "who lapsed was noticed and the grace was over",
        "SELECT t.contract_id FROM terminations t JOIN contracts c USING (contract_id)"
        " WHERE t.kind = 'LAPSE' AND c.policy_status IN ('LAPSED') AND NOT EXISTS (SELECT 1 FROM"
        " premium_bills b WHERE b.contract_id = t.contract_id AND b.lapse_on <= t.ended_on)",
    ),
    (
        "no contract in force after its grace or its term",
        "SELECT c.contract_id FROM contracts c, core_business_clock k WHERE"
        " c.policy_status IN ('ACTIVE') AND (c.coverage_end < k.today OR EXISTS (SELECT 1 FROM"
        " premium_bills b WHERE b.contract_id = c.contract_id AND b.status IN ('DUE')"
        " AND b.lapse_on < k.today))",
    ),
    (
        "every contract has a reserve at issue",
        "SELECT c.contract_id FROM contracts c LEFT JOIN liability_reserves r"
        " ON r.contract_id = c.contract_id AND r.occasion = 'ISSUE' WHERE r.reserve_id IS NULL",
    ),
    (
        "a reserve is the sum of its movements, and zero when the contract ended",
        "SELECT c.contract_id FROM contracts c JOIN LATERAL (SELECT sum(movement) AS moved,"
        " (array_agg(reserve_amount ORDER BY base_date DESC, reserve_id DESC))[1] AS held"
        " FROM liability_reserves r WHERE r.contract_id = c.contract_id) r ON true"
        " WHERE r.moved <> r.held"
        " OR (c.policy_status NOT IN ('PENDING', 'ACTIVE') AND r.held <> 0)",
    ),
    (
        "contracts in force have their reserve at each month end",
        "SELECT c.contract_id FROM contracts c JOIN premium_bills b ON b.contract_id ="
        " c.contract_id AND b.instalment = 1 AND b.status IN ('COLLECTED') CROSS JOIN (SELECT"
        " business_date AS day FROM core_job_runs WHERE job = 'reserves' AND state = 'DONE') m"
        " LEFT JOIN liability_reserves r ON r.contract_id = c.contract_id AND r.base_date = m.day"
        " AND r.occasion = 'MONTH_END' WHERE b.collected_on < m.day"
        " AND (c.ended_on IS NULL OR c.ended_on > m.day) AND r.reserve_id IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM reinstatements g WHERE g.contract_id = c.contract_id"
        " AND g.lapsed_on <= m.day AND g.reinstated_on > m.day)",
    ),
    (
        "who was reinstated had lapsed less than three years before, and paid arrears and interest",
        "SELECT r.contract_id FROM reinstatements r JOIN terminations t ON t.id = r.termination_id"
        " JOIN premium_receipts p ON p.id = r.receipt_id JOIN contracts c"
        " ON c.contract_id = r.contract_id WHERE t.kind <> 'LAPSE' OR t.ended_on <> r.lapsed_on"
        " OR t.contract_id <> r.contract_id OR p.amount <> r.arrears + r.interest"
        " OR r.arrears <> r.instalments * c.premium_amount"
        " OR r.reinstated_on > r.lapsed_on + interval '3 years 10 days'",
    ),
    (
        "a surrender value paid on request is that of the lapse, and the contract stays ended",
        "SELECT p.contract_id FROM surrender_payments p JOIN terminations t"
        " ON t.id = p.termination_id JOIN contracts c ON c.contract_id = p.contract_id"
        " LEFT JOIN reinstatements r ON r.termination_id = t.id WHERE t.kind <> 'LAPSE'"
        " OR p.amount <> (t.trace ->> 'surrender_value')::numeric OR r.id IS NOT NULL"
        " OR c.policy_status NOT IN ('CANCELED') OR p.paid_on < t.ended_on",
    ),
]


def findings() -> list[tuple[str, int, str]]:
    """Check every invariant: (name, breaches, the first of them)."""
    found = []
    with connection.cursor() as cursor:
        for name, sql in _CHECKS:
            cursor.execute(f"SELECT count(*), min(key::text) FROM ({sql}) AS b(key)")  # noqa: S608
            count, first = cursor.fetchone()
            found.append((name, count, first or ""))
    return found
