"""Changes in equity and cash flows of a span, beside the statements that they must meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from accounting.models import Account, FiscalPeriod
from accounting.rules import changes as rules
from accounting.rules.changes import CashFlows, Changes
from accounting.rules.statements import CURRENT_YEAR, INCOME
from accounting.selectors import balances, statements
from core.bulk import read_columns

_RULE = """
    CASE WHEN coalesce(r.rule_code, b.rule_code) = 'MANUAL_JOURNAL' AND EXISTS (
            SELECT 1 FROM general_ledger x JOIN account_subjects a USING (account_code)
            WHERE x.entry_id = l.entry_id AND a.account_type = 'EQUITY')
        THEN 'MANUAL_JOURNAL_EQUITY' ELSE coalesce(r.rule_code, b.rule_code, '') END
"""
_FROM = """
    FROM general_ledger l JOIN journal_entries e ON e.entry_id = l.entry_id
    LEFT JOIN posting_rules r ON r.id = e.rule_id
    LEFT JOIN journal_entries o ON o.entry_id = e.reverses_id
    LEFT JOIN posting_rules b ON b.id = o.rule_id
    WHERE l.transaction_date BETWEEN %(start)s AND %(end)s AND l.account_code = ANY(%(accounts)s)
"""


@dataclass(frozen=True, slots=True)
class Span:
    """Both statements of [start, end], and by how much they miss the statements of the months.

    Args:
        start, end: days, inclusive.
        equity, cash: the statements.
        gaps: what must be zero: CASH, EQUITY, NET_INCOME and OCI against balance sheet and
            income statement.
    """

    start: date
    end: date
    equity: Changes
    cash: CashFlows
    gaps: dict[str, int]

    @property
    def ties(self) -> bool:
        """Whether both foot and meet the statements."""
        foots = not any(self.equity.miss(column) for column in rules.COLUMNS)
        return foots and not self.cash.miss and not any(self.gaps.values())


def span(month: FiscalPeriod, *, year: bool = False) -> Span:
    """Return both statements of a month, or of the year up to it."""
    start = date(month.starts_on.year, 1, 1) if year else month.starts_on
    equity, cash = _equity(start, month.ends_on), _cash(start, month.ends_on)
    sheet = statements.stated(month.pk)
    income = statements.year_to_date(month.pk) if year else sheet.amounts
    gaps = {
        "CASH": cash.closing - sheet.get("BS", "CASH"),
        "EQUITY": sum(equity.closing.values()) - sheet.get("BS", "EQUITY"),
        "NET_INCOME": equity.total("NET_INCOME") - income.get(("IS", "NET_INCOME"), 0),
        "OCI": equity.total("OCI_ASSETS", "OCI_INSURANCE") - income.get(("IS", "OCI"), 0),
    }
    return Span(start, month.ends_on, equity, cash, gaps)


def _held(day: date, accounts: list[str]) -> dict[str, int]:
    held = balances.by_account(balances.closing_at(day))
    return {account: -held.get(account, 0) for account in accounts}


def _equity(start: date, end: date) -> Changes:
    column = {
        one.code: CURRENT_YEAR if one.type in INCOME else one.line
        for one in statements.natures()
        if one.type in INCOME or one.type == "EQUITY"
    }
    accounts = list(column)
    read = read_columns(
        f"SELECT {_RULE}, l.account_code, sum(l.credit_amount - l.debit_amount)::bigint"
        f" {_FROM} GROUP BY 1, 2",
        {"start": start, "end": end, "accounts": accounts},
        rule="keys",
        account="keys",
        amount="won",
    )
    booked = {
        (rule, account): int(amount)
        for rule, account, amount in zip(*(c.tolist() for c in read.values()), strict=True)
    }
    before = _held(start - timedelta(days=1), accounts)
    return rules.changes(before, booked, _held(end, accounts), column)


def _cash(start: date, end: date) -> CashFlows:
    found = Account.objects.filter(statement_line="CASH").values_list("account_code", flat=True)
    accounts = list(found)
    read = read_columns(
        f"SELECT {_RULE}, sum(l.debit_amount - l.credit_amount)::bigint {_FROM} GROUP BY 1",
        {"start": start, "end": end, "accounts": accounts},
        rule="keys",
        amount="won",
    )
    received = dict(
        zip(read["rule"].tolist(), (int(v) for v in read["amount"].tolist()), strict=True)
    )
    before = -sum(_held(start - timedelta(days=1), accounts).values())
    return rules.cash_flows(before, received, -sum(_held(end, accounts).values()))
