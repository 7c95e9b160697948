"""The nightly steps of stage 3, in the order in which the chain runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from contracts import services
from contracts.selectors import nightly
from core.clock import is_business_day, month_end
from core.jobs import Step


def _by_day(service: Callable[..., Any], name: str) -> Callable[[date, list[str]], None]:
    """Make a service of many keys into the run of a step."""

    def run(day: date, keys: Iterable[str]) -> None:
        service(keys, **{name: day})

    return run


WARNING = Step(
    name="acceptance_warning",
    label=_("Warnings before silence accepts"),
    select=nightly.soon_accepted,
    run=_by_day(services.warn_of_silence, "business_date"),
)
ACCEPTANCE = Step(
    name="acceptance",
    label=_("Applications accepted by silence"),
    select=nightly.unanswered,
    run=_by_day(services.accept_silently, "business_date"),
)
BILLING = Step(
    name="billing",
    label=_("Premium billing"),
    select=nightly.to_bill,
    run=_by_day(services.bill, "day"),
)
COLLECTION = Step(
    name="collection",
    label=_("Automatic debits"),
    select=nightly.to_collect,
    run=_by_day(services.collect_by_debit, "day"),
    due=is_business_day,
)
REMINDERS = Step(
    name="reminders",
    label=_("Grace notices"),
    select=nightly.to_remind,
    run=_by_day(services.remind, "day"),
    due=is_business_day,
)
LAPSE = Step(
    name="lapse",
    label=_("Lapses"),
    select=nightly.to_lapse,
    run=_by_day(services.lapse, "day"),
)
EXPIRY = Step(
    name="expiry",
    label=_("Expiries"),
    select=nightly.to_expire,
    run=_by_day(services.expire, "day"),
)
RESERVES = Step(
    name="reserves",
    label=_("Policy reserves"),
    select=nightly.to_reserve,
    run=_by_day(services.reserve_at_month_end, "day"),
    due=lambda day: day == month_end(day),
    chunk=10_000,
)
