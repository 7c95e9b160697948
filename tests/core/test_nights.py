"""Nights ordered by hand: who may, what is refused, and that the workers run them to the end."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection

from core import clock, jobs, nights, tasks
from core.acting import acting
from core.models import JobRun, NightOrder

from .conftest import DAY

pytestmark = pytest.mark.django_db
PATH = "/operations/run/"
NEXT = DAY + timedelta(days=1)
done: list[tuple[date, str]] = []
STEP = jobs.Step(
    name="count",
    label="Count",
    select=lambda day: ["k"],
    run=lambda day, keys: done.extend((day, key) for key in keys),
)
CALENDAR = date(2026, 3, 30)


def no_calendar() -> None:
    """Stand still, as a demonstration's clock does."""


def calendar() -> date:
    """Follow the calendar, as an installation does."""
    return CALENDAR


@pytest.fixture(autouse=True)
def chain(settings, db):
    settings.CHAIN = [f"{__name__}.STEP"]
    settings.CHAIN_TARGET = f"{__name__}.no_calendar"
    clock.advance(DAY)
    done.clear()


def test_an_operator_orders_a_night_and_the_woken_chain_runs_it(as_alice):
    assert "야간 처리 실행" in as_alice.get("/operations/").content.decode()
    assert "Count" in as_alice.get(PATH).content.decode()
    assert as_alice.post(PATH, {"until": "20260331"})["Location"] == "/operations/"
    order = NightOrder.objects.get()
    assert (order.since, order.until, order.ordered_by) == (DAY, DAY, "alice")
    waiting = as_alice.get("/operations/", headers={"HX-Request": "true"})
    assert waiting.status_code == 200  # the poll goes on until the night is over
    assert "0 / 1" in waiting.content.decode()
    assert tasks.wake_chain() == 1
    assert done == [(DAY, "k")]
    assert clock.business_date() == NEXT
    over = as_alice.get("/operations/", headers={"HX-Request": "true"})
    assert over.status_code == 286
    assert f'datetime="{NEXT}"' in over.content.decode()  # the top bar shows the new day
    assert tasks.wake_chain() == 0
    assert len(done) == 1


def test_several_nights_run_in_order():
    nights.order(until=date(2026, 4, 2))
    assert nights.stand().total == 3
    assert tasks.wake_chain() == 3
    assert [day for day, _ in done] == [DAY, NEXT, date(2026, 4, 2)]


def test_only_operators_order_nights(as_bob, as_charlie, client):
    for somebody in (as_bob, as_charlie):
        assert somebody.post(PATH, {"until": DAY}).status_code == 403
    assert client.post(PATH, {"until": DAY})["Location"].startswith("/login/")
    assert "야간 처리 실행" not in as_bob.get("/operations/").content.decode()
    assert not NightOrder.objects.exists()


@pytest.mark.parametrize("until", [DAY - timedelta(days=1), DAY + timedelta(days=31)])
def test_a_night_that_is_past_or_far_away_is_refused(as_alice, until):
    refused = as_alice.post(PATH, {"until": until})
    assert refused.status_code == 422
    assert "2026-03-31부터 2026-04-30 사이" in refused.content.decode()
    assert not NightOrder.objects.exists()


def test_no_night_is_ordered_while_one_runs_has_failed_or_comes_by_itself(as_alice, settings):
    JobRun.objects.create(job="count", business_date=DAY, position=0, state="RUNNING")
    assert as_alice.post(PATH, {"until": DAY}).status_code == 422
    JobRun.objects.update(state="FAILED")
    assert "재시도" in as_alice.post(PATH, {"until": DAY}).content.decode()
    JobRun.objects.all().delete()
    settings.CHAIN_TARGET = f"{__name__}.calendar"
    assert as_alice.post(PATH, {"until": DAY}).status_code == 422
    assert "야간 처리 실행" not in as_alice.get("/operations/").content.decode()
    assert not NightOrder.objects.exists()
    settings.CHAIN_TARGET = f"{__name__}.no_calendar"
    with acting("alice"):
        nights.order(until=DAY)
    assert "이미 실행 중" in as_alice.post(PATH, {"until": NEXT}).content.decode()
    assert NightOrder.objects.count() == 1


def test_the_calendar_and_an_order_give_the_later_date(settings):
    assert nights.target() is None
    nights.order(until=NEXT)
    settings.CHAIN_TARGET = f"{__name__}.calendar"
    assert nights.target() == NEXT


def test_an_order_is_never_changed():
    order = nights.order(until=DAY)
    with pytest.raises(DatabaseError) as refused, connection.cursor() as cursor:
        cursor.execute("UPDATE core_night_orders SET until = until + 5 WHERE id = %s", [order.pk])
    assert isinstance(refused.value.__cause__, psycopg.errors.RestrictViolation)


def test_people_are_called_by_their_names_and_programmes_by_what_they_do(as_bob, alice, bob):
    type(alice).objects.filter(pk=alice.pk).update(display_name="한관리")
    with acting("batch:count"):
        type(bob).objects.filter(pk=bob.pk).update(display_name="서감사")
    with acting("alice"):
        type(bob).objects.filter(pk=bob.pk).update(display_name="서감사장")
    page = as_bob.get("/audit/").content.decode()
    assert "한관리" in page
    assert "Count(야간)" in page
