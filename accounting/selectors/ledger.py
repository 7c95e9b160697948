"""Entries and lines for lists and records, from a line to its source and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounting.models import Account, JournalBatch, JournalEntry, LedgerLine
from core.errors import NotFound
from core.events import column_kinds, event_classes
from core.models import EventRecord


def entries() -> QuerySet[JournalEntry]:
    """Return all entries, newest first, with the rule and the amount of each."""
    amount = (
        LedgerLine.objects.filter(entry_id=OuterRef("pk"))
        .order_by()
        .values("entry_id")
        .annotate(v=Sum("debit_amount"))
        .values("v")
    )
    return (
        JournalEntry.objects.select_related("rule")
        .annotate(amount=Coalesce(Subquery(amount), Decimal(0)))
        .order_by("-entry_id")
    )


def lines() -> QuerySet[LedgerLine]:
    """Return all lines, newest first, with account, entry and rule."""
    found = LedgerLine.objects.select_related("account", "entry__rule")
    return found.order_by("-entry_id", "-line_no")


def entry(entry_id: int) -> JournalEntry:
    """Return an entry with its lines and accounts.

    Raises:
        NotFound: there is none.
    """
    found = (
        JournalEntry.objects.select_related("rule", "period", "reverses")
        .prefetch_related("lines__account", "reversals")
        .filter(pk=entry_id)
        .first()
    )
    if found is None:
        raise NotFound(_("There is no entry %(entry)s.") % {"entry": entry_id})
    return found


def event(event_id: UUID) -> EventRecord | None:
    """Return the event behind entries; None for what was loaded before events were kept."""
    return EventRecord.objects.filter(pk=event_id).first()


def facts_of(entry_: JournalEntry, record: EventRecord | None) -> dict[str, Any]:
    """Return the row of the event that an entry posts, where the event's payload was kept.

    Where facts share the entry, what they agree on stands once; amounts are summed, the rest is
    listed. Larger batches keep no payload: their rows stand in the tables of their own stage.
    """
    if record is None or not record.payload or entry_.rule is None:
        return {}
    columns = {k: v for k, v in record.payload.items() if isinstance(v, list)}
    wanted = entry_.idempotency_key.split(":")[1].split("/")
    keys = entry_.rule.keys
    if any(key not in columns for key in keys):
        return {}
    rows = [n for n in range(record.rows) if [str(columns[key][n]) for key in keys] == wanted]
    kinds = column_kinds(event_classes()[record.name])
    return {
        name: _together([values[row] for row in rows], kinds.get(name, ""))
        for name, values in columns.items()
        if rows
    }


def _together(values: list[Any], kind: str) -> Any:
    if len(set(values)) == 1 and (kind != "won" or len(values) == 1):
        return values[0]
    return sum(values) if kind == "won" else ", ".join(str(value) for value in values)


def of_reference(key: str, limit: int = 50) -> list[JournalEntry]:
    """Return the latest entries that touch a business key, with their lines."""
    ids = (
        LedgerLine.objects.filter(reference_id=key)
        .order_by("-entry_id")
        .values_list("entry_id", flat=True)
        .distinct()
    )
    found = JournalEntry.objects.filter(pk__in=list(ids[:limit])).select_related("rule")
    return list(found.prefetch_related("lines__account").order_by("-entry_id"))


@dataclass(frozen=True, slots=True)
class Posted:
    """What a set of events posted on one account and side."""

    account: Account
    debit: Decimal
    credit: Decimal
    lines: int


def posted_by(event_ids: Iterable[UUID]) -> list[Posted]:
    """Sum what events posted by account, for a preview of an act."""
    batches = JournalBatch.objects.filter(event_id__in=list(event_ids), entries__gt=0)
    sums: dict[tuple[str, str], list[Any]] = {}
    for batch in batches.order_by("batch_id"):
        rows = LedgerLine.objects.filter(
            entry__entry_id__range=(batch.first_entry, batch.last_entry),
            entry__event_id=batch.event_id,
        ).values_list("account_id", "debit_amount", "credit_amount")
        for account, debit, credit in rows.iterator(chunk_size=10_000):
            part = sums.setdefault((account, "D" if debit else "C"), [Decimal(0), Decimal(0), 0])
            part[0] += debit
            part[1] += credit
            part[2] += 1
    accounts = Account.objects.in_bulk({account for account, _ in sums})
    return [Posted(accounts[account], *part) for (account, _), part in sums.items()]


@dataclass(frozen=True, slots=True)
class Booked:
    """What events posted, won.

    Attributes:
        references: how many business keys their entries carry.
        debit, credit: sums of all lines.
        on_account: debit less credit of the account asked for.
    """

    references: int
    debit: int
    credit: int
    on_account: int


def booked(event_ids: Iterable[UUID], account: str) -> Booked:
    """Sum what events posted, and what of it lies on one account."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT e.reference_id), coalesce(sum(l.debit_amount), 0)::bigint,"
            " coalesce(sum(l.credit_amount), 0)::bigint, coalesce(sum(l.debit_amount -"
            " l.credit_amount) FILTER (WHERE l.account_code = %s), 0)::bigint"
            " FROM journal_batches b JOIN journal_entries e"
            " ON e.entry_id BETWEEN b.first_entry AND b.last_entry AND e.event_id = b.event_id"
            " JOIN general_ledger l ON l.entry_id = e.entry_id WHERE b.event_id = ANY(%s)",
            [account, list(event_ids)],
        )
        return Booked(*cursor.fetchone())


def search(query: str, limit: int) -> list[JournalEntry]:
    """Find entries by number, or by a business key that one of their lines carries."""
    if query.isdigit():
        return list(JournalEntry.objects.filter(pk=int(query)).select_related("rule"))
    return of_reference(query.upper(), limit)
