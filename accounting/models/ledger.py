"""Entries, their lines, and the batches in which events posted them."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounting.models import guards as ledger_guards
from accounting.models.chart import Account, PostingRule
from accounting.models.periods import FiscalPeriod
from core import guards, references
from core.models import Timestamped


class JournalBatch(models.Model):
    """What one event posted; written by the database with the entries (none: nothing to post)."""

    batch_id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(unique=True)
    event_name = models.CharField(max_length=80)
    first_entry = models.BigIntegerField(default=0)
    last_entry = models.BigIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)
    posted_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "journal_batches"
        triggers = [
            guards.AppendOnly(name="batches_append_only"),
            ledger_guards.EntriesHaveLines(name="entries_have_lines"),
        ]

    def __str__(self) -> str:
        return f"{self.event_name} {self.entries}"


class JournalEntry(models.Model):
    """A balanced set of lines that one fact posts (전표).

    Period and rule are checked set-based by the database (``EntriesPosted``), which costs half of
    row-by-row foreign keys; neither can be deleted or re-keyed.
    """

    entry_id = models.BigAutoField(primary_key=True)
    entry_date = models.DateField()
    period = models.ForeignKey(
        FiscalPeriod,
        models.PROTECT,
        related_name="entries",
        db_column="period",
        db_index=False,
        db_constraint=False,
    )
    event_id = models.UUIDField()
    event_name = models.CharField(max_length=80)
    rule = models.ForeignKey(
        PostingRule,
        models.PROTECT,
        related_name="entries",
        null=True,
        db_index=False,
        db_constraint=False,
    )
    reference_id = models.CharField(max_length=50, help_text="Business key of the fact.")
    idempotency_key = models.CharField(
        max_length=160, help_text="rule code:identity of the fact – once for each event."
    )
    description = models.CharField(max_length=200)
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="reversals",
        null=True,
        db_index=False,
        db_constraint=False,
    )
    posted_by = models.CharField(max_length=150)
    posted_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "journal_entries"
        constraints = [
            models.UniqueConstraint(
                "reverses", name="entry_reversed_once", condition=Q(reverses__isnull=False)
            ),
            models.CheckConstraint(
                name="entry_has_a_rule_or_reverses",
                condition=Q(rule__isnull=False) | Q(reverses__isnull=False),
            ),
        ]
        indexes = [BrinIndex(fields=["entry_date"], name="entry_by_date", pages_per_range=32)]
        triggers = [
            guards.AppendOnly(name="entries_append_only"),
            ledger_guards.EntriesPosted(name="entries_posted"),
            references.ReferencesExist(name="references_exist", fields=("reverses",)),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.description}"


class LedgerLine(models.Model):
    """A line of the general ledger: debit or credit, positive, exactly one.

    Entry and account are checked set-based by the database (``LinesPosted``).
    """

    journal_id = models.BigIntegerField(
        primary_key=True, help_text="entry × 1,000 + number of the line."
    )
    entry = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="lines", db_index=False, db_constraint=False
    )
    line_no = models.PositiveSmallIntegerField()
    transaction_date = models.DateField()
    account = models.ForeignKey(
        Account,
        models.PROTECT,
        related_name="lines",
        db_column="account_code",
        db_index=False,
        db_constraint=False,
    )
    debit_amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    credit_amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    reference_id = models.CharField(max_length=50, help_text="Contract, claim, asset, agent …")
    group_code = models.CharField(
        max_length=30, blank=True, help_text="Group of insurance contracts, where it has one."
    )
    description = models.TextField(blank=True)

    class Meta:
        db_table = "general_ledger"
        constraints = [
            models.UniqueConstraint("entry", "line_no", name="line_numbered_once"),
            models.CheckConstraint(
                name="line_id_says_entry_and_number",
                condition=Q(
                    journal_id=F("entry_id") * 1000 + F("line_no"), line_no__gte=1, line_no__lt=1000
                ),
            ),
            models.CheckConstraint(
                name="line_is_debit_or_credit",
                condition=Q(debit_amount__gt=0, credit_amount=0)
                | Q(debit_amount=0, credit_amount__gt=0),
            ),
        ]
        indexes = [
            models.Index(fields=["reference_id"], name="line_by_reference"),
            BrinIndex(
                fields=["transaction_date", "account"],
                opclasses=["date_minmax_ops", "text_bloom_ops"],
                name="line_by_date_and_account",
                pages_per_range=32,
                autosummarize=True,
            ),
        ]
        triggers = [
            guards.AppendOnly(name="lines_append_only"),
            ledger_guards.LinesPosted(name="lines_posted"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.debit_amount or -self.credit_amount}"


class ManualJournal(Timestamped):
    """Entries that a person asks for and a second person posts (수기전표), or a reversal.

    ``lines`` is a list of {"debit": account, "credit": account, "amount": whole won, "reference":
    business key, "text": …}; each becomes an entry.
    """

    class Status(models.TextChoices):
        """Maker and checker."""

        DRAFT = "DRAFT", _("Waits for approval")
        POSTED = "POSTED", _("Posted")
        REFUSED = "REFUSED", _("Sent back")

    TRANSITIONS = {"DRAFT": ("POSTED", "REFUSED")}

    journal_no = models.CharField(max_length=30, primary_key=True)
    entry_date = models.DateField()
    description = models.CharField(max_length=200)
    lines = models.JSONField(default=list)
    reverses = models.ForeignKey(
        JournalEntry, models.PROTECT, related_name="reversal_requests", null=True
    )
    status = models.CharField(max_length=7, choices=Status, default=Status.DRAFT)
    made_by = models.CharField(max_length=150)
    checked_by = models.CharField(max_length=150, blank=True)
    comment = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "manual_journals"
        constraints = [
            models.CheckConstraint(
                name="manual_journal_status_known",
                condition=Q(status__in=["DRAFT", "POSTED", "REFUSED"]),
            ),
            models.CheckConstraint(
                name="manual_journal_posted_by_a_second_person",
                condition=~Q(status="POSTED") | (~Q(checked_by="") & ~Q(checked_by=F("made_by"))),
            ),
        ]
        triggers = [
            *guards.machine("status"),
            ledger_guards.Kept(name="journals_are_kept"),
            ledger_guards.Fixed(
                name="journals_are_fixed",
                columns=("journal_no", "entry_date", "lines", "reverses_id", "made_by"),
            ),
        ]

    def __str__(self) -> str:
        return self.journal_no
