import json
import os
import socket
from datetime import date, timedelta

import pytest
import redis
from django.utils import timezone

from core import clock, jobs
from core.errors import DomainError
from core.models import AuditRow, JobChunk, JobFailure, JobRun

DAY = date(2026, 3, 2)
done: list[tuple[date, str]] = []
bad: set[str] = set()
broken: list[Exception] = []


def run(day: date, keys: list[str]) -> None:
    if broken:
        raise broken[0]
    for key in keys:
        if key in bad:
            raise DomainError(f"{key} is not possible")
        done.append((day, key))


STEP = jobs.Step(
    name="count", label="Count", select=lambda day: [f"k{i}" for i in range(5)], run=run, chunk=2
)
MONTHLY = jobs.Step(
    name="monthly",
    label="Monthly",
    select=lambda day: ["m"],
    run=run,
    due=lambda day: day == clock.month_end(day),
)


@pytest.fixture(autouse=True)
def chain(settings):
    settings.CHAIN = [f"{__name__}.STEP", f"{__name__}.MONTHLY"]
    done.clear()
    bad.clear()
    broken.clear()


pytestmark = pytest.mark.django_db


def test_a_day_runs_once_however_often_it_is_woken():
    assert jobs.run_day(DAY)
    assert jobs.run_day(DAY)
    assert [key for _, key in done] == ["k0", "k1", "k2", "k3", "k4"]
    run_ = JobRun.objects.get()
    assert (run_.state, run_.items, jobs.progress(run_)) == ("DONE", 5, 5)
    assert run_.chunks.count() == 3


def test_missed_days_are_caught_up_in_order():
    clock.advance(date(2026, 3, 30))
    assert jobs.catch_up(date(2026, 4, 1)) == 3
    days = list(dict.fromkeys(day for day, _ in done))
    assert days == [date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1)]
    assert [day for day, key in done if key == "m"] == [date(2026, 3, 31)]
    assert clock.business_date() == date(2026, 4, 2)  # the morning after


def test_a_refused_item_does_not_hold_the_others():
    bad.add("k3")
    assert jobs.run_day(DAY)
    assert (
        JobRun.objects.get().chunks.values_list("done_items", flat=True).order_by("number").last()
        == 1
    )
    assert {key for _, key in done} == {"k0", "k1", "k2", "k4"}
    failure = JobFailure.objects.get()
    assert (failure.key, failure.reason) == ("k3", "k3 is not possible")
    with pytest.raises(DomainError):
        jobs.retry_failure(failure)
    bad.clear()
    jobs.retry_failure(failure)
    failure.refresh_from_db()
    assert failure.resolved_at
    assert done[-1] == (DAY, "k3")


def test_a_bug_fails_the_step_and_stops_the_chain_until_it_is_retried():
    clock.advance(DAY)
    broken.append(ZeroDivisionError("oh"))
    assert jobs.catch_up(DAY + timedelta(days=1)) == 0
    run_ = JobRun.objects.get()
    assert run_.state == "FAILED"
    assert "ZeroDivisionError" in run_.error
    assert clock.business_date() == DAY
    broken.clear()
    jobs.retry_run(run_)
    assert jobs.catch_up(DAY + timedelta(days=1)) == 2
    assert len(done) == 10


def test_a_dead_workers_chunk_is_taken_over_after_its_lease():
    run_ = jobs._plan(STEP, DAY, 0)
    dead = jobs._claim(run_)
    assert dead is not None
    assert not jobs.run_day(DAY)  # the others are done, this one is still leased
    assert [key for _, key in done] == ["k2", "k3", "k4"]
    JobChunk.objects.filter(id=dead.id).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert jobs.run_day(DAY)
    assert sorted(key for _, key in done) == ["k0", "k1", "k2", "k3", "k4"]
    jobs._work(STEP, DAY, dead)  # the dead one wakes up late and must not do it again
    assert len(done) == 5


def test_jobs_write_nothing_to_the_audit_by_themselves():
    jobs.run_day(DAY)
    assert not AuditRow.objects.filter(table_name__startswith="core_job").exists()


def test_a_hand_is_lent_to_the_step_that_is_being_run():
    assert jobs.lend_a_hand() == 0  # nothing runs
    jobs._plan(STEP, DAY, 0)
    assert jobs.lend_a_hand() == 3
    assert sorted(key for _, key in done) == ["k0", "k1", "k2", "k3", "k4"]
    assert set(JobChunk.objects.values_list("worker", flat=True)) == {
        f"{socket.gethostname()}:{os.getpid()}"
    }
    assert jobs.run_day(DAY)  # whoever leads finds all of it done
    assert jobs.lend_a_hand() == 0
    assert len(done) == 5


def test_a_leader_waits_for_a_chunk_that_another_holds(settings):
    settings.CHAIN_LEASE_SECONDS = 1
    clock.advance(DAY)
    assert jobs._claim(jobs._plan(STEP, DAY, 0)) is not None  # and dies
    assert jobs.catch_up(DAY) == 1
    assert [key for _, key in done] == ["k2", "k3", "k4", "k0", "k1"]


def test_a_chunk_over_which_every_worker_dies_fails_its_step():
    clock.advance(DAY)
    run_ = jobs._plan(STEP, DAY, 0)
    past = timezone.now() - timedelta(seconds=1)
    run_.chunks.filter(number=1).update(
        state="RUNNING", attempts=jobs.MAX_CHUNK_ATTEMPTS, lease_until=past
    )
    assert jobs.catch_up(DAY) == 0
    run_.refresh_from_db()
    assert (run_.state, "died over it" in run_.error) == ("FAILED", True)
    assert sorted(key for _, key in done) == ["k0", "k1", "k4"]
    jobs.retry_run(run_)
    assert jobs.catch_up(DAY) == 1


def test_helpers_are_called_only_where_there_is_work_for_them(settings, clean_redis):
    settings.CHAIN_HELPERS = 7
    clock.advance(DAY)
    assert jobs.catch_up(DAY) == 1
    with redis.Redis.from_url(clean_redis) as broker:
        waiting = [json.loads(message) for message in broker.lrange("celery", 0, -1)]
    called = [message["headers"]["task"] for message in waiting]
    assert called == ["core.tasks.help_chain"] * 2  # three chunks: one for the leader
