"""Statements as they were closed, and as they stand in an open month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounting.models import Account, FinancialStatement, FiscalPeriod
from accounting.rules.statements import (
    AccountNature,
    LineDef,
    balance_sheet,
    income_statement,
    layout,
    ratios,
)
from accounting.selectors import balances
from core.errors import NotFound

Key = tuple[str, str]
"""Section (BS or IS) and line."""


@dataclass(frozen=True, slots=True)
class Stated:
    """The statements of a month.

    Args:
        period: ``YYYY-MM``.
        final: whether the month is closed.
        amounts: (section, line) → won.
        accounts: (section, line) → the accounts behind.
        csm: contractual service margin at the end.
    """

    period: str
    final: bool
    amounts: Mapping[Key, int]
    accounts: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    csm: int = 0

    def get(self, section: str, line: str) -> int:
        """Return an amount; 0 where the month does not have the line."""
        return self.amounts.get((section, line), 0)

    @property
    def ratios(self) -> dict[str, float | None]:
        """Loss, expense and combined ratio in percent."""
        return ratios({line: v for (section, line), v in self.amounts.items() if section == "IS"})


def natures() -> list[AccountNature]:
    """Return the chart as the statements want it."""
    rows = Account.objects.order_by("position", "account_code")
    return [
        AccountNature(a.account_code, a.account_type, a.statement_line, a.is_memorandum)
        for a in rows
    ]


def stated(period: str) -> Stated:
    """Return a month's statements: final ones as stored, open ones from the ledger as it stands.

    Raises:
        NotFound: there is no such month.
    """
    found = FinancialStatement.objects.filter(closing_period=period).first()
    if found is not None:
        return _stored(found)
    month = FiscalPeriod.objects.filter(pk=period).first()
    if month is None:
        raise NotFound(_("There is no month %(period)s in the books.") % {"period": period})
    chart = natures()
    closing = balances.by_account(balances.closing_at(month.ends_on))
    moved = balances.movements(month.starts_on, month.ends_on, carried=False)
    net = balances.by_account({key: debit - credit for key, (debit, credit) in moved.items()})
    rows = [*balance_sheet(chart, closing), *income_statement(chart, net)]
    return Stated(
        period=period,
        final=False,
        amounts={(r.definition.section, r.definition.line): r.amount for r in rows},
        accounts={(r.definition.section, r.definition.line): r.accounts for r in rows},
        csm=-closing.get("2130", 0),
    )


def _stored(statement: FinancialStatement) -> Stated:
    rows = list(statement.lines.all())
    return Stated(
        period=statement.closing_period,
        final=True,
        amounts={(r.section, r.line): int(r.amount) for r in rows},
        accounts={(r.section, r.line): tuple(r.accounts) for r in rows},
        csm=int(statement.csm_amount),
    )


def closed(months: int, *, until: str = "") -> list[Stated]:
    """Return the statements of the last closed months, oldest first.

    Args:
        months: how many at most.
        until: the last month wanted, inclusive; by default the latest.
    """
    found = FinancialStatement.objects.prefetch_related("lines").order_by("-closing_period")
    if until:
        found = found.filter(closing_period__lte=until)
    return [_stored(statement) for statement in reversed(found[:months])]


def year_to_date(period: str) -> dict[Key, int]:
    """Return the income statement from January to a month, won."""
    months = FiscalPeriod.objects.filter(period__range=(f"{period[:4]}-01", period))
    sums: dict[Key, int] = {}
    for month in months.order_by("period"):
        for key, amount in stated(month.pk).amounts.items():
            if key[0] == "IS":
                sums[key] = sums.get(key, 0) + amount
    return sums


def definition(section: str, line: str) -> LineDef:
    """Return how a line is defined.

    Raises:
        NotFound: no statement has it.
    """
    for one in layout():
        if (one.section, one.line) == (section, line):
            return one
    raise NotFound(_("No statement has the line %(line)s.") % {"line": f"{section} {line}"})
