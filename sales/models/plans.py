"""Commission plans: dated data by contract cohort, with maker and checker."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import guards
from core.models import Timestamped


class CommissionPlan(Timestamped):
    """What contracts of a product earn whose contract date lies in ``period`` [start, end).

    A plan's figures never change: a change is a new version, which a second person activates.
    Contracts outside of every active plan earn by the product's own rule.
    """

    class Status(models.TextChoices):
        """Maker and checker."""

        DRAFT = "DRAFT", _("Draft")
        ACTIVE = "ACTIVE", _("Active")
        RETIRED = "RETIRED", pgettext_lazy("rule", "Retired")

    TRANSITIONS = {"DRAFT": ("ACTIVE", "RETIRED"), "ACTIVE": ("RETIRED",)}

    plan_id = models.CharField(max_length=30, primary_key=True)
    product = models.ForeignKey(
        "products.Product", models.PROTECT, related_name="+", db_column="product_code"
    )
    version = models.PositiveIntegerField()
    period = DateRangeField(help_text="Contract dates to which it applies, [start, end).")
    regime = models.CharField(max_length=20, help_text="Rules of law of this cohort.")
    value = models.JSONField()
    note = models.TextField(blank=True)
    trial = models.JSONField(default=dict, help_text="What the tests found when it was drafted.")
    status = models.CharField(max_length=7, choices=Status, default=Status.DRAFT)
    made_by = models.CharField(max_length=150)
    checked_by = models.CharField(max_length=150, blank=True)
    checked_on = models.DateField(null=True)

    class Meta:
        db_table = "commission_plans"
        constraints = [
            models.UniqueConstraint("product", "version", name="one_plan_per_version"),
            ExclusionConstraint(
                name="one_plan_per_cohort",
                condition=Q(status="ACTIVE"),
                expressions=[
                    ("product", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="plan_status_known", condition=Q(status__in=["DRAFT", "ACTIVE", "RETIRED"])
            ),
            models.CheckConstraint(
                name="plan_checked_by_a_second_person",
                condition=~Q(status="ACTIVE") | (~Q(checked_by="") & ~Q(checked_by=F("made_by"))),
            ),
        ]
        triggers = [
            *guards.machine("status"),
            pgtrigger.ReadOnly(
                name="plan_figures_are_final",
                fields=["product", "version", "period", "regime", "value", "made_by", "trial"],
            ),
            pgtrigger.Protect(name="plan_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.plan_id
