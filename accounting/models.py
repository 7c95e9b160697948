"""Chart of accounts, posting rules, ledger, periods, measurement, statements."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped


class Account(Timestamped):
    """An account of the Korean insurer's chart (계정과목)."""

    class Type(models.TextChoices):
        """The five elements."""

        ASSET = "ASSET", _("Asset")
        LIABILITY = "LIABILITY", _("Liability")
        EQUITY = "EQUITY", _("Equity")
        REVENUE = "REVENUE", _("Revenue")
        EXPENSE = "EXPENSE", _("Expense")

    account_code = models.CharField(max_length=10, primary_key=True)
    account_name = models.CharField(max_length=50)
    name_en = models.CharField(max_length=80)
    account_type = models.CharField(max_length=9, choices=Type)
    is_ifrs17_relevant = models.BooleanField(default=False)
    is_memorandum = models.BooleanField(
        default=False, help_text="Off the balance sheet: contractual policy reserve (계약자적립액)."
    )
    statement_line = models.CharField(max_length=40, help_text="Where statements show it.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "account_subjects"
        constraints = [
            models.CheckConstraint(
                name="account_type_known",
                condition=Q(
                    account_type__in=["ASSET", "LIABILITY", "EQUITY", "REVENUE", "EXPENSE"]
                ),
            )
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.account_code} {self.account_name}"


class PostingRule(Timestamped):
    """Which lines an event posts, as dated data with maker and checker.

    ``lines`` is a list of {"side": "D"|"C", "account": code, "amount": column, "reference":
    column, "when": {column: value or list}, "group": true} – accounting.rules reads it.
    """

    class Status(models.TextChoices):
        """Maker and checker."""

        DRAFT = "DRAFT", _("Draft")
        ACTIVE = "ACTIVE", _("Active")
        RETIRED = "RETIRED", _("Retired")

    TRANSITIONS = {"DRAFT": ("ACTIVE",), "ACTIVE": ("RETIRED",)}

    rule_code = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    event_name = models.CharField(max_length=80)
    description = models.CharField(max_length=200, help_text="Text of the entry (적요).")
    lines = models.JSONField()
    period = DateRangeField(help_text="Business dates to which it applies, [start, end).")
    status = models.CharField(max_length=7, choices=Status, default=Status.DRAFT)
    made_by = models.CharField(max_length=150)
    checked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        db_table = "posting_rules"
        constraints = [
            models.UniqueConstraint("rule_code", "version", name="posting_rule_version_once"),
            ExclusionConstraint(
                name="one_posting_rule_at_a_time",
                condition=~Q(status="DRAFT"),
                expressions=[
                    ("rule_code", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="posting_rule_status_known",
                condition=Q(status__in=["DRAFT", "ACTIVE", "RETIRED"]),
            ),
            models.CheckConstraint(
                name="posting_rule_checked_by_a_second_person",
                condition=Q(status="DRAFT") | (~Q(checked_by="") & ~Q(checked_by=F("made_by"))),
            ),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.rule_code} v{self.version}"


class FiscalPeriod(Timestamped):
    """An accounting month; CLOSED means that the database refuses lines in it."""

    class Status(models.TextChoices):
        """Open or closed."""

        OPEN = "OPEN", _("Open")
        CLOSED = "CLOSED", _("Closed")

    TRANSITIONS = {"OPEN": ("CLOSED",)}

    period = models.CharField(max_length=7, primary_key=True, help_text="YYYY-MM.")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="Last day.")
    status = models.CharField(max_length=6, choices=Status, default=Status.OPEN)
    closed_by = models.CharField(max_length=150, blank=True)
    closed_at = models.DateTimeField(null=True)
    seal = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 over the period's lines and the seal before."
    )

    class Meta:
        db_table = "fiscal_periods"
        constraints = [
            models.CheckConstraint(
                name="period_status_known", condition=Q(status__in=["OPEN", "CLOSED"])
            ),
            models.CheckConstraint(
                name="closed_period_says_who", condition=Q(status="OPEN") | ~Q(closed_by="")
            ),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return self.period


class JournalEntry(models.Model):
    """A balanced set of lines that one fact posts (전표)."""

    entry_id = models.BigAutoField(primary_key=True)
    entry_date = models.DateField()
    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="entries", db_column="period"
    )
    event_id = models.UUIDField()
    event_name = models.CharField(max_length=80)
    rule = models.ForeignKey(PostingRule, models.PROTECT, related_name="entries", null=True)
    reference_id = models.CharField(max_length=50, help_text="Business key of the fact.")
    idempotency_key = models.CharField(
        max_length=120, unique=True, help_text="rule code:reference:event – never posted twice."
    )
    description = models.CharField(max_length=200)
    reverses = models.OneToOneField("self", models.PROTECT, related_name="reversed_by", null=True)
    posted_by = models.CharField(max_length=150)
    posted_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "journal_entries"
        indexes = [
            models.Index(fields=["reference_id"]),
            models.Index(fields=["event_id"]),
            models.Index(fields=["entry_date"]),
        ]
        triggers = [guards.AppendOnly(name="entries_append_only")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.description}"


class LedgerLine(models.Model):
    """A line of the general ledger: debit or credit, positive, exactly one."""

    journal_id = models.BigAutoField(primary_key=True)
    entry = models.ForeignKey(JournalEntry, models.PROTECT, related_name="lines")
    line_no = models.PositiveSmallIntegerField()
    transaction_date = models.DateField()
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="lines", db_column="account_code"
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
                name="line_is_debit_or_credit",
                condition=Q(debit_amount__gt=0, credit_amount=0)
                | Q(debit_amount=0, credit_amount__gt=0),
            ),
        ]
        indexes = [
            models.Index(fields=["reference_id"]),
            models.Index(fields=["account", "transaction_date"]),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.debit_amount or -self.credit_amount}"


class AccountBalance(models.Model):
    """An account's balance when a period closed, so that reports never read all history."""

    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="balances", db_column="period"
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_column="account_code")
    group_code = models.CharField(max_length=30, blank=True)
    debit = models.DecimalField(max_digits=20, decimal_places=2, help_text="In the period.")
    credit = models.DecimalField(max_digits=20, decimal_places=2, help_text="In the period.")
    closing = models.DecimalField(max_digits=20, decimal_places=2, help_text="Debit minus credit.")

    class Meta:
        db_table = "account_balances"
        constraints = [
            models.UniqueConstraint("period", "account", "group_code", name="balance_once")
        ]
        triggers = [guards.AppendOnly(name="balances_append_only")]

    def __str__(self) -> str:
        return f"{self.period_id} {self.account_id}"


class ContractGroup(Timestamped):
    """A group of insurance contracts: portfolio × annual cohort (IFRS 17.14–24)."""

    group_code = models.CharField(max_length=30, primary_key=True, help_text="TERM-2026 …")
    line = models.CharField(max_length=10)
    cohort_year = models.PositiveSmallIntegerField()
    measurement = models.CharField(max_length=3, help_text="GMM or PAA.")

    class Meta:
        db_table = "contract_groups"
        constraints = [
            models.UniqueConstraint("line", "cohort_year", "measurement", name="group_once"),
            models.CheckConstraint(
                name="group_measurement_known", condition=Q(measurement__in=["GMM", "PAA"])
            ),
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return self.group_code


class MeasurementRun(models.Model):
    """One measurement of all groups at a month end; re-running supersedes, never replaces."""

    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="runs", db_column="period"
    )
    number = models.PositiveSmallIntegerField()
    assumptions = models.JSONField(help_text="Everything that went in.")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())
    event_id = models.UUIDField()

    class Meta:
        db_table = "measurement_runs"
        constraints = [models.UniqueConstraint("period", "number", name="run_numbered_once")]
        triggers = [guards.AppendOnly(name="runs_append_only")]

    def __str__(self) -> str:
        return f"{self.period_id} #{self.number}"


class MeasurementFact(models.Model):
    """One figure of a run: group × component × step; opening plus steps equals closing."""

    run = models.ForeignKey(MeasurementRun, models.PROTECT, related_name="facts")
    group = models.ForeignKey(
        ContractGroup, models.PROTECT, related_name="facts", db_column="group_code"
    )
    component = models.CharField(max_length=10, help_text="PVFCF, CSM, LC, ACQ, LRC, LIC.")
    step = models.CharField(max_length=20, help_text="OPENING, NEW, FINANCE, …, CLOSING.")
    amount = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        db_table = "measurement_facts"
        constraints = [
            models.UniqueConstraint("run", "group", "component", "step", name="fact_once")
        ]
        triggers = [guards.AppendOnly(name="facts_append_only")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.component} {self.step}"


class FinancialStatement(Timestamped):
    """The closing summary of a period (결산 요약)."""

    class Status(models.TextChoices):
        """Final or not."""

        OPEN = "OPEN", _("Provisional")
        CLOSED = "CLOSED", _("Final")

    TRANSITIONS = {"OPEN": ("CLOSED",)}

    statement_id = models.BigAutoField(primary_key=True)
    closing_period = models.CharField(max_length=7, unique=True)
    total_assets = models.DecimalField(max_digits=20, decimal_places=2)
    total_liabilities = models.DecimalField(max_digits=20, decimal_places=2)
    total_equity = models.DecimalField(max_digits=20, decimal_places=2)
    net_income = models.DecimalField(max_digits=20, decimal_places=2, help_text="Of the month.")
    csm_amount = models.DecimalField(max_digits=20, decimal_places=2)
    status = models.CharField(max_length=6, choices=Status, default=Status.OPEN)

    class Meta:
        db_table = "financial_statements"
        constraints = [
            models.CheckConstraint(
                name="statement_status_known", condition=Q(status__in=["OPEN", "CLOSED"])
            ),
            models.CheckConstraint(
                name="balance_sheet_balances",
                condition=Q(total_assets=F("total_liabilities") + F("total_equity")),
            ),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return self.closing_period


class StatementLine(models.Model):
    """A line of the balance sheet or the income statement, with the accounts behind it."""

    statement = models.ForeignKey(FinancialStatement, models.PROTECT, related_name="lines")
    section = models.CharField(max_length=10, help_text="BS or IS.")
    line = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=20, decimal_places=2)
    accounts = models.JSONField(default=list, help_text="Account codes that it sums.")

    class Meta:
        db_table = "statement_lines"
        constraints = [
            models.UniqueConstraint("statement", "section", "line", name="statement_line_once")
        ]
        triggers = [guards.AppendOnly(name="statement_lines_append_only")]

    def __str__(self) -> str:
        return f"{self.section} {self.line}"
