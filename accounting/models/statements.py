"""The closing summary and the lines of the statements."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounting.models import guards as ledger_guards
from core import guards
from core.models import Timestamped


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
    presentation = models.PositiveSmallIntegerField(
        default=1, help_text="Which lines it has (accounting.rules.statements)."
    )
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
        triggers = [
            *guards.machine("status"),
            ledger_guards.Kept(name="statements_are_kept"),
            ledger_guards.Fixed(
                name="final_statements_are_fixed",
                columns=(
                    "statement_id",
                    "closing_period",
                    "total_assets",
                    "total_liabilities",
                    "total_equity",
                    "net_income",
                    "csm_amount",
                    "presentation",
                ),
                once="OLD.status = 'CLOSED'",
            ),
        ]

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
