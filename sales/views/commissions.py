"""Commissions: every one, and summed by contract."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.frame import Act
from core.lists import Empty, list_page
from core.permissions import requires, scope_of
from sales.filters import CommissionFilter, ContractSumFilter
from sales.selectors import commissions
from sales.tables import CommissionTable, ContractSumTable

_EMPTY = Empty(
    _("No commission yet"),
    _("The first premium of a contract earns it; it is due the next month."),
)


@requires("sales.view")
@require_GET
def commission_list(request: HttpRequest) -> HttpResponse:
    """List commissions and clawbacks of the person's scope."""
    return list_page(
        request,
        title=_("Commissions"),
        queryset=commissions.commission_list(scope_of(request.user, "sales.view")),
        filterset=CommissionFilter,
        table=CommissionTable,
        export_name="commissions",
        more=[Act(_("By contract"), reverse("sales:contract_sums"), "list-details")],
        empty=_EMPTY,
    )


@requires("sales.view")
@require_GET
def contract_sums(request: HttpRequest) -> HttpResponse:
    """List the commissions of the person's scope, summed by contract."""
    return list_page(
        request,
        title=_("Commission by contract"),
        queryset=commissions.by_contract(scope_of(request.user, "sales.view")),
        filterset=ContractSumFilter,
        table=ContractSumTable,
        export_name="commission-by-contract",
        crumbs=[(_("Commissions"), reverse("sales:commission_list"))],
        empty=_EMPTY,
    )
