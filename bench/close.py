"""How long the last night of a month takes for a portfolio of size: reserves and the close."""

from __future__ import annotations

from django.db import transaction

from bench import portfolio
from bench.harness import Contest

CONTRACTS = 100_000
CLAIMS = 50_000


def contests() -> list[Contest]:
    """Return the contest of the close; what a run writes is taken back."""
    return [
        Contest(
            name="close",
            unit="contracts",
            contestants={"close of a month": close, "its policy reserves": reserves},
            prepare=lambda: portfolio.grow(CONTRACTS, CLAIMS),
            target="seconds of a month's close with 100,000 contracts and 50,000 claims",
        )
    ]


def close() -> int:
    """Close the second month: measure, post, state, seal, lock; then take it back."""
    from accounting.services import closing
    from core.acting import acting

    night = portfolio.SECOND_NIGHT
    with acting("batch:close", night.isoformat()), transaction.atomic():
        closing.close(f"{night:%Y-%m}", business_date=night)
        transaction.set_rollback(True)
    return CONTRACTS


def reserves() -> int:
    """Compute and book the reserves of every contract at the next month end; take it back."""
    from contracts.tasks import RESERVES
    from core.acting import acting
    from core.clock import add_months, month_end

    day = month_end(add_months(portfolio.SECOND_NIGHT, 1))
    keys = list(RESERVES.select(day))
    with acting("batch:reserves", day.isoformat()), transaction.atomic():
        for start in range(0, len(keys), RESERVES.chunk):
            RESERVES.run(day, keys[start : start + RESERVES.chunk])
        transaction.set_rollback(True)
    return len(keys)
