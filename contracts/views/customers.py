"""Customers: the list, the record, corrections, and the resident number for a purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contracts import services
from contracts.filters import CustomerFilter
from contracts.forms import CorrectForm, UnmaskForm
from contracts.models import Customer
from contracts.selectors import pages
from contracts.tables import CustomerTable
from core.boards import Figure
from core.forms import form_page, posted, refused_into
from core.frame import Act
from core.htmx import render_page
from core.lists import Empty, list_page
from core.models import AccessRow
from core.permissions import may, requires, scope_of
from core.privacy import log_view
from core.records import Moment, record_page

from .words import occupation

RIGHT = "contracts.view"
SERVICE = "contracts.service"
_SEEN = 20


@requires(RIGHT)
@require_http_methods(["GET", "POST"])
def customer_list(request: HttpRequest) -> HttpResponse:
    """List the customers that the person may see, their resident numbers masked."""
    log_view("customers", "list of customers")
    return list_page(
        request,
        title=_("Policyholders"),
        queryset=pages.customer_list(scope_of(request.user, RIGHT)),
        filterset=CustomerFilter,
        table=CustomerTable,
        export_name="customers",
        personal=True,
        empty=Empty(_("No customers yet"), _("Whoever gets a first contract becomes a customer.")),
    )


@requires(RIGHT)
@require_GET
def customer_detail(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show a customer with their contracts; the view is logged."""
    scope = scope_of(request.user, RIGHT)
    row = pages.customer(customer_id, scope)
    log_view(str(customer_id), "customer")
    url = reverse("contracts:contract_list") + f"?customer={customer_id}"
    return record_page(
        request,
        row,
        title=row.name,
        number=str(customer_id),
        place="customer",
        status_field="",
        figures=[
            Figure(_("Contracts"), row.contract_count, kind="count", url=url),
            Figure(_("In force"), row.in_force_count, kind="count"),
            Figure(_("Monthly premium"), row.premium_sum or 0, _("won")),
        ],
        facts=_facts(row),
        timeline=_seen(request, customer_id),
        primary=_primary(request, customer_id),
        more=_more(request, customer_id),
        crumbs=[(_("Policyholders"), reverse("contracts:customer_list"))],
    )


def _facts(row: Customer) -> list[tuple[Any, Any]]:
    return [
        (_("Resident number"), row.rrn_mask),
        (_("Born"), row.birth_date),
        (_("Sex"), row.get_sex_display()),
        (_("Occupation"), occupation(row.job_code)),
        (_("Phone"), row.phone),
        (_("Address"), row.address),
    ]


def _seen(request: HttpRequest, customer_id: int) -> Iterator[Moment]:
    """Who unmasked or exported this customer's data, for those who may read the access log."""
    if not may(request.user, "core.audit"):
        return
    rows = AccessRow.objects.filter(subject=str(customer_id)).exclude(action=AccessRow.Action.VIEW)
    for row in rows.order_by("-at")[:_SEEN]:
        yield Moment(row.at, _("Resident number shown"), row.purpose, row.actor)


def _primary(request: HttpRequest, customer_id: int) -> Act | None:
    if not may(request.user, SERVICE):
        return None
    return Act(_("Correct"), reverse("contracts:customer_correct", args=[customer_id]), "edit")


def _more(request: HttpRequest, customer_id: int) -> list[Act]:
    if not may(request.user, SERVICE):
        return []
    url = reverse("contracts:customer_unmask", args=[customer_id])
    return [Act(_("Show the resident number"), url, "eye")]


@requires(SERVICE)
@require_http_methods(["GET", "POST"])
def customer_correct(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Correct a customer's phone, address or occupation."""
    row = pages.customer(customer_id, scope_of(request.user, SERVICE))
    log_view(str(customer_id), "customer form")
    url = reverse("contracts:customer_detail", args=[customer_id])
    return form_page(
        request,
        CorrectForm,
        title=_("Correct the customer's data"),
        initial={"phone": row.phone, "address": row.address, "job_code": row.job_code},
        act=lambda form: services.correct(customer_id=customer_id, **form.cleaned_data),
        done=url,
        message=_("Corrected. The audit keeps what was there before."),
        cancel=url,
        crumbs=[(_("Policyholders"), reverse("contracts:customer_list")), (row.name, url)],
    )


@requires(SERVICE)
@require_http_methods(["GET", "POST"])
def customer_unmask(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show the whole resident number once, for a stated purpose; the access log keeps both."""
    row = pages.customer(customer_id, scope_of(request.user, SERVICE))
    form = UnmaskForm(posted(request))
    shown = ""
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            shown = services.unmask(customer_id=customer_id, purpose=form.cleaned_data["purpose"])
    url = reverse("contracts:customer_detail", args=[customer_id])
    context = {
        "title": _("Resident number"),
        "row": row,
        "form": form,
        "shown": shown,
        "submit": _("Show it"),
        "cancel": url,
        "crumbs": [(_("Policyholders"), reverse("contracts:customer_list")), (row.name, url)],
    }
    response = render_page(
        request,
        "contracts/unmask.html",
        context,
        partial="form",
        status=422 if form.errors else 200,
    )
    response["Cache-Control"] = "no-store"
    return response
