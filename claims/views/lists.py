"""The list of claims, the reception form, and the panel of a contract."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from claims import access, selectors, services
from claims.filters import ClaimFilter
from claims.forms import ReceptionForm
from claims.tables import ClaimTable
from claims.views.common import record_url
from core.clock import business_date
from core.forms import form_page
from core.frame import Act
from core.htmx import render_page
from core.lists import Empty, list_page
from core.permissions import may, requires, scope_of


@requires("claims.view")
@require_http_methods(["GET", "POST"])
def claim_list(request: HttpRequest) -> HttpResponse:
    """List the claims that the person may see."""
    new = reverse("claims:claim_new")
    receives = may(request.user, "claims.receive")
    agents = access.agents_within(scope_of(request.user, "claims.view"))
    return list_page(
        request,
        title=_("Claims"),
        queryset=selectors.claims_within(agents),
        filterset=ClaimFilter,
        table=ClaimTable,
        export_name="claims",
        personal=True,
        primary=Act(_("Receive a claim"), new, "plus") if receives else None,
        empty=Empty(
            _("No claims yet"),
            _("A report by phone, web or branch becomes a claim here."),
            new if receives else "",
            _("Receive a claim") if receives else "",
        ),
    )


@requires("claims.receive")
@require_http_methods(["GET", "POST"])
def claim_new(request: HttpRequest) -> HttpResponse:
    """Receive a claim; it is scored at once and opens with its number and due date."""
    today = business_date()
    scope = scope_of(request.user, "claims.receive")

    def act(form: ReceptionForm) -> str:
        return services.receive_within(
            form.row(),
            agents=access.agents_within(scope),
            business_date=today,
            confirmed=form.cleaned_data["confirmed"],
        )

    return form_page(
        request,
        ReceptionForm,
        title=_("Receive a claim"),
        initial={
            "contract_id": request.GET.get("contract", ""),
            "channel": "CALL",
            "incident_on": today,
            "reported_on": today,
            "reported_time": localtime().strftime("%H:%M"),
        },
        act=act,
        done=record_url,
        submit=_("Receive"),
        message=_("Received and scored. Add the documents next."),
        cancel=reverse("claims:claim_list"),
        crumbs=[(_("Claims"), reverse("claims:claim_list"))],
    )


@requires("claims.view")
@require_GET
def panel_contract(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Show the claims of a contract on its page."""
    agents = access.agents_within(scope_of(request.user, "claims.view"))
    fact = access.contract_facts([contract_id]).get(contract_id)
    if fact is None or (agents is not None and fact.agent_id not in agents):
        raise Http404(contract_id)
    rows = list(selectors.claims_within(agents).filter(contract_id=contract_id))
    return render_page(
        request,
        "claims/panel_contract.html",
        {
            "title": _("Claims"),
            "claims": rows,
            "contract_id": contract_id,
            "today": business_date(),
            "receives": may(request.user, "claims.receive"),
        },
        partial="panel",
    )
