"""Reads of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When
from django.utils.translation import gettext_lazy as _

from claims.models import Adjustment, CaseReserve, Claim, ClaimDocument, Provider
from claims.selectors.batches import OPEN

SOON = timedelta(days=2)
RESERVE_REASONS = {
    "RECEPTION": _("First estimate at reception"),
    "ADJUSTMENT": _("Set to the approved amount"),
    "PAYMENT": _("Used by the payment"),
    "REJECTION": _("Released: declined"),
    "WITHDRAWAL": _("Released: withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """An adjuster's day in figures."""

    mine: int
    overdue: int
    due_soon: int
    gated: int
    waiting: int
    approved: int


def claims_within(agents: Sequence[str] | None) -> QuerySet[Claim]:
    """Return the claims that a person may see, newest report first, ready for display.

    Args:
        agents: whose contracts (``access.agents_within``); None: all.
    """
    rows = Claim.objects.select_related("provider").order_by("-report_date", "-pk")
    return rows if agents is None else rows.filter(agent_id__in=agents)


def my_desk(actor: str, today: date) -> tuple[Desk, QuerySet[Claim]]:
    """Return an adjuster's figures and open claims: due first, and what the gate stops last."""
    open_claims = Claim.objects.filter(status__in=OPEN)
    mine = open_claims.filter(adjuster=actor)
    soon = today + SOON
    counts = mine.aggregate(
        mine=Count("pk"),
        overdue=Count("pk", filter=Q(due_on__lt=today)),
        due_soon=Count("pk", filter=Q(due_on__gte=today, due_on__lte=soon)),
        gated=Count("pk", filter=~Q(fds_gate=Claim.Gate.CLEAR)),
        approved=Count("pk", filter=Q(status=Claim.Status.APPROVED)),
    )
    waiting = open_claims.filter(status=Claim.Status.RECEIVED, adjuster="").count()
    gated_last = Case(
        When(fds_gate=Claim.Gate.CLEAR, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    ordered = mine.select_related("provider").order_by("due_on", gated_last, "pk")
    return Desk(waiting=waiting, **counts), ordered


def next_waiting(limit: int = 8) -> QuerySet[Claim]:
    """Return the received claims that nobody has taken, due first."""
    return Claim.objects.filter(status=Claim.Status.RECEIVED, adjuster="").order_by("due_on", "pk")[
        :limit
    ]


def proposals_waiting(*, limit: int, actor: str) -> QuerySet[Adjustment]:
    """Return the proposals that a person may decide: within authority, not made by them."""
    return (
        Adjustment.objects.filter(status=Adjustment.Status.PROPOSED, payable__lte=limit)
        .exclude(made_by=actor)
        .select_related("claim")
        .order_by("claim__due_on", "claim_id")
    )


def moves_of(reception_id: str) -> list[CaseReserve]:
    """Return the case-reserve moves of a claim, oldest first."""
    return list(CaseReserve.objects.filter(claim_id=reception_id).order_by("id"))


def documents_elsewhere(claim: Claim) -> dict[str, list[str]]:
    """Return for each SHA-256 of the claim's documents the other claims that hold the same file."""
    hashes = list(claim.documents.values_list("sha256", flat=True))
    found: dict[str, list[str]] = {}
    rows = ClaimDocument.objects.filter(sha256__in=hashes).exclude(claim=claim)
    for digest, number in rows.values_list("sha256", "claim_id"):
        found.setdefault(digest, []).append(number)
    return found


def claim_numbers(query: str, agents: Sequence[str] | None, limit: int) -> list[Claim]:
    """Find claims by number, contract number or claimant."""
    return list(
        claims_within(agents).filter(
            Q(reception_id__icontains=query)
            | Q(contract_id=query.upper())
            | Q(claimant_name__icontains=query)
        )[:limit]
    )


def providers(query: str = "") -> QuerySet[Provider]:
    """Return providers with the number of their claims, by name."""
    rows = Provider.objects.order_by("provider_name", "pk")
    if query:
        rows = rows.filter(Q(provider_name__icontains=query) | Q(pk__iexact=query))
    return rows


def provider_figures(code: str) -> dict[str, int]:
    """Return how many claims a provider appears in, how many are gated, and what was paid, won."""
    found = Claim.objects.filter(provider_id=code).aggregate(
        claims=Count("pk"),
        gated=Count("pk", filter=~Q(fds_gate=Claim.Gate.CLEAR)),
        customers=Count("customer_id", distinct=True),
        claimed=Sum("claimed_amount"),
        paid=Sum("payout__payout_amount"),
    )
    return {name: int(value or 0) for name, value in found.items()}


def manager_figures(limit: int, today: date) -> dict[str, int]:
    """Return the counts of a manager's desk, and the case reserves in won.

    Args:
        limit: the manager's authority, won.
        today: business date.
    """
    proposals = Adjustment.objects.filter(status=Adjustment.Status.PROPOSED).aggregate(
        within=Count("pk", filter=Q(payable__lte=limit)),
        above=Count("pk", filter=Q(payable__gt=limit)),
    )
    found = Claim.objects.filter(status__in=OPEN).aggregate(
        approved=Count("pk", filter=Q(status=Claim.Status.APPROVED, fds_gate=Claim.Gate.CLEAR)),
        overdue=Count("pk", filter=Q(due_on__lt=today)),
        unassigned=Count("pk", filter=Q(adjuster="")),
        reserves=Sum("case_reserve"),
    )
    return {name: int(value or 0) for name, value in (proposals | found).items()}


def load_by_adjuster(today: date) -> list[Any]:
    """Return for each adjuster the open claims, those overdue, and their reserves."""
    return list(
        Claim.objects.filter(status__in=OPEN)
        .exclude(adjuster="")
        .values("adjuster")
        .annotate(
            open=Count("pk"),
            overdue=Count("pk", filter=Q(due_on__lt=today)),
            reserves=Sum("case_reserve"),
        )
        .order_by("-overdue", "-open", "adjuster")[:15]
    )


def beside(claim: Claim) -> list[Claim]:
    """Return the other claims of the same contract that may draw on the same sums, newest first.

    Open and paid ones; those that were declined or withdrawn take nothing.
    """
    rows = Claim.objects.filter(contract_id=claim.contract_id).exclude(pk=claim.pk)
    closed = (Claim.Status.REJECTED, Claim.Status.WITHDRAWN)
    return list(rows.exclude(status__in=closed).order_by("-report_date", "-pk")[:20])
