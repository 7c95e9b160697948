"""The nightly chain: its steps in order, and up to which date it may run."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.utils.timezone import localdate

CHAIN: list[str] = [
    "contracts.tasks.WARNING",
    "contracts.tasks.ACCEPTANCE",
    "contracts.tasks.BILLING",
    "contracts.tasks.COLLECTION",
    "contracts.tasks.REMINDERS",
    "contracts.tasks.LAPSE",
    "contracts.tasks.EXPIRY",
    "sales.tasks.SETTLEMENT",
    "fds.tasks.RESCORE",
    "fds.tasks.NETWORK",
    "fds.tasks.AUDIT",
    "fds.tasks.MONITOR",
    "claims.tasks.STRAIGHT",
    "investments.tasks.MATURITIES",
    "investments.tasks.INCOME",
    "investments.tasks.VALUATION",
    "investments.tasks.IMPAIRMENT",
    "investments.tasks.LIMITS",
    "reinsurance.tasks.ACCUMULATION",
    "reinsurance.tasks.CESSION",
    "reinsurance.tasks.COMMISSION",
    "contracts.tasks.RESERVES",
    "accounting.tasks.CLOSE",
]


def target() -> date | None:
    """Return the last business date that is over, or None while there is no clock.

    ``settings.CHAIN_UNTIL`` names the date for an installation that lives in its own time. A demo
    without one stands still: its clock is moved by hand or by the simulation.
    """
    from core.models import BusinessClock

    if not BusinessClock.objects.exists():
        return None
    if settings.CHAIN_UNTIL is not None:
        return settings.CHAIN_UNTIL
    return None if settings.DEMO else localdate() - timedelta(days=1)
