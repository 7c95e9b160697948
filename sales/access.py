"""Which rows a person may see: an agent their own, a branch manager the branch's."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import NotAllowed
from core.permissions import Scope

M_ = TypeVar("M_", bound=Model)


def within(scope: Scope, *, agent: str = "agent") -> Q:
    """Return the condition that keeps rows of the scope.

    Args:
        scope: from ``core.permissions.scope_of``.
        agent: lookup path to the agent; empty on the agent itself.
    """
    if scope.everything:
        return Q()
    prefix = f"{agent}__" if agent else ""
    if scope.own is not None:
        return Q(**{f"{agent}_id" if agent else "agent_id": scope.own})
    return Q(**{f"{prefix}branch_id": scope.branch})


def visible(queryset: QuerySet[M_], scope: Scope, *, agent: str = "agent") -> QuerySet[M_]:
    """Keep the rows that a person may see."""
    return queryset.filter(within(scope, agent=agent))


def demand_agent(scope: Scope, *, agent_id: str, branch_code: Any) -> None:
    """Refuse an act for an agent outside the scope.

    Raises:
        NotAllowed: it is another agent, or another branch's.
    """
    if scope.own is not None and scope.own != agent_id:
        raise NotAllowed(_("You act for yourself only, not for agent %s.") % agent_id)
    if scope.branch is not None and scope.branch != branch_code:
        raise NotAllowed(_("Agent %s belongs to another branch.") % agent_id)


def demand_branch(scope: Scope, branch_code: str) -> None:
    """Refuse an act in another branch than the scope's.

    Raises:
        NotAllowed: it is another branch.
    """
    if scope.branch is not None and scope.branch != branch_code:
        raise NotAllowed(_("You manage branch %(own)s only.") % {"own": scope.branch})
