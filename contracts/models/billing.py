"""Instalments, the money for them, and debits that the bank refuses."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import guards, references
from core.models import Timestamped

from .contracts import Contract


class PremiumReceipt(Timestamped):
    """Premium money that came in by hand or by a bank line, once: its key says which money."""

    class Channel(models.TextChoices):
        """Where it came in."""

        COUNTER = "COUNTER", _("Counter")
        TRANSFER = "TRANSFER", _("Bank transfer")
        CARD = "CARD", _("Card")

    receipt_key = models.CharField(
        max_length=80, unique=True, help_text="Operation or bank line that brought the money."
    )
    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="receipts", db_column="contract_id"
    )
    amount = models.DecimalField(max_digits=15, decimal_places=2)
    received_on = models.DateField()
    channel = models.CharField(max_length=8, choices=Channel)
    taken_by = models.CharField(max_length=150)

    class Meta:
        db_table = "premium_receipts"
        constraints = [
            models.CheckConstraint(name="receipt_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="receipt_channel_known",
                condition=Q(channel__in=["COUNTER", "TRANSFER", "CARD"]),
            ),
        ]
        triggers = [guards.AppendOnly(name="receipts_append_only")]

    def __str__(self) -> str:
        return self.receipt_key


class PremiumBill(Timestamped):
    """An instalment that fell due."""

    class Status(models.TextChoices):
        """Whether it is paid."""

        DUE = "DUE", _("Unpaid")
        COLLECTED = "COLLECTED", _("Collected")
        VOID = "VOID", _("Void")

    TRANSITIONS = {"DUE": ("COLLECTED", "VOID"), "VOID": ("DUE",)}
    CHANNELS = [
        ("INITIAL", _("With the application")),
        ("DEBIT", _("Automatic debit")),
        *PremiumReceipt.Channel.choices,
    ]

    contract = models.ForeignKey(
        Contract,
        models.PROTECT,
        related_name="bills",
        db_column="contract_id",
        db_index=False,  # the unique constraint begins with it
        db_constraint=False,
    )
    instalment = models.PositiveSmallIntegerField()
    due_date = models.DateField()
    amount = models.DecimalField(max_digits=15, decimal_places=2)
    status = models.CharField(max_length=9, choices=Status, default=Status.DUE)
    collected_on = models.DateField(null=True)
    channel = models.CharField(max_length=20, blank=True, help_text="How it was paid.")
    receipt = models.ForeignKey(
        PremiumReceipt,
        models.PROTECT,
        related_name="bills",
        null=True,
        db_index=False,
        db_constraint=False,
    )
    reminded_on = models.DateField(null=True, help_text="Day of the grace notice (납입최고).")
    lapse_on = models.DateField(null=True, help_text="Day of lapse if still unpaid.")

    class Meta:
        db_table = "premium_bills"
        constraints = [
            models.UniqueConstraint("contract", "instalment", name="one_bill_per_instalment"),
            models.CheckConstraint(
                name="bill_status_known", condition=Q(status__in=["DUE", "COLLECTED", "VOID"])
            ),
            models.CheckConstraint(name="bill_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="bill_collected_iff_date",
                condition=Q(status="COLLECTED", collected_on__isnull=False)
                | (~Q(status="COLLECTED") & Q(collected_on=None)),
            ),
            models.CheckConstraint(
                name="lapse_only_after_notice",
                condition=Q(lapse_on=None) | Q(reminded_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_date"], condition=Q(status="DUE"), name="bill_unpaid_by_due_date"
            ),
            models.Index(
                fields=["lapse_on"],
                condition=Q(status="DUE", lapse_on__isnull=False),
                name="bill_unpaid_by_lapse",
            ),
            models.Index(
                fields=["receipt"], condition=Q(receipt__isnull=False), name="bill_by_receipt"
            ),
        ]
        triggers = [
            *guards.machine("status"),
            references.ReferencesExist(
                name="references_exist", fields=("contract", "receipt"), neighbours=("contract",)
            ),
            references.ReferencesStay(name="references_stay", fields=("contract", "receipt")),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} #{self.instalment}"

    @property
    def channel_label(self) -> str:
        """How it was paid, in words."""
        return str(dict(self.CHANNELS).get(self.channel, ""))


class DebitFailure(Timestamped):
    """The bank refuses automatic debits of a contract during ``period`` [start, end)."""

    class Reason(models.TextChoices):
        """What the bank file says."""

        FUNDS = "FUNDS", _("Insufficient funds")
        CLOSED = "CLOSED", _("Account closed")
        REVOKED = "REVOKED", _("Mandate revoked")

    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="debit_failures", db_column="contract_id"
    )
    period = DateRangeField(help_text="[start, end); open while nothing better is known.")
    reason = models.CharField(max_length=7, choices=Reason)

    class Meta:
        db_table = "debit_failures"
        verbose_name, verbose_name_plural = _("failing debit"), _("failing debits")
        constraints = [
            models.CheckConstraint(
                name="debit_reason_known", condition=Q(reason__in=["FUNDS", "CLOSED", "REVOKED"])
            ),
            ExclusionConstraint(
                name="one_debit_failure_at_a_time",
                expressions=[
                    ("contract", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.contract_id} {self.reason}"
