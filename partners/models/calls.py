"""What partners asked: every call, every answer that must not change, every nonce."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from core import guards

from .accounts import Partner


class Call(models.Model):
    """One call of the API, for the dashboard and the access log; never its content."""

    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", db_column="partner")
    key_id = models.CharField(max_length=40)
    request_id = models.CharField(max_length=32)
    operation = models.CharField(max_length=120)
    status = models.PositiveSmallIntegerField()
    problem = models.CharField(max_length=40, blank=True)
    milliseconds = models.PositiveIntegerField()
    address = models.GenericIPAddressField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "partner_calls"
        indexes = [
            models.Index(fields=["partner", "-at"]),
            BrinIndex(fields=["at"], name="calls_at_brin", autosummarize=True),
        ]
        triggers = [guards.AppendOnly(name="calls_append_only")]

    def __str__(self) -> str:
        return f"{self.operation} {self.status}"


class Answered(models.Model):
    """The answer under an idempotency key: the same content gets it again, another is refused."""

    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="+", db_column="partner", db_index=False
    )
    key = models.CharField(max_length=64)
    operation = models.CharField(max_length=120)
    content_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(default=dict)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "partner_answers"
        constraints = [models.UniqueConstraint("partner", "key", name="partner_answers_once")]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.key}"


class UsedNonce(models.Model):
    """Nonces that were used while Redis did not answer."""

    key_id = models.CharField(max_length=40)
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "partner_nonces"
        constraints = [models.UniqueConstraint("key_id", "nonce", name="nonce_used_once")]

    def __str__(self) -> str:
        return self.nonce
