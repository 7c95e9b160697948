"""Manual journals and reversals: asked for by one person, posted by a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounting.events import EntriesReversed, JournalsApproved
from accounting.models import Account, JournalEntry, ManualJournal
from accounting.services import periods, posting
from core import numbering
from core.acting import current
from core.errors import DomainError, NotAllowed, NotFound
from core.events import publish
from core.status import transition

SERIES = "JNL"


class BadJournal(DomainError):
    """The journal cannot be posted as it is."""


class NotReversible(DomainError):
    """This entry is corrected where it arose, or has been reversed already."""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a manual journal: two accounts and an amount in whole won."""

    debit: str
    credit: str
    amount: int
    reference: str = ""


@transaction.atomic
def draft(*, entry_date: date, description: str, rows: Sequence[Row]) -> ManualJournal:
    """Ask for a manual journal; nothing is posted until a second person approves.

    Args:
        entry_date: accounting date, in an open month.
        description: what it is for.
        rows: its entries.

    Raises:
        BadJournal: no rows, an amount that is not positive, an unknown account, one that is kept
            by a subledger, or memorandum against balance sheet.
        PeriodIsClosed: the month is closed.
    """
    if not description.strip():
        raise BadJournal(_("Say what the journal is for."))
    _check(rows)
    periods.open_for(entry_date)
    lines: list[Mapping[str, Any]] = [
        {"debit": r.debit, "credit": r.credit, "amount": r.amount, "reference": r.reference}
        for r in rows
    ]
    return ManualJournal.objects.create(
        journal_no=numbering.take_one(SERIES, entry_date.year),
        entry_date=entry_date,
        description=description.strip(),
        lines=lines,
        made_by=current().actor,
    )


@transaction.atomic
def draft_reversal(*, entry_id: int, entry_date: date, reason: str) -> ManualJournal:
    """Ask for the reversal of an entry that was made by hand.

    Raises:
        NotReversible: another stage posted it, or it is reversed or a reversal already.
        PeriodIsClosed: the month of ``entry_date`` is closed.
    """
    entry = JournalEntry.objects.get(entry_id=entry_id)
    _reversible(entry)
    if not reason.strip():
        raise BadJournal(_("Say why the entry is reversed."))
    periods.open_for(entry_date)
    return ManualJournal.objects.create(
        journal_no=numbering.take_one(SERIES, entry_date.year),
        entry_date=entry_date,
        description=reason.strip(),
        reverses=entry,
        made_by=current().actor,
    )


@transaction.atomic
def approve(journal_no: str) -> ManualJournal:
    """Post a manual journal that another person asked for.

    Raises:
        NotAllowed: the maker approves the own journal.
        BadJournal, NotReversible, PeriodIsClosed: it cannot be posted any more.
        core.status.IllegalTransition: it is decided already.
    """
    journal = _locked(journal_no)
    if journal.made_by == current().actor:
        raise NotAllowed(_("A journal is posted by a second person, not by the one who made it."))
    transition(journal, ManualJournal.Status.POSTED, checked_by=current().actor)
    if journal.reverses is not None:
        _reversible(journal.reverses)
        publish(
            event := EntriesReversed.of(
                business_date=journal.entry_date,
                rows=[{"entry_id": journal.reverses.pk, "journal_no": journal.pk}],
            )
        )
        posting.reverse(journal.reverses, event, description=journal.description)
        return journal
    rows = [Row(**line) for line in journal.lines]
    _check(rows)
    publish(
        JournalsApproved.of(
            business_date=journal.entry_date,
            rows=[
                {
                    "journal_no": journal.pk,
                    "row": number,
                    "debit_account": row.debit,
                    "credit_account": row.credit,
                    "amount": row.amount,
                    "reference_id": row.reference or journal.pk,
                }
                for number, row in enumerate(rows, 1)
            ],
        )
    )
    return journal


@transaction.atomic
def send_back(journal_no: str, *, comment: str) -> ManualJournal:
    """Send a manual journal back; nothing is posted."""
    journal = _locked(journal_no)
    transition(
        journal,
        ManualJournal.Status.REFUSED,
        reason=comment,
        checked_by=current().actor,
        comment=comment,
    )
    return journal


def _locked(journal_no: str) -> ManualJournal:
    journal = ManualJournal.objects.select_for_update().filter(pk=journal_no).first()
    if journal is None:
        raise NotFound(_("There is no journal %(number)s.") % {"number": journal_no})
    return journal


def _check(rows: Sequence[Row]) -> None:
    if not rows:
        raise BadJournal(_("A journal has at least one row."))
    codes = {code for row in rows for code in (row.debit, row.credit)}
    accounts = Account.objects.in_bulk(codes)
    for number, row in enumerate(rows, 1):
        missing = [code for code in (row.debit, row.credit) if code not in accounts]
        if missing:
            raise BadJournal(
                _("Row %(row)s: there is no account %(code)s.")
                % {"row": number, "code": missing[0]}
            )
        pair = [accounts[row.debit], accounts[row.credit]]
        if row.amount <= 0 or row.debit == row.credit:
            raise BadJournal(
                _("Row %(row)s: a positive amount between two accounts is needed.")
                % {"row": number}
            )
        kept = [a for a in pair if a.is_control]
        if kept:
            raise BadJournal(
                _("Row %(row)s: %(account)s is kept by its subledger; correct it where it arises.")
                % {"row": number, "account": kept[0]}
            )


def _reversible(entry: JournalEntry) -> None:
    if entry.event_name != JournalsApproved.name:
        raise NotReversible(
            _(
                "Entry %(entry)s follows from %(event)s; correct it where it arose, and the books"
                " follow."
            )
            % {"entry": entry.pk, "event": entry.event_name}
        )
    if JournalEntry.objects.filter(reverses=entry).exists():
        raise NotReversible(_("Entry %(entry)s has been reversed already.") % {"entry": entry.pk})
