"""Days for which the claimant answers: late interest does not run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest

from claims.models import ClockStop


@transaction.atomic
def stop_interest(reception_ids: Iterable[str], *, from_day: date, reason: str) -> None:
    """Stop the interest of late claims from a day on; a stop that runs already goes on."""
    running = set(
        ClockStop.objects.filter(claim_id__in=list(reception_ids), ends_on=None).values_list(
            "claim_id", flat=True
        )
    )
    ClockStop.objects.bulk_create(
        ClockStop(claim_id=number, starts_on=from_day, reason=reason[:200])
        for number in reception_ids
        if number not in running
    )


@transaction.atomic
def resume_interest(reception_ids: Iterable[str], *, on: date) -> None:
    """Let interest run again from ``on``."""
    ClockStop.objects.filter(claim_id__in=list(reception_ids), ends_on=None).update(
        ends_on=Greatest("starts_on", Value(on))
    )
