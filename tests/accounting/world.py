"""A small insurer that lives through days by the ordinary services and the nightly chain."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.utils.module_loading import import_string

from accounting import services
from accounting.services.journals import Row
from core import jobs
from core.acting import acting
from tests.factories import contracts as factory

START = date(2026, 11, 16)
NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 31)


def insurer(*, contracts: int = 4) -> factory.World:
    """Open an insurer with capital and with life and non-life contracts on 2026-11-16."""
    place = factory.world(START, "TERM01", "DRIVER01", "WHOLE01")
    with acting("kim"):
        journal = services.journals.draft(
            entry_date=START,
            description="설립 자본금 납입",
            rows=[Row(debit="1110", credit="3110", amount=10_000_000_000)],
        )
    with acting("lee"):
        services.journals.approve(journal.pk)
    factory.issued(place, contracts)
    factory.issued(place, contracts, code="DRIVER01", start=1_000)
    whole = {"sum_assured": 50_000_000, "term_months": 0, "pay_months": 240}
    factory.issued(place, 2, code="WHOLE01", plan=whole, start=2_000)
    return place


def live(until: date) -> None:
    """Run the nightly chain of every day up to ``until``, inclusive, as it stands in settings."""
    jobs.catch_up(until)


def without_close() -> list[str]:
    """Return the chain without its last step."""
    chain = settings.CHAIN
    paths = import_string(chain) if isinstance(chain, str) else chain
    return [path for path in paths if not path.startswith("accounting.")]
