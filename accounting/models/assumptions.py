"""What measurements assume: sets of assumptions and yield curves, dated, made and checked."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounting.models import guards as ledger_guards
from core import guards
from core.models import Timestamped


class AssumptionSet(Timestamped):
    """What measurements assume, as dated data with maker and checker.

    ``values`` holds the discount rates, lapses, expenses, mortality factors, risk adjustment,
    reporting delays and policies that accounting.rules.assumptions reads.
    """

    class Status(models.TextChoices):
        """Maker and checker."""

        DRAFT = "DRAFT", _("Draft")
        ACTIVE = "ACTIVE", _("Active")
        RETIRED = "RETIRED", pgettext_lazy("rule", "Retired")

    TRANSITIONS = {"DRAFT": ("ACTIVE", "RETIRED"), "ACTIVE": ("RETIRED",)}

    version = models.PositiveIntegerField(unique=True)
    period = DateRangeField(help_text="Month ends to which it applies, [start, end).")
    values = models.JSONField()
    note = models.TextField(blank=True, help_text="What changed and why.")
    provenance = models.TextField(
        blank=True, help_text="Where the figures come from: studies, periods, people."
    )
    status = models.CharField(max_length=7, choices=Status, default=Status.DRAFT)
    made_by = models.CharField(max_length=150)
    checked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        db_table = "assumption_sets"
        constraints = [
            ExclusionConstraint(
                name="one_assumption_set_at_a_time",
                condition=Q(status="ACTIVE"),
                expressions=[("period", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                name="assumption_status_known",
                condition=Q(status__in=["DRAFT", "ACTIVE", "RETIRED"]),
            ),
            models.CheckConstraint(
                name="assumptions_checked_by_a_second_person",
                condition=~Q(status="ACTIVE") | (~Q(checked_by="") & ~Q(checked_by=F("made_by"))),
            ),
        ]
        triggers = [
            *guards.machine("status"),
            ledger_guards.Kept(name="assumptions_are_kept"),
            ledger_guards.Fixed(
                name="checked_assumptions_are_fixed",
                columns=("id", "version", "values", "made_by"),
                once="OLD.status <> 'DRAFT'",
            ),
            ledger_guards.Fixed(
                name="checked_provenance_is_fixed",
                columns=("note", "provenance"),
                once="OLD.status <> 'DRAFT'",
            ),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


CURVE_PARAMETERS = (
    "ltfr",
    "last_liquid_point",
    "convergence_point",
    "liquidity_premium",
    "coupons_per_year",
    "first_alpha",
    "tolerance",
    "lowest_alpha",
)
"""Columns of a yield curve that say how it is drawn from its quotes."""


class YieldCurve(Timestamped):
    """Market yields of a day and the parameters that make a discount curve of them.

    A month end is discounted with the latest checked curve of its day or before.
    """

    class Status(models.TextChoices):
        """Maker and checker."""

        DRAFT = "DRAFT", _("Draft")
        ACTIVE = "ACTIVE", _("Active")
        RETIRED = "RETIRED", pgettext_lazy("rule", "Retired")

    TRANSITIONS = {"DRAFT": ("ACTIVE", "RETIRED"), "ACTIVE": ("RETIRED",)}

    version = models.PositiveIntegerField(unique=True)
    base_date = models.DateField(help_text="Day of the yields.")
    currency = models.CharField(max_length=3, default="KRW")
    tenors = ArrayField(
        models.DecimalField(max_digits=6, decimal_places=2), help_text="Years, ascending."
    )
    yields = ArrayField(
        models.DecimalField(max_digits=14, decimal_places=10),
        help_text="Yield to maturity a year of government bonds of these tenors.",
    )
    ltfr = models.DecimalField(
        max_digits=14, decimal_places=10, help_text="Long-term forward rate (장기선도금리)."
    )
    last_liquid_point = models.DecimalField(
        max_digits=6, decimal_places=2, help_text="Years observed (최종관찰만기)."
    )
    convergence_point = models.DecimalField(
        max_digits=6, decimal_places=2, help_text="Years to convergence (최초수렴시점)."
    )
    liquidity_premium = models.DecimalField(
        max_digits=14, decimal_places=10, default=0, help_text="Added up to the observed years."
    )
    coupons_per_year = models.PositiveSmallIntegerField(
        default=2, help_text="Of the bonds whose yields are given."
    )
    first_alpha = models.DecimalField(
        max_digits=8, decimal_places=6, default="0.1", help_text="Speed of the first pass."
    )
    tolerance = models.DecimalField(
        max_digits=10,
        decimal_places=8,
        default="0.0001",
        help_text="Distance from the long-term rate that counts as converged (0.0001: 1 bp).",
    )
    lowest_alpha = models.DecimalField(
        max_digits=8, decimal_places=6, default="0.0001", help_text="Lowest speed to converge."
    )
    provenance = models.TextField(help_text="Where the yields and parameters come from.")
    status = models.CharField(max_length=7, choices=Status, default=Status.DRAFT)
    made_by = models.CharField(max_length=150)
    checked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        db_table = "yield_curves"
        constraints = [
            models.UniqueConstraint(
                fields=["currency", "base_date"],
                condition=Q(status="ACTIVE"),
                name="one_yield_curve_a_day",
            ),
            models.CheckConstraint(
                name="curve_status_known", condition=Q(status__in=["DRAFT", "ACTIVE", "RETIRED"])
            ),
            models.CheckConstraint(
                name="curve_checked_by_a_second_person",
                condition=~Q(status="ACTIVE") | (~Q(checked_by="") & ~Q(checked_by=F("made_by"))),
            ),
            models.CheckConstraint(
                name="curve_converges_after_it_is_observed",
                condition=Q(convergence_point__gt=F("last_liquid_point"), last_liquid_point__gt=0),
            ),
            models.CheckConstraint(
                name="curve_speeds_are_positive",
                condition=Q(
                    coupons_per_year__in=[1, 2, 4, 12],
                    first_alpha__gt=0,
                    tolerance__gt=0,
                    lowest_alpha__gt=0,
                ),
            ),
            models.CheckConstraint(
                name="curve_yield_for_each_tenor",
                condition=Q(tenors__len=F("yields__len"), tenors__len__gt=0),
            ),
        ]
        triggers = [
            *guards.machine("status"),
            ledger_guards.Kept(name="curves_are_kept"),
            ledger_guards.Fixed(
                name="checked_curves_are_fixed",
                columns=(
                    "id",
                    "version",
                    "base_date",
                    "currency",
                    "tenors",
                    "yields",
                    *CURVE_PARAMETERS,
                    "provenance",
                    "made_by",
                ),
                once="OLD.status <> 'DRAFT'",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.base_date} v{self.version}"
