"""Manual journals: a second person posts, nothing is edited, a reversal links both ways."""

from __future__ import annotations

import pytest

from accounting import services
from accounting.models import (
    JournalEntry,
    LedgerLine,
    ManualJournal,
)
from accounting.selectors import balances
from accounting.services import journals
from accounting.services.journals import Row
from core.acting import acting
from core.errors import NotAllowed
from core.status import IllegalTransition

from .batches import issued
from .world import START

pytestmark = pytest.mark.django_db


class TestManualJournals:
    def draft(self, *rows: Row, maker: str = "kim") -> ManualJournal:
        with acting(maker):
            return journals.draft(entry_date=START, description="임차료 지급", rows=rows)

    def test_a_second_person_posts(self):
        journal = self.draft(Row("5610", "1110", 70_000), Row("5510", "1110", 5_000, "AST-1"))
        with acting("kim"), pytest.raises(NotAllowed):
            journals.approve(journal.pk)
        assert not JournalEntry.objects.exists()
        with acting("lee"):
            journals.approve(journal.pk)
        assert JournalEntry.objects.count() == 2
        references = set(LedgerLine.objects.values_list("reference_id", flat=True))
        assert references == {journal.pk, "AST-1"}
        with acting("lee"), pytest.raises(IllegalTransition):
            journals.approve(journal.pk)
        assert JournalEntry.objects.count() == 2

    @pytest.mark.parametrize(
        ("row", "says"),
        [
            (Row("5610", "9999", 1), "no account 9999"),
            (Row("5610", "1110", 0), "positive"),
            (Row("5610", "5610", 5), "positive"),
            (Row("5610", "2310", 5), "subledger"),
        ],
    )
    def test_what_cannot_be_posted_by_hand(self, row, says):
        with pytest.raises(journals.BadJournal, match=says):
            self.draft(row)
        assert not ManualJournal.objects.exists()

    def test_sent_back(self):
        journal = self.draft(Row("5610", "1110", 70_000))
        with acting("lee"):
            journals.send_back(journal.pk, comment="증빙 없음")
        journal.refresh_from_db()
        assert (journal.status, journal.comment) == ("REFUSED", "증빙 없음")
        assert not JournalEntry.objects.exists()

    def test_a_reversal_links_both_ways(self):
        journal = self.draft(Row("5610", "1110", 70_000))
        with acting("lee"):
            journals.approve(journal.pk)
        entry = JournalEntry.objects.get()
        with acting("kim"):
            reversal = journals.draft_reversal(entry_id=entry.pk, entry_date=START, reason="중복")
        with acting("lee"):
            journals.approve(reversal.pk)
        back = JournalEntry.objects.get(reverses=entry)
        assert entry.reversals.get() == back
        assert balances.by_account(balances.closing_at(START)) == {"1110": 0, "5610": 0}
        with acting("kim"), pytest.raises(journals.NotReversible, match="already"):
            journals.draft_reversal(entry_id=entry.pk, entry_date=START, reason="again")
        with acting("kim"), pytest.raises(journals.NotReversible):
            journals.draft_reversal(entry_id=back.pk, entry_date=START, reason="back")

    def test_what_a_stage_posted_is_corrected_there(self):
        services.post(issued(1, day=START))
        entry = JournalEntry.objects.first()
        with acting("kim"), pytest.raises(journals.NotReversible, match="where it arose"):
            journals.draft_reversal(entry_id=entry.pk, entry_date=START, reason="wrong")
