"""Branches and agents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import NotFound
from core.permissions import Scope
from sales import rules
from sales.access import visible
from sales.models import Agent, Branch

TRAINING_WARNING = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class AgentInfo:
    """An agent as later stages see one."""

    agent_id: str
    name: str
    branch_code: str
    branch_name: str
    commission_rate: Decimal
    status: str
    rank: str
    licence_number: str
    sells_life: bool
    sells_non_life: bool
    appointed_on: date
    retired_on: date | None
    training_valid_until: date


def info_of(agent: Agent) -> AgentInfo:
    """Return an agent's plain values."""
    return AgentInfo(
        agent_id=agent.agent_id,
        name=agent.agent_name,
        branch_code=agent.branch_id,
        branch_name=agent.branch_name,
        commission_rate=agent.commission_rate,
        status=agent.status,
        rank=agent.rank,
        licence_number=agent.licence_number,
        sells_life=agent.sells_life,
        sells_non_life=agent.sells_non_life,
        appointed_on=agent.appointed_on,
        retired_on=agent.retired_on,
        training_valid_until=agent.training_valid_until,
    )


def agents(ids: Iterable[str]) -> dict[str, AgentInfo]:
    """Return agents by id; unknown ids are absent."""
    return {a.agent_id: info_of(a) for a in Agent.objects.filter(agent_id__in=set(ids))}


def agent_list(scope: Scope) -> QuerySet[Agent]:
    """Return the agents of a scope."""
    return visible(Agent.objects.select_related("branch"), scope, agent="").order_by("agent_id")


def agent(agent_id: str, scope: Scope) -> Agent:
    """Return one agent of a scope.

    Raises:
        NotFound: there is none, or it lies outside the scope.
    """
    found = agent_list(scope).filter(agent_id=agent_id).first()
    if found is None:
        raise NotFound(_("There is no agent %s.") % agent_id)
    return found


def agent_ids(scope: Scope) -> list[str] | None:
    """Return the ids of the agents of a scope; None when nothing is hidden."""
    if scope.everything:
        return None
    return list(agent_list(scope).values_list("agent_id", flat=True))


def sellers(ids: Iterable[str]) -> dict[str, rules.Seller]:
    """Return what decides whether agents may sell, by id."""
    return {a.agent_id: seller_of(a) for a in Agent.objects.filter(agent_id__in=set(ids))}


def seller_of(agent: Agent) -> rules.Seller:
    """Return what decides whether an agent may sell."""
    sells = {"LIFE": agent.sells_life, "NON_LIFE": agent.sells_non_life}
    return rules.Seller(
        active=agent.status == Agent.Status.ACTIVE,
        licensed=bool(agent.licence_number),
        appointed_on=agent.appointed_on,
        training_valid_until=agent.training_valid_until,
        sells=frozenset(kind for kind, may in sells.items() if may),
    )


def factors(ids: Iterable[str]) -> dict[str, int]:
    """Return the agents' commission factors in hundredths, by id."""
    rows = Agent.objects.filter(agent_id__in=set(ids)).values_list("agent_id", "commission_rate")
    return {agent_id: int(rate * 100) for agent_id, rate in rows}


def training_ends_soon(scope: Scope, on: date) -> QuerySet[Agent]:
    """Return appointed agents whose training has ended or ends within thirty days."""
    return (
        agent_list(scope)
        .filter(status=Agent.Status.ACTIVE, training_valid_until__lte=on + TRAINING_WARNING)
        .order_by("training_valid_until")
    )


def branches(scope: Scope) -> QuerySet[Branch]:
    """Return the branches of a scope; an agent sees their own."""
    found = Branch.objects.order_by("branch_code")
    if scope.everything:
        return found
    if scope.branch is not None:
        return found.filter(branch_code=scope.branch)
    return found.filter(agents__agent_id=scope.own)


def search_agents(query: str, scope: Scope, limit: int) -> list[Agent]:
    """Return agents whose number or name contains the words."""
    words = Q(agent_id__icontains=query) | Q(agent_name__icontains=query)
    return list(agent_list(scope).filter(words)[:limit])
