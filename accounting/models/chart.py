"""Accounts and posting rules."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounting.models import guards as ledger_guards
from core import guards
from core.models import Timestamped


class Account(Timestamped):
    """An account of the Korean insurer's chart (계정과목)."""

    class Type(models.TextChoices):
        """The five elements."""

        ASSET = "ASSET", _("Asset")
        LIABILITY = "LIABILITY", pgettext_lazy("account", "Liability")
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
    is_control = models.BooleanField(
        default=False, help_text="Kept by a subledger: never posted by hand."
    )
    statement_line = models.CharField(max_length=40, help_text="Where statements show it.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "account_subjects"
        verbose_name, verbose_name_plural = _("ledger account"), _("ledger accounts")
        constraints = [
            models.CheckConstraint(
                name="account_type_known",
                condition=Q(
                    account_type__in=["ASSET", "LIABILITY", "EQUITY", "REVENUE", "EXPENSE"]
                ),
            )
        ]
        triggers = [
            *guards.audited(),
            ledger_guards.Kept(name="accounts_are_kept"),
            ledger_guards.Fixed(
                name="accounts_keep_their_nature",
                columns=("account_code", "account_type", "is_memorandum"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_code} {self.label}"

    @property
    def label(self) -> str:
        """Its name in the language of the page."""
        return self.account_name if (get_language() or "ko").startswith("ko") else self.name_en

    @property
    def debit_natured(self) -> bool:
        """Whether debits increase it."""
        return self.account_type in {"ASSET", "EXPENSE"}


class PostingRule(Timestamped):
    """Which lines an event posts, as dated data with maker and checker.

    ``keys`` names the event's columns that identify the fact; the first is the entry's reference.
    ``lines`` is a list of {"side": "D"|"C", "account": code or {"column": …, "of": {value: code}},
    "amount": columns with signs such as "amount + fee", "reference": column, "when": {column:
    values}, "group": true} – accounting.rules.posting reads it.
    """

    class Status(models.TextChoices):
        """Maker and checker."""

        DRAFT = "DRAFT", _("Draft")
        ACTIVE = "ACTIVE", _("Active")
        RETIRED = "RETIRED", pgettext_lazy("rule", "Retired")

    TRANSITIONS = {"DRAFT": ("ACTIVE", "RETIRED"), "ACTIVE": ("RETIRED",)}

    rule_code = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    event_name = models.CharField(max_length=80)
    description = models.CharField(max_length=200, help_text="Text of the entry (적요).")
    description_en = models.CharField(max_length=200, blank=True)
    keys = ArrayField(models.CharField(max_length=40), default=list)
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
                condition=Q(status="ACTIVE"),
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
                condition=~Q(status="ACTIVE") | (~Q(checked_by="") & ~Q(checked_by=F("made_by"))),
            ),
        ]
        triggers = [
            *guards.machine("status"),
            ledger_guards.Kept(name="rules_are_kept"),
            ledger_guards.Fixed(
                name="checked_rules_are_fixed",
                columns=("id", "rule_code", "version", "event_name", "keys", "lines", "made_by"),
                once="OLD.status <> 'DRAFT'",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_code} v{self.version}"

    @property
    def label(self) -> str:
        """Its description in the language of the page."""
        english = not (get_language() or "ko").startswith("ko")
        return self.description_en if english and self.description_en else self.description
