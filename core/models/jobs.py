"""The nightly chain: what ran for which business date, in which chunks, with what failures."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards


class JobRun(models.Model):
    """One step of the chain for one business date."""

    class State(models.TextChoices):
        """Where a step stands."""

        PLANNED = "PLANNED", _("planned")
        RUNNING = "RUNNING", _("running")
        DONE = "DONE", _("done")
        FAILED = "FAILED", _("failed")

    job = models.CharField(max_length=60)
    business_date = models.DateField()
    position = models.PositiveSmallIntegerField(help_text="Place in the chain.")
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    items = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "core_job_runs"
        constraints = [
            models.UniqueConstraint("job", "business_date", name="job_once_per_business_date"),
            models.CheckConstraint(
                name="job_state_known",
                condition=Q(state__in=["PLANNED", "RUNNING", "DONE", "FAILED"]),
            ),
        ]
        indexes = [models.Index(fields=["-business_date", "position"])]

    def __str__(self) -> str:
        return f"{self.job} {self.business_date}"


class NightOrder(models.Model):
    """Nights that somebody asked for, where the clock does not follow the calendar."""

    since = models.DateField(help_text="The business date at the time of the order.")
    until = models.DateField(help_text="The last business date whose night runs.")
    ordered_by = models.CharField(max_length=150)
    ordered_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "core_night_orders"
        constraints = [
            models.CheckConstraint(
                name="night_order_ends_after_its_start", condition=Q(until__gte=F("since"))
            )
        ]
        triggers = [guards.AppendOnly(name="night_orders_append_only")]

    def __str__(self) -> str:
        return f"{self.since} – {self.until}"


class JobChunk(models.Model):
    """A part of a step: keys that one worker does in one transaction, under a lease."""

    run = models.ForeignKey(JobRun, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    keys = ArrayField(models.TextField())
    state = models.CharField(max_length=8, choices=JobRun.State, default=JobRun.State.PLANNED)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True, help_text="Host and process, at last.")
    lease_until = models.DateTimeField(null=True)
    done_items = models.PositiveIntegerField(default=0)
    seconds = models.DecimalField(max_digits=10, decimal_places=3, default=0)
    error = models.TextField(blank=True)

    class Meta:
        db_table = "core_job_chunks"
        constraints = [
            models.UniqueConstraint("run", "number", name="job_chunk_numbered_once"),
            models.CheckConstraint(
                name="job_chunk_state_known",
                condition=Q(state__in=["PLANNED", "RUNNING", "DONE", "FAILED"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} #{self.number}"


class JobFailure(models.Model):
    """One item that a step could not do, with the reason, until someone retries it."""

    run = models.ForeignKey(JobRun, models.CASCADE, related_name="failures")
    key = models.TextField()
    reason = models.TextField()
    failed_at = models.DateTimeField(db_default=Now())
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "core_job_failures"
        constraints = [models.UniqueConstraint("run", "key", name="job_failure_once_per_item")]

    def __str__(self) -> str:
        return f"{self.run}: {self.key}"
