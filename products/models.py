"""Products, their dated versions and rules, and the ratings made by them."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards, references
from core.models import Timestamped


class Product(Timestamped):
    """A product under its code, the absolute reference of every contract sold on it."""

    class Type(models.TextChoices):
        """Life or non-life."""

        LIFE = "LIFE", _("Life")
        NON_LIFE = "NON_LIFE", _("Non-life")

    class Status(models.TextChoices):
        """Whether new business may be written."""

        ACTIVE = "ACTIVE", _("On sale")
        INACTIVE = "INACTIVE", _("Not on sale")

    class Line(models.TextChoices):
        """The portfolio: contracts of similar risk that are managed together (IFRS 17.14)."""

        TERM = "TERM", _("Term life")
        WHOLE = "WHOLE", _("Whole life")
        HEALTH = "HEALTH", _("Health")
        ACCIDENT = "ACCIDENT", _("Accident and driver")
        MOTOR = "MOTOR", _("Motor")
        PARCEL = "PARCEL", _("Parcels and returns")

    TRANSITIONS = {"INACTIVE": ("ACTIVE",), "ACTIVE": ("INACTIVE",)}

    product_code = models.CharField(max_length=20, primary_key=True)
    product_name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    description = models.JSONField(
        default=dict, blank=True, help_text=_("What it covers, by language code.")
    )
    product_type = models.CharField(max_length=8, choices=Type)
    line = models.CharField(max_length=10, choices=Line)
    sale_start_date = models.DateField(null=True, blank=True)
    sale_end_date = models.DateField(
        null=True, blank=True, help_text=_("Last day of sale; empty while open.")
    )
    status = models.CharField(max_length=8, choices=Status, default=Status.INACTIVE)

    class Meta:
        db_table = "products"
        constraints = [
            models.CheckConstraint(
                name="product_type_known", condition=Q(product_type__in=["LIFE", "NON_LIFE"])
            ),
            models.CheckConstraint(
                name="product_status_known", condition=Q(status__in=["ACTIVE", "INACTIVE"])
            ),
            models.CheckConstraint(
                name="product_line_known",
                condition=Q(line__in=["TERM", "WHOLE", "HEALTH", "ACCIDENT", "MOTOR", "PARCEL"]),
            ),
            models.CheckConstraint(
                name="sale_ends_after_it_starts",
                condition=Q(sale_end_date=None)
                | Q(sale_start_date=None)
                | Q(sale_end_date__gte=F("sale_start_date")),
            ),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return f"{self.product_code} {self.product_name}"


class ProductVersion(Timestamped):
    """What a product is during ``period`` [start, end); a contract keeps the one it was sold on."""

    class Status(models.TextChoices):
        """Maker and checker."""

        DRAFT = "DRAFT", _("Draft")
        REVIEW = "REVIEW", _("Waits for publication")
        PUBLISHED = "PUBLISHED", _("Published")
        RETIRED = "RETIRED", _("Retired")

    class Measurement(models.TextChoices):
        """How its groups are measured (IFRS 17)."""

        GMM = "GMM", _("General model")
        PAA = "PAA", _("Premium allocation")

    TRANSITIONS = {
        "DRAFT": ("REVIEW",),
        "REVIEW": ("PUBLISHED", "DRAFT"),
        "PUBLISHED": ("RETIRED",),
    }

    product = models.ForeignKey(
        Product, models.PROTECT, related_name="versions", db_column="product_code"
    )
    version = models.PositiveIntegerField()
    period = DateRangeField(null=True, help_text="[start, end) during which it is sold.")
    status = models.CharField(max_length=9, choices=Status, default=Status.DRAFT)
    measurement = models.CharField(max_length=3, choices=Measurement)
    made_by = models.CharField(max_length=150, help_text="Who wrote or submitted it last.")
    makers = ArrayField(
        models.CharField(max_length=150), default=list, help_text="All who wrote or submitted it."
    )
    checked_by = models.CharField(max_length=150, blank=True)
    published_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True, help_text=_("What changed and why."))

    class Meta:
        db_table = "product_versions"
        constraints = [
            models.UniqueConstraint("product", "version", name="product_version_once"),
            ExclusionConstraint(
                name="published_versions_do_not_overlap",
                condition=Q(status__in=["PUBLISHED", "RETIRED"]),
                expressions=[
                    ("product", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="version_status_known",
                condition=Q(status__in=["DRAFT", "REVIEW", "PUBLISHED", "RETIRED"]),
            ),
            models.CheckConstraint(
                name="version_measurement_known", condition=Q(measurement__in=["GMM", "PAA"])
            ),
            models.CheckConstraint(
                name="published_by_a_second_person",
                condition=Q(status__in=["DRAFT", "REVIEW"])
                | (
                    ~Q(checked_by="")
                    & ~Q(checked_by=F("made_by"))
                    & ~Q(makers__contains=[F("checked_by")])
                    & ~Q(period=None)
                ),
            ),
        ]
        triggers = [
            *guards.machine("status"),
            references.NeverDeleted(name="never_deleted"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} v{self.version}"


class RulesOfDrafts(pgtrigger.Trigger):
    """Refuse to add, change or remove rules of a version that is no longer a draft."""

    level = pgtrigger.Row
    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete

    def get_func(self, model: Any) -> str:
        """Return the trigger's body."""
        return """
            IF EXISTS (
                SELECT 1 FROM product_versions v
                WHERE v.id IN (OLD.version_id, NEW.version_id) AND v.status <> 'DRAFT'
            ) THEN
                RAISE EXCEPTION 'rules of a version in review or published are fixed: %',
                    coalesce(NEW.version_id, OLD.version_id) USING ERRCODE = 'restrict_violation';
            END IF;
            IF TG_OP <> 'DELETE' AND NOT EXISTS (
                SELECT 1 FROM product_versions v
                WHERE v.id = NEW.version_id AND v.product_code = NEW.product_code
            ) THEN
                RAISE EXCEPTION 'rule of another product than its version: %', NEW.product_code
                    USING ERRCODE = 'check_violation';
            END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            RETURN NEW;
        """


class ProductRule(Timestamped):
    """One rule of a version, as JSON that its type's schema accepts; fixed once published."""

    class Type(models.TextChoices):
        """What the rule decides."""

        AGE_LIMIT = "AGE_LIMIT", _("Entry age")
        PREMIUM_CALC = "PREMIUM_CALC", _("Premium")
        COVERAGE_LIMIT = "COVERAGE_LIMIT", _("Coverage limit")
        COMMISSION_RULE = "COMMISSION_RULE", _("Commission")
        RESERVE = "RESERVE", _("Reserve")
        UNDERWRITING = "UNDERWRITING", _("Underwriting")
        CLAWBACK = "CLAWBACK", _("Clawback")

    rule_id = models.BigAutoField(primary_key=True)
    product = models.ForeignKey(
        Product, models.PROTECT, related_name="rules", db_column="product_code"
    )
    version = models.ForeignKey(ProductVersion, models.PROTECT, related_name="rules")
    rule_type = models.CharField(max_length=20, choices=Type)
    rule_value = models.JSONField()

    class Meta:
        db_table = "product_rules"
        constraints = [
            models.UniqueConstraint("version", "rule_type", name="one_rule_of_a_type"),
            models.CheckConstraint(
                name="rule_type_known",
                condition=Q(
                    rule_type__in=[
                        "AGE_LIMIT",
                        "PREMIUM_CALC",
                        "COVERAGE_LIMIT",
                        "COMMISSION_RULE",
                        "RESERVE",
                        "UNDERWRITING",
                        "CLAWBACK",
                    ]
                ),
            ),
        ]
        triggers = [*guards.audited(), RulesOfDrafts(name="rules_fixed_after_draft")]

    def __str__(self) -> str:
        return f"{self.version} {self.rule_type}"


class Rating(models.Model):
    """How a version's rules price one combination of inputs; the sum assured scales it.

    A premium is ``trace.unit_premium × sum assured + trace.constant_premium``, rounded as the
    trace says, so that thousands of contracts share one row and each can be explained from it.
    """

    version = models.ForeignKey(ProductVersion, models.PROTECT, related_name="ratings")
    inputs = models.JSONField()
    inputs_hash = models.CharField(max_length=64, help_text="SHA-256 of the canonical inputs.")
    trace = models.JSONField(help_text="Steps from rule to premium, with versions.")
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "product_ratings"
        constraints = [
            models.UniqueConstraint("version", "inputs_hash", name="one_rating_per_inputs")
        ]
        triggers = [guards.AppendOnly(name="ratings_append_only")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.inputs_hash[:8]}"
