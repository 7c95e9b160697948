"""Fragments that other records show: commissions of a contract; an agent's work."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.clock import business_date
from core.htmx import render_page
from core.permissions import Scope, may, requires, scope_of
from sales.models import Commission
from sales.selectors import applications, commissions, hierarchy, organisation, settlements
from sales.tables import contract_url

_SHOWN = 8


@requires("sales.view")
@require_GET
def contract_commissions(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Show a contract's commissions and clawbacks, as far as the person may see them."""
    rows = commissions.of_contract(contract_id, scope_of(request.user, "sales.view"))
    taken = Commission.TAKEN
    context = {
        "title": _("Commissions of %(contract)s") % {"contract": contract_id},
        "rows": rows,
        "earned": sum(int(row.amount) for row in rows if row.kind not in taken),
        "taken_back": -sum(int(row.amount) for row in rows if row.kind in taken),
        "waiting": sum(int(row.amount) for row in rows if row.status == "PENDING"),
        "shares": [
            (agent, f"{share / 100:g} %")
            for agent, share in hierarchy.current_shares(contract_id, business_date())
        ],
        "share_url": reverse("sales:contract_share", args=[contract_id])
        if rows and may(request.user, "sales.manage")
        else "",
    }
    return render_page(request, "sales/panel_contract.html", context, partial="panel")


@requires("sales.view")
@require_GET
def agent_applications(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Show an agent's newest applications."""
    organisation.agent(agent_id, scope_of(request.user, "sales.view"))
    context = {
        "title": _("Applications"),
        "rows": applications.of_agent(agent_id, _SHOWN),
        "listed": reverse("sales:application_list") + f"?agent_id={agent_id}",
    }
    return render_page(request, "sales/panel_applications.html", context, partial="panel")


@requires("sales.view")
@require_GET
def agent_commissions(request: HttpRequest, agent_id: str) -> HttpResponse:
    """Show an agent's newest commissions and statements."""
    organisation.agent(agent_id, scope_of(request.user, "sales.view"))
    own = Scope(own=agent_id)
    context = {
        "title": _("Commissions"),
        "rows": [
            (row, contract_url(row.contract_id))
            for row in commissions.commission_list(own)[:_SHOWN]
        ],
        "statements": settlements.settlement_list(own)[:6],
        "listed": reverse("sales:commission_list") + f"?agent_id={agent_id}",
    }
    return render_page(request, "sales/panel_commissions.html", context, partial="panel")
