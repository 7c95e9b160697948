"""The days of a simulation: activities by day, the nightly chain by night, each exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from config.simulation.plan import Plan
from config.simulation.world import World, make
from core import clock, jobs, outbox
from core.models import JobRun

Activity = Callable[[Plan, World, date], None]
PREFIX = "day:"


class Interrupted(RuntimeError):
    """The nightly chain could not finish a day; the operations screen says why."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a simulation stands after a day."""

    day: date
    number: int
    of: int


def live(plan: Plan, activities: dict[str, Activity]) -> Iterator[Progress]:
    """Live through a plan, resuming where an earlier run of the same plan stopped.

    Each activity of a day commits with its mark, so that an interruption loses and doubles
    nothing; the nightly chain keeps its own marks.

    Args:
        plan: what to live through.
        activities: what happens by day, in order.

    Raises:
        Interrupted: a step of the nightly chain failed.
    """
    world = make(plan)
    done = set(JobRun.objects.filter(job__startswith=PREFIX).values_list("job", "business_date"))
    for number, day in enumerate(plan.days, 1):
        if (PREFIX + "night", day) in done:
            continue
        clock.advance(day)
        for place, (name, activity) in enumerate(activities.items()):
            if (PREFIX + name, day) not in done:
                _once(PREFIX + name, day, 100 + place, partial(activity, plan, world, day))
        outbox.drain()
        if not jobs.run_day(day):
            failed = JobRun.objects.filter(business_date=day, state=JobRun.State.FAILED).first()
            raise Interrupted(f"{failed}: {failed.error if failed else 'not finished'}")
        outbox.drain()
        _once(PREFIX + "night", day, 199, lambda: None)
        yield Progress(day, number, len(plan.days))
    _open_next_day(plan.days[-1])


def _open_next_day(last: date) -> None:
    """Bring the clock to the first working day after the last, so that people can begin."""
    first = clock.next_business_day(last + timedelta(days=1))
    if clock.business_date() >= first:
        return
    day = last + timedelta(days=1)
    while day < first:
        clock.advance(day)
        jobs.run_day(day)
        day += timedelta(days=1)
    clock.advance(first)


@transaction.atomic
def _once(job: str, day: date, position: int, activity: Callable[[], None]) -> None:
    began = timezone.now()
    activity()
    JobRun.objects.create(
        job=job,
        business_date=day,
        position=position,
        state=JobRun.State.DONE,
        started_at=began,
        finished_at=timezone.now(),
    )
