"""Groups of insurance contracts, assumptions, and what the measurements found."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounting.models import guards as ledger_guards
from accounting.models.periods import FiscalPeriod
from core import guards
from core.models import Timestamped


class ContractGroup(Timestamped):
    """A group of insurance contracts: portfolio × annual cohort (IFRS 17.14–24)."""

    group_code = models.CharField(max_length=30, primary_key=True, help_text="TERM-2026 …")
    line = models.CharField(max_length=10)
    cohort_year = models.PositiveSmallIntegerField()
    measurement = models.CharField(max_length=3, help_text="GMM or PAA.")

    class Meta:
        db_table = "contract_groups"
        constraints = [
            models.UniqueConstraint("line", "cohort_year", name="group_once"),
            models.CheckConstraint(
                name="group_measurement_known", condition=Q(measurement__in=["GMM", "PAA"])
            ),
        ]
        triggers = [
            *guards.audited(),
            ledger_guards.Kept(name="groups_are_kept"),
            ledger_guards.Fixed(
                name="groups_are_fixed",
                columns=("group_code", "line", "cohort_year", "measurement"),
            ),
        ]

    def __str__(self) -> str:
        return self.group_code


class MeasurementRun(models.Model):
    """One measurement of all groups at a month end; re-running supersedes, never replaces."""

    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="runs", db_column="period"
    )
    number = models.PositiveSmallIntegerField()
    assumptions = models.JSONField(help_text="Everything that went in.")
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())
    event_id = models.UUIDField()

    class Meta:
        db_table = "measurement_runs"
        constraints = [models.UniqueConstraint("period", "number", name="run_numbered_once")]
        triggers = [guards.AppendOnly(name="runs_append_only")]

    def __str__(self) -> str:
        return f"{self.period_id} #{self.number}"


class MeasurementFact(models.Model):
    """One figure of a run: group × component × step; opening plus steps equals closing."""

    run = models.ForeignKey(MeasurementRun, models.PROTECT, related_name="facts")
    group = models.ForeignKey(
        ContractGroup, models.PROTECT, related_name="facts", db_column="group_code"
    )
    component = models.CharField(max_length=10, help_text="PVFCF, CSM, LC, ACQ, LRC, LIC.")
    step = models.CharField(max_length=20, help_text="OPENING, NEW, FINANCE, …, CLOSING.")
    amount = models.DecimalField(max_digits=20, decimal_places=2)

    class Meta:
        db_table = "measurement_facts"
        constraints = [
            models.UniqueConstraint("run", "group", "component", "step", name="fact_once")
        ]
        triggers = [guards.AppendOnly(name="facts_append_only")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.component} {self.step}"
