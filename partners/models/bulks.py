"""Bulk binds: what came, and what became of each part."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards

from .accounts import Partner


class Bulk(models.Model):
    """A file of proposals, worked part by part in the order of its lines."""

    class Status(models.TextChoices):
        """From reception to the end."""

        RECEIVED = "RECEIVED", _("In the queue")
        WORKING = "WORKING", _("Being worked")
        DONE = "DONE", _("Finished")
        FAILED = "FAILED", _("Stopped by a fault")

    class Form(models.TextChoices):
        """How the lines are written."""

        NDJSON = "ndjson", "NDJSON"
        CSV = "csv", "CSV"

    TRANSITIONS = {
        "RECEIVED": ("WORKING", "DONE", "FAILED"),
        "WORKING": ("DONE", "FAILED"),
        "FAILED": ("WORKING",),
    }
    TONES = {"RECEIVED": "blue", "WORKING": "amber", "DONE": "green", "FAILED": "red"}

    bulk_id = models.CharField(max_length=30, primary_key=True)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", db_column="partner")
    key_id = models.CharField(max_length=40)
    form = models.CharField(max_length=6, choices=Form)
    language = models.CharField(max_length=5, default="ko")
    stored_as = models.CharField(max_length=120)
    header = models.TextField(blank=True, help_text="First line of a CSV.")
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    lines = models.PositiveIntegerField()
    offsets = ArrayField(models.BigIntegerField(), help_text="First byte of each part.")
    status = models.CharField(max_length=8, choices=Status, default=Status.RECEIVED)
    parts_done = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    premium = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    received_at = models.DateTimeField(db_default=Now())
    promised_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "partner_bulks"
        constraints = [
            models.CheckConstraint(
                name="bulk_status_known",
                condition=Q(status__in=["RECEIVED", "WORKING", "DONE", "FAILED"]),
            ),
            models.CheckConstraint(name="bulk_form_known", condition=Q(form__in=["ndjson", "csv"])),
            models.CheckConstraint(
                name="finished_bulk_reconciles",
                condition=~Q(status="DONE") | Q(lines=F("accepted") + F("refused")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=Q(status__in=["RECEIVED", "WORKING"]),
                name="bulks_open",
            ),
            models.Index(fields=["partner", "-received_at"]),
        ]
        triggers = [
            guards.StatusMoves(name="bulk_status_moves", field="status"),
            guards.Fixed(
                name="bulk_is_as_received",
                fields=("partner", "stored_as", "sha256", "lines", "offsets", "form"),
            ),
        ]

    def __str__(self) -> str:
        return self.bulk_id


class BulkChunk(models.Model):
    """A part that is done, written in the transaction that issued its contracts."""

    bulk = models.ForeignKey(
        Bulk, models.PROTECT, related_name="chunks", db_column="bulk_id", db_index=False
    )
    number = models.PositiveIntegerField()
    first_line = models.PositiveIntegerField()
    lines = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    premium = models.DecimalField(max_digits=18, decimal_places=2)
    reasons = models.JSONField(help_text="Refusals by code.")
    results = models.BinaryField(help_text="The answer to each line, NDJSON, zlib.")
    cause = models.CharField(max_length=200, help_text="By which its events are found.")
    seconds = models.DecimalField(max_digits=9, decimal_places=3)
    done_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "partner_bulk_chunks"
        constraints = [
            models.UniqueConstraint("bulk", "number", name="bulk_chunk_done_once"),
            models.CheckConstraint(
                name="bulk_chunk_reconciles", condition=Q(lines=F("accepted") + F("refused"))
            ),
        ]
        triggers = [guards.AppendOnly(name="bulk_chunks_append_only")]

    def __str__(self) -> str:
        return f"{self.bulk_id} {self.number}"
