"""Accounting months, their seals and the balances that they leave."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounting.models import guards as ledger_guards
from accounting.models.chart import Account
from core import guards
from core.models import Timestamped


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
    requested_by = models.CharField(max_length=150, blank=True, help_text="Who asked to close it.")
    requested_at = models.DateTimeField(null=True)
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
                name="closed_period_says_who",
                condition=Q(status="OPEN") | (~Q(closed_by="") & ~Q(seal="")),
            ),
            models.CheckConstraint(
                name="period_closed_by_batch_or_a_second_person",
                condition=Q(status="OPEN")
                | Q(closed_by__startswith="batch:")
                | (~Q(requested_by="") & ~Q(requested_by=F("closed_by"))),
            ),
        ]
        triggers = [
            *guards.machine("status"),
            ledger_guards.PeriodsInOrder(name="periods_in_order"),
            ledger_guards.ClosedPeriodsStay(name="closed_periods_stay"),
            ledger_guards.Kept(name="periods_are_kept"),
        ]

    def __str__(self) -> str:
        return self.period


class PeriodSeal(models.Model):
    """The SHA-256 of one stretch of a closed period's lines; the period's seal chains them."""

    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="seals", db_column="period"
    )
    number = models.PositiveIntegerField()
    first_line = models.BigIntegerField(help_text="journal_id, inclusive.")
    last_line = models.BigIntegerField(help_text="journal_id, inclusive.")
    lines = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "period_seals"
        constraints = [models.UniqueConstraint("period", "number", name="seal_numbered_once")]
        triggers = [guards.AppendOnly(name="seals_append_only")]

    def __str__(self) -> str:
        return f"{self.period_id} #{self.number}"


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
