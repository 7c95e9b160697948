"""How near silence is to accepting applications that nobody answers (상법 §638의2②)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from contracts import rules
from contracts.models import Underwriting


@dataclass(frozen=True, slots=True)
class Silence:
    """Referrals that silence accepts within the warning period, passed on, and accepted lately."""

    warned: int
    escalated: int
    accepted: int


def silence(today: date) -> Silence:
    """Count referrals that silence will soon accept, and what it accepted in thirty days."""
    waiting = Underwriting.objects.filter(status=Underwriting.Status.REFERRED)
    accepted = Underwriting.objects.filter(
        decided_by=Underwriting.BY_LAW, due_on__gte=today - timedelta(days=rules.ACCEPTANCE_DAYS)
    )
    soon = today + timedelta(days=rules.WARNING_DAYS)
    return Silence(
        warned=waiting.filter(due_on__lte=soon).count(),
        escalated=waiting.exclude(escalated_on=None).count(),
        accepted=accepted.count(),
    )
