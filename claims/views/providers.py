"""Hospitals and garages, as pages."""

from __future__ import annotations

from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from claims import access, selectors, services
from claims.filters import ProviderFilter
from claims.forms import ProviderForm
from claims.models import Claim
from claims.tables import ClaimTable, ProviderTable
from core.boards import Figure
from core.clock import business_date
from core.forms import form_page
from core.frame import Act
from core.lists import Empty, list_page
from core.permissions import may, requires, scope_of
from core.records import record_page


@requires("claims.view")
@require_GET
def provider_list(request: HttpRequest) -> HttpResponse:
    """List the providers with their claims."""
    new = reverse("claims:provider_new")
    registers = may(request.user, "claims.adjust")
    return list_page(
        request,
        title=_("Hospitals and garages"),
        queryset=selectors.providers().annotate(
            claim_count=Count("claims"),
            gated_count=Count("claims", filter=~Q(claims__fds_gate=Claim.Gate.CLEAR)),
            claimed_total=Sum("claims__claimed_amount"),
        ),
        filterset=ProviderFilter,
        table=ProviderTable,
        export_name="providers",
        primary=Act(_("Register a provider"), new, "plus") if registers else None,
        empty=Empty(
            _("No providers yet"),
            _("A hospital or a garage is registered once and chosen in claims."),
            new if registers else "",
            _("Register a provider") if registers else "",
        ),
    )


@requires("claims.adjust")
@require_http_methods(["GET", "POST"])
def provider_new(request: HttpRequest) -> HttpResponse:
    """Register a provider."""
    year = business_date().year
    return form_page(
        request,
        ProviderForm,
        title=_("Register a provider"),
        act=lambda form: services.register_provider(year=year, **form.cleaned_data),
        done=lambda code: reverse("claims:provider_detail", args=[code]),
        submit=_("Register"),
        message=_("Registered."),
        cancel=reverse("claims:provider_list"),
        crumbs=[(_("Hospitals and garages"), reverse("claims:provider_list"))],
    )


@requires("claims.view")
@require_GET
def provider_detail(request: HttpRequest, code: str) -> HttpResponse:
    """Show a provider with its latest claims."""
    provider = get_object_or_404(selectors.providers(), pk=code)
    agents = access.agents_within(scope_of(request.user, "claims.view"))
    rows = selectors.claims_within(agents).filter(provider=provider)
    table = ClaimTable(rows[:20])
    table.sorts = False
    figures = selectors.provider_figures(code)
    behind = reverse("claims:claim_list") + f"?provider={code}"
    return record_page(
        request,
        provider,
        title=provider.provider_name,
        number=code,
        place="provider",
        status_field="",
        figures=[
            Figure(_("Claims"), figures["claims"], kind="count", url=behind),
            Figure(_("Customers"), figures["customers"], kind="count"),
            Figure(_("Not clear"), figures["gated"], kind="count"),
            Figure(_("Claimed"), figures["claimed"], _("won")),
            Figure(_("Benefit paid"), figures["paid"], _("won")),
        ],
        facts=[(_("Kind"), provider.get_kind_display()), (_("Region"), provider.region)],
        crumbs=[(_("Hospitals and garages"), reverse("claims:provider_list"))],
        template="claims/provider_detail.html",
        context={"table": table},
    )
