"""What stage 2 offers to other pages: search, pickers, panels, notices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import panels
from core.notices import tells
from core.panels import Panel
from core.permissions import Scope, scope_of
from core.pickers import Choice, picks
from core.search import Hit, searches
from sales.models import CommissionSettlement
from sales.selectors import applications, organisation, settlements


@searches("sales.view")
def find_agents(query: str, scope: Scope, limit: int) -> Iterable[Hit]:
    """Find agents by number or name."""
    for agent in organisation.search_agents(query, scope, limit):
        yield Hit(
            kind=_("Agent"),
            number=agent.agent_id,
            title=agent.agent_name,
            url=reverse("sales:agent_detail", args=[agent.agent_id]),
            note=agent.branch_name,
        )


@searches("sales.view")
def find_applications(query: str, scope: Scope, limit: int) -> Iterable[Hit]:
    """Find applications by number or applicant's name."""
    for row in applications.search(query, scope, limit):
        yield Hit(
            kind=_("Application"),
            number=row.application_id,
            title=row.applicant_name,
            url=reverse("sales:application_detail", args=[row.application_id]),
            note=str(row.get_status_display()),
        )


@searches("sales.view")
def find_settlements(query: str, scope: Scope, limit: int) -> Iterable[Hit]:
    """Find statements by number."""
    found = settlements.settlement_list(scope).filter(settlement_id__icontains=query)
    for row in found[:limit]:
        yield Hit(
            kind=_("Statement"),
            number=row.settlement_id,
            title=f"{row.agent.agent_name} {row.month}",
            url=reverse("sales:settlement_detail", args=[row.settlement_id]),
            note=str(row.get_status_display()),
        )


@picks("agent", right="sales.view")
def pick_agents(query: str, scope: Scope, limit: int) -> Iterable[Choice]:
    """Suggest agents for forms."""
    for agent in organisation.search_agents(query, scope, limit):
        yield agent.agent_id, f"{agent.agent_name} · {agent.branch_name}"


panels.register(
    Panel(
        place="contract",
        title=_("Commissions"),
        url=lambda key: reverse("sales:panel_contract", args=[key]),
        right="sales.view",
        order=30,
    )
)
panels.register(
    Panel(
        place="agent",
        title=_("Applications"),
        url=lambda key: reverse("sales:panel_applications", args=[key]),
        right="sales.view",
        order=10,
    )
)
panels.register(
    Panel(
        place="agent",
        title=_("Commissions"),
        url=lambda key: reverse("sales:panel_commissions", args=[key]),
        right="sales.view",
        order=20,
    )
)


@tells(_("Agents whose training ends"), url="sales:branch_home", right="sales.manage")
def trainings_ending(user: Any, today: date) -> int:
    """Count the agents of the person's scope whose training ends within thirty days."""
    return organisation.training_ends_soon(scope_of(user, "sales.manage"), today).count()


@tells(
    _("Commission statements to release"),
    url="sales:settlement_list",
    query="?status=DRAFT",
    right="sales.settle",
)
def statements_to_release(user: Any, today: date) -> int:
    """Count the statements that others, or the night, have drafted."""
    drafts = CommissionSettlement.objects.filter(status=CommissionSettlement.Status.DRAFT)
    return drafts.exclude(made_by=user.get_username()).count()
