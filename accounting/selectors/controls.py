"""The proof that the books are right.

Every fact has its entry, every line its source, every subledger its account, and nothing that was
closed has changed.

The checks read the subledgers' tables by SQL, on purpose: a proof should not lean on the code
that it proves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

from accounting.models import FinancialStatement, FiscalPeriod
from accounting.selectors import proofs, seals
from accounting.selectors.statements import natures, restated
from accounting.selectors.subledgers import FACTS, SUBLEDGERS

Finding = tuple[str, int, str]
_FIRST = 3
BREACHES: Mapping[str, str] = {
    "debits = credits in every entry": (
        "SELECT entry_id FROM general_ledger GROUP BY entry_id"
        " HAVING sum(debit_amount) <> sum(credit_amount)"
    ),
    "every entry has lines": (
        "SELECT e.entry_id FROM journal_entries e WHERE NOT EXISTS ("
        "SELECT 1 FROM general_ledger l WHERE l.entry_id = e.entry_id)"
    ),
    "every line has its entry, account and day": (
        "SELECT l.journal_id FROM general_ledger l"
        " LEFT JOIN journal_entries e ON e.entry_id = l.entry_id"
        " LEFT JOIN account_subjects a ON a.account_code = l.account_code"
        " WHERE e.entry_id IS NULL OR a.account_code IS NULL"
        " OR l.transaction_date <> e.entry_date"
    ),
    "every entry has its event, rule and month": (
        "SELECT e.entry_id FROM journal_entries e LEFT JOIN core_events v USING (event_id)"
        " LEFT JOIN posting_rules r ON r.id = e.rule_id"
        " LEFT JOIN fiscal_periods p ON p.period = e.period"
        " WHERE v.event_id IS NULL OR p.period IS NULL OR (e.reverses_id IS NULL AND r.id IS NULL)"
        " OR v.name <> e.event_name"
    ),
    "every event of money is posted": (
        "SELECT v.event_id FROM core_events v WHERE v.name IN (SELECT event_name FROM"
        " posting_rules) AND NOT EXISTS ("
        "SELECT 1 FROM journal_batches b WHERE b.event_id = v.event_id)"
    ),
    "every entry's reference exists": (
        "SELECT DISTINCT e.reference_id FROM journal_entries e WHERE NOT CASE"
        " WHEN e.event_name = 'sales.commissions_settled.v1'"
        " THEN EXISTS (SELECT 1 FROM commission_settlements WHERE settlement_id = e.reference_id)"
        " WHEN e.event_name LIKE 'contracts.%' OR e.event_name LIKE 'sales.%'"
        " THEN EXISTS (SELECT 1 FROM contracts WHERE contract_id = e.reference_id)"
        " WHEN e.event_name LIKE 'claims.%' OR e.event_name LIKE 'reinsurance.recoveries%'"
        " THEN EXISTS (SELECT 1 FROM claim_receptions WHERE reception_id = e.reference_id)"
        " WHEN e.event_name LIKE 'investments.%'"
        " THEN EXISTS (SELECT 1 FROM investment_assets WHERE asset_id = e.reference_id)"
        " WHEN e.event_name LIKE 'reinsurance.%'"
        " THEN EXISTS (SELECT 1 FROM reinsurance_treaties WHERE treaty_code = e.reference_id)"
        " WHEN e.event_name = 'accounting.liabilities_measured.v1'"
        " THEN EXISTS (SELECT 1 FROM contract_groups WHERE group_code = e.reference_id)"
        " ELSE e.event_name LIKE 'accounting.%' END"
    ),
    "every contract has its group of portfolio, cohort and profitability": (
        "SELECT c.contract_id FROM contracts c LEFT JOIN group_members m USING (contract_id)"
        " LEFT JOIN contract_groups g USING (group_code)"
        " LEFT JOIN profitability_tests t ON t.key = m.test_id"
        " WHERE g.group_code IS NULL OR g.line <> c.line"
        " OR g.cohort_year <> extract(year FROM c.contract_date)"
        " OR g.profitability <> coalesce(t.result, 'OTHER')"
    ),
    "every line of a contract stands in its group": (
        "SELECT l.journal_id FROM general_ledger l JOIN journal_entries e USING (entry_id)"
        " JOIN group_members m ON m.contract_id = e.reference_id"
        " WHERE l.group_code NOT IN ('', m.group_code)"
    ),
    "no entry after its month was closed": (
        "SELECT e.entry_id FROM journal_entries e JOIN fiscal_periods p USING (period)"
        " WHERE p.status = 'CLOSED' AND e.posted_at > p.closed_at"
    ),
    "nobody closed, checked or posted alone": (
        "SELECT rule_code FROM posting_rules WHERE status = 'ACTIVE' AND made_by = checked_by"
        " UNION ALL SELECT journal_no FROM manual_journals"
        " WHERE status = 'POSTED' AND made_by = checked_by"
    ),
}


def findings() -> list[Finding]:
    """Check everything: (name, breaches, the first of them)."""
    found = [_breach(name, sql) for name, sql in BREACHES.items()]
    found.append(_total())
    found += [_reconciled(name, *pair) for name, pair in FACTS.items()]
    found += [_reconciled(name, *pair) for name, pair in SUBLEDGERS.items()]
    checks: Mapping[str, Callable[[], list[str]]] = {
        "seals of closed months verify": seals.broken,
        "snapshots equal the lines": _snapshots,
        "statements tie to the ledger": _statements,
        "measurements foot, margins and losses are never negative": proofs.footing,
        "measurements open where the month before closed": proofs.opened,
        "measured liabilities equal the ledger": proofs.tied,
    }
    for name, check in checks.items():
        broken = check()
        found.append((name, len(broken), ", ".join(broken[:_FIRST])))
    return found


def reconciliations() -> list[tuple[str, int, str, int, int]]:
    """Return each subledger with its breaks and both totals: (name, breaks, first, sub, ledger)."""
    out = []
    for name, (sub, ledger) in SUBLEDGERS.items():
        _, breaks, first = _reconciled(name, sub, ledger)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT (SELECT coalesce(sum(v), 0) FROM ({sub}) s),"  # noqa: S608
                f" (SELECT coalesce(sum(v), 0) FROM ({ledger}) g)"
            )
            totals = cursor.fetchone()
        out.append((name, breaks, first, int(totals[0]), int(totals[1])))
    return out


def _query(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def _breach(name: str, sql: str) -> Finding:
    counted = f"SELECT count(*), (array_agg(k::text))[1:{_FIRST}] FROM ({sql}) b(k)"  # noqa: S608
    ((count, first),) = _query(counted)
    return name, count, ", ".join(first or [])


def _reconciled(name: str, sub: str, ledger: str) -> Finding:
    return _breach(
        name,
        f"SELECT coalesce(s.k, g.k) FROM ({sub}) s FULL JOIN ({ledger}) g ON g.k = s.k"  # noqa: S608
        " WHERE coalesce(s.v, 0) <> coalesce(g.v, 0)",
    )


def _total() -> Finding:
    ((gap,),) = _query(
        "SELECT coalesce(sum(debit_amount), 0) - coalesce(sum(credit_amount), 0)"
        " FROM general_ledger"
    )
    return "debits = credits in total", int(gap != 0), str(gap) if gap else ""


def _snapshots() -> list[str]:
    """Recompute the closing balances of every closed month from all lines."""
    return [
        f"{period}: {account} {group}".strip()
        for period, account, group in _query(
            """
            SELECT p.period, coalesce(b.account_code, l.account_code),
                coalesce(b.group_code, l.group_code)
            FROM fiscal_periods p
            JOIN LATERAL (
                SELECT account_code, group_code, sum(debit_amount - credit_amount) AS v
                FROM general_ledger WHERE transaction_date <= p.ends_on GROUP BY 1, 2
            ) l ON true
            FULL JOIN account_balances b ON b.period = p.period
                AND b.account_code = l.account_code AND b.group_code = l.group_code
            WHERE (p.status = 'CLOSED' OR p.status IS NULL)
                AND coalesce(l.v, 0) <> coalesce(b.closing, 0)
            """
        )
    ]


def _statements() -> list[str]:
    """State every closed month again from the ledger and compare line by line."""
    chart = natures()
    found: list[str] = []
    statements = FinancialStatement.objects.prefetch_related("lines")
    for period in FiscalPeriod.objects.filter(status="CLOSED").order_by("period"):
        statement = statements.filter(closing_period=period.pk).first()
        if statement is None:
            found.append(f"{period}: no statement")
            continue
        stored = {(r.section, r.line): int(r.amount) for r in statement.lines.all()}
        again = restated(period, chart, statement.presentation)
        found += [f"{period}: {key}" for key in again if stored.get(key) != again[key]]
        figures = {
            "ASSETS": statement.total_assets,
            "LIABILITIES": statement.total_liabilities,
            "EQUITY": statement.total_equity,
        }
        found += [f"{period}: {k}" for k, v in figures.items() if stored.get(("BS", k)) != v]
    return found
