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
from django.utils.translation import gettext_noop

from accounting.models import FinancialStatement, FiscalPeriod
from accounting.selectors import proofs, seals
from accounting.selectors.statements import natures, restated

Finding = tuple[str, int, str]
ASSETS = "'1210', '1220', '1230', '1240', '1250'"
_FIRST = 3


def booked(event: str, accounts: str, amount: str) -> str:
    """Return SQL for what an event booked on accounts, by business key."""
    return (
        f"SELECT l.reference_id AS k, sum({amount}) AS v FROM general_ledger l"  # noqa: S608
        f" JOIN journal_entries e ON e.entry_id = l.entry_id WHERE e.event_name = '{event}'"
        f" AND l.account_code IN ({accounts}) GROUP BY 1"
    )


def held(accounts: str, amount: str) -> str:
    """Return SQL for the balance of accounts by business key."""
    return (
        f"SELECT reference_id AS k, sum({amount}) AS v FROM general_ledger"  # noqa: S608
        f" WHERE account_code IN ({accounts}) GROUP BY 1"
    )


DEBIT, CREDIT = "debit_amount - credit_amount", "credit_amount - debit_amount"
FACTS: Mapping[str, tuple[str, str]] = {
    "every first premium taken at issue has its entry": (
        "SELECT contract_id AS k, sum(amount) AS v FROM premium_bills WHERE channel = 'INITIAL'"
        " GROUP BY 1",
        booked("contracts.issued.v1", "'1110'", DEBIT),
    ),
    "every bill has its entry": (
        "SELECT contract_id AS k, sum(amount) AS v FROM premium_bills WHERE channel <> 'INITIAL'"
        " GROUP BY 1",
        booked("contracts.premiums_billed.v1", "'1310'", DEBIT),
    ),
    "every premium collected has its entry": (
        "SELECT contract_id AS k, sum(amount) AS v FROM premium_bills"
        " WHERE status = 'COLLECTED' AND channel <> 'INITIAL' GROUP BY 1",
        booked("contracts.premiums_collected.v1", "'1110'", DEBIT),
    ),
    "every bill that was voided has its entry": (
        "SELECT contract_id AS k, sum(amount) AS v FROM premium_bills WHERE status = 'VOID'"
        " GROUP BY 1",
        "SELECT k, sum(v) AS v FROM ("  # noqa: S608
        + booked("contracts.bills_voided.v1", "'1310'", CREDIT)
        + " UNION ALL "
        + booked("contracts.reinstated.v1", "'1310'", CREDIT)
        + ") t GROUP BY 1",
    ),
    "every refund has its entry": (
        "SELECT contract_id AS k, sum(refund) AS v FROM terminations GROUP BY 1",
        booked("contracts.ended.v1", "'1110'", CREDIT),
    ),
    "every surrender value paid on request has its entry": (
        "SELECT contract_id AS k, amount AS v FROM surrender_payments",
        booked("contracts.surrender_values_paid.v1", "'1110'", CREDIT),
    ),
    "all interest on arrears has its entry": (
        "SELECT contract_id AS k, sum(interest) AS v FROM reinstatements GROUP BY 1",
        booked("contracts.reinstated.v1", "'1110'", DEBIT),
    ),
    "every commission has its entry": (
        "SELECT contract_id AS k, sum(amount) AS v FROM commissions"
        " WHERE kind NOT IN ('CLAWBACK', 'RECALL', 'ADVANCE', 'REDEEMED') GROUP BY 1",
        booked("sales.commissions_accrued.v1", "'2120', '2160'", DEBIT),
    ),
    "every clawback has its entry": (
        "SELECT contract_id AS k, -sum(amount) AS v FROM commissions WHERE kind = 'CLAWBACK'"
        " GROUP BY 1",
        booked("sales.commissions_clawed_back.v1", "'2120', '2160'", CREDIT),
    ),
    "every statement paid to an agent has its entry": (
        "SELECT settlement_id AS k, net_paid + withheld AS v FROM commission_settlements"
        " WHERE status = 'PAID'",
        booked("sales.commissions_settled.v1", "'1110', '2320'", CREDIT),
    ),
    "every claim payout has its entry": (
        "SELECT reception_id AS k, payout_amount + late_interest + loss_adjustment_fee AS v"
        " FROM claim_payouts",
        booked("claims.paid.v1", "'1110'", CREDIT),
    ),
    "every recovery has its entry": (
        "SELECT claim_number AS k, sum(recovery_amount) AS v FROM reinsurance_claims GROUP BY 1",
        booked("reinsurance.recoveries_due.v1", "'1330'", DEBIT),
    ),
    "every recovery received has its entry": (
        "SELECT claim_number AS k, sum(recovery_amount) AS v FROM reinsurance_claims"
        " WHERE status = 'RECOVERED' GROUP BY 1",
        booked("reinsurance.recoveries_received.v1", "'1110'", DEBIT),
    ),
    "every premium ceded has its entry": (
        "SELECT treaty_id AS k, sum(ceded_premium - commission) AS v FROM premium_cessions"
        " GROUP BY 1",
        booked("reinsurance.premiums_ceded.v1", "'2410'", CREDIT),
    ),
    "every settlement with a reinsurer has its entry": (
        "SELECT treaty_id AS k, -sum(amount) AS v FROM reinsurance_account_entries"
        " WHERE kind = 'SETTLEMENT' GROUP BY 1",
        booked("reinsurance.payables_settled.v1", "'1110'", CREDIT),
    ),
    "every purchase and sale of an asset has its entry": (
        "SELECT asset_id AS k, sum(CASE side WHEN 'BUY' THEN -amount ELSE amount END) AS v"
        " FROM asset_trades GROUP BY 1",
        "SELECT k, sum(v) AS v FROM ("  # noqa: S608
        + booked("investments.assets_purchased.v1", "'1110'", DEBIT)
        + " UNION ALL "
        + booked("investments.assets_sold.v1", "'1110'", DEBIT)
        + ") t GROUP BY 1",
    ),
    "every interest bought has its entry": (
        "SELECT asset_id AS k, bought_interest AS v FROM investment_assets",
        booked("investments.interest_bought.v1", "'1110'", CREDIT),
    ),
    "every change of an allowance has its entry": (
        "SELECT asset_id AS k, sum(movement) AS v FROM asset_credit_losses"
        " WHERE cause IN ('MEASURED', 'RELEASED') GROUP BY 1",
        booked("investments.credit_losses_moved.v1", "'5520'", DEBIT),
    ),
    "every debt written off has its entry": (
        "SELECT asset_id AS k, carrying + interest AS v FROM asset_write_offs"
        " WHERE status = 'BOOKED'",
        booked("investments.assets_written_off.v1", "'1210', '1240', '1260'", CREDIT),
    ),
    "all money for debts written off has its entry": (
        "SELECT asset_id AS k, sum(amount) AS v FROM asset_write_off_recoveries GROUP BY 1",
        booked("investments.write_offs_recovered.v1", "'1110'", DEBIT),
    ),
    "every interest has its entry": (
        "SELECT asset_id AS k, sum(return_amount) AS v FROM asset_returns WHERE kind = 'INTEREST'"
        " GROUP BY 1",
        booked("investments.interest_accrued.v1", "'4310'", CREDIT),
    ),
    "every dividend and rent has its entry": (
        "SELECT asset_id AS k, sum(return_amount) AS v FROM asset_returns"
        " WHERE kind IN ('DIVIDEND', 'RENT') GROUP BY 1",
        booked("investments.income_received.v1", "'4320', '4330'", CREDIT),
    ),
    "every change of value has its entry": (
        "SELECT asset_id AS k, sum(return_amount) AS v FROM asset_returns WHERE kind = 'VALUATION'"
        " GROUP BY 1",
        booked("investments.assets_revalued.v1", ASSETS, DEBIT),
    ),
    "every gain on sale has its entry": (
        "SELECT asset_id AS k, sum(return_amount) AS v FROM asset_returns WHERE kind = 'DISPOSAL'"
        " GROUP BY 1",
        booked("investments.assets_sold.v1", f"'1110', {ASSETS}", DEBIT),
    ),
}
SUBLEDGERS: Mapping[str, tuple[str, str]] = {
    gettext_noop("Unpaid bills = premiums receivable"): (
        "SELECT contract_id AS k, sum(amount) AS v FROM premium_bills WHERE status = 'DUE'"
        " GROUP BY 1",
        held("'1310'", DEBIT),
    ),
    gettext_noop("Unpaid commissions = commissions payable"): (
        "SELECT agent_id AS k, sum(amount) AS v FROM commissions"
        " WHERE kind NOT IN ('CLAWBACK', 'RECALL') AND status = 'PENDING' GROUP BY 1",
        held("'2310'", CREDIT),
    ),
    gettext_noop("Clawbacks not recovered = clawback receivable"): (
        "SELECT k, sum(v) AS v FROM (SELECT agent_id AS k, -amount AS v FROM commissions"
        " WHERE kind IN ('CLAWBACK', 'RECALL') AND status = 'PENDING' UNION ALL SELECT * FROM ("
        "SELECT DISTINCT ON (agent_id) agent_id, -carried_out FROM commission_settlements"
        " WHERE status = 'PAID' ORDER BY agent_id, month DESC) s) t GROUP BY 1",
        held("'1320'", DEBIT),
    ),
    gettext_noop("Outstanding advances = prepaid commissions"): (
        "SELECT agent_id AS k, sum(amount) AS v FROM commissions"
        " WHERE kind IN ('ADVANCE', 'REDEEMED', 'RECALL') GROUP BY 1",
        held("'1360'", DEBIT),
    ),
    gettext_noop("Case reserves = incurred claims, case reserves"): (
        "SELECT reception_id AS k, case_reserve AS v FROM claim_receptions",
        held("'2210'", CREDIT),
    ),
    gettext_noop("Investments = asset accounts"): (
        "SELECT asset_id AS k, current_value AS v FROM investment_assets WHERE status = 'HELD'",
        held(ASSETS, DEBIT),
    ),
    gettext_noop("Interest receivable = accrued investment income"): (
        "SELECT asset_id AS k, accrued_interest AS v FROM investment_assets",
        held("'1260'", DEBIT),
    ),
    gettext_noop("Allowances for credit losses = loss allowance accounts"): (
        "SELECT asset_id AS k, allowance AS v FROM investment_assets"
        " WHERE classification <> 'FVOCI'",
        held("'1219', '1249'", CREDIT),
    ),
    gettext_noop("Outstanding recoveries = reinsurance receivable"): (
        "SELECT claim_number AS k, sum(recovery_amount) AS v FROM reinsurance_claims"
        " WHERE status = 'PENDING' GROUP BY 1",
        held("'1330'", DEBIT),
    ),
    gettext_noop("Write-downs of recoveries = allowance for reinsurance"): (
        "SELECT claim_number AS k, sum(written_down) AS v FROM reinsurance_claims GROUP BY 1",
        held("'1339'", CREDIT),
    ),
    gettext_noop("Reinsurers' share of case reserves = reinsurance asset, incurred claims"): (
        "SELECT claim_number AS k, sum(amount) AS v FROM reinsurance_recoverables GROUP BY 1",
        held("'1350'", DEBIT),
    ),
    gettext_noop("Accounts with reinsurers = reinsurance payable"): (
        "SELECT treaty_id AS k, sum(amount) AS v FROM reinsurance_account_entries GROUP BY 1",
        held("'2410'", CREDIT),
    ),
    gettext_noop("Policy reserves = memorandum reserve"): (
        "SELECT DISTINCT ON (contract_id) contract_id AS k, reserve_amount AS v"
        " FROM liability_reserves ORDER BY contract_id, base_date DESC, reserve_id DESC",
        held("'9110'", DEBIT),
    ),
}
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
