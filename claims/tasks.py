"""What claims does every night."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _

from claims import services
from core.jobs import Step


def _waiting(_day: date) -> Sequence[str]:
    return services.decided_by_rule()


def _settle(day: date, keys: list[str]) -> None:
    services.settle_straight(keys, business_date=day)


STRAIGHT = Step(
    name="claims_by_rule",
    label=_("Small claims decided by the product's rule"),
    select=_waiting,
    run=_settle,
)
