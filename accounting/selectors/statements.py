"""Statements as they were closed, and as they stand in an open month."""

from __future__ import annotations

from accounting.models import Account
from accounting.rules.statements import AccountNature


def natures() -> list[AccountNature]:
    """Return the chart as the statements want it."""
    rows = Account.objects.order_by("position", "account_code")
    return [
        AccountNature(a.account_code, a.account_type, a.statement_line, a.is_memorandum)
        for a in rows
    ]
