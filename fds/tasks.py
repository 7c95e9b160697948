"""What fraud detection does every night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from claims import api as claims
from core.jobs import Step
from fds import selectors, services


def _touched(day: date) -> Sequence[str]:
    """Name the open claims that the facts of the day may concern."""
    return claims.touched(day, selectors.watched_providers(day))


def _rescore(day: date, keys: list[str]) -> None:
    services.rescore(keys, business_date=day)


RESCORE = Step(
    name="fds_rescore", label=_("Fraud scores with the day's facts"), select=_touched, run=_rescore
)
