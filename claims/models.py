"""Claims from reception to payout."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped


class Provider(Timestamped):
    """A hospital or a garage that appears in claims."""

    class Kind(models.TextChoices):
        """What it is."""

        HOSPITAL = "HOSPITAL", _("Hospital")
        CLINIC = "CLINIC", _("Clinic")
        GARAGE = "GARAGE", _("Garage")
        OTHER = "OTHER", _("Other")

    provider_code = models.CharField(max_length=20, primary_key=True)
    provider_name = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, choices=Kind)
    region = models.CharField(max_length=30, blank=True)

    class Meta:
        db_table = "providers"
        constraints = [
            models.CheckConstraint(
                name="provider_kind_known",
                condition=Q(kind__in=["HOSPITAL", "CLINIC", "GARAGE", "OTHER"]),
            )
        ]
        indexes = [
            GinIndex(
                name="provider_name_trgm", fields=["provider_name"], opclasses=["gin_trgm_ops"]
            )
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.provider_code} {self.provider_name}"


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


class Adjustment(Timestamped):
    """A loss adjustment (손해사정): what is payable and how it was reached."""

    class Status(models.TextChoices):
        """Maker and checker."""

        PROPOSED = "PROPOSED", _("Waits for approval")
        APPROVED = "APPROVED", _("Approved")
        RETURNED = "RETURNED", _("Sent back")

    TRANSITIONS = {"PROPOSED": ("APPROVED", "RETURNED"), "APPROVED": ("RETURNED",)}
    TONES = {"PROPOSED": "amber", "APPROVED": "green", "RETURNED": "grey"}

    claim = models.ForeignKey(
        Claim, models.PROTECT, related_name="adjustments", db_column="reception_id"
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.PROPOSED)
    coverage_code = models.CharField(
        max_length=40, help_text="The product's coverage that pays; its limit is in the trace."
    )
    ends_contract = models.BooleanField(
        default=False, help_text="The benefit is the contract's last (death, one sum)."
    )
    loss_amount = models.DecimalField(max_digits=18, decimal_places=2)
    fault_percent = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=0,
        help_text="Own fault that reduces the payment, %.",
    )
    deductible = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    coverage_limit = models.DecimalField(max_digits=18, decimal_places=2)
    payable = models.DecimalField(max_digits=18, decimal_places=2)
    adjustment_fee = models.DecimalField(max_digits=15, decimal_places=2, default=0)
    opinion = models.TextField(help_text="The adjuster's reasons.")
    trace = models.JSONField(default=dict)
    made_by = models.CharField(max_length=150)
    made_on = models.DateField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)
    authority_limit = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        null=True,
        help_text="Up to which amount the approver could approve on that day.",
    )

    class Meta:
        db_table = "claim_adjustments"
        constraints = [
            models.CheckConstraint(
                name="adjustment_approved_within_authority",
                condition=~Q(status="APPROVED") | Q(authority_limit__gte=F("payable")),
            ),
            # The target of the payouts' second composite key: what is paid is what was approved.
            models.UniqueConstraint(
                fields=["id", "claim", "payable", "status"], name="adjustment_as_approved"
            ),
            models.UniqueConstraint(
                "claim", condition=Q(status="PROPOSED"), name="one_open_adjustment"
            ),
            models.UniqueConstraint(
                "claim", condition=Q(status="APPROVED"), name="one_approved_adjustment"
            ),
            models.CheckConstraint(
                name="adjustment_status_known",
                condition=Q(status__in=["PROPOSED", "APPROVED", "RETURNED"]),
            ),
            models.CheckConstraint(
                name="adjustment_amounts_not_negative",
                condition=Q(
                    loss_amount__gte=0,
                    deductible__gte=0,
                    coverage_limit__gte=0,
                    payable__gte=0,
                    adjustment_fee__gte=0,
                    fault_percent__gte=0,
                    fault_percent__lte=100,
                ),
            ),
            models.CheckConstraint(
                name="payable_within_limit", condition=Q(payable__lte=F("coverage_limit"))
            ),
            models.CheckConstraint(
                name="adjustment_decided_by_a_second_person",
                condition=Q(status="PROPOSED", decided_by="")
                | (~Q(status="PROPOSED") & ~Q(decided_by="") & ~Q(decided_by=F("made_by"))),
            ),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.claim_id} {self.payable}"


class Payout(Timestamped):
    """The payment of a claim: once and only once, and only while it is clear.

    Two composite foreign keys, made in the migration, hold it. (reception_id, gate) →
    claim_receptions (reception_id, fds_gate): the database refuses a payout of a held, undecided
    or unscored claim, and refuses to gate a claim that was paid. (adjustment_id, reception_id,
    payout_amount, adjustment_status) → claim_adjustments: what is paid is what was approved.
    """

    payout_id = models.BigAutoField(primary_key=True)
    claim = models.OneToOneField(
        Claim, models.PROTECT, related_name="payout", db_column="reception_id"
    )
    gate = models.CharField(max_length=8, default="CLEAR", editable=False)
    adjustment = models.OneToOneField(Adjustment, models.PROTECT, related_name="payout")
    adjustment_status = models.CharField(max_length=8, default="APPROVED", editable=False)
    operation_id = models.UUIDField(
        unique=True, help_text="The operation that paid; repeating it pays nothing more."
    )
    payout_amount = models.DecimalField(max_digits=18, decimal_places=2)
    late_interest = models.DecimalField(max_digits=15, decimal_places=2, default=0)
    days_late = models.PositiveSmallIntegerField(default=0)
    interest_trace = models.JSONField(default=dict)
    loss_adjustment_fee = models.DecimalField(max_digits=15, decimal_places=2, default=0)
    payment_date = models.DateField()
    recipient_name = models.CharField(max_length=50)
    paid_by = models.CharField(max_length=150)

    class Meta:
        db_table = "claim_payouts"
        constraints = [
            models.CheckConstraint(name="payout_only_of_a_clear_claim", condition=Q(gate="CLEAR")),
            models.CheckConstraint(
                name="payout_only_of_an_approved_adjustment",
                condition=Q(adjustment_status="APPROVED"),
            ),
            models.CheckConstraint(
                name="payout_amounts_not_negative",
                condition=Q(payout_amount__gt=0, late_interest__gte=0, loss_adjustment_fee__gte=0),
            ),
        ]
        triggers = [guards.AppendOnly(name="payouts_append_only")]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.payout_amount}"


class LateInterestRate(Timestamped):
    """What is paid on top when a payment is late, during ``period`` [start, end).

    The policy-loan rate is the base; the steps add percentage points by the day of delay.
    """

    period = DateRangeField(help_text="Days of delay that fall in it, [start, end).")
    base_rate = models.DecimalField(
        max_digits=7, decimal_places=4, help_text="Policy-loan rate, % a year."
    )
    steps = models.JSONField(
        help_text="Ascending: from_day (1: first day after the due date), add (percentage points)."
    )
    source = models.CharField(max_length=200)
    made_by = models.CharField(max_length=150)
    approved_by = models.CharField(max_length=150)

    class Meta:
        db_table = "claim_interest_rates"
        constraints = [
            ExclusionConstraint(
                name="one_interest_rate_at_a_time",
                expressions=[("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                name="interest_rate_not_negative", condition=Q(base_rate__gte=0)
            ),
            models.CheckConstraint(
                name="interest_rate_approved_by_a_second_person",
                condition=~Q(approved_by="") & ~Q(approved_by=F("made_by")),
            ),
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.period} {self.base_rate}%"


class ClockStop(Timestamped):
    """Days for which the claimant answers (refusal of an inquiry): no late interest runs."""

    claim = models.ForeignKey(
        Claim, models.PROTECT, related_name="clock_stops", db_column="reception_id"
    )
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, help_text="First day on which interest runs again.")
    reason = models.CharField(max_length=200)

    class Meta:
        db_table = "claim_clock_stops"
        constraints = [
            models.UniqueConstraint(
                "claim", condition=Q(ends_on=None), name="one_clock_stop_at_a_time"
            ),
            models.CheckConstraint(
                name="clock_stop_ends_after_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
            ),
        ]
        triggers = guards.audited()

    def __str__(self) -> str:
        return f"{self.claim_id} {self.starts_on}"
