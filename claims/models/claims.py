"""Claims, their documents and case reserves."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

from .providers import Provider


class Claim(Timestamped):
    """A reported accident or illness on one contract (사고접수)."""

    class Status(models.TextChoices):
        """From reception to the end."""

        RECEIVED = "RECEIVED", _("Received")
        INVESTIGATING = "INVESTIGATING", _("In adjustment")
        APPROVED = "APPROVED", _("Approved")
        PAID = "PAID", _("Paid")
        REJECTED = "REJECTED", _("Benefit declined")
        WITHDRAWN = "WITHDRAWN", _("Claim withdrawn")

    class Gate(models.TextChoices):
        """What fraud detection says about paying; only CLEAR may be paid."""

        UNSCORED = "UNSCORED", _("Not scored")
        CLEAR = "CLEAR", _("Clear to pay")
        REVIEW = "REVIEW", _("Waits for a decision")
        HELD = "HELD", _("Held")

    class Channel(models.TextChoices):
        """How it was reported."""

        CALL = "CALL", _("Call centre")
        WEB = "WEB", _("Web")
        BRANCH = "BRANCH", _("Branch")
        API = "API", _("API")

    class Type(models.TextChoices):
        """What happened."""

        DEATH = "DEATH", _("Death")
        DIAGNOSIS = "DIAGNOSIS", _("Diagnosis")
        HOSPITAL = "HOSPITAL", _("Hospitalisation")
        INJURY = "INJURY", _("Injury")
        VEHICLE = "VEHICLE", _("Vehicle damage")
        OTHER = "OTHER", _("Other")

    TRANSITIONS = {
        "RECEIVED": ("INVESTIGATING", "REJECTED", "WITHDRAWN"),
        "INVESTIGATING": ("APPROVED", "REJECTED", "WITHDRAWN"),
        "APPROVED": ("PAID", "INVESTIGATING"),
    }
    GATES = {
        "UNSCORED": ("CLEAR", "REVIEW"),
        "CLEAR": ("REVIEW", "HELD"),
        "REVIEW": ("CLEAR", "HELD"),
        "HELD": ("CLEAR", "REVIEW"),
    }
    TONES = {
        "RECEIVED": "blue",
        "INVESTIGATING": "blue",
        "APPROVED": "amber",
        "PAID": "green",
        "REJECTED": "red",
        "WITHDRAWN": "grey",
        "UNSCORED": "grey",
        "CLEAR": "green",
        "REVIEW": "red",
        "HELD": "amber",
    }

    reception_id = models.CharField(max_length=30, primary_key=True)
    contract = models.ForeignKey(
        "contracts.Contract", models.PROTECT, related_name="+", db_column="contract_id"
    )
    customer = models.ForeignKey(
        "contracts.Customer", models.PROTECT, related_name="+", db_column="customer_id"
    )
    agent = models.ForeignKey(
        "sales.Agent",
        models.PROTECT,
        related_name="+",
        db_column="agent_id",
        help_text="Who served the contract at reception; decides who may see the claim.",
    )
    accident_no = models.CharField(
        max_length=40, help_text="The accident; several claims of one accident share it."
    )
    incident_date = models.DateTimeField()
    report_date = models.DateTimeField()
    incident_location = models.CharField(max_length=255, blank=True)
    incident_description = models.TextField()
    status = models.CharField(max_length=13, choices=Status, default=Status.RECEIVED)
    fds_gate = models.CharField(max_length=8, choices=Gate, default=Gate.UNSCORED)
    channel = models.CharField(max_length=6, choices=Channel)
    claim_type = models.CharField(max_length=9, choices=Type)
    line = models.CharField(max_length=10)
    cohort_year = models.PositiveSmallIntegerField()
    provider = models.ForeignKey(
        Provider, models.PROTECT, related_name="claims", null=True, db_column="provider_code"
    )
    claimed_amount = models.DecimalField(max_digits=18, decimal_places=2)
    case_reserve = models.DecimalField(
        max_digits=18, decimal_places=2, help_text="Present estimate of what is still to be paid."
    )
    claimant_name = models.CharField(max_length=50)
    adjuster = models.CharField(max_length=150, blank=True, help_text="User name.")
    due_on = models.DateField(help_text="Statutory payment date (clock in core, business days).")
    due_trace = models.JSONField(default=dict, help_text="How the due date was counted.")
    investigation_reason = models.CharField(
        max_length=200, blank=True, help_text="Why the loss must be investigated (10 days)."
    )
    closing_reason = models.TextField(blank=True, help_text="Why it was declined or withdrawn.")
    closed_on = models.DateField(null=True)
    external_key = models.CharField(max_length=80, null=True, unique=True)

    class Meta:
        db_table = "claim_receptions"
        constraints = [
            models.CheckConstraint(
                name="claim_status_known",
                condition=Q(
                    status__in=[
                        "RECEIVED",
                        "INVESTIGATING",
                        "APPROVED",
                        "PAID",
                        "REJECTED",
                        "WITHDRAWN",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="claim_gate_known",
                condition=Q(fds_gate__in=["UNSCORED", "CLEAR", "REVIEW", "HELD"]),
            ),
            models.CheckConstraint(
                name="claim_channel_known",
                condition=Q(channel__in=["CALL", "WEB", "BRANCH", "API"]),
            ),
            models.CheckConstraint(
                name="claim_type_known",
                condition=Q(
                    claim_type__in=["DEATH", "DIAGNOSIS", "HOSPITAL", "INJURY", "VEHICLE", "OTHER"]
                ),
            ),
            models.CheckConstraint(
                name="claim_reported_after_it_happened",
                condition=Q(report_date__gte=F("incident_date")),
            ),
            models.CheckConstraint(
                name="claim_amounts_not_negative",
                condition=Q(claimed_amount__gte=0, case_reserve__gte=0),
            ),
            models.CheckConstraint(
                name="claim_closed_with_a_reason",
                condition=~Q(status__in=["REJECTED", "WITHDRAWN"])
                | (~Q(closing_reason="") & Q(closed_on__isnull=False, case_reserve=0)),
            ),
            # The target of the payouts' composite key: a payout exists only of a CLEAR claim.
            models.UniqueConstraint("reception_id", "fds_gate", name="claim_with_its_gate"),
        ]
        indexes = [
            models.Index(fields=["customer", "incident_date"]),
            models.Index(fields=["contract"]),
            models.Index(fields=["status", "due_on"]),
            models.Index(fields=["agent", "-report_date"]),
            models.Index(fields=["fds_gate"], condition=~Q(fds_gate="CLEAR"), name="claim_gated"),
            models.Index(fields=["-report_date"]),
        ]
        triggers = [
            *guards.machine("status"),
            guards.StatusMoves(name="fds_gate_moves", field="fds_gate", moves="GATES"),
        ]

    def __str__(self) -> str:
        return self.reception_id


class ClaimDocument(Timestamped):
    """A document that came with a claim; the file lies outside the web root."""

    claim = models.ForeignKey(
        Claim, models.PROTECT, related_name="documents", db_column="reception_id"
    )
    file = models.FileField(upload_to="claims/%Y/%m/")
    file_name = models.CharField(max_length=150)
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField(help_text="Bytes.")
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.CharField(max_length=150)

    class Meta:
        db_table = "claim_documents"
        constraints = [
            models.UniqueConstraint("claim", "sha256", name="document_once_per_claim"),
            models.CheckConstraint(name="document_not_empty", condition=Q(size__gt=0)),
        ]
        indexes = [models.Index(fields=["sha256"])]
        triggers = guards.audited()

    def __str__(self) -> str:
        return self.file_name


class CaseReserve(models.Model):
    """A movement of a claim's case reserve (개별추산), with its reason."""

    claim = models.ForeignKey(
        Claim, models.PROTECT, related_name="reserve_moves", db_column="reception_id"
    )
    moved_on = models.DateField()
    movement = models.DecimalField(max_digits=18, decimal_places=2)
    balance = models.DecimalField(max_digits=18, decimal_places=2)
    reason = models.CharField(max_length=200)
    moved_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "case_reserves"
        constraints = [
            models.CheckConstraint(name="case_reserve_not_negative", condition=Q(balance__gte=0))
        ]
        triggers = [guards.AppendOnly(name="case_reserves_append_only")]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.movement}"
