"""A small insured world."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from claims.models import CaseReserve, Claim, ClaimDocument, Payout
from core.models import EventRecord, OutboxMessage
from tests.factories import claims as make

_TABLES = (Claim, CaseReserve, ClaimDocument, Payout, EventRecord, OutboxMessage)


@contextmanager
def _unchanged() -> Iterator[None]:
    """Assert that the block writes no claim, reserve, payout or event and moves no claim."""

    def picture() -> list[object]:
        moved = list(Claim.objects.order_by("pk").values_list("pk", "status", "fds_gate"))
        return [[table.objects.count() for table in _TABLES], moved]

    before = picture()
    yield
    assert picture() == before


@pytest.fixture
def nothing_happens():
    """Return the guard ``with nothing_happens(): …``."""
    return _unchanged


@pytest.fixture
def insured(db):
    """Return a driver contract in force since 2025-06-01, two years."""
    return make.contract(start=date(2025, 6, 1), end=date(2027, 6, 1))
