"""What fraud detection does every night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from claims import api as claims
from core.jobs import Step
from fds import selectors, services

SUNDAY = 6


def _touched(day: date) -> Sequence[str]:
    """Name the open claims that the facts of the day may concern."""
    return claims.touched(day, selectors.watched_providers(day))


def _rescore(day: date, keys: list[str]) -> None:
    services.rescore(keys, business_date=day)


RESCORE = Step(
    name="fds_rescore", label=_("Fraud scores with the day's facts"), select=_touched, run=_rescore
)


def _readings(day: date) -> Sequence[str]:
    """Name what is read of the network: the components, and at a quarter's end the ranks."""
    due = ["components"]
    return [*due, "ranks"] if (day + timedelta(days=1)).day == 1 and day.month % 3 == 0 else due


def _read(day: date, keys: list[str]) -> None:
    for key in keys:
        {"components": services.link_claims, "ranks": services.rank_parties}[key](day)


NETWORK = Step(
    name="fds_network",
    label=_("Network of claims and parties"),
    select=_readings,
    run=_read,
    chunk=1,
)


def _draw(day: date, keys: list[str]) -> None:
    services.draw_audit(day)


AUDIT = Step(
    name="fds_audit",
    label=_("Random audit of unflagged claims"),
    select=lambda day: ["draw"],
    run=_draw,
)


def _check(day: date, keys: list[str]) -> None:
    for key in keys:
        services.check_model(model_id=int(key), on=day)


MONITOR = Step(
    name="fds_monitor",
    label=_("Weekly check of the fraud models"),
    select=lambda day: services.watched_models(),
    run=_check,
    due=lambda day: day.weekday() == SUNDAY,
    chunk=1,
)
