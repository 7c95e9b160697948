"""How fast a batch reaches a table: our columns, the ORM in bulk, and one ``save`` an object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import uuid4

from django.db import transaction

from bench.harness import Contest
from core.bulk import copy_rows
from core.models import EventRecord

ROWS = 10_000
SAVED_ONE_BY_ONE = 1_000
HEADER = {"name": "bench.v1", "rows": 1, "actor": "bench", "cause": "bench"}
DAY = date(2026, 1, 2)


def contests() -> list[Contest]:
    """Return the contest of the three ways into ``core_events``; each run is rolled back."""
    return [
        Contest(
            name="columns",
            unit="rows",
            contestants={
                "core.bulk.copy_rows": rolled_back(columns),
                "ORM bulk_create": rolled_back(bulk_create),
                "ORM save": rolled_back(save),
            },
        )
    ]


def rolled_back(work: Callable[[], int]) -> Callable[[], int]:
    """Let a run write and take it back, so that every round meets the same table."""

    def run() -> int:
        with transaction.atomic():
            done = work()
            transaction.set_rollback(True)
        return done

    return run


def columns() -> int:
    """Write one batch as columns through ``COPY``."""
    ids = [uuid4() for _ in range(ROWS)]
    return copy_rows(EventRecord, {"event_id": ids, "business_date": DAY, **HEADER})


def bulk_create() -> int:
    """Write the same batch as objects in one ``bulk_create``."""
    made = (EventRecord(event_id=uuid4(), business_date=DAY, **HEADER) for _ in range(ROWS))
    return len(EventRecord.objects.bulk_create(made))


def save() -> int:
    """Write objects one by one."""
    for _ in range(SAVED_ONE_BY_ONE):
        EventRecord(event_id=uuid4(), business_date=DAY, **HEADER).save(force_insert=True)
    return SAVED_ONE_BY_ONE
