"""What beat wakes: relay, sweeper, nightly chain. Arguments are ids, never personal data."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.db import connection

from . import jobs, nights, outbox


@shared_task
def relay(**_: Any) -> int:
    """Send due outbox messages to workers."""
    due = outbox.claim_due()
    for message_id in due:
        deliver.delay(message_id=message_id)
    return len(due)


@shared_task
def deliver(*, message_id: int, **_: Any) -> bool:
    """Run one outbox message."""
    return outbox.deliver(message_id)


@shared_task
def sweep(**_: Any) -> int:
    """Send again what was sent but never finished."""
    return outbox.sweep()


@shared_task
def help_chain(**_: Any) -> int:
    """Lend a hand in the step of the nightly chain that is being run."""
    return jobs.lend_a_hand()


@shared_task
def wake_chain(**_: Any) -> int:
    """Bring the nightly chain up to the target date; at most one catch-up runs at a time."""
    target = nights.target()
    if target is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('nightly chain'))")
        if not cursor.fetchone()[0]:
            return 0
        try:
            return jobs.catch_up(target)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('nightly chain'))")
