"""Statements as they were closed, and as they stand in an open month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounting.models import Account, ContractGroup, FinancialStatement, FiscalPeriod
from accounting.rules.statements import (
    LATEST,
    AccountNature,
    Amount,
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
        presentation: which lines the statements have.
    """

    period: str
    final: bool
    amounts: Mapping[Key, int]
    accounts: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    csm: int = 0
    presentation: int = LATEST

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


def portfolios() -> dict[str, str]:
    """Return the portfolio of each group of contracts."""
    return dict(ContractGroup.objects.values_list("group_code", "line"))


def stated(period: str, presentation: int = 0) -> Stated:
    """Return a month's statements: final ones as stored, open ones from the ledger as it stands.

    Args:
        period: ``YYYY-MM``.
        presentation: the lines wanted, so that months can be compared; 0: those the month has.

    Raises:
        NotFound: there is no such month.
    """
    found = FinancialStatement.objects.filter(closing_period=period).first()
    if found is not None and presentation in {0, found.presentation}:
        return _stored(found)
    month = FiscalPeriod.objects.filter(pk=period).first()
    if month is None:
        raise NotFound(_("There is no month %(period)s in the books.") % {"period": period})
    rows = _amounts(month, natures(), presentation or LATEST)
    held = balances.by_account(balances.closing_at(month.ends_on))
    return Stated(
        period=period,
        final=found is not None,
        amounts={(r.definition.section, r.definition.line): r.amount for r in rows},
        accounts={(r.definition.section, r.definition.line): r.accounts for r in rows},
        csm=-held.get("2130", 0),
        presentation=presentation or LATEST,
    )


def restated(
    period: FiscalPeriod, chart: Sequence[AccountNature], presentation: int
) -> dict[Key, int]:
    """State a month again from the ledger alone, in the lines of one presentation, won."""
    rows = _amounts(period, chart, presentation)
    return {(r.definition.section, r.definition.line): r.amount for r in rows}


def _amounts(
    month: FiscalPeriod, chart: Sequence[AccountNature], presentation: int
) -> list[Amount]:
    moved = balances.movements(month.starts_on, month.ends_on, carried=False)
    net = balances.by_account({key: debit - credit for key, (debit, credit) in moved.items()})
    closing = balances.closing_at(month.ends_on)
    sheet = balance_sheet(chart, closing, portfolios(), presentation)
    return [*sheet, *income_statement(chart, net)]


def _stored(statement: FinancialStatement) -> Stated:
    rows = list(statement.lines.all())
    return Stated(
        period=statement.closing_period,
        final=True,
        amounts={(r.section, r.line): int(r.amount) for r in rows},
        accounts={(r.section, r.line): tuple(r.accounts) for r in rows},
        csm=int(statement.csm_amount),
        presentation=statement.presentation,
    )


def closed(months: int, *, until: str = "") -> list[Stated]:
    """Return the statements of the last closed months, oldest first, in the lines of the last.

    Args:
        months: how many at most.
        until: the last month wanted, inclusive; by default the latest.
    """
    found = FinancialStatement.objects.prefetch_related("lines").order_by("-closing_period")
    if until:
        found = found.filter(closing_period__lte=until)
    last = list(found[:months])
    return [
        _stored(one)
        if one.presentation == last[0].presentation
        else stated(one.closing_period, last[0].presentation)
        for one in reversed(last)
    ]


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
