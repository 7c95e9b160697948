"""Treaties as data."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DecimalRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

_TERMS = (
    "treaty_name",
    "kind",
    "reinsurer_name",
    "line",
    "position",
    "cession_percent",
    "commission_percent",
    "retention",
    "layer_limit",
    "aggregate_limit",
    "premium_percent",
    "contract_number",
    "inures",
    "net_premium_base",
    "surplus_lines",
    "scale",
    "profit_percent",
    "profit_expense_percent",
    "reinstatements",
    "reinstatement_time",
    "layer_premium",
    "hours",
    "panel",
    "deposit_premium",
    "deposit_instalments",
    "minimum_premium",
    "follows",
    "deficit_years",
    "made_by",
)


class PanelIsWhole(pgtrigger.Trigger):
    """Refuse signed lines that are not 100 % together, or that leave the leader out."""

    when = pgtrigger.Before
    operation = pgtrigger.Insert | pgtrigger.Update
    condition = pgtrigger.Condition("NEW.panel <> '[]'::jsonb")

    def get_func(self, model: object) -> str:
        """Return the trigger's body."""
        return """
            IF EXISTS (
                SELECT 1 FROM jsonb_array_elements(NEW.panel) s
                HAVING sum((s.value ->> 1)::numeric) <> 100 OR min((s.value ->> 1)::numeric) <= 0
                    OR count(DISTINCT s.value ->> 0) <> count(*)
                    OR NOT bool_or(s.value ->> 0 = NEW.reinsurer_name)
            ) THEN
                RAISE EXCEPTION 'the signed lines of treaty % are not 100 %%', NEW.treaty_code
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'treaty_panel_is_whole';
            END IF;
            RETURN NEW;
        """


class TermsStand(pgtrigger.Trigger):
    """Refuse a change of a treaty's terms once it is signed; only its end may come nearer."""

    when = pgtrigger.Before
    operation = pgtrigger.Update
    condition = pgtrigger.Q(old__status__in=["SIGNED", "ENDED"])

    def get_func(self, model: object) -> str:
        """Return the trigger's body."""
        changed = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _TERMS)
        return f"""
            IF {changed} OR NOT NEW.period <@ OLD.period
                OR lower(NEW.period) IS DISTINCT FROM lower(OLD.period) THEN
                RAISE EXCEPTION 'treaty % is signed: its terms stand', OLD.treaty_code
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        """


class Treaty(Timestamped):
    """A reinsurance treaty as data: which lines, when, and what is ceded."""

    class Kind(models.TextChoices):
        """How losses are shared."""

        FACULTATIVE = "FACULTATIVE", _("Facultative cession")
        SURPLUS = "SURPLUS", _("Surplus")
        QUOTA_SHARE = "QUOTA_SHARE", _("Quota share")
        EXCESS = "EXCESS", _("Per-risk excess of loss")
        CATASTROPHE = "CATASTROPHE", _("Catastrophe excess of loss")
        STOP_LOSS = "STOP_LOSS", _("Stop loss")

    class Status(models.TextChoices):
        """Maker and checker."""

        DRAFT = "DRAFT", _("Draft")
        SIGNED = "SIGNED", _("Signed")
        ENDED = "ENDED", _("Ended")

    TRANSITIONS = {"DRAFT": ("SIGNED",), "SIGNED": ("ENDED",)}
    TONES = {"DRAFT": "amber", "SIGNED": "green", "ENDED": "grey"}

    treaty_code = models.CharField(max_length=20, primary_key=True)
    treaty_name = models.CharField(max_length=100)
    kind = models.CharField(max_length=11, choices=Kind)
    reinsurer_name = models.CharField(max_length=50)
    line = models.CharField(max_length=10, help_text="Portfolio covered.")
    period = DateRangeField(help_text="Loss dates covered, [start, end).")
    position = models.PositiveSmallIntegerField(help_text="Order in the programme, 1 first.")
    cession_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    commission_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    retention = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    layer_limit = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    aggregate_limit = models.DecimalField(
        max_digits=18,
        decimal_places=2,
        default=0,
        help_text="Most that it pays for the whole period, won; 0: no limit.",
    )
    premium_percent = models.DecimalField(
        max_digits=7,
        decimal_places=4,
        default=0,
        help_text="Layers: percent of the line's premium.",
    )
    contract_number = models.CharField(
        max_length=30, blank=True, help_text="Facultative: the one contract that it covers."
    )
    inures = models.BooleanField(
        default=True, help_text="Later kinds see the loss without what this treaty pays."
    )
    net_premium_base = models.BooleanField(
        default=False, help_text="Premium is taken of what the treaties before it leave."
    )
    surplus_lines = models.DecimalField(
        max_digits=6, decimal_places=2, default=0, help_text="Surplus: limit ÷ retained line."
    )
    scale = models.JSONField(
        default=list, help_text="Sliding scale: [loss ratio %, commission %] ascending."
    )
    profit_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    profit_expense_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    reinstatements = models.JSONField(
        default=list, help_text="Percent of the layer's premium for each, in order."
    )
    reinstatement_time = models.BooleanField(default=False, help_text="Pro rata as to time too.")
    layer_premium = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Reinstatements are priced on it."
    )
    hours = models.PositiveSmallIntegerField(default=0, help_text="Catastrophe: hours clause.")
    panel = models.JSONField(
        default=list,
        blank=True,
        help_text="Signed lines [reinsurer, percent], 100 together; empty: one signed all.",
    )
    deposit_premium = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Of the period, won; 0: none."
    )
    deposit_instalments = models.PositiveSmallIntegerField(default=0)
    minimum_premium = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Of the period at least, won."
    )
    follows = models.CharField(
        max_length=20, blank=True, help_text="The treaty that this one renews."
    )
    deficit_years = models.PositiveSmallIntegerField(
        default=0, help_text="Over how many treaties before a deficit is carried forward."
    )
    status = models.CharField(max_length=6, choices=Status, default=Status.DRAFT)
    made_by = models.CharField(max_length=150)
    checked_by = models.CharField(max_length=150, blank=True)

    class Meta:
        db_table = "reinsurance_treaties"
        constraints = [
            models.CheckConstraint(
                name="treaty_kind_known",
                condition=Q(
                    kind__in=[
                        "FACULTATIVE",
                        "SURPLUS",
                        "QUOTA_SHARE",
                        "EXCESS",
                        "CATASTROPHE",
                        "STOP_LOSS",
                    ]
                ),
            ),
            models.CheckConstraint(
                name="treaty_status_known", condition=Q(status__in=["DRAFT", "SIGNED", "ENDED"])
            ),
            models.CheckConstraint(
                name="treaty_terms_fit_its_kind",
                condition=Q(
                    kind="QUOTA_SHARE",
                    cession_percent__gt=0,
                    cession_percent__lte=100,
                    layer_limit=0,
                    contract_number="",
                )
                | Q(
                    Q(kind="FACULTATIVE", cession_percent__gt=0, cession_percent__lte=100),
                    ~Q(contract_number=""),
                    layer_limit=0,
                )
                | Q(
                    kind__in=["SURPLUS", "EXCESS", "CATASTROPHE", "STOP_LOSS"],
                    cession_percent=0,
                    retention__gt=0,
                    layer_limit__gt=0,
                    contract_number="",
                ),
            ),
            models.CheckConstraint(
                name="treaty_signed_by_a_second_person",
                condition=Q(status="DRAFT") | (~Q(checked_by="") & ~Q(checked_by=F("made_by"))),
            ),
            models.CheckConstraint(
                name="treaty_percents_possible",
                condition=Q(
                    commission_percent__gte=0,
                    commission_percent__lte=100,
                    premium_percent__gte=0,
                    premium_percent__lte=100,
                    aggregate_limit__gte=0,
                    profit_percent__gte=0,
                    profit_percent__lte=100,
                    profit_expense_percent__gte=0,
                    profit_expense_percent__lte=100,
                    layer_premium__gte=0,
                    surplus_lines__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="treaty_deposit_has_instalments",
                condition=Q(deposit_premium=0, deposit_instalments=0, minimum_premium=0)
                | Q(
                    deposit_premium__gt=0,
                    deposit_instalments__gte=1,
                    deposit_instalments__lte=12,
                    minimum_premium__gte=0,
                    kind__in=["EXCESS", "CATASTROPHE", "STOP_LOSS"],
                ),
            ),
            ExclusionConstraint(
                name="layers_of_a_line_do_not_overlap",
                condition=Q(kind__in=["SURPLUS", "EXCESS", "CATASTROPHE", "STOP_LOSS"])
                & ~Q(status="DRAFT"),
                expressions=[
                    ("line", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                    (
                        Func(
                            F("retention"),
                            F("retention") + F("layer_limit"),
                            function="numrange",
                            output_field=DecimalRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        triggers = [
            *guards.machine("status"),
            TermsStand(name="treaty_terms_stand"),
            PanelIsWhole(name="treaty_panel_is_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.treaty_code} {self.treaty_name}"

    @property
    def signed_lines(self) -> list[tuple[str, int]]:
        """Who signed which line, hundredths of a percent, 10,000 together; the leader first."""
        lines = [(name, int(Decimal(percent) * 100)) for name, percent in self.panel]
        lines.sort(key=lambda line: line[0] != self.reinsurer_name)
        return lines or [(self.reinsurer_name, 10_000)]

    @property
    def last_day(self) -> date:
        """The last loss date covered."""
        return self.period.upper - timedelta(days=1)
