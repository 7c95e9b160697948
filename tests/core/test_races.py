"""Many at once: numbers are never given twice, a chunk is done once, a message delivered once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from threading import Barrier
from typing import Any, ClassVar, TypeVar

import numpy as np
import pytest
from django.db import connection, transaction

from core import bulk, jobs, numbering, outbox
from core.columns import Keys
from core.events import Event, later, publish
from core.models import HandledEvent, JobChunk, JobRun, OutboxMessage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.guards]
DAY = date(2026, 3, 2)
T = TypeVar("T")


def at_once(count: int, act: Callable[[int], T]) -> list[T]:
    """Run ``act`` in so many threads, each with a connection of its own, from one moment on."""
    start = Barrier(count)

    def run(number: int) -> T:
        try:
            start.wait(timeout=30)
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_eight_threads_take_numbers_of_a_new_series_and_none_is_given_twice() -> None:
    def take(number: int) -> list[str]:
        taken: list[str] = []
        for size in (1, 500, 7, 1_000, 1):
            with transaction.atomic():
                numbers = numbering.take("RACE", 2026, size).tolist()
                if (number + size) % 5 == 0:
                    transaction.set_rollback(True)  # nobody keeps these
                else:
                    taken += numbers
        return taken

    taken = [number for numbers in at_once(8, take) for number in numbers]
    assert len(taken) > 5_000
    assert len(set(taken)) == len(taken)


def test_eight_threads_take_ids_of_a_table_and_none_is_given_twice() -> None:
    def take(number: int) -> list[int]:
        sizes = (1, 2_000, 3, 50 + number)
        parts = [bulk.take_ids(OutboxMessage, size) for size in sizes]
        assert [len(part) for part in parts] == list(sizes)
        assert all((np.diff(part) > 0).all() for part in parts)
        return np.concatenate(parts).tolist()

    taken = [number for numbers in at_once(8, take) for number in numbers]
    assert len(set(taken)) == len(taken)


done: list[str] = []


def _count(day: date, keys: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.01)")  # long enough that others come meanwhile
    done.extend(keys)


STEP = jobs.Step(
    name="crowd",
    label="Crowd",
    select=lambda day: [f"k{i}" for i in range(40)],
    run=_count,
    chunk=2,
)
AFTER = jobs.Step(
    name="after", label="After", select=lambda day: sorted(done), run=lambda day, keys: None
)


def test_four_workers_on_one_day_do_each_chunk_once_and_keep_the_order(
    settings: Any,
) -> None:
    settings.CHAIN = [f"{__name__}.STEP", f"{__name__}.AFTER"]
    done.clear()
    results = at_once(4, lambda _: jobs.run_day(DAY))
    assert any(results)
    assert jobs.run_day(DAY)
    assert sorted(done) == sorted(f"k{i}" for i in range(40))
    assert set(JobChunk.objects.values_list("state", "attempts")) == {("DONE", 1)}
    assert JobRun.objects.get(job="crowd").items == 40
    assert JobRun.objects.get(job="after").items == 40  # planned when all of the first was done


@dataclass(frozen=True, kw_only=True, eq=False)
class Raced(Event):
    """A fact that only these tests know."""

    name: ClassVar[str] = "tests.raced.v1"
    key: Keys


delivered: list[str] = []


@later(Raced)
def _deliver(event: Raced) -> None:
    delivered.extend(event.key.tolist())


def test_two_relays_and_a_broker_that_repeats_itself_deliver_each_message_once() -> None:
    delivered.clear()
    for number in range(60):
        with transaction.atomic():
            publish(Raced(business_date=DAY, key=[f"m{number}"]))

    def relay(_: int) -> Any:
        mine: list[int] = []
        while due := outbox.claim_due(limit=7):
            mine += due
            for message in due:
                outbox.deliver(message)
        return mine

    first, second = at_once(2, relay)
    assert not set(first) & set(second)
    assert len(first) + len(second) == 60
    everything = first + second
    at_once(4, lambda _: [outbox.deliver(message) for message in everything])
    assert sorted(delivered) == sorted(f"m{i}" for i in range(60))
    assert HandledEvent.objects.count() == 60
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"DONE"}


def test_four_workers_with_the_same_message_run_it_once() -> None:
    delivered.clear()
    with transaction.atomic():
        publish(Raced(business_date=DAY, key=["once"]))
    (message,) = outbox.claim_due()
    ran = at_once(4, lambda _: outbox.deliver(message))
    assert sum(ran) == 1
    assert delivered == ["once"]
