"""Stays in hospital: hopping from one to another, overlaps, lengths against peers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MINOR = ("M54", "M51", "S13", "S33", "S16", "S39", "M79", "R51")


@dataclass(frozen=True, slots=True)
class Stay:
    """One admission.

    Args:
        provider: hash of the hospital.
        admitted: first day.
        discharged: last day, included.
        kcd: diagnosis code.
    """

    provider: str
    admitted: date
    discharged: date
    kcd: str

    @property
    def days(self) -> int:
        """Days in hospital, both ends included."""
        return (self.discharged - self.admitted).days + 1


def minor(stays: Sequence[Stay], day: date) -> list[Stay]:
    """Return the stays for minor diagnoses in the 365 days that end on ``day``."""
    first = day - timedelta(days=365)
    return [s for s in stays if s.kcd[:3] in MINOR and first < s.admitted <= day]


def overlaps(own: Stay | None, others: Sequence[Stay]) -> int:
    """Count stays at other hospitals that share more than the day of a transfer with ``own``."""
    if own is None:
        return 0
    return sum(
        other.provider != own.provider
        and other.admitted < own.discharged
        and own.admitted < other.discharged
        for other in others
    )
