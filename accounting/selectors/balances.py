"""Balances of accounts: from the last closed month's snapshot and the lines after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Sum

from accounting.events import YearsClosed
from accounting.models import AccountBalance, FiscalPeriod, LedgerLine
from core.bulk import read_columns

Key = tuple[str, str]
"""Account and group of contracts ("": none)."""


@dataclass(frozen=True, slots=True)
class Balance:
    """An account (and group of contracts): won. ``closing`` = ``opening`` + debit − credit."""

    account: str
    group: str
    opening: int
    debit: int
    credit: int

    @property
    def closing(self) -> int:
        """Debit minus credit at the end."""
        return self.opening + self.debit - self.credit


def movements(start: date, end: date, *, carried: bool = True) -> dict[Key, tuple[int, int]]:
    """Sum the lines of [start, end] by account and group.

    Args:
        start: first day, inclusive.
        end: last day, inclusive.
        carried: whether the carrying of the year's result to retained earnings counts.

    Returns:
        (account, group) → (debit, credit), won.
    """
    found = read_columns(
        """
        SELECT l.account_code, l.group_code, sum(l.debit_amount)::bigint,
            sum(l.credit_amount)::bigint
        FROM general_ledger l
        WHERE l.transaction_date BETWEEN %(start)s AND %(end)s AND (%(carried)s OR NOT EXISTS (
            SELECT 1 FROM journal_entries e
            WHERE e.entry_id = l.entry_id AND e.event_name = %(carry)s))
        GROUP BY l.account_code, l.group_code
        """,
        {"start": start, "end": end, "carried": carried, "carry": YearsClosed.name},
        account="keys",
        group="keys",
        debit="won",
        credit="won",
    )
    return {
        (account, group): (int(debit), int(credit))
        for account, group, debit, credit in zip(*(c.tolist() for c in found.values()), strict=True)
    }


def between(start: date, end: date) -> list[Balance]:
    """Return opening, movement and closing of every account and group for [start, end]."""
    opening = closing_at(start - timedelta(days=1))
    moved = movements(start, end)
    return [
        Balance(*key, opening.get(key, 0), *moved.get(key, (0, 0)))
        for key in sorted(opening.keys() | moved.keys())
    ]


def closing_at(day: date) -> dict[Key, int]:
    """Return debit minus credit of every account and group at the end of a day, won."""
    closed = FiscalPeriod.objects.filter(status="CLOSED", ends_on__lte=day)
    last = closed.order_by("-period").first()
    balances: dict[Key, int] = {}
    since = date.min
    if last is not None:
        rows = AccountBalance.objects.filter(period=last)
        for account, group, closing in rows.values_list("account_id", "group_code", "closing"):
            balances[account, group] = int(closing)
        since = last.ends_on + timedelta(days=1)
    if since <= day:
        for key, (debit, credit) in movements(since, day).items():
            balances[key] = balances.get(key, 0) + debit - credit
    return balances


def held_now(account: str) -> int:
    """Return debit minus credit of one account with everything that is posted so far, won.

    Args:
        account: its code; the last closed month's snapshot is where the sum begins.
    """
    last = FiscalPeriod.objects.filter(status="CLOSED").order_by("-period").first()
    lines = LedgerLine.objects.filter(account_id=account)
    stored = 0
    if last is not None:
        rows = AccountBalance.objects.filter(period=last, account_id=account)
        stored = int(rows.aggregate(s=Sum("closing"))["s"] or 0)
        lines = lines.filter(transaction_date__gt=last.ends_on)
    return stored + int(lines.aggregate(s=Sum(F("debit_amount") - F("credit_amount")))["s"] or 0)


def months_of(account: str, months: Sequence[FiscalPeriod]) -> dict[str, tuple[int, int]]:
    """Return what one account moved in each month and held at its end, debit minus credit, won.

    Args:
        account: its code.
        months: consecutive months, oldest first.
    """
    rows = AccountBalance.objects.filter(account_id=account, period__in=months).values("period_id")
    stored = {
        row["period_id"]: (int(row["moved"]), int(row["held"]))
        for row in rows.annotate(moved=Sum(F("debit") - F("credit")), held=Sum("closing"))
    }
    found: dict[str, tuple[int, int]] = {}
    for month in months:
        held = found[max(found)][1] if found else 0
        if month.status == FiscalPeriod.Status.CLOSED:
            found[month.pk] = stored.get(month.pk, (0, held))
            continue
        lines = LedgerLine.objects.filter(
            account_id=account, transaction_date__range=(month.starts_on, month.ends_on)
        )
        moved = lines.aggregate(v=Sum(F("debit_amount") - F("credit_amount")))["v"] or 0
        found[month.pk] = (int(moved), held + int(moved))
    return found


def by_account(balances: dict[Key, int]) -> dict[str, int]:
    """Sum balances over groups."""
    summed: dict[str, int] = {}
    for (account, _), amount in balances.items():
        summed[account] = summed.get(account, 0) + amount
    return summed
