"""Premium, and the account current with each reinsurer: what is owed, and how it was paid."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

from .treaties import Treaty


class SubjectPremium(models.Model):
    """Premium of a line that came in, or was paid back, by one event: what cessions are made of."""

    event_id = models.UUIDField()
    line = models.CharField(max_length=10)
    premium_date = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=2, help_text="Won, signed.")
    contracts = models.PositiveIntegerField(help_text="How many contracts it comes from.")

    class Meta:
        db_table = "reinsurance_subject_premiums"
        constraints = [models.UniqueConstraint("event_id", "line", name="subject_premium_once")]
        indexes = [models.Index(fields=["line", "premium_date"])]
        triggers = [guards.AppendOnly(name="subject_premiums_append_only")]

    def __str__(self) -> str:
        return f"{self.line} {self.premium_date}"


class PremiumCession(models.Model):
    """The premium ceded to a treaty for a month (bordereau of premiums)."""

    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="cessions")
    month = models.CharField(max_length=7, help_text="YYYY-MM.")
    subject_premium = models.DecimalField(max_digits=18, decimal_places=2)
    ceded_premium = models.DecimalField(max_digits=18, decimal_places=2)
    commission = models.DecimalField(max_digits=18, decimal_places=2)
    trace = models.JSONField(default=dict, help_text="How a deposit premium was worked out.")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "premium_cessions"
        constraints = [models.UniqueConstraint("treaty", "month", name="ceded_once_a_month")]
        triggers = [guards.AppendOnly(name="cessions_append_only")]

    def __str__(self) -> str:
        return f"{self.treaty_id} {self.month}"


class RiskPremium(models.Model):
    """Premium of risks that cede by their own share (surplus, facultative), by one event."""

    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="risk_premiums")
    event_id = models.UUIDField()
    premium_date = models.DateField()
    subject = models.DecimalField(max_digits=18, decimal_places=2, help_text="Won, signed.")
    ceded = models.DecimalField(max_digits=18, decimal_places=2, help_text="Won, signed.")
    contracts = models.PositiveIntegerField(help_text="How many contracts it comes from.")

    class Meta:
        db_table = "reinsurance_risk_premiums"
        constraints = [models.UniqueConstraint("treaty", "event_id", name="risk_premium_once")]
        indexes = [models.Index(fields=["treaty", "premium_date"])]
        triggers = [guards.AppendOnly(name="risk_premiums_append_only")]

    def __str__(self) -> str:
        return f"{self.treaty_id} {self.premium_date}"


class Settlement(Timestamped):
    """A payment of what is owed to a reinsurer up to a day: one person draws it up, another pays.

    ``payable`` is owed to the reinsurer (negative: by it); ``offset`` are recoveries that it owes
    and that are cleared against it. The cash that moves is ``payable`` − ``offset``.
    """

    class Status(models.TextChoices):
        """Maker and checker."""

        PROPOSED = "PROPOSED", _("Settlement waits for approval")
        PAID = "PAID", _("Settlement paid")
        CANCELLED = "CANCELLED", _("Settlement cancelled")

    TRANSITIONS = {"PROPOSED": ("PAID", "CANCELLED")}
    TONES = {"PROPOSED": "amber", "PAID": "green", "CANCELLED": "grey"}

    settlement_no = models.CharField(max_length=20, primary_key=True)
    reinsurer_name = models.CharField(max_length=50)
    until = models.DateField(help_text="Entries up to and including this day.")
    payable = models.DecimalField(max_digits=18, decimal_places=2, help_text="Won, signed.")
    offset = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    status = models.CharField(max_length=9, choices=Status, default=Status.PROPOSED)
    made_by = models.CharField(max_length=150)
    made_on = models.DateField()
    checked_by = models.CharField(max_length=150, blank=True)
    paid_on = models.DateField(null=True)

    class Meta:
        db_table = "reinsurance_settlements"
        constraints = [
            models.UniqueConstraint(
                "reinsurer_name",
                condition=Q(status="PROPOSED"),
                name="one_open_settlement_a_reinsurer",
            ),
            models.CheckConstraint(
                name="ri_settlement_status_known",
                condition=Q(status__in=["PROPOSED", "PAID", "CANCELLED"]),
            ),
            models.CheckConstraint(
                name="ri_settlement_paid_by_a_second_person",
                condition=~Q(status="PAID")
                | (~Q(checked_by="") & ~Q(checked_by=F("made_by")) & Q(paid_on__isnull=False)),
            ),
            models.CheckConstraint(name="ri_offset_not_negative", condition=Q(offset__gte=0)),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return self.settlement_no

    @property
    def cash(self) -> int:
        """What is paid to the reinsurer, won; negative: what it pays."""
        return int(self.payable - self.offset)


class AccountEntry(models.Model):
    """One line of the account current with a reinsurer: positive is owed to it."""

    class Kind(models.TextChoices):
        """Where it comes from."""

        PREMIUM = "PREMIUM", _("Ceded premium")
        COMMISSION = "COMMISSION", _("Reinsurance commission")
        REINSTATEMENT = "REINSTATEMENT", _("Reinstatement premium")
        SLIDING = "SLIDING", _("Sliding scale commission")
        PROFIT = "PROFIT", _("Profit commission")
        SETTLEMENT = "SETTLEMENT", _("Settlement with a reinsurer")

    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="entries")
    reinsurer_name = models.CharField(max_length=50)
    line = models.CharField(max_length=10)
    kind = models.CharField(max_length=13, choices=Kind)
    entry_date = models.DateField()
    amount = models.DecimalField(max_digits=18, decimal_places=2, help_text="Won, signed.")
    reference = models.CharField(
        max_length=40, help_text="The month, payout or settlement that it comes from."
    )
    settlement = models.ForeignKey(
        Settlement, models.PROTECT, null=True, related_name="entries", db_column="settlement_no"
    )
    trace = models.JSONField(default=dict)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "reinsurance_account_entries"
        constraints = [
            models.UniqueConstraint(
                "treaty", "kind", "reference", "reinsurer_name", name="account_entry_once"
            ),
            models.CheckConstraint(
                name="account_entry_kind_known",
                condition=Q(
                    kind__in=[
                        "PREMIUM",
                        "COMMISSION",
                        "REINSTATEMENT",
                        "SLIDING",
                        "PROFIT",
                        "SETTLEMENT",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="account_settlement_named",
                condition=Q(kind="SETTLEMENT", settlement__isnull=False)
                | (~Q(kind="SETTLEMENT") & Q(settlement=None)),
            ),
        ]
        indexes = [models.Index(fields=["reinsurer_name", "entry_date"])]
        triggers = [guards.AppendOnly(name="account_entries_append_only")]

    def __str__(self) -> str:
        return f"{self.treaty_id} {self.kind} {self.reference}"
