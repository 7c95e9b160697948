"""What the measurements were calculated from and what they found."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounting.models import guards as ledger_guards
from accounting.models.assumptions import AssumptionSet, YieldCurve
from accounting.models.groups import ContractGroup
from accounting.models.periods import FiscalPeriod
from core import guards
from core.models import Timestamped


class MeasurementInput(models.Model):
    """Everything that a run was calculated from, in one archive named by its content."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    data = models.BinaryField(help_text="accounting.rules.archive, compressed.")
    size = models.PositiveIntegerField(help_text="Bytes before compression.")

    class Meta:
        db_table = "measurement_inputs"
        triggers = [guards.AppendOnly(name="inputs_append_only")]

    def __str__(self) -> str:
        return self.sha256[:12]


class MeasurementRun(models.Model):
    """One measurement of all groups at a month end; re-running supersedes, never replaces.

    A run for the BOOKS supersedes the one before it; the close posts the last one. A WHATIF run
    answers a question and never reaches the ledger.
    """

    class Purpose(models.TextChoices):
        """What a run is for."""

        BOOKS = "BOOKS", _("For the books")
        WHATIF = "WHATIF", _("What if")

    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="runs", db_column="period"
    )
    number = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=6, choices=Purpose, default=Purpose.BOOKS)
    assumptions = models.JSONField(help_text="What went in, in short; the archive has all of it.")
    assumption_set = models.ForeignKey(
        AssumptionSet, models.PROTECT, related_name="runs", null=True
    )
    curve = models.ForeignKey(YieldCurve, models.PROTECT, related_name="runs", null=True)
    inputs = models.ForeignKey(MeasurementInput, models.PROTECT, related_name="runs", null=True)
    facts_hash = models.CharField(max_length=64, blank=True)
    engine = models.CharField(max_length=20, blank=True, help_text="Version of the calculation.")
    seconds = models.DecimalField(max_digits=9, decimal_places=3, default=0)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, related_name="superseded_by", null=True
    )
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())
    event_id = models.UUIDField(null=True, help_text="Of its posting; null: not posted.")

    class Meta:
        db_table = "measurement_runs"
        constraints = [
            models.UniqueConstraint("period", "number", name="run_numbered_once"),
            models.UniqueConstraint(
                fields=["period"],
                condition=Q(event_id__isnull=False),
                name="one_posted_run_a_month",
            ),
            models.CheckConstraint(
                name="run_purpose_known", condition=Q(purpose__in=["BOOKS", "WHATIF"])
            ),
            models.CheckConstraint(
                name="what_if_is_never_posted",
                condition=Q(purpose="BOOKS") | Q(event_id=None, supersedes=None),
            ),
        ]
        triggers = [guards.AppendOnly(name="runs_append_only")]

    def __str__(self) -> str:
        return f"{self.period_id} #{self.number}"

    @property
    def key(self) -> str:
        """Its key in addresses: ``2026-11-1``."""
        return f"{self.period_id}-{self.number}"

    @property
    def posted(self) -> bool:
        """Whether the close posted it."""
        return self.event_id is not None


class MeasurementFact(models.Model):
    """One figure of a run: group × estimate × amount type × basis × step × novelty.

    Opening plus steps equals closing: the database refuses facts that do not foot.
    """

    run = models.ForeignKey(MeasurementRun, models.PROTECT, related_name="facts")
    group = models.ForeignKey(
        ContractGroup, models.PROTECT, related_name="facts", db_column="group_code"
    )
    estimate = models.CharField(max_length=10, help_text="PVFCF, RA, CSM, LC, ACQ, LRC, LIC …")
    amount_type = models.CharField(
        max_length=12, blank=True, help_text="PREMIUM, CLAIMS, EXPENSES …; empty: all."
    )
    basis = models.CharField(max_length=1, default="C", help_text="Current, Locked in, Nominal.")
    step = models.CharField(max_length=20, help_text="OPENING, NEW, FINANCE, …, CLOSING.")
    novelty = models.CharField(max_length=1, default="C", help_text="In force, New, Combined.")
    amount = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        db_table = "measurement_facts"
        constraints = [
            models.UniqueConstraint(
                "run", "group", "estimate", "amount_type", "basis", "step", name="fact_once"
            ),
            models.CheckConstraint(name="fact_basis_known", condition=Q(basis__in=["C", "L", "N"])),
            models.CheckConstraint(
                name="fact_novelty_known", condition=Q(novelty__in=["I", "N", "C"])
            ),
        ]
        triggers = [
            guards.AppendOnly(name="facts_append_only"),
            ledger_guards.FactsFoot(name="facts_foot"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.estimate} {self.step}"


class MeasurementFlow(models.Model):
    """Expected cash flows of a group by month after the month end, one row a kind of flow."""

    run = models.ForeignKey(MeasurementRun, models.PROTECT, related_name="flows")
    group = models.ForeignKey(
        ContractGroup, models.PROTECT, related_name="flows", db_column="group_code"
    )
    amount_type = models.CharField(max_length=12, help_text="PREMIUM … RISK, UNITS.")
    amounts = ArrayField(
        models.DecimalField(max_digits=22, decimal_places=2), help_text="Month 1, 2 …, positive."
    )

    class Meta:
        db_table = "measurement_flows"
        constraints = [models.UniqueConstraint("run", "group", "amount_type", name="flow_once")]
        triggers = [guards.AppendOnly(name="flows_append_only")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.amount_type}"


class MeasurementOrder(Timestamped):
    """What a person asked to be measured, and what became of it; a worker carries it out."""

    class Status(models.TextChoices):
        """How far it is."""

        WAITING = "WAITING", pgettext_lazy("measurement", "Waits for a worker")
        DONE = "DONE", pgettext_lazy("measurement", "Done")
        REFUSED = "REFUSED", pgettext_lazy("measurement", "Refused")

    TRANSITIONS = {"WAITING": ("DONE", "REFUSED")}

    order_no = models.CharField(max_length=30, primary_key=True)
    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", db_column="period")
    purpose = models.CharField(max_length=6, choices=MeasurementRun.Purpose)
    assumption_set = models.ForeignKey(AssumptionSet, models.PROTECT, related_name="+", null=True)
    curve = models.ForeignKey(YieldCurve, models.PROTECT, related_name="+", null=True)
    note = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=7, choices=Status, default=Status.WAITING)
    run = models.OneToOneField(MeasurementRun, models.PROTECT, related_name="order", null=True)
    refusal = models.TextField(blank=True)
    asked_by = models.CharField(max_length=150)

    class Meta:
        db_table = "measurement_orders"
        constraints = [
            models.CheckConstraint(
                name="measurement_order_status_known",
                condition=Q(status__in=["WAITING", "DONE", "REFUSED"]),
            ),
            models.CheckConstraint(
                name="measurement_order_purpose_known", condition=Q(purpose__in=["BOOKS", "WHATIF"])
            ),
            models.CheckConstraint(
                name="measurement_order_done_has_a_run",
                condition=Q(status="DONE", run__isnull=False) | (~Q(status="DONE") & Q(run=None)),
            ),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return self.order_no
