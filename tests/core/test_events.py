from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import numpy as np
import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from core import outbox
from core.columns import Days, Flags, Ints, Keys, Won
from core.errors import DomainError
from core.events import Event, books, decode, encode, later, publish
from core.models import EventRecord, HandledEvent, OutboxMessage

DAY = date(2026, 3, 2)
booked: list[Event] = []
delivered: list[Event] = []
trouble: list[Exception] = []


@dataclass(frozen=True, kw_only=True, eq=False)
class Tried(Event):
    """A fact that only these tests know."""

    name: ClassVar[str] = "tests.tried.v1"
    key: Keys
    amount: Won
    count: Ints
    day: Days
    good: Flags


@books(Tried)
def follow(event: Tried) -> None:
    if (event.amount < 0).any():
        raise DomainError("negative")
    booked.append(event)


@later(Tried)
def deliver_later(event: Tried) -> None:
    if trouble:
        raise trouble[0]
    delivered.append(event)


def tried(*amounts: int) -> Tried:
    return Tried.of(
        business_date=DAY,
        rows=[
            {"key": f"K{i}", "amount": a, "count": i, "day": np.datetime64(DAY), "good": a > 0}
            for i, a in enumerate(amounts)
        ],
    )


@pytest.fixture(autouse=True)
def forget():
    booked.clear()
    delivered.clear()
    trouble.clear()


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="differ in length"):
        Tried(
            business_date=DAY, key=["a"], amount=[1, 2], count=[1], day=["2026-01-01"], good=[True]
        )


def test_an_empty_batch_is_refused():
    with pytest.raises(ValueError, match="1 to 10000 rows"):
        Tried(business_date=DAY, key=[], amount=[], count=[], day=[], good=[])


def test_a_fraction_of_a_won_is_refused():
    with pytest.raises(ValueError, match="fraction"):
        tried(1.5)  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(
            st.text(min_size=1, max_size=8).filter(lambda s: s.isprintable()),
            st.integers(-(10**15), 10**15),
            st.dates(date(1900, 1, 1), date(2200, 1, 1)),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_an_event_survives_its_encoding(rows):
    import orjson

    event = Tried(
        business_date=DAY,
        key=[r[0] for r in rows],
        amount=[r[1] for r in rows],
        count=list(range(len(rows))),
        day=np.array([r[2] for r in rows], dtype="datetime64[D]"),
        good=[r[1] > 0 for r in rows],
    )
    again = decode(event.name, orjson.loads(encode(event)))
    assert again.event_id == event.event_id
    assert again.business_date == event.business_date
    for name in ("key", "amount", "count", "day", "good"):
        assert getattr(again, name).tolist() == getattr(event, name).tolist()


@pytest.mark.django_db(transaction=True)
def test_publishing_outside_a_transaction_is_a_bug():
    with pytest.raises(RuntimeError, match="inside the transaction"):
        publish(tried(1))


@pytest.mark.django_db
def test_books_follow_at_once_and_the_rest_waits_in_the_outbox():
    with transaction.atomic():
        publish(tried(5, 7))
    assert [e.amount.tolist() for e in booked] == [[5, 7]]
    assert delivered == []
    assert OutboxMessage.objects.get().state == "WAITING"
    assert outbox.drain() == 1
    assert [e.amount.tolist() for e in delivered] == [[5, 7]]
    assert OutboxMessage.objects.get().state == "DONE"


@pytest.mark.django_db
def test_a_refusal_of_the_books_refuses_the_fact():
    with pytest.raises(DomainError, match="negative"), transaction.atomic():
        publish(tried(-1))
    assert not EventRecord.objects.exists()
    assert not OutboxMessage.objects.exists()
    assert outbox.drain() == 0
    assert delivered == []


@pytest.mark.django_db
def test_a_message_delivered_twice_runs_once():
    with transaction.atomic():
        publish(tried(5))
    message = OutboxMessage.objects.get()
    assert outbox.deliver(message.id) is True
    OutboxMessage.objects.filter(id=message.id).update(state="SENT")  # the broker repeats itself
    assert outbox.deliver(message.id) is False
    assert len(delivered) == 1
    assert HandledEvent.objects.count() == 1
    assert OutboxMessage.objects.get().state == "DONE"


@pytest.mark.django_db
def test_a_failing_handler_is_parked_after_eight_tries_and_can_be_retried():
    with transaction.atomic():
        publish(tried(5))
    message = OutboxMessage.objects.get()
    trouble.append(LookupError("not yet"))
    for _ in range(outbox.MAX_ATTEMPTS):
        OutboxMessage.objects.filter(id=message.id).update(state="SENT")
        assert outbox.deliver(message.id) is False
    message.refresh_from_db()
    assert message.state == "PARKED"
    assert "not yet" in message.last_error
    assert not HandledEvent.objects.exists()
    trouble.clear()
    outbox.retry(message.id)
    assert outbox.drain() == 1
    assert len(delivered) == 1


@pytest.mark.django_db
def test_the_sweeper_sends_again_what_never_finished():
    with transaction.atomic():
        publish(tried(5))
    assert len(outbox.claim_due()) == 1  # sent to a worker that dies
    assert outbox.claim_due() == []
    assert outbox.sweep() == 0
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_outbox SET sent_at = now() - interval '3 minutes'")
    assert outbox.sweep() == 1
    assert outbox.drain() == 1
