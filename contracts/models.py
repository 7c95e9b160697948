"""Customers, underwriting, contracts, billing, and policy reserves."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped


class Customer(Timestamped):
    """A policyholder and insured person. The resident number lives in the vault columns only."""

    class Sex(models.TextChoices):
        """As the mortality tables have it."""

        MALE = "M", _("Male")
        FEMALE = "F", _("Female")

    customer_id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=50)
    rrn_hash = models.CharField(
        max_length=255, unique=True, help_text="Keyed HMAC of the resident number."
    )
    rrn_cipher = models.BinaryField()
    rrn_mask = models.CharField(max_length=14)
    birth_date = models.DateField()
    sex = models.CharField(max_length=1, choices=Sex)
    job_code = models.CharField(max_length=10)
    health_status = models.TextField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "customers"
        constraints = [
            models.CheckConstraint(name="customer_sex_known", condition=Q(sex__in=["M", "F"]))
        ]
        indexes = [GinIndex(name="customer_name_trgm", fields=["name"], opclasses=["gin_trgm_ops"])]
        triggers = guards.audited(exclude=("rrn_cipher",))

    def __str__(self) -> str:
        return self.name


class UnderwritingResult(models.TextChoices):
    """The decision on an application."""

    PASS = "PASS", _("Standard")
    CONDITION = "CONDITION", _("On conditions")
    REJECT = "REJECT", _("Declined")


class Underwriting(Timestamped):
    """The decision on one application, by rules or by a person, with its reasons."""

    class Status(models.TextChoices):
        """Whether a person must look."""

        REFERRED = "REFERRED", _("Waits for an underwriter")
        DECIDED = "DECIDED", _("Decided")

    TRANSITIONS = {"REFERRED": ("DECIDED",)}

    application = models.OneToOneField(
        "sales.Application", models.PROTECT, related_name="+", db_column="application_id"
    )
    status = models.CharField(max_length=8, choices=Status)
    result = models.CharField(max_length=9, choices=UnderwritingResult, blank=True)
    reasons = models.JSONField(default=list, help_text="Rules that fired: id, text, values.")
    rule_id = models.BigIntegerField(help_text="The product rule applied.")
    loading_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    exclusion = models.CharField(max_length=200, blank=True)
    due_on = models.DateField(help_text="Silence after this day counts as acceptance.")
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True)

    class Meta:
        db_table = "underwritings"
        constraints = [
            models.CheckConstraint(
                name="underwriting_status_known", condition=Q(status__in=["REFERRED", "DECIDED"])
            ),
            models.CheckConstraint(
                name="underwriting_result_known",
                condition=Q(result__in=["", "PASS", "CONDITION", "REJECT"]),
            ),
            models.CheckConstraint(
                name="underwriting_decided_iff_result",
                condition=(Q(status="REFERRED") & Q(result=""))
                | (Q(status="DECIDED") & ~Q(result="") & ~Q(decided_by="")),
            ),
        ]
        indexes = [models.Index(fields=["status", "due_on"])]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.application_id} {self.result or self.status}"


class Contract(Timestamped):
    """A contract in its present state; what happened to it is in its events and moves."""

    class Status(models.TextChoices):
        """The life of a contract."""

        PENDING = "PENDING", _("Waits for the first premium")
        ACTIVE = "ACTIVE", _("In force")
        LAPSED = "LAPSED", _("Lapsed")
        CANCELED = "CANCELED", _("Cancelled")
        EXPIRED = "EXPIRED", _("Expired")

    class Frequency(models.TextChoices):
        """How often a premium falls due."""

        MONTHLY = "MONTHLY", _("Monthly")
        SINGLE = "SINGLE", _("Single")

    TRANSITIONS = {
        "PENDING": ("ACTIVE", "CANCELED"),
        "ACTIVE": ("LAPSED", "CANCELED", "EXPIRED"),
        "LAPSED": ("CANCELED", "ACTIVE"),
    }

    contract_id = models.CharField(max_length=30, primary_key=True)
    product = models.ForeignKey(
        "products.Product", models.PROTECT, related_name="+", db_column="product_code"
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="contracts", db_column="customer_id"
    )
    agent = models.ForeignKey("sales.Agent", models.PROTECT, related_name="+", db_column="agent_id")
    contract_date = models.DateField()
    premium_amount = models.DecimalField(
        max_digits=15, decimal_places=2, help_text="Per instalment."
    )
    policy_status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    uw_result = models.CharField(max_length=9, choices=UnderwritingResult)
    application = models.OneToOneField(
        "sales.Application", models.PROTECT, related_name="+", db_column="application_id", null=True
    )
    version = models.ForeignKey("products.ProductVersion", models.PROTECT, related_name="+")
    rating = models.ForeignKey("products.Rating", models.PROTECT, related_name="+")
    line = models.CharField(max_length=10, help_text="Portfolio of the product.")
    frequency = models.CharField(max_length=7, choices=Frequency, default=Frequency.MONTHLY)
    insurance_age = models.PositiveSmallIntegerField(help_text="보험나이 on the contract date.")
    sex = models.CharField(max_length=1, choices=Customer.Sex)
    sum_assured = models.DecimalField(max_digits=15, decimal_places=2)
    term_months = models.PositiveSmallIntegerField(help_text="0: whole of life.")
    pay_months = models.PositiveSmallIntegerField()
    coverage_start = models.DateField(null=True, help_text="Cover [start, end); set when paid.")
    coverage_end = models.DateField(
        null=True, help_text="First day without cover; null: whole life."
    )
    loading_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    paid_instalments = models.PositiveSmallIntegerField(default=0)
    next_due_date = models.DateField(null=True, help_text="Next instalment to bill; null: none.")
    ended_on = models.DateField(null=True)
    external_key = models.CharField(
        max_length=80, null=True, unique=True, help_text="Key in the system that it came from."
    )

    class Meta:
        db_table = "contracts"
        constraints = [
            models.CheckConstraint(
                name="contract_status_known",
                condition=Q(
                    policy_status__in=["PENDING", "ACTIVE", "LAPSED", "CANCELED", "EXPIRED"]
                ),
            ),
            models.CheckConstraint(
                name="contract_uw_result_known",
                condition=Q(uw_result__in=["PASS", "CONDITION", "REJECT"]),
            ),
            models.CheckConstraint(
                name="no_contract_on_a_rejection", condition=~Q(uw_result="REJECT")
            ),
            models.CheckConstraint(
                name="contract_frequency_known", condition=Q(frequency__in=["MONTHLY", "SINGLE"])
            ),
            models.CheckConstraint(name="contract_sex_known", condition=Q(sex__in=["M", "F"])),
            models.CheckConstraint(
                name="contract_premium_positive",
                condition=Q(premium_amount__gt=0, sum_assured__gt=0),
            ),
            models.CheckConstraint(
                name="active_contract_has_cover",
                condition=~Q(policy_status="ACTIVE") | ~Q(coverage_start=None),
            ),
            models.CheckConstraint(
                name="ended_contract_says_when",
                condition=Q(policy_status__in=["PENDING", "ACTIVE"], ended_on=None)
                | Q(policy_status__in=["LAPSED", "CANCELED", "EXPIRED"], ended_on__isnull=False),
            ),
            models.CheckConstraint(
                name="cover_ends_after_it_starts",
                condition=Q(coverage_end=None)
                | Q(coverage_start=None)
                | Q(coverage_end__gt=F("coverage_start")),
            ),
        ]
        indexes = [
            models.Index(fields=["policy_status", "next_due_date"]),
            models.Index(fields=["agent", "-contract_date"]),
            models.Index(fields=["-contract_date"]),
        ]
        triggers = guards.machine("policy_status")

    def __str__(self) -> str:
        return self.contract_id


class PremiumBill(Timestamped):
    """An instalment that fell due."""

    class Status(models.TextChoices):
        """Whether it is paid."""

        DUE = "DUE", _("Unpaid")
        COLLECTED = "COLLECTED", _("Collected")
        VOID = "VOID", _("Void")

    TRANSITIONS = {"DUE": ("COLLECTED", "VOID")}

    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="bills", db_column="contract_id"
    )
    instalment = models.PositiveSmallIntegerField()
    due_date = models.DateField()
    amount = models.DecimalField(max_digits=15, decimal_places=2)
    status = models.CharField(max_length=9, choices=Status, default=Status.DUE)
    collected_on = models.DateField(null=True)
    channel = models.CharField(max_length=20, blank=True, help_text="How it was paid.")
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
            )
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.contract_id} #{self.instalment}"


class Termination(Timestamped):
    """How a contract ended before or at its term, and what was paid back."""

    class Kind(models.TextChoices):
        """Why."""

        LAPSE = "LAPSE", _("Lapse for non-payment")
        SURRENDER = "SURRENDER", _("Surrender")
        WITHDRAWAL = "WITHDRAWAL", _("Withdrawal within the cooling-off period")
        EXPIRY = "EXPIRY", _("Expiry")
        DEATH = "DEATH", _("Benefit paid in full")

    contract = models.OneToOneField(
        Contract, models.PROTECT, related_name="termination", db_column="contract_id"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    ended_on = models.DateField()
    reserve = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    deduction = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Unamortised acquisition cost, won."
    )
    refund = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        default=0,
        help_text="Paid back: surrender value or premiums.",
    )
    trace = models.JSONField(default=dict)
    requested_by = models.CharField(max_length=150)

    class Meta:
        db_table = "terminations"
        constraints = [
            models.CheckConstraint(
                name="termination_kind_known",
                condition=Q(kind__in=["LAPSE", "SURRENDER", "WITHDRAWAL", "EXPIRY", "DEATH"]),
            ),
            models.CheckConstraint(name="refund_not_negative", condition=Q(refund__gte=0)),
        ]
        triggers = [guards.AppendOnly(name="terminations_append_only")]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.kind}"


class LiabilityReserve(models.Model):
    """The policy reserve (계약자적립액 or unearned premium) of a contract on a base date."""

    class Basis(models.TextChoices):
        """How it was computed."""

        NET_PREMIUM = "NET_PREMIUM", _("Net premium reserve")
        UNEARNED = "UNEARNED", _("Unearned premium")

    reserve_id = models.BigAutoField(primary_key=True)
    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="reserves", db_column="contract_id"
    )
    base_date = models.DateField()
    reserve_amount = models.DecimalField(max_digits=18, decimal_places=2)
    movement = models.DecimalField(
        max_digits=18, decimal_places=2, help_text="Against the previous base date, won."
    )
    basis = models.CharField(max_length=11, choices=Basis)
    elapsed_months = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "liability_reserves"
        constraints = [
            models.UniqueConstraint("contract", "base_date", name="one_reserve_per_base_date"),
            models.CheckConstraint(
                name="reserve_basis_known", condition=Q(basis__in=["NET_PREMIUM", "UNEARNED"])
            ),
            models.CheckConstraint(name="reserve_not_negative", condition=Q(reserve_amount__gte=0)),
        ]
        triggers = [guards.AppendOnly(name="reserves_append_only")]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.base_date}"
