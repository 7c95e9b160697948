"""Contracts and how they ended."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import guards, references
from core.models import Timestamped

from .customers import Customer
from .underwriting import UnderwritingResult

AS_ISSUED = (
    "product",
    "version",
    "rating",
    "customer",
    "contract_date",
    "premium_amount",
    "sum_assured",
    "frequency",
    "insurance_age",
    "sex",
    "term_months",
    "pay_months",
    "loading_percent",
)
"""What was agreed when the contract was issued: it never changes in place."""


class Contract(Timestamped):
    """A contract in its present state; what happened to it is in its events and moves.

    What it refers to is checked set-based (``core.references``).
    """

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
        "products.Product",
        models.PROTECT,
        related_name="+",
        db_column="product_code",
        db_index=False,
        db_constraint=False,
    )
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="contracts",
        db_column="customer_id",
        db_constraint=False,
    )
    agent = models.ForeignKey(
        "sales.Agent",
        models.PROTECT,
        related_name="+",
        db_column="agent_id",
        db_index=False,
        db_constraint=False,
    )
    contract_date = models.DateField()
    premium_amount = models.DecimalField(
        max_digits=15, decimal_places=2, help_text="Per instalment."
    )
    policy_status = models.CharField(max_length=8, choices=Status, default=Status.PENDING)
    uw_result = models.CharField(max_length=9, choices=UnderwritingResult)
    application = models.ForeignKey(
        "sales.Application",
        models.PROTECT,
        related_name="+",
        db_column="application_id",
        db_index=False,
        db_constraint=False,
        null=True,
    )
    version = models.ForeignKey(
        "products.ProductVersion",
        models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    rating = models.ForeignKey(
        "products.Rating", models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
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
    delivered_on = models.DateField(
        null=True, help_text="Policy document received (증권 교부); starts the cooling-off period."
    )
    ended_on = models.DateField(null=True)
    external_key = models.CharField(
        max_length=80, null=True, help_text="Key in the system that it came from."
    )

    class Meta:
        db_table = "contracts"
        constraints = [
            models.UniqueConstraint(
                fields=["external_key"],
                condition=Q(external_key__isnull=False),
                name="one_contract_per_external_key",
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(application__isnull=False),
                name="one_contract_per_application",
            ),
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
            models.Index(fields=["-contract_date", "-contract_id"]),
        ]
        triggers = [
            *guards.machine("policy_status"),
            guards.Fixed(name="contract_is_as_issued", fields=AS_ISSUED),
            references.ReferencesExist(
                name="references_exist",
                fields=("version", "rating", "customer", "agent", "application"),
                alike={"version": ("product",), "rating": ("version",)},
            ),
            references.ReferencesStay(name="references_stay", fields=("agent", "application")),
            references.NeverDeleted(name="never_deleted"),
        ]

    def __str__(self) -> str:
        return self.contract_id


class Termination(Timestamped):
    """How a contract ended before or at its term, and what was paid back.

    A contract that was reinstated can end again: each ending is a row, the last one counts.
    """

    class Kind(models.TextChoices):
        """Why."""

        LAPSE = "LAPSE", _("Lapse for non-payment")
        SURRENDER = "SURRENDER", _("Surrender")
        WITHDRAWAL = "WITHDRAWAL", _("Withdrawal within the cooling-off period")
        EXPIRY = "EXPIRY", _("Expiry")
        DEATH = "DEATH", _("Benefit paid in full")

    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="terminations", db_column="contract_id"
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
        verbose_name, verbose_name_plural = _("end of a contract"), _("ends of contracts")
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


class Reinstatement(Timestamped):
    """A lapsed contract in force again (부활): not covered from ``lapsed_on`` to the day before."""

    termination = models.OneToOneField(
        Termination, models.PROTECT, related_name="reinstatement", db_column="termination_id"
    )
    contract = models.ForeignKey(
        Contract, models.PROTECT, related_name="reinstatements", db_column="contract_id"
    )
    receipt = models.OneToOneField(
        "contracts.PremiumReceipt", models.PROTECT, related_name="reinstatement"
    )
    lapsed_on = models.DateField()
    reinstated_on = models.DateField(help_text="First day of cover again.")
    instalments = models.PositiveSmallIntegerField(help_text="Missed and paid now.")
    arrears = models.DecimalField(max_digits=18, decimal_places=2)
    interest = models.DecimalField(max_digits=18, decimal_places=2)
    disclosures = models.JSONField(help_text="Answers given again, as they were taken.")
    trace = models.JSONField(help_text="Interest of each instalment, its rate and its days.")
    taken_by = models.CharField(max_length=150)

    class Meta:
        db_table = "reinstatements"
        constraints = [
            models.CheckConstraint(
                name="reinstated_after_the_lapse", condition=Q(reinstated_on__gte=F("lapsed_on"))
            ),
            models.CheckConstraint(
                name="reinstatement_pays_arrears",
                condition=Q(arrears__gt=0, interest__gte=0, instalments__gte=1),
            ),
        ]
        triggers = [guards.AppendOnly(name="reinstatements_append_only")]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.reinstated_on}"


class SurrenderPayment(Timestamped):
    """The surrender value of a lapsed contract, paid on request; it cannot be reinstated then."""

    termination = models.OneToOneField(
        Termination, models.PROTECT, related_name="payment", db_column="termination_id"
    )
    contract = models.OneToOneField(
        Contract, models.PROTECT, related_name="surrender_payment", db_column="contract_id"
    )
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    paid_on = models.DateField()
    requested_by = models.CharField(max_length=150)

    class Meta:
        db_table = "surrender_payments"
        constraints = [
            models.CheckConstraint(name="surrender_payment_positive", condition=Q(amount__gt=0))
        ]
        triggers = [guards.AppendOnly(name="surrender_payments_append_only")]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.amount}"
