"""Statements: what is open, what is carried, lists and records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.clock import add_months, next_business_day
from core.errors import NotFound
from core.permissions import Scope
from sales.access import visible
from sales.models import Commission, CommissionSettlement

SETTLEMENT_DAY = 10
DRAFT = CommissionSettlement.Status.DRAFT


def settlement_day(month: date) -> date:
    """Return the day of the month on which commissions are settled: the 10th, if it is worked."""
    return next_business_day(month.replace(day=SETTLEMENT_DAY))


def next_settlement_day(on: date) -> date:
    """Return the first settlement day on or after ``on``."""
    this_month = settlement_day(on)
    return this_month if on <= this_month else settlement_day(add_months(on.replace(day=1), 1))


def open_lines(until: date) -> QuerySet[Commission]:
    """Return lines due until a day, inclusive, that stand on no statement yet."""
    return Commission.objects.filter(
        status=Commission.Status.PENDING, settlement=None, payment_date__lte=until
    )


def due_agents(on: date) -> list[str]:
    """Return the agents who have something to settle this month."""
    done = CommissionSettlement.objects.filter(month=f"{on:%Y-%m}").values("agent_id")
    return list(
        open_lines(on)
        .exclude(agent_id__in=done)
        .order_by("agent_id")
        .values_list("agent_id", flat=True)
        .distinct()
    )


def balances(agent_ids: Iterable[str] | None = None) -> dict[str, int]:
    """Return what agents still owe after their last statement (negative won), by agent."""
    rows = CommissionSettlement.objects.order_by("agent_id", "-month").distinct("agent_id")
    if agent_ids is not None:
        rows = rows.filter(agent_id__in=list(agent_ids))
    return {agent: int(owed) for agent, owed in rows.values_list("agent_id", "carried_out")}


def earlier_drafts(rows: Sequence[CommissionSettlement]) -> bool:
    """Say whether an earlier statement of one of these agents is a draft outside ``rows``."""
    latest: dict[str, str] = {}
    for row in rows:
        latest[row.agent_id] = max(latest.get(row.agent_id, ""), row.month)
    mine = {row.settlement_id for row in rows}
    drafts = CommissionSettlement.objects.filter(agent_id__in=latest, status=DRAFT)
    return any(
        month < latest[agent] and key not in mine
        for agent, month, key in drafts.values_list("agent_id", "month", "settlement_id")
    )


def settlement_list(scope: Scope) -> QuerySet[CommissionSettlement]:
    """Return the statements of a scope, the newest first."""
    return visible(CommissionSettlement.objects.select_related("agent"), scope).order_by(
        "-month", "settlement_id"
    )


def settlement(settlement_id: str, scope: Scope) -> CommissionSettlement:
    """Return one statement of a scope.

    Raises:
        NotFound: there is none, or it lies outside the scope.
    """
    found = settlement_list(scope).filter(settlement_id=settlement_id).first()
    if found is None:
        raise NotFound(_("There is no statement %s.") % settlement_id)
    return found


def lines_of(settlement_id: str) -> QuerySet[Commission]:
    """Return the lines of a statement, by contract."""
    return Commission.objects.filter(settlement_id=settlement_id).order_by(
        "contract_id", "instalment", "comm_id"
    )
