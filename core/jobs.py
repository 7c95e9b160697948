"""The nightly chain, kept in PostgreSQL: Celery only wakes it.

A step names its items for a business date and does a chunk of them in one transaction. Runs are
unique by (job, business date); chunks are claimed with SKIP LOCKED under a lease, so that any
number of workers on any number of hosts may help and a dead one's chunk is taken over. One
business date at a time, missed days are caught up in order: one worker leads, the others lend a
hand (``settings.CHAIN_HELPERS``).
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from .acting import acting
from .broker import nudge
from .clock import advance, business_date
from .errors import DomainError
from .models import JobChunk, JobFailure, JobRun

log = logging.getLogger(__name__)
MAX_CHUNK_ATTEMPTS = 5
CHUNK = 1_000
PAUSE = 0.1  # seconds between looks at what the other workers still do
State = JobRun.State


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the nightly chain, declared in an app's ``tasks.py``.

    Args:
        name: unique, for example ``"billing"``.
        label: translated name for the operations screen.
        select: ``fn(day) -> keys`` of the items to do; called once for each business date.
        run: ``fn(day, keys)`` does the items set-based through services; it is called inside a
            transaction and must be idempotent per (day, key).
        due: ``fn(day) -> bool``; the step is skipped on other days.
        chunk: items per transaction.
    """

    name: str
    label: str | Promise
    select: Callable[[date], Sequence[str]]
    run: Callable[[date, list[str]], None]
    due: Callable[[date], bool] = lambda day: True
    chunk: int = CHUNK


def chain() -> list[Step]:
    """Return the steps in the order that the composition root gives.

    ``settings.CHAIN`` is the dotted paths of the steps, or the dotted path of their list.
    """
    paths = settings.CHAIN
    if isinstance(paths, str):
        paths = import_string(paths)
    return [import_string(path) for path in paths]


def run_day(day: date, *, lead: bool = False) -> bool:
    """Work on the chain of ``day`` until it is done or nothing more can be done here.

    Args:
        day: the business date.
        lead: call the other workers to each step, and wait for the chunks that they hold.

    Returns:
        True if every step of the day is done (or was not due).
    """
    for position, step in enumerate(chain()):
        if step.due(day) and not _run_step(step, day, position, lead=lead):
            return False
    return True


def lend_a_hand() -> int:
    """Do chunks of the step that is being run, beside its leader; return how many were done."""
    run = JobRun.objects.filter(state=State.RUNNING).order_by("business_date", "position").first()
    step = next((s for s in chain() if run is not None and s.name == run.job), None)
    return _work_on(step, run) if step is not None and run is not None else 0


def catch_up(until: date) -> int:
    """Run the chain for each business date up to ``until`` in order; return the days finished.

    The stored business date is the day whose chain runs, so that services agree on it, and the
    next morning afterwards: a chain runs when its day is over.
    """
    finished = 0
    day = business_date()
    while day <= until:
        advance(day)
        if not run_day(day, lead=True):
            return finished
        finished += 1
        day += timedelta(days=1)
        advance(day)
    return finished


def _run_step(step: Step, day: date, position: int, *, lead: bool) -> bool:
    run = _plan(step, day, position)
    if run.state == State.DONE:
        return True
    if lead:
        _call_for_help(run)
    _work_on(step, run)
    while lead and run.chunks.filter(state=State.RUNNING).exists():
        time.sleep(PAUSE)  # others are at it; the chunk of one who died is free after its lease
        _work_on(step, run)
    return _finish(run)


def _call_for_help(run: JobRun) -> None:
    waiting = run.chunks.filter(state=State.PLANNED).count()
    for _ in range(min(settings.CHAIN_HELPERS, waiting - 1)):
        nudge("core.tasks.help_chain")


def _work_on(step: Step, run: JobRun) -> int:
    done = 0
    _give_up(run)
    with acting(f"batch:{step.name}", cause=run.business_date.isoformat()):
        while (chunk := _claim(run)) is not None:
            _work(step, run.business_date, chunk)
            done += 1
    return done


@transaction.atomic
def _give_up(run: JobRun) -> None:
    """Fail the chunks whose workers died at every attempt."""
    dead = run.chunks.select_for_update(skip_locked=True).filter(
        state=State.RUNNING, lease_until__lt=timezone.now(), attempts__gte=MAX_CHUNK_ATTEMPTS
    )
    run.chunks.filter(id__in=[chunk.id for chunk in dead]).update(
        state=State.FAILED, error="Every worker that took this chunk died over it."
    )


@transaction.atomic
def _plan(step: Step, day: date, position: int) -> JobRun:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{step.name}:{day}"])
    run = JobRun.objects.filter(job=step.name, business_date=day).first()
    if run is not None:
        return run
    keys = [str(key) for key in step.select(day)]
    run = JobRun.objects.create(
        job=step.name,
        business_date=day,
        position=position,
        state=State.RUNNING if keys else State.DONE,
        items=len(keys),
        started_at=timezone.now(),
        finished_at=None if keys else timezone.now(),
    )
    JobChunk.objects.bulk_create(
        JobChunk(run=run, number=number, keys=keys[start : start + step.chunk])
        for number, start in enumerate(range(0, len(keys), step.chunk))
    )
    return run


@transaction.atomic
def _claim(run: JobRun) -> JobChunk | None:
    now = timezone.now()
    chunk = (
        JobChunk.objects.select_for_update(skip_locked=True)
        .filter(run=run, attempts__lt=MAX_CHUNK_ATTEMPTS)
        .filter(Q(state=State.PLANNED) | Q(state=State.RUNNING, lease_until__lt=now))
        .order_by("number")
        .first()
    )
    if chunk is None:
        return None
    JobChunk.objects.filter(id=chunk.id).update(
        state=State.RUNNING,
        lease_until=now + timedelta(seconds=settings.CHAIN_LEASE_SECONDS),
        worker=f"{socket.gethostname()}:{os.getpid()}",
        attempts=F("attempts") + 1,
    )
    return chunk


def _work(step: Step, day: date, chunk: JobChunk) -> None:
    began = time.monotonic()
    try:
        with transaction.atomic():
            if not _still_mine(chunk):
                return
            step.run(day, list(chunk.keys))
            _close_chunk(chunk, len(chunk.keys), began)
    except DomainError:
        _work_singly(step, day, chunk, began)
    except Exception as error:
        log.exception("%s %s chunk %s failed", step.name, day, chunk.number)
        JobChunk.objects.filter(id=chunk.id).update(
            state=State.PLANNED if chunk.attempts + 1 < MAX_CHUNK_ATTEMPTS else State.FAILED,
            error=f"{type(error).__name__}: {error}"[:2000],
        )


def _still_mine(chunk: JobChunk) -> bool:
    """Lock the chunk; a worker that lost its lease must not do it a second time."""
    locked = JobChunk.objects.select_for_update().get(id=chunk.id)
    return locked.state == State.RUNNING and locked.attempts == chunk.attempts + 1


def _work_singly(step: Step, day: date, chunk: JobChunk, began: float) -> None:
    """Do the items one by one, so that one refused item does not hold the others."""
    done = 0
    for key in chunk.keys:
        try:
            with transaction.atomic():
                step.run(day, [key])
            done += 1
        except DomainError as refusal:
            JobFailure.objects.update_or_create(
                run_id=chunk.run_id, key=key, defaults={"reason": str(refusal)}
            )
    _close_chunk(chunk, done, began)


def _close_chunk(chunk: JobChunk, done: int, began: float) -> None:
    JobChunk.objects.filter(id=chunk.id).update(
        state=State.DONE,
        done_items=done,
        seconds=round(time.monotonic() - began, 3),
        lease_until=None,
        error="",
    )


def _finish(run: JobRun) -> bool:
    states = set(run.chunks.values_list("state", flat=True))
    if State.FAILED in states:
        first = run.chunks.filter(state=State.FAILED).values_list("error", flat=True)[0]
        JobRun.objects.filter(id=run.id).update(state=State.FAILED, error=first)
        return False
    if states - {State.DONE}:
        return False  # another worker still holds a chunk
    JobRun.objects.filter(id=run.id).update(state=State.DONE, finished_at=timezone.now(), error="")
    return True


def retry_run(run: JobRun) -> None:
    """Put a failed step's failed chunks back in line."""
    run.chunks.filter(state=State.FAILED).update(state=State.PLANNED, attempts=0)
    JobRun.objects.filter(id=run.id, state=State.FAILED).update(state=State.RUNNING, error="")


def retry_failure(failure: JobFailure) -> None:
    """Do one failed item again, for its own business date.

    Raises:
        DomainError: it is refused again, with the reason.
    """
    step = next(s for s in chain() if s.name == failure.run.job)
    day = failure.run.business_date
    with acting(f"batch:{step.name}", cause=f"retry {day}"), transaction.atomic():
        step.run(day, [failure.key])
        JobFailure.objects.filter(id=failure.id).update(resolved_at=timezone.now())


def progress(run: JobRun) -> int:
    """Return how many items of a step are done."""
    return run.chunks.filter(state=State.DONE).aggregate(n=Sum("done_items"))["n"] or 0
