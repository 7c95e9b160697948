"""Events, outbox and inbox."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import guards


class EventRecord(models.Model):
    """An event that was published: header always, payload where it is small or awaited."""

    event_id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=80)
    rows = models.PositiveIntegerField()
    business_date = models.DateField()
    actor = models.CharField(max_length=150)
    cause = models.CharField(max_length=200, blank=True)
    payload = models.JSONField(null=True)
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "core_events"
        indexes = [models.Index(fields=["name", "business_date"])]
        triggers = [guards.AppendOnly(name="events_append_only")]

    def __str__(self) -> str:
        return f"{self.name} {self.event_id}"


class OutboxMessage(models.Model):
    """One deferred handler's copy of an event, until it is done."""

    class State(models.TextChoices):
        """Where a message stands."""

        WAITING = "WAITING", _("waiting")
        SENT = "SENT", _("sent to a worker")
        DONE = "DONE", _("done")
        PARKED = "PARKED", _("parked")

    event_id = models.UUIDField()
    name = models.CharField(max_length=80)
    handler = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "core_outbox"
        constraints = [
            models.UniqueConstraint("event_id", "handler", name="outbox_once_per_handler"),
            models.CheckConstraint(
                name="outbox_state_known",
                condition=Q(state__in=["WAITING", "SENT", "DONE", "PARKED"]),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_at"], condition=~Q(state="DONE"), name="outbox_open")
        ]

    def __str__(self) -> str:
        return f"{self.name} → {self.handler}"


class HandledEvent(models.Model):
    """The inbox: this handler has run for this event."""

    event_id = models.UUIDField()
    handler = models.CharField(max_length=200)
    handled_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "core_inbox"
        constraints = [models.UniqueConstraint("event_id", "handler", name="inbox_once")]

    def __str__(self) -> str:
        return f"{self.handler} {self.event_id}"
