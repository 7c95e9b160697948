"""The one writer of the ledger: an event's facts become entries and lines, set-based.

Every fact gets its own entry under an idempotency key (rule : identity of the fact), which occurs
once in its event, and an event posts once; the lines of all its entries are inserted in one
statement. A line's id follows from its entry and number, so that one index serves both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from accounting.models import JournalBatch, JournalEntry, LedgerLine, PostingRule
from accounting.rules.posting import Posting, Rule, lines_for, read
from accounting.services import groups, periods
from core.acting import current
from core.bulk import copy_rows, read_columns, take_ids
from core.columns import Ints
from core.errors import DomainError
from core.events import Event, column_kinds

LINES = 1_000
"""A line's id is its entry's times this, plus its number; an entry has fewer lines."""


class NoPostingRule(DomainError):
    """No posting rule in force says how the event is booked."""


class PostingConflict(DomainError):
    """The event has been posted before with other content."""


@lru_cache(maxsize=512)
def _read(rule_id: int, code: str, keys: tuple[str, ...], lines: str) -> Rule:
    import orjson

    return read(code, keys, orjson.loads(lines))


def rules_for(event_name: str, day: date) -> list[tuple[PostingRule, Rule]]:
    """Return the rules in force for an event on a day, in the order of their codes.

    Raises:
        NoPostingRule: there is none.
    """
    import orjson

    found = list(
        PostingRule.objects.filter(
            event_name=event_name, status=PostingRule.Status.ACTIVE, period__contains=day
        ).order_by("rule_code")
    )
    if not found:
        raise NoPostingRule(
            _(
                "No posting rule is in force for %(event)s on %(day)s; an accountant drafts one"
                " and a second person checks it."
            )
            % {"event": event_name, "day": day}
        )
    return [
        (rule, _read(rule.pk, rule.rule_code, tuple(rule.keys), orjson.dumps(rule.lines).decode()))
        for rule in found
    ]


@transaction.atomic
def post(event: Event) -> int:
    """Post an event: one balanced entry for each fact with an amount, in the same transaction.

    Args:
        event: facts of one kind on one business date.

    Returns:
        How many entries were written; 0 if the same event was posted before.

    Raises:
        NoPostingRule, PeriodIsClosed, GroupConflict, NoAccountForValue, UnbalancedRule.
        PostingConflict: the event id was posted before with other content.
    """
    rules = rules_for(event.name, event.business_date)
    columns = groups.group_columns({n: getattr(event, n) for n in column_kinds(type(event))})
    postings = [(rule, lines_for(compiled, columns)) for rule, compiled in rules]
    if JournalBatch.objects.filter(event_id=event.event_id).exists():
        _same(event, postings)
        return 0
    period = periods.open_for(event.business_date)
    written = _write(event, period.pk, postings)
    if not written:
        JournalBatch.objects.create(event_id=event.event_id, event_name=event.name)
    return written


def _write(event: Event, period: str, postings: Sequence[tuple[PostingRule, Posting]]) -> int:
    filled = [(rule, p) for rule, p in postings if len(p.row)]
    sizes = [len(p.row) for _, p in filled]
    total = sum(sizes)
    if not total:
        return 0
    ids = take_ids(JournalEntry, total)
    order = np.argsort(np.concatenate([p.row for _, p in filled]), kind="stable")
    place = np.empty(total, np.int64)
    place[order] = np.arange(total)
    rules = np.repeat(np.arange(len(filled)), sizes)[order]
    copy_rows(
        JournalEntry,
        {
            "entry_id": ids,
            "entry_date": event.business_date,
            "period": period,
            "event_id": event.event_id,
            "event_name": event.name,
            "rule": np.asarray([rule.pk for rule, _ in filled])[rules],
            "reference_id": np.concatenate([p.reference for _, p in filled])[order],
            "idempotency_key": np.concatenate([idempotency_keys(*one) for one in filled])[order],
            "description": np.asarray([rule.description for rule, _ in filled], object)[rules],
            "posted_by": current().actor,
        },
    )
    _write_lines(event.business_date, ids[place], sizes, [p for _, p in filled])
    return total


def _write_lines(
    day: date, entry_ids: Ints, sizes: Sequence[int], postings: Sequence[Posting]
) -> None:
    """Write the lines of entries, fact by fact: what is looked up together stands together."""
    starts = np.cumsum([0, *sizes[:-1]])
    entry = entry_ids[np.concatenate([p.entry + s for p, s in zip(postings, starts, strict=True)])]
    order = np.argsort(entry, kind="stable")

    def column(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(p, name) for p in postings])[order]

    entry, line_no = entry[order], column("line_no")
    copy_rows(
        LedgerLine,
        {
            "journal_id": entry * LINES + line_no,
            "entry": entry,
            "line_no": line_no,
            "transaction_date": day,
            "account": column("account"),
            "debit_amount": column("debit"),
            "credit_amount": column("credit"),
            "reference_id": column("line_reference"),
            "group_code": column("group"),
            "description": "",
        },
    )


@transaction.atomic
def reverse(entry: JournalEntry, event: Event, *, description: str) -> JournalEntry:
    """Post the reversal of an entry: the same lines with the sides exchanged, linked both ways.

    Args:
        entry: the entry to take back, of any month.
        event: what announces it; its business date is the reversal's.
        description: why.

    Raises:
        PeriodIsClosed: the month of the reversal is closed.
    """
    period = periods.open_for(event.business_date)
    made = JournalEntry.objects.create(
        entry_date=event.business_date,
        period=period,
        event_id=event.event_id,
        event_name=event.name,
        reference_id=entry.reference_id,
        idempotency_key=f"REVERSAL:{entry.pk}",
        description=description[:200],
        reverses=entry,
        posted_by=current().actor,
    )
    LedgerLine.objects.bulk_create(
        LedgerLine(
            journal_id=made.pk * LINES + line.line_no,
            entry=made,
            line_no=line.line_no,
            transaction_date=event.business_date,
            account_id=line.account_id,
            debit_amount=line.credit_amount,
            credit_amount=line.debit_amount,
            reference_id=line.reference_id,
            group_code=line.group_code,
        )
        for line in entry.lines.order_by("line_no")
    )
    return made


def idempotency_keys(rule: PostingRule, posting: Posting) -> NDArray[np.object_]:
    """Return the key under which each entry is posted once and only once by its event."""
    keys = np.empty(len(posting.key), dtype=object)
    keys[:] = [f"{rule.rule_code}:{key}" for key in posting.key]
    return keys


def _same(event: Event, postings: Sequence[tuple[PostingRule, Posting]]) -> None:
    """Compare what an event would post with what it has posted."""
    stored = read_columns(
        """
        SELECT e.idempotency_key, l.line_no, l.account_code, l.debit_amount::bigint,
            l.credit_amount::bigint, l.reference_id, l.group_code
        FROM journal_batches b
        JOIN journal_entries e
            ON e.entry_id BETWEEN b.first_entry AND b.last_entry AND e.event_id = b.event_id
        JOIN general_ledger l ON l.entry_id = e.entry_id
        WHERE b.event_id = %s
        """,
        [event.event_id],
        key="keys",
        line_no="ints",
        account="keys",
        debit="won",
        credit="won",
        reference="keys",
        group="keys",
    )
    wanted: set[tuple[Any, ...]] = set()
    for rule, p in postings:
        keys = idempotency_keys(rule, p)[p.entry]
        rows = (keys, p.line_no, p.account, p.debit, p.credit, p.line_reference, p.group)
        wanted |= set(zip(*(column.tolist() for column in rows), strict=True))
    if set(zip(*(column.tolist() for column in stored.values()), strict=True)) != wanted:
        raise PostingConflict(
            _(
                "%(event)s %(number)s was posted before with other content; nothing was posted."
                " Announce the change as a new event."
            )
            % {"event": event.name, "number": event.event_id}
        )
