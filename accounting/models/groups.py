"""Groups of insurance contracts, who belongs to them, and the tests that said so."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from accounting.models import guards as ledger_guards
from accounting.models.assumptions import AssumptionSet, YieldCurve
from core import guards
from core.models import Timestamped


class Profitability(models.TextChoices):
    """What was known when contracts were issued (IFRS 17.16)."""

    ONEROUS = "ONEROUS", pgettext_lazy("group", "Onerous at initial recognition")
    SAFE = "SAFE", pgettext_lazy("group", "No significant possibility of becoming onerous")
    OTHER = "OTHER", pgettext_lazy("group", "Remaining contracts")


class ContractGroup(Timestamped):
    """A group of insurance contracts: portfolio × annual cohort × profitability (17.14–24).

    Reinsurance contracts held are groups of one treaty each (17.61); their code is the treaty's.
    """

    class Kind(models.TextChoices):
        """Contracts that the insurer issued, or reinsurance that it holds."""

        ISSUED = "ISSUED", pgettext_lazy("group", "Insurance contracts issued")
        HELD = "HELD", pgettext_lazy("group", "Reinsurance contracts held")

    group_code = models.CharField(max_length=30, primary_key=True, help_text="TERM-2026 …")
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.ISSUED)
    line = models.CharField(max_length=10)
    cohort_year = models.PositiveSmallIntegerField()
    profitability = models.CharField(
        max_length=7, choices=Profitability, default=Profitability.OTHER
    )
    currency = models.CharField(max_length=3, default="KRW")
    measurement = models.CharField(max_length=3, help_text="GMM or PAA.")

    class Meta:
        db_table = "contract_groups"
        constraints = [
            models.UniqueConstraint(
                fields=["line", "cohort_year", "profitability", "currency"],
                condition=Q(kind="ISSUED"),
                name="group_once",
            ),
            models.CheckConstraint(
                name="group_kind_known", condition=Q(kind__in=["ISSUED", "HELD"])
            ),
            models.CheckConstraint(
                name="group_measurement_known", condition=Q(measurement__in=["GMM", "PAA"])
            ),
            models.CheckConstraint(
                name="group_profitability_known",
                condition=Q(profitability__in=["ONEROUS", "SAFE", "OTHER"]),
            ),
        ]
        triggers = [
            *guards.audited(),
            ledger_guards.Kept(name="groups_are_kept"),
            ledger_guards.Fixed(
                name="groups_are_fixed",
                columns=(
                    "group_code",
                    "kind",
                    "line",
                    "cohort_year",
                    "profitability",
                    "currency",
                    "measurement",
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.group_code


class ProfitabilityTest(models.Model):
    """How profitable a set of alike contracts is at issue, on one basis; tested once.

    Amounts are of one contract, in won: present values at the rates of the day of issue, flows
    signed as the liability (``fulfilment`` above 0 is a loss). ``worst`` is the fulfilment under
    the stresses of the assumptions, the worst of them.
    """

    key = models.CharField(max_length=32, primary_key=True, help_text="Hash of the set and basis.")
    line = models.CharField(max_length=10)
    currency = models.CharField(max_length=3, default="KRW")
    product_code = models.CharField(max_length=20)
    product_version = models.PositiveIntegerField()
    sex = models.CharField(max_length=1)
    insurance_age = models.PositiveSmallIntegerField()
    term_months = models.PositiveSmallIntegerField(help_text="0: whole of life.")
    instalments = models.PositiveSmallIntegerField()
    sum_assured = models.DecimalField(max_digits=18, decimal_places=2)
    premium = models.DecimalField(max_digits=18, decimal_places=2)
    loading_percent = models.PositiveSmallIntegerField()
    premiums = models.DecimalField(max_digits=20, decimal_places=2)
    outflows = models.DecimalField(max_digits=20, decimal_places=2)
    risk_adjustment = models.DecimalField(max_digits=20, decimal_places=2)
    fulfilment = models.DecimalField(max_digits=20, decimal_places=2)
    worst = models.DecimalField(max_digits=20, decimal_places=2)
    result = models.CharField(max_length=7, choices=Profitability)
    assumption_set = models.ForeignKey(AssumptionSet, models.PROTECT, related_name="+")
    curve = models.ForeignKey(
        YieldCurve, models.PROTECT, related_name="+", null=True, help_text="Null: flat rates."
    )
    tested_on = models.DateField()
    tested_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "profitability_tests"
        constraints = [
            models.CheckConstraint(
                name="profitability_result_known",
                condition=Q(result__in=["ONEROUS", "SAFE", "OTHER"]),
            ),
            models.CheckConstraint(
                name="onerous_iff_fulfilment_costs",
                condition=Q(result="ONEROUS", fulfilment__gt=0)
                | (~Q(result="ONEROUS") & Q(fulfilment__lte=0)),
            ),
            models.CheckConstraint(
                name="safe_only_if_stresses_cost_nothing",
                condition=~Q(result="SAFE") | Q(worst__lte=0),
            ),
        ]
        triggers = [guards.AppendOnly(name="profitability_tests_append_only")]

    def __str__(self) -> str:
        return self.key


class GroupMember(models.Model):
    """The group of a contract, given at issue and never changed (IFRS 17.24).

    References are checked by batch in ``MembersFit``, as on every table of mass issue.
    """

    contract_id = models.CharField(max_length=30, primary_key=True)
    group = models.ForeignKey(
        ContractGroup,
        models.PROTECT,
        related_name="members",
        db_column="group_code",
        db_constraint=False,
        db_index=False,
    )
    recognised_on = models.DateField()
    test = models.ForeignKey(
        ProfitabilityTest,
        models.PROTECT,
        related_name="members",
        null=True,
        db_constraint=False,
        db_index=False,
        help_text="Null: issued before tests were kept.",
    )

    class Meta:
        db_table = "group_members"
        triggers = [
            guards.AppendOnly(name="members_append_only"),
            ledger_guards.MembersFit(name="members_fit"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.group_id}"
