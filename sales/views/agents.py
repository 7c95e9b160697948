"""Agents: list, record, appointment, training, retirement."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.boards import Figure
from core.clock import add_months, business_date
from core.forms import form_page
from core.frame import Act
from core.lists import Empty, list_page
from core.permissions import Scope, may, requires, scope_of
from core.records import record_page
from sales.access import demand_agent, demand_branch
from sales.filters import AgentFilter
from sales.forms import AgentForm, PostForm, ReappointForm, RetireForm, TrainingForm
from sales.models import Agent
from sales.selectors import commissions, hierarchy, organisation
from sales.services import hierarchy as places
from sales.services import organisation as services
from sales.tables import AgentTable
from sales.views.homes import kept_figure

_CRUMB = _("Agents")


@requires("sales.view")
@require_GET
def agent_list(request: HttpRequest) -> HttpResponse:
    """List the agents of the person's scope."""
    manages = may(request.user, "sales.manage")
    new = reverse("sales:agent_new")
    return list_page(
        request,
        title=_CRUMB,
        queryset=organisation.agent_list(scope_of(request.user, "sales.view")),
        filterset=AgentFilter,
        table=AgentTable,
        export_name="agents",
        primary=Act(_("Appoint an agent"), new, "user-plus") if manages else None,
        empty=Empty(_("No agents yet"), _("Appoint the first one."), new if manages else ""),
    )


@requires("sales.view")
@require_GET
def agent_detail(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Show an agent: licence and training, sales, commission, persistency."""
    agent = organisation.agent(agent_id, scope_of(request.user, "sales.view"))
    today = business_date()
    own = Scope(own=agent_id)
    first = today.replace(day=1)
    sold = commissions.sold([agent_id], first, today)
    before = commissions.sold([agent_id], add_months(first, -1), add_months(today, -1))
    now = commissions.summary(own, today)
    listed = f"?agent_id={agent_id}"
    return record_page(
        request,
        agent,
        title=agent.agent_name,
        number=agent_id,
        place="agent",
        figures=[
            Figure(
                _("New monthly premium"), sold.total, _("won"), before=before.total, better="up"
            ),
            Figure(
                _("Expected next"),
                now.expected,
                _("won"),
                url=reverse("sales:commission_list") + listed,
            ),
            Figure(
                _("Clawed back this month"),
                now.taken_back,
                _("won"),
                before=now.taken_back_before,
                better="down",
            ),
            *(kept_figure(kept) for kept in commissions.persistency(own, today)),
        ],
        facts=_facts(agent),
        primary=_primary(request, agent),
        more=_more(request, agent),
        crumbs=[(_CRUMB, reverse("sales:agent_list"))],
        template="sales/agent_detail.html",
        context={
            "today": today,
            "untrained": agent.training_valid_until < today,
            "posts": hierarchy.posts_of(agent_id),
            "money": commissions.by_kind(agent_id),
        },
    )


def _facts(agent: Agent) -> list[tuple[Any, Any]]:
    kinds = [(_("life"), agent.sells_life), (_("non-life"), agent.sells_non_life)]
    return [
        (_("Branch"), f"{agent.branch_name} ({agent.branch_id})"),
        (_("Rank"), agent.get_rank_display()),
        (_("Engaged by"), agent.get_channel_display()),
        (_("Commission factor"), agent.commission_rate),
        (_("Licence number"), agent.licence_number),
        (_("Licensed for"), ", ".join(str(label) for label, may_sell in kinds if may_sell)),
        (_("Appointed on"), agent.appointed_on),
        (_("Retired on"), agent.retired_on),
        (_("Training valid until"), agent.training_valid_until),
    ]


def _primary(request: HttpRequest, agent: Agent) -> Act | None:
    if not may(request.user, "sales.manage"):
        return None
    if agent.status == Agent.Status.RETIRED:
        url = reverse("sales:agent_reappoint", args=[agent.agent_id])
        return Act(_("Appoint again"), url, "user-check")
    return Act(_("Record training"), reverse("sales:agent_train", args=[agent.agent_id]), "school")


def _more(request: HttpRequest, agent: Agent) -> list[Act]:
    listed = f"?agent_id={agent.agent_id}"
    acts = [
        Act(_("Applications"), reverse("sales:application_list") + listed, "writing"),
        Act(_("Commissions"), reverse("sales:commission_list") + listed, "coins"),
        Act(_("Statements"), reverse("sales:settlement_list") + listed, "file-invoice"),
    ]
    if may(request.user, "sales.manage"):
        acts.append(Act(_("Change"), reverse("sales:agent_change", args=[agent.agent_id]), "edit"))
        place = reverse("sales:agent_post", args=[agent.agent_id])
        acts.append(Act(_("Place in the hierarchy"), place, "hierarchy"))
        if agent.status == Agent.Status.ACTIVE:
            url = reverse("sales:agent_retire", args=[agent.agent_id])
            acts.append(Act(_("Retire"), url, "user-off"))
    return acts


@requires("sales.manage")
@require_http_methods(["GET", "POST"])
def agent_new(request: HttpRequest) -> HttpResponse:
    """Appoint an agent."""
    scope = scope_of(request.user, "sales.manage")
    today = business_date()

    def act(form: AgentForm) -> list[str]:
        demand_branch(scope, form.cleaned_data["branch_code"])
        return services.appoint([form.appointment()])

    return form_page(
        request,
        AgentForm,
        title=_("Appoint an agent"),
        form_kwargs={"branches": _branches(scope)},
        initial={"appointed_on": today, "training_valid_until": add_months(today, 24)},
        act=act,
        done=lambda made: reverse("sales:agent_detail", args=[made[0]]),
        submit=_("Appoint"),
        message=_("Appointed."),
        cancel=reverse("sales:agent_list"),
        crumbs=[(_CRUMB, reverse("sales:agent_list"))],
    )


def _branches(scope: Scope) -> list[tuple[str, str]]:
    return [(b.branch_code, b.branch_name) for b in organisation.branches(scope)]


def _managed(request: HttpRequest, agent_id: str) -> tuple[Agent, Scope]:
    scope = scope_of(request.user, "sales.manage")
    agent = organisation.agent(agent_id, scope)
    demand_agent(scope, agent_id=agent_id, branch_code=agent.branch_id)
    return agent, scope


def _crumbs(agent: Agent) -> list[tuple[Any, str]]:
    record = reverse("sales:agent_detail", args=[agent.agent_id])
    return [(_CRUMB, reverse("sales:agent_list")), (str(agent), record)]


@requires("sales.manage")
@require_http_methods(["GET", "POST"])
def agent_change(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Change an agent's master data."""
    agent, scope = _managed(request, agent_id)
    names = [name for name in AgentForm.base_fields if name not in {"name", "branch_code"}]
    initial = {name: getattr(agent, name) for name in names}

    def act(form: AgentForm) -> None:
        demand_branch(scope, form.cleaned_data["branch_code"])
        services.change_agent(agent_id, form.appointment())

    return form_page(
        request,
        AgentForm,
        title=_("Change an agent"),
        form_kwargs={"branches": _branches(scope)},
        initial={**initial, "name": agent.agent_name, "branch_code": agent.branch_id},
        act=act,
        done=reverse("sales:agent_detail", args=[agent_id]),
        message=_("Saved. Commissions that arose keep the factor they arose with."),
        cancel=reverse("sales:agent_detail", args=[agent_id]),
        crumbs=_crumbs(agent),
    )


@requires("sales.manage")
@require_http_methods(["GET", "POST"])
def agent_train(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Record a refresher course."""
    agent, _scope = _managed(request, agent_id)
    return form_page(
        request,
        TrainingForm,
        title=_("Record training"),
        initial={"valid_until": add_months(business_date(), 24)},
        act=lambda form: services.record_training(
            [agent_id], valid_until=form.cleaned_data["valid_until"]
        ),
        done=reverse("sales:agent_detail", args=[agent_id]),
        message=_("Recorded."),
        cancel=reverse("sales:agent_detail", args=[agent_id]),
        crumbs=_crumbs(agent),
    )


@requires("sales.manage")
@require_http_methods(["GET", "POST"])
def agent_retire(request: HttpRequest, agent_id: str) -> HttpResponse:
    """End an agent's appointment."""
    agent, _scope = _managed(request, agent_id)
    return form_page(
        request,
        RetireForm,
        title=_("Retire an agent"),
        initial={"on": business_date()},
        act=lambda form: services.retire(agent_id, **form.cleaned_data),
        done=reverse("sales:agent_detail", args=[agent_id]),
        submit=_("Retire"),
        message=_("Retired. Their commissions are settled as before."),
        danger=True,
        cancel=reverse("sales:agent_detail", args=[agent_id]),
        crumbs=_crumbs(agent),
    )


@requires("sales.manage")
@require_http_methods(["GET", "POST"])
def agent_reappoint(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Appoint a retired agent again."""
    agent, _scope = _managed(request, agent_id)
    today = business_date()
    return form_page(
        request,
        ReappointForm,
        title=_("Appoint again"),
        initial={"on": today, "training_valid_until": add_months(today, 24)},
        act=lambda form: services.reappoint(agent_id, **form.cleaned_data),
        done=reverse("sales:agent_detail", args=[agent_id]),
        submit=_("Appoint"),
        message=_("Appointed."),
        cancel=reverse("sales:agent_detail", args=[agent_id]),
        crumbs=_crumbs(agent),
    )


@requires("sales.manage")
@require_http_methods(["GET", "POST"])
def agent_post(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Put an agent in another place of the hierarchy from a day on."""
    agent, _scope = _managed(request, agent_id)
    now = next(iter(hierarchy.posts_of(agent_id)), None)
    back = reverse("sales:agent_detail", args=[agent_id])
    return form_page(
        request,
        PostForm,
        title=_("Place in the hierarchy"),
        initial={
            "rank": now.rank if now else agent.rank,
            "tier": now.tier if now else "",
            "reports_to": now.reports_to_id or "" if now else "",
            "starts": business_date(),
        },
        act=lambda form: places.post(agent_id=agent_id, **form.cleaned_data),
        done=back,
        message=_("Saved. Lines that arose keep the hierarchy of their day."),
        cancel=back,
        crumbs=_crumbs(agent),
    )
