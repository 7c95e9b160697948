"""Partners and their keys."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

SCOPES = {
    "catalogue": _("Products and quotes"),
    "contracts": _("Bind and cancel contracts"),
    "bulk": _("Bind in bulk"),
    "claims": _("Report claims"),
    "webhooks": _("Set up webhooks"),
}


class Mode(models.TextChoices):
    """Which books a key opens."""

    LIVE = "live", _("Live")
    SANDBOX = "sandbox", _("Sandbox")


MODES = Mode


class Partner(Timestamped):
    """A company that sells through the API (제휴사); its contracts are those of its agency."""

    class Status(models.TextChoices):
        """Whether the door is open to it."""

        ACTIVE = "ACTIVE", _("Connected")
        SUSPENDED = "SUSPENDED", _("Access suspended")
        CLOSED = "CLOSED", _("Partnership ended")

    TRANSITIONS = {
        "ACTIVE": ("SUSPENDED", "CLOSED"),
        "SUSPENDED": ("ACTIVE", "CLOSED"),
    }
    TONES = {"ACTIVE": "green", "SUSPENDED": "amber", "CLOSED": "grey"}

    code = models.CharField(max_length=20, primary_key=True)
    name = models.CharField(max_length=80)
    contact_email = models.EmailField(blank=True)
    agent = models.OneToOneField(
        "sales.Agent", models.PROTECT, related_name="+", db_column="agent_id"
    )
    status = models.CharField(max_length=9, choices=Status, default=Status.ACTIVE)
    products = ArrayField(
        models.CharField(max_length=20), default=list, help_text="May sell these; empty: all."
    )
    requests_per_minute = models.PositiveIntegerField(default=600)
    lines_per_day = models.PositiveIntegerField(default=2_000_000)
    first_contract_at = models.DateTimeField(null=True)
    conformed_at = models.DateTimeField(null=True, help_text="Passed the conformance check.")

    class Meta:
        db_table = "partners"
        constraints = [
            models.CheckConstraint(
                name="partner_status_known",
                condition=Q(status__in=["ACTIVE", "SUSPENDED", "CLOSED"]),
            ),
            models.CheckConstraint(
                name="partner_quota_positive",
                condition=Q(requests_per_minute__gt=0, lines_per_day__gt=0),
            ),
            models.CheckConstraint(
                name="partner_code_is_plain", condition=Q(code__regex=r"^[A-Z0-9]{3,20}$")
            ),
        ]
        triggers = guards.machine("status")

    def __str__(self) -> str:
        return self.name


class PartnerKey(models.Model):
    """A key: its secret is derived, not stored; only a hash of it stands here."""

    key_id = models.CharField(max_length=40, primary_key=True)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="keys", db_column="partner")
    mode = models.CharField(max_length=7, choices=Mode)
    label = models.CharField(max_length=80, blank=True)
    salt = models.BinaryField(help_text="Of the derivation of the secret.")
    secret_hash = models.CharField(max_length=64, help_text="SHA-256, to find a leaked secret.")
    scopes = ArrayField(models.CharField(max_length=12))
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "partner_keys"
        constraints = [
            models.CheckConstraint(
                name="key_mode_known", condition=Q(mode__in=["live", "sandbox"])
            ),
            models.CheckConstraint(
                name="key_expires_after_it_is_made",
                condition=Q(expires_at=None) | Q(expires_at__gt=F("made_at")),
            ),
        ]
        triggers = [
            *guards.audited(exclude=("salt", "secret_hash", "last_used_at")),
            guards.Fixed(
                name="key_is_as_made",
                fields=("partner", "mode", "salt", "secret_hash", "scopes", "made_at"),
            ),
        ]

    def __str__(self) -> str:
        return self.key_id
