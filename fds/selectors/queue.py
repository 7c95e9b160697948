"""The queue of the investigators: cases that wait, what decides their order, and their clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from claims import api as claims
from fds.models import Analysis, Case, Label, Prediction, Task
from fds.selectors.pages import UNDECIDED

IN_ORDER = ("-expected_saving", "opened_on", "pk")


def in_queue(on: date) -> Q:
    """Return the condition of the cases that stand in the queue: undecided, not put aside."""
    return Q(status__in=UNDECIDED) & (Q(aside_until=None) | Q(aside_until__lte=on))


def queue(on: date) -> QuerySet[Case]:
    """Return the undecided cases, those put aside too, by expected saving, ready for display."""
    latest = Prediction.objects.filter(claim=OuterRef("claim")).order_by("-pk")
    return (
        Case.objects.filter(status__in=UNDECIDED)
        .select_related("claim")
        .annotate(
            tier=Subquery(latest.values("tier")[:1]),
            percentile=Subquery(latest.values("percentile")[:1]),
            late=Q(claim__due_on__lt=on),
        )
        .order_by(*IN_ORDER)
    )


def by_rule(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
    """Keep cases in whose present score a rule hit."""
    hit = Analysis.objects.filter(analysis_report__rules__contains=[{"code": code, "hit": True}])
    return rows.filter(claim_id__in=hit.values("claim_id"))


def queue_figures(actor: str, on: date) -> dict[str, int]:
    """Return the counts of the queue on a day: decided cases and those put aside are in none.

    Returns:
        open, mine, free (let lie by others), late (past the due date of the claim), aside,
        saving and amount (won).
    """
    standing = in_queue(on)
    mine = standing & Q(status=Case.Status.WORKING, investigator=actor)
    lying = Q(status=Case.Status.WORKING, kept_until__lt=on)
    found = Case.objects.filter(status__in=UNDECIDED).aggregate(
        open=Count("pk", filter=standing & Q(status=Case.Status.OPEN)),
        mine=Count("pk", filter=mine),
        free=Count("pk", filter=standing & lying & ~Q(investigator=actor)),
        late=Count("pk", filter=standing & Q(claim__due_on__lt=on, claim__closed_on=None)),
        aside=Count("pk", filter=~standing),
        saving=Sum("expected_saving", filter=standing),
        amount=Sum("amount", filter=standing),
    )
    return {name: int(value or 0) for name, value in found.items()}


def neighbours(case: Case, on: date) -> tuple[str, str]:
    """Return the claims of the cases before and after one in the queue; empty at its ends."""
    order = list(
        Case.objects.filter(in_queue(on)).order_by(*IN_ORDER).values_list("claim_id", flat=True)
    )
    if case.claim_id not in order:
        return "", order[0] if order else ""
    place = order.index(case.claim_id)
    return (order[place - 1] if place else "", order[place + 1] if place + 1 < len(order) else "")


def label_of(case: Case) -> str:
    """Return the state of what is known about a case's claim, of ``Label.State``."""
    if case.status == Case.Status.WORKING:
        return str(Label.State.WORKING)
    latest = Label.objects.filter(claim=case.claim_id).order_by("-decided_on", "-pk").first()
    return latest.state if latest else str(Label.State.UNSEEN)


def tasks_open() -> int:
    """Return how many tasks from decided cases are to be done."""
    return Task.objects.filter(status=Task.Status.OPEN).count()


def late_interest(numbers: Sequence[str], on: date) -> dict[str, int]:
    """Return the interest that a payment on a day would carry, won, by claim."""
    return {number: won for number, (_days, won) in claims.interest_so_far(numbers, on).items()}


__all__ = [
    "by_rule",
    "in_queue",
    "label_of",
    "late_interest",
    "neighbours",
    "queue",
    "queue_figures",
    "tasks_open",
]
