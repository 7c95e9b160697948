"""An insured world with people who investigate."""

from __future__ import annotations

from datetime import date

import pytest

from core.acting import acting
from fds import services
from tests.factories import claims as make


@pytest.fixture
def people(db):
    """Make two investigators, two managers and an adjuster."""
    for name, role in {
        "siu": "siu",
        "siu2": "siu",
        "adjuster": "claims_adjuster",
        "manager": "claims_manager",
    }.items():
        make.person(name, role)


@pytest.fixture
def watch(people):
    """Return a function that puts a provider on the watch-list by two people."""

    def watched(code: str = "H001", start: date = date(2026, 1, 1), end: date | None = None) -> int:
        make.provider(code)
        with acting("siu"):
            entry = services.propose_watch(
                provider_code=code, start=start, end=end, reason="허위 입원 적발"
            )
        with acting("siu2"):
            services.approve_watch(entry_id=entry)
        return entry

    return watched


@pytest.fixture
def suspicious(watch):
    """Return a claim that waits for a decision: day 10 of the cover, a watched hospital."""
    watch()
    young = make.contract(start=date(2026, 3, 10))
    return make.received(young, provider_code="H001")
