"""Adjustments, payouts, and what late payments cost."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

from .claims import Claim


class Adjustment(Timestamped):
    """A loss adjustment (손해사정): what is payable and how it was reached.

    A trigger, made in the migration, locks the contract and refuses approvals that together exceed
    the sum of a coverage: once in the contract's life, or once an accident.
    """

    WHOLE_CONTRACT = "CONTRACT"

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
    limit_scope = models.CharField(
        max_length=40,
        help_text="What shares one sum: CONTRACT (given once in its life), or the accident.",
    )
    limit_sum = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        help_text="Sum of the coverage for that scope, before anything was granted out of it.",
    )
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
                name="limit_within_its_sum", condition=Q(coverage_limit__lte=F("limit_sum"))
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
        triggers = [
            *guards.machine("status"),
            guards.Fixed(
                name="adjustment_is_fixed",
                fields=["claim", "coverage_code", "payable", "limit_scope", "limit_sum"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_id} {self.payable}"


class Payout(Timestamped):
    """The payment of a claim: once and only once, and only while it is clear.

    Two composite foreign keys, made in the migration, hold it. (reception_id, gate) →
    claim_receptions (reception_id, fds_gate): the database refuses a payout of a held, undecided
    or unscored claim, and refuses to gate a claim that was paid. (adjustment_id, reception_id,
    payout_amount, adjustment_status) → claim_adjustments: what is paid is what was approved.
    """

    class Relation(models.TextChoices):
        """Why the recipient is paid."""

        CUSTOMER = "CUSTOMER", _("The customer")
        BENEFICIARY = "BENEFICIARY", _("Named beneficiary")
        HEIR = "HEIR", _("Legal heir")
        GUARDIAN = "GUARDIAN", _("Guardian or proxy of the customer")
        ASSIGNEE = "ASSIGNEE", _("Assignee or pledgee of the claim")
        PROVIDER = "PROVIDER", _("The hospital or garage of the claim")

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
    recipient_relation = models.CharField(
        max_length=11, choices=Relation, db_default=Relation.CUSTOMER
    )
    recipient_reason = models.CharField(
        max_length=200, blank=True, db_default="", help_text="Why another than the customer."
    )
    paid_by = models.CharField(max_length=150)

    class Meta:
        db_table = "claim_payouts"
        constraints = [
            models.CheckConstraint(name="payout_only_of_a_clear_claim", condition=Q(gate="CLEAR")),
            models.CheckConstraint(
                name="payout_relation_known",
                condition=Q(
                    recipient_relation__in=[
                        "CUSTOMER",
                        "BENEFICIARY",
                        "HEIR",
                        "GUARDIAN",
                        "ASSIGNEE",
                        "PROVIDER",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="payout_to_another_says_why",
                condition=Q(recipient_relation="CUSTOMER") | ~Q(recipient_reason=""),
            ),
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
