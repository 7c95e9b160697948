"""Paid losses as reinsurance saw them, recoveries, and the share of open claims."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

from .treaties import Treaty


class CededLoss(models.Model):
    """A payout as reinsurance saw it: what was ceded, what is kept, and which treaties stood."""

    payout = models.OneToOneField(
        "claims.Payout", models.PROTECT, related_name="+", db_column="payout_id", primary_key=True
    )
    claim_number = models.CharField(max_length=30)
    contract_number = models.CharField(max_length=30)
    line = models.CharField(max_length=10)
    loss_date = models.DateField()
    paid_on = models.DateField()
    gross = models.DecimalField(max_digits=18, decimal_places=2)
    ceded = models.DecimalField(max_digits=18, decimal_places=2)
    sum_insured = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Of the risk; 0: nobody asked."
    )
    treaties = models.JSONField(default=list, help_text="Treaties that covered the loss date.")

    class Meta:
        db_table = "ceded_losses"
        constraints = [
            models.CheckConstraint(
                name="ceded_within_the_loss",
                condition=Q(gross__gt=0, ceded__gte=0, ceded__lte=F("gross")),
            )
        ]
        indexes = [
            models.Index(fields=["claim_number"]),
            models.Index(fields=["contract_number"]),
            models.Index(fields=["line", "loss_date"]),
        ]
        triggers = [guards.AppendOnly(name="ceded_losses_append_only")]

    def __str__(self) -> str:
        return f"{self.claim_number} {self.ceded}"


class Recovery(Timestamped):
    """What a reinsurer owes for one payout (재보험금)."""

    class Status(models.TextChoices):
        """Owed or received."""

        PENDING = "PENDING", _("Outstanding")
        RECOVERED = "RECOVERED", _("Recovered")

    TRANSITIONS = {"PENDING": ("RECOVERED",)}
    TONES = {"PENDING": "amber", "RECOVERED": "green"}

    ri_claim_id = models.BigAutoField(primary_key=True)
    payout = models.ForeignKey(
        "claims.Payout", models.PROTECT, related_name="+", db_column="payout_id"
    )
    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="recoveries")
    reinsurer_name = models.CharField(max_length=50)
    recovery_amount = models.DecimalField(max_digits=18, decimal_places=2)
    status = models.CharField(max_length=9, choices=Status, default=Status.PENDING)
    line = models.CharField(max_length=10)
    claim_number = models.CharField(max_length=30)
    contract_number = models.CharField(max_length=30)
    billed_on = models.DateField()
    received_on = models.DateField(null=True)
    receipt_reference = models.CharField(max_length=60, blank=True)
    written_down = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        default=0,
        db_default=0,
        help_text="What is not believed to come in, won.",
    )
    trace = models.JSONField(default=dict)

    class Meta:
        db_table = "reinsurance_claims"
        constraints = [
            models.UniqueConstraint(
                "payout", "treaty", "reinsurer_name", name="one_recovery_per_treaty"
            ),
            models.CheckConstraint(
                name="recovery_status_known", condition=Q(status__in=["PENDING", "RECOVERED"])
            ),
            models.CheckConstraint(name="recovery_positive", condition=Q(recovery_amount__gt=0)),
            models.CheckConstraint(
                name="written_down_within_what_is_owed",
                condition=Q(written_down__gte=0, written_down__lte=F("recovery_amount"))
                & (Q(status="PENDING") | Q(written_down=0)),
            ),
            models.CheckConstraint(
                name="recovered_iff_received",
                condition=Q(status="PENDING", received_on=None)
                | (Q(status="RECOVERED", received_on__isnull=False) & ~Q(receipt_reference="")),
            ),
        ]
        indexes = [
            models.Index(fields=["status", "billed_on"]),
            models.Index(fields=["claim_number"]),
            models.Index(fields=["contract_number"]),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.claim_number} {self.treaty_id}"


class Recoverable(Timestamped):
    """What a reinsurer would pay of a claim that is still open, by its case reserve."""

    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="recoverables")
    claim_number = models.CharField(max_length=30)
    contract_number = models.CharField(max_length=30)
    line = models.CharField(max_length=10)
    case_reserve = models.DecimalField(max_digits=18, decimal_places=2, help_text="Gross, won.")
    amount = models.DecimalField(max_digits=18, decimal_places=2, help_text="Expected, won.")
    trace = models.JSONField(default=dict)

    class Meta:
        db_table = "reinsurance_recoverables"
        constraints = [
            models.UniqueConstraint("treaty", "claim_number", name="one_recoverable_a_treaty"),
            models.CheckConstraint(
                name="recoverable_within_the_reserve",
                condition=Q(amount__gte=0, amount__lte=F("case_reserve")),
            ),
        ]
        indexes = [models.Index(fields=["claim_number"])]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.claim_number} {self.treaty_id}"


class Accumulation(models.Model):
    """A loss that counts towards an event or a year, once for each treaty, in order."""

    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="accumulations")
    payout = models.ForeignKey(
        "claims.Payout", models.PROTECT, related_name="+", db_column="payout_id"
    )
    event_code = models.CharField(max_length=20, blank=True, help_text="Empty for a stop loss.")
    claim_number = models.CharField(max_length=30)
    net = models.DecimalField(
        max_digits=18, decimal_places=2, help_text="Loss after the treaties before, won."
    )
    before = models.DecimalField(
        max_digits=18, decimal_places=2, help_text="What had accumulated before, won."
    )
    recovered = models.DecimalField(max_digits=18, decimal_places=2)
    counted_on = models.DateField()
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "reinsurance_accumulations"
        constraints = [
            models.UniqueConstraint("treaty", "payout", name="a_loss_counts_once_a_treaty"),
            models.CheckConstraint(
                name="accumulation_pays_within_the_loss",
                condition=Q(net__gte=0, before__gte=0, recovered__gte=0, recovered__lte=F("net")),
            ),
        ]
        triggers = [guards.AppendOnly(name="accumulations_append_only")]

    def __str__(self) -> str:
        return f"{self.treaty_id} {self.claim_number}"


class CatastropheEvent(Timestamped):
    """An event that many losses come from, within the hours of the treaty."""

    event_code = models.CharField(max_length=20, primary_key=True)
    event_name = models.CharField(max_length=100)
    starts_at = models.DateTimeField(help_text="When the hours begin; the reinsured chooses.")
    hours = models.PositiveSmallIntegerField(help_text="Length of the event by the hours clause.")
    line = models.CharField(max_length=10)
    made_by = models.CharField(max_length=150)

    class Meta:
        db_table = "catastrophe_events"
        constraints = [
            models.CheckConstraint(
                name="catastrophe_has_hours", condition=Q(hours__gte=1, hours__lte=1000)
            )
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.event_code} {self.event_name}"


class EventClaim(models.Model):
    """A claim that belongs to an event; a claim belongs to one event at most."""

    claim_number = models.CharField(max_length=30, primary_key=True)
    event = models.ForeignKey(CatastropheEvent, models.PROTECT, related_name="claims")
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "catastrophe_event_claims"
        triggers = [guards.AppendOnly(name="event_claims_append_only")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.claim_number}"
