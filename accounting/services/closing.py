"""The monthly close: one transaction that measures, states, seals and locks, or does nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounting import events
from accounting.models import (
    AccountBalance,
    FinancialStatement,
    FiscalPeriod,
    PeriodSeal,
    PostingRule,
    StatementLine,
)
from accounting.rules.statements import (
    INCOME,
    LATEST,
    AccountNature,
    Amount,
    balance_sheet,
    income_statement,
)
from accounting.selectors import balances, readiness, seals
from accounting.selectors.statements import natures, portfolios
from accounting.services import appropriation, measuring
from accounting.services.periods import NoSuchPeriod, PeriodIsClosed
from core.acting import current
from core.bulk import copy_rows
from core.errors import DomainError, NotAllowed
from core.events import publish
from core.status import transition

BATCH = "batch:"
CSM_ACCOUNT = "2130"


class NotReady(DomainError):
    """Points of the close checklist are open; nothing was closed."""

    def __init__(self, open_points: Sequence[readiness.Point]) -> None:
        self.points = list(open_points)
        super().__init__(" · ".join(f"{p.label}: {p.breaches} ({p.detail})" for p in self.points))


def checklist(period: str, *, business_date: date, quick: bool = False) -> list[readiness.Point]:
    """Return the points of a month's close checklist; ``quick`` for desks that only count."""
    return readiness.points(
        _period(period), business_date=business_date, money=money_events(), quick=quick
    )


def money_events() -> list[str]:
    """Return the names of the events that the ledger posts, by its rules."""
    return sorted(set(PostingRule.objects.values_list("event_name", flat=True)))


@transaction.atomic
def request_close(period: str, *, business_date: date) -> FiscalPeriod:
    """Ask a second person to close a month.

    Raises:
        NotReady: points of the checklist are open.
        PeriodIsClosed, NoSuchPeriod.
    """
    found = _locked(period)
    _ready(found, business_date)
    FiscalPeriod.objects.filter(pk=found.pk).update(
        requested_by=current().actor, requested_at=Now()
    )
    found.refresh_from_db()
    return found


@transaction.atomic
def close(period: str, *, business_date: date) -> FinancialStatement:
    """Close a month: measure, state, seal and lock it; whoever posts meanwhile waits or is refused.

    Args:
        period: ``YYYY-MM``.
        business_date: today; the month is over.

    Raises:
        NotReady: points of the checklist are open.
        NotAllowed: a person closes what nobody, or the same person, asked to close.
        PeriodIsClosed, NoSuchPeriod, NoAssumptions, NoCurve, MissingPortfolio, LedgerDiffers.
    """
    found = _locked(period)
    who = current().actor
    if not who.startswith(BATCH) and found.requested_by in {"", who}:
        raise NotAllowed(
            _("A month is closed by a second person: one asks for the close, another confirms it.")
        )
    _ready(found, business_date)
    run = measuring.measure_and_post(found, business_date=business_date)
    accounts = natures()
    income = income_statement(accounts, _net(found, carried=False))
    if found.ends_on.month == 12:
        _carry(found, accounts)
    if run is not None:
        appropriation.appropriate(found, run)
    closing = _snapshot(found)
    sheet = balance_sheet(accounts, closing, portfolios())
    statement = _state(found, sheet, income, closing)
    seal = _seal(found)
    transition(
        found,
        FiscalPeriod.Status.CLOSED,
        reason=f"closed by {who}",
        closed_by=who,
        closed_at=Now(),
        seal=seal,
    )
    publish(
        events.PeriodsClosed.of(
            business_date=found.ends_on,
            rows=[
                {
                    "period": found.pk,
                    "net_income": statement.net_income,
                    "csm": statement.csm_amount,
                }
            ],
        )
    )
    publish(
        events.PositionsStated.of(
            business_date=found.ends_on,
            rows=[
                {
                    "period": found.pk,
                    "assets": statement.total_assets,
                    "liabilities": statement.total_liabilities,
                    "equity": statement.total_equity,
                }
            ],
        )
    )
    return statement


def _period(period: str) -> FiscalPeriod:
    found = FiscalPeriod.objects.filter(pk=period).first()
    if found is None:
        raise NoSuchPeriod(_("There is no month %(period)s in the books.") % {"period": period})
    return found


def _locked(period: str) -> FiscalPeriod:
    _period(period)
    found = FiscalPeriod.objects.select_for_update().get(pk=period)
    if found.status == FiscalPeriod.Status.CLOSED:
        raise PeriodIsClosed(_("%(period)s is closed already.") % {"period": period})
    return found


def _ready(period: FiscalPeriod, business_date: date) -> None:
    points = readiness.points(period, business_date=business_date, money=money_events())
    missing = [point for point in points if not point.ok]
    if missing:
        raise NotReady(missing)


def _net(period: FiscalPeriod, *, carried: bool) -> dict[str, int]:
    """Return debit minus credit of each account in a month, won."""
    moved = balances.movements(period.starts_on, period.ends_on, carried=carried)
    return balances.by_account({key: debit - credit for key, (debit, credit) in moved.items()})


def _carry(period: FiscalPeriod, accounts: Sequence[AccountNature]) -> None:
    """Carry the year's income and expense to retained earnings."""
    closing = balances.by_account(balances.closing_at(period.ends_on))
    rows = [
        {"year": period.ends_on.year, "account_code": a.code, "amount": -closing[a.code]}
        for a in accounts
        if a.type in INCOME and closing.get(a.code, 0)
    ]
    if rows:
        publish(events.YearsClosed.of(business_date=period.ends_on, rows=rows))


def _snapshot(period: FiscalPeriod) -> dict[balances.Key, int]:
    """Write what each account and group moved and holds, and return what it holds."""
    found = balances.between(period.starts_on, period.ends_on)
    if found:
        copy_rows(
            AccountBalance,
            {
                "period": period.pk,
                "account": [b.account for b in found],
                "group_code": [b.group for b in found],
                "debit": np.array([b.debit for b in found], np.int64),
                "credit": np.array([b.credit for b in found], np.int64),
                "closing": np.array([b.closing for b in found], np.int64),
            },
        )
    return {(b.account, b.group): b.closing for b in found}


def _state(
    period: FiscalPeriod,
    sheet: Sequence[Amount],
    income: Sequence[Amount],
    closing: Mapping[balances.Key, int],
) -> FinancialStatement:
    by_line = {a.definition.line: a.amount for a in [*sheet, *income]}
    statement = FinancialStatement.objects.create(
        closing_period=period.pk,
        total_assets=by_line["ASSETS"],
        total_liabilities=by_line["LIABILITIES"],
        total_equity=by_line["EQUITY"],
        net_income=by_line["NET_INCOME"],
        csm_amount=-sum(v for (account, _), v in closing.items() if account == CSM_ACCOUNT),
        presentation=LATEST,
    )
    StatementLine.objects.bulk_create(
        StatementLine(
            statement=statement,
            section=a.definition.section,
            line=a.definition.line,
            position=position,
            amount=a.amount,
            accounts=list(a.accounts),
        )
        for position, a in enumerate([*sheet, *income], 1)
    )
    transition(statement, FinancialStatement.Status.CLOSED, reason="month closed")
    return statement


def _seal(period: FiscalPeriod) -> str:
    """Keep the digests of the month's lines and return its seal, chained to the month before."""
    found = seals.stretches(period.starts_on, period.ends_on)
    PeriodSeal.objects.bulk_create(
        PeriodSeal(
            period=period,
            number=s.number,
            first_line=s.first_line,
            last_line=s.last_line,
            lines=s.lines,
            digest=s.digest,
        )
        for s in found
    )
    before = FiscalPeriod.objects.filter(period__lt=period.pk).order_by("-period").first()
    return seals.chain(period.pk, before.seal if before else "", [s.digest for s in found])
