"""Reads for the frame's own pages: the chain, the outbox, audit, people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext

from .jobs import chain
from .models import (
    AccessRow,
    AuditRow,
    JobChunk,
    JobFailure,
    JobRun,
    OutboxMessage,
    RoleGrant,
    User,
)
from .people import PROGRAMMES

DORMANT_AFTER = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class StepRun:
    """One step of the chain for one business date, as the operations screen shows it."""

    run: JobRun
    label: str | Promise
    done: int
    seconds: Decimal
    failures: int
    workers: list[str]

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.run.state in {JobRun.State.DONE, JobRun.State.FAILED}


@dataclass(frozen=True, slots=True)
class Outbox:
    """How many messages stand where, and how long the oldest has waited."""

    waiting: int
    sent: int
    parked: int
    oldest: datetime | None

    @property
    def seconds_behind(self) -> int:
        """Age of the oldest open message in seconds."""
        return int((timezone.now() - self.oldest).total_seconds()) if self.oldest else 0


def chain_days(limit: int = 14) -> list[dict[str, Any]]:
    """Return the latest business dates with how their steps stand, newest first."""
    days: Any = (
        JobRun.objects.values("business_date")
        .annotate(
            steps=Count("id"),
            done=Count("id", filter=Q(state=JobRun.State.DONE)),
            failed=Count("id", filter=Q(state=JobRun.State.FAILED)),
            items=Sum("items"),
            started=Min("started_at"),
            ended=Max("finished_at"),
        )
        .order_by("-business_date")[:limit]
    )
    return list(days)


def steps_of(day: date) -> list[StepRun]:
    """Return the steps of one business date in their order."""
    labels = {step.name: step.label for step in chain()}
    chunks = JobChunk.objects.filter(run=OuterRef("pk")).values("run")
    hands = chunks.exclude(worker="").order_by("worker").distinct().values("worker")
    open_failures = JobFailure.objects.filter(run=OuterRef("pk"), resolved_at=None).values("run")
    runs = JobRun.objects.filter(business_date=day).annotate(
        done_items=Coalesce(Subquery(chunks.annotate(n=Sum("done_items")).values("n")), 0),
        spent=Coalesce(Subquery(chunks.annotate(n=Sum("seconds")).values("n")), Decimal(0)),
        hands=ArraySubquery(hands),
        failed_items=Coalesce(Subquery(open_failures.annotate(n=Count("id")).values("n")), 0),
    )
    return [
        StepRun(
            run,
            labels.get(run.job, run.job),
            run.done_items,
            run.spent,
            run.failed_items,
            run.hands,
        )
        for run in runs.order_by("position")
    ]


def failures_of(day: date, limit: int = 200) -> list[JobFailure]:
    """Return the items of one business date that are still not done, with their reasons."""
    found = JobFailure.objects.filter(run__business_date=day, resolved_at=None)
    return list(found.select_related("run").order_by("run__position", "id")[:limit])


def outbox() -> Outbox:
    """Return how the outbox stands."""
    state = OutboxMessage.State
    counted = OutboxMessage.objects.exclude(state=state.DONE).aggregate(
        waiting=Count("id", filter=Q(state=state.WAITING)),
        sent=Count("id", filter=Q(state=state.SENT)),
        parked=Count("id", filter=Q(state=state.PARKED)),
        oldest=Min("created_at", filter=~Q(state=state.PARKED)),
    )
    return Outbox(**counted)


def audited_tables() -> list[tuple[str, str]]:
    """Return the tables that are audited, with their models' names, for a choice."""
    found = []
    for model in apps.get_models():
        triggers = getattr(model._meta, "triggers", ())
        if any(getattr(trigger, "name", "") == "audit_update" for trigger in triggers):
            found.append((model._meta.db_table, table_word(model._meta.db_table)))
    return sorted(found, key=lambda pair: pair[1])


def table_word(table: str) -> str:
    """Return what a table is called; its own name where no model has it."""
    names = {model._meta.db_table: str(model._meta.verbose_name) for model in apps.get_models()}
    return pgettext("table", names[table]) if table in names else table


def people(today: date) -> QuerySet[User]:
    """Return everyone with a login, with the number of roles that they hold on ``today``."""
    held = RoleGrant.objects.filter(user=OuterRef("pk"), period__contains=today).values("user")
    return User.objects.annotate(
        role_count=Coalesce(Subquery(held.annotate(n=Count("id")).values("n")), 0)
    ).order_by("username")


def roles_by_person(ids: Sequence[int], today: date) -> dict[int, list[str]]:
    """Return the codes of the roles that each person holds on ``today``."""
    found: dict[int, list[str]] = {}
    rows = RoleGrant.objects.filter(user_id__in=ids, period__contains=today)
    for user_id, role in rows.order_by("id").values_list("user_id", "role"):
        found.setdefault(user_id, []).append(role)
    return found


def dormant() -> Q:
    """Return the condition of an active account that nobody has used for 90 days."""
    before = timezone.now() - DORMANT_AFTER
    used = Coalesce(F("last_login"), F("date_joined"))
    return Q(is_active=True) & Q(pk__in=User.objects.annotate(used=used).filter(used__lt=before))


def writes_of(key: str) -> Q:
    """Keep audited writes of the row with a primary key.

    A change or a removal has an audit row for each row, and its index; only an insert of many rows
    keeps their keys together.
    """
    many = Q(operation="INSERT", keys__len__gt=1, keys__contains=[key])
    return Q(keys__0=key) | many


def past_the_application(since: datetime) -> QuerySet[AuditRow]:
    """Return writes since ``since`` by no person and no programme: someone at the database."""
    known = User.objects.values("username")
    by_programme = Q(actor__in=PROGRAMMES)
    for kind in ("batch", *PROGRAMMES):
        by_programme |= Q(actor__startswith=f"{kind}:")
    return AuditRow.objects.filter(at__gte=since).exclude(actor__in=known).exclude(by_programme)


def personal_access(since: datetime) -> dict[str, int]:
    """Return how often personal data was viewed, unmasked and exported since ``since``."""
    rows = AccessRow.objects.filter(at__gte=since).values_list("action").annotate(n=Count("id"))
    return dict.fromkeys(AccessRow.Action.values, 0) | dict(rows)


def writes_by_day(today: date, days: int = 14) -> list[tuple[date, int]]:
    """Return the number of audited writes of each of the days up to ``today``, oldest first."""
    first = today - timedelta(days=days - 1)
    counted = dict(
        AuditRow.objects.filter(at__gte=timezone.make_aware(datetime.combine(first, time.min)))
        .annotate(day=TruncDate("at"))
        .values_list("day")
        .annotate(n=Count("id"))
    )
    return [(day, counted.get(day, 0)) for day in (first + timedelta(days=i) for i in range(days))]


def session_limits() -> dict[str, int]:
    """Return the limits of a session and of the password, in minutes and counts."""
    return {
        "idle_minutes": settings.SESSION_IDLE_SECONDS // 60,
        "session_hours": settings.SESSION_COOKIE_AGE // 3600,
        "wrong_passwords": settings.AXES_FAILURE_LIMIT,
    }
