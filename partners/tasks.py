"""What beat wakes for partners: bulks and webhooks."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from core.clock import business_date
from core.models import BusinessClock
from partners.services import bulks, webhooks


@shared_task
def send_webhooks(**_: Any) -> int:
    """Send the deliveries that are due."""
    return webhooks.send_due()


@shared_task
def work_bulks(**_: Any) -> int:
    """Work on bulks, one part at a time, until none waits."""
    if not BusinessClock.objects.exists():
        return 0
    done = 0
    while (worked := bulks.work_one(business_date=business_date())) is not None:
        done += worked
    return done
