"""What partners are told: addresses, deliveries and every attempt."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards
from core.models import Timestamped

from .accounts import Partner


class Webhook(Timestamped):
    """Where a partner wants to be told; one address each."""

    partner = models.OneToOneField(
        Partner, models.PROTECT, related_name="webhook", db_column="partner"
    )
    url = models.URLField(max_length=500)
    events = ArrayField(models.CharField(max_length=40), help_text="Kinds; empty: all.")
    active = models.BooleanField(default=True)
    salt = models.BinaryField(help_text="Of the derivation of the secret.")
    earlier_salt = models.BinaryField(null=True)
    earlier_until = models.DateTimeField(null=True, help_text="Both secrets sign until then.")

    class Meta:
        db_table = "partner_webhooks"
        triggers = guards.audited(exclude=("salt", "earlier_salt"))

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One thing to tell, written in the transaction that made it true, until it was taken."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "WAITING", _("Waits to be sent")
        DELIVERED = "DELIVERED", _("Taken by the partner")
        PARKED = "PARKED", _("Given up after all attempts")

    TONES = {"WAITING": "blue", "DELIVERED": "green", "PARKED": "red"}

    event_id = models.UUIDField(unique=True)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="+", db_column="partner")
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=60, help_text="Business key that it is about.")
    body = models.TextField(help_text="The JSON as it is signed.")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "partner_deliveries"
        constraints = [
            models.CheckConstraint(
                name="delivery_state_known",
                condition=Q(state__in=["WAITING", "DELIVERED", "PARKED"]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state="WAITING"), name="deliveries_waiting"
            ),
            models.Index(fields=["partner", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class DeliveryAttempt(models.Model):
    """One attempt at a delivery."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="tries")
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status; null: no answer.")
    error = models.CharField(max_length=200, blank=True)
    milliseconds = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "partner_delivery_attempts"
        triggers = [guards.AppendOnly(name="attempts_append_only")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.status}"
