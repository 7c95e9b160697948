"""Inbox, relay and sweeper: what ``events.publish`` left for later runs once, and is never lost.

The inbox row, written in the handler's own transaction, says what is done; the broker only wakes.
Redis may be emptied at any moment without loss.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from .events import decode, later_handler
from .models import EventRecord, HandledEvent, OutboxMessage

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 8
RESEND_AFTER = timedelta(minutes=2)
State = OutboxMessage.State


@transaction.atomic
def claim_due(limit: int = 200) -> list[int]:
    """Mark due messages as sent and return their ids; concurrent relays take disjoint ones."""
    now = timezone.now()
    due = list(
        OutboxMessage.objects.select_for_update(skip_locked=True)
        .filter(state=State.WAITING, due_at__lte=now)
        .order_by("id")
        .values_list("id", flat=True)[:limit]
    )
    OutboxMessage.objects.filter(id__in=due).update(state=State.SENT, sent_at=now)
    return due


def sweep() -> int:
    """Put messages that were sent but never finished back to waiting; return how many."""
    return OutboxMessage.objects.filter(
        state=State.SENT, sent_at__lt=timezone.now() - RESEND_AFTER
    ).update(state=State.WAITING)


def deliver(message_id: int) -> bool:
    """Run one message's handler with its inbox row in one transaction.

    Returns:
        False if another worker holds it, it is done or parked, or it failed (it is then retried
        with growing pauses, and parked after ``MAX_ATTEMPTS``).
    """
    try:
        return _handle(message_id)
    except Exception as error:
        log.exception("outbox message %s failed", message_id)
        _failed(message_id, error)
        return False


@transaction.atomic
def _handle(message_id: int) -> bool:
    message = (
        OutboxMessage.objects.select_for_update(skip_locked=True)
        .filter(id=message_id, state__in=[State.SENT, State.WAITING])
        .first()
    )
    if message is None:
        return False
    _, first = HandledEvent.objects.get_or_create(
        event_id=message.event_id, handler=message.handler
    )
    if first:
        record = EventRecord.objects.get(event_id=message.event_id)
        later_handler(message.name, message.handler)(
            decode(message.name, cast("Mapping[str, Any]", record.payload))
        )
    OutboxMessage.objects.filter(id=message_id).update(state=State.DONE, last_error="")
    return first


def _failed(message_id: int, error: Exception) -> None:
    text = f"{type(error).__name__}: {error}"[:2000]
    OutboxMessage.objects.filter(id=message_id).update(attempts=F("attempts") + 1, last_error=text)
    message = OutboxMessage.objects.get(id=message_id)
    parked = message.attempts >= MAX_ATTEMPTS
    OutboxMessage.objects.filter(id=message_id).exclude(state=State.DONE).update(
        state=State.PARKED if parked else State.WAITING,
        due_at=timezone.now() + timedelta(seconds=2 ** min(message.attempts, 10)),
    )


def retry(message_id: int) -> None:
    """Send a parked message again, its attempts counted afresh."""
    OutboxMessage.objects.filter(id=message_id, state=State.PARKED).update(
        state=State.WAITING, attempts=0, due_at=timezone.now()
    )


def drain(limit: int = 10_000) -> int:
    """Deliver everything that waits, here and now; for tests, the simulation and operators."""
    done = 0
    for _ in range(limit):
        due = claim_due()
        if not due:
            return done
        done += sum(deliver(message_id) for message_id in due)
    return done
