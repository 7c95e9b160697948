"""What the kernel itself tells people: nights that failed, messages that are parked."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from . import selectors
from .models import JobFailure
from .notices import tells


@tells(_("Items of the night not done"), url="operations", right="core.operate", tone="red")
def items_not_done(user: Any, today: date) -> int:
    """Count what the chain refused and nobody has retried."""
    return JobFailure.objects.filter(resolved_at=None).count()


@tells(
    _("Messages parked after failures"),
    url="parked",
    query="?state=PARKED",
    right="core.operate",
    tone="red",
)
def messages_parked(user: Any, today: date) -> int:
    """Count the outbox messages that are not tried any more."""
    return selectors.outbox().parked
