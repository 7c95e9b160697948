"""Fragments of stage 3 that records, homes and the journey load."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from contracts import services
from contracts.models import Contract, LiabilityReserve, PremiumBill, Underwriting
from contracts.selectors import endings, pages
from contracts.tables import BillTable, CustomerContractTable
from core.clock import business_date
from core.errors import NotFound
from core.htmx import render_page
from core.permissions import requires, scope_of
from core.privacy import log_view
from core.reach import way
from products import api as products
from sales import api as sales

from .words import months_in_words

RIGHT = "contracts.view"
_SHOWN = 12


@requires(RIGHT)
@require_GET
def origin(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Show where a contract comes from: product version, rating, rules."""
    row = pages.contract(contract_id, scope_of(request.user, RIGHT))
    sold = products.version_by_id(row.version_id)
    context = {
        "title": _("Product, rules and rating"),
        "row": row,
        "sold": sold,
        "product_url": way("products:version_detail", sold.product_code, sold.version),
        "steps": products.premium_steps(row.rating_id, int(row.sum_assured)),
    }
    return render_page(request, "contracts/panel_origin.html", context, partial="panel")


@requires(RIGHT)
@require_GET
def application(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Show the application and the underwriting that a contract rests on."""
    row = pages.contract(contract_id, scope_of(request.user, RIGHT))
    found = decision = None
    if row.application_id:
        found = sales.applications([row.application_id])[0]
        decision = pages.underwriting(row.application_id)
    context = {
        "title": _("Application and underwriting"),
        "row": row,
        "application": found,
        "decision": decision,
        "reasons": pages.reasons_of(decision, get_language()),
        "application_url": way("sales:application_detail", row.application_id),
    }
    return render_page(request, "contracts/panel_application.html", context, partial="panel")


@requires(RIGHT)
@require_GET
def issue(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Show the contract itself as a station of its journey."""
    row = pages.contract(contract_id, scope_of(request.user, RIGHT))
    context = {
        "title": _("The contract"),
        "row": row,
        "end": endings.termination(contract_id),
        "deadline": pages.withdrawal_deadline(row)[1],
    }
    return render_page(request, "contracts/panel_issue.html", context, partial="panel")


@requires(RIGHT)
@require_GET
def bills(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Show the bills of a contract, the newest first."""
    row = pages.contract(contract_id, scope_of(request.user, RIGHT))
    rows = list(pages.bills_of(row.pk))
    context = {
        "title": _("Premium bills"),
        "row": row,
        "bills": rows[:_SHOWN],
        "count": len(rows),
        "collected": sum(one.amount for one in rows if one.status == PremiumBill.Status.COLLECTED),
        "unpaid": sum(one.amount for one in rows if one.status == PremiumBill.Status.DUE),
        "listed": reverse("contracts:bill_list") + f"?q={row.pk}",
    }
    return render_page(request, "contracts/panel_bills.html", context, partial="panel")


@requires(RIGHT)
@require_GET
def reserves(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Show the policy reserves of a contract, the latest first."""
    row = pages.contract(contract_id, scope_of(request.user, RIGHT))
    rows = list(pages.reserves_of(row.pk))
    context = {
        "title": _("Policy reserve"),
        "row": row,
        "reserves": rows[:_SHOWN],
        "count": len(rows),
        "net": LiabilityReserve.Basis.NET_PREMIUM,
    }
    return render_page(request, "contracts/panel_reserves.html", context, partial="panel")


@requires(RIGHT)
@require_GET
def schedule(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Show premium, reserve and surrender value of a contract as it grows older."""
    row = pages.contract(contract_id, scope_of(request.user, RIGHT))
    rows = [(months_in_words(one.month), one) for one in services.schedule_of(row.pk)]
    today = business_date()
    reached = max((one.month for _words, one in rows if one.day <= today), default=0)
    ends = {reached, row.pay_months, rows[-1][1].month}
    context = {
        "title": _("Schedule shown at sale"),
        "row": row,
        "rows": rows,
        "few": [r for r in rows if r[1].month in ends or _telling(r[1].month)],
        "reached": reached,
    }
    return render_page(request, "contracts/panel_schedule.html", context, partial="panel")


def _telling(month: int) -> bool:
    """Say whether a schedule shows this month before it is unfolded."""
    return month <= 120 or month % 60 == 0


@requires(RIGHT)
@require_GET
def underwriting(request: HttpRequest, application_id: str) -> HttpResponse:
    """Show on an application what underwriting said, and the contract that came of it."""
    allowed = scope_of(request.user, RIGHT)
    try:
        found = sales.applications([application_id])[0]
        decision: Underwriting | None = pages.underwriting(application_id)
    except NotFound:
        found = decision = None
    agents = sales.agents_in_scope(allowed)
    if found is not None and agents is not None and found.agent_id not in agents:
        raise Http404(application_id)
    contract = Contract.objects.filter(application_id=application_id).first()
    context = {
        "title": _("Underwriting"),
        "decision": decision,
        "reasons": pages.reasons_of(decision, get_language()),
        "contract": contract,
    }
    return render_page(request, "contracts/panel_underwriting.html", context, partial="panel")


@requires(RIGHT)
@require_GET
def customer_contracts(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Show a customer's contracts."""
    scope = scope_of(request.user, RIGHT)
    pages.customer(customer_id, scope)
    rows = list(pages.contracts_of_customer(customer_id, scope)[:50])
    return _table(request, _("Contracts"), CustomerContractTable(rows), _("No contracts."))


@requires(RIGHT)
@require_GET
def at_risk(request: HttpRequest) -> HttpResponse:
    """Show the contracts of the person's scope that are unpaid, those that lapse next first."""
    log_view("contracts", "contracts at risk")
    rows = list(pages.at_risk(scope_of(request.user, RIGHT), business_date())[:_SHOWN])
    table = BillTable(rows)
    for name in ("status", "collected_on", "channel", "agent"):
        table.columns.hide(name)
    return _table(request, _("Contracts at risk"), table, _("Every due premium is paid."))


@requires(RIGHT)
@require_GET
def sold(request: HttpRequest, product_code: str) -> HttpResponse:
    """Show how much of a product is sold."""
    context = {
        "title": _("Contracts of the product"),
        "sold": pages.sold_of(product_code, scope_of(request.user, RIGHT)),
        "listed": reverse("contracts:contract_list") + f"?product={product_code}",
    }
    return render_page(request, "contracts/panel_sold.html", context, partial="panel")


def _table(request: HttpRequest, title: str, table: Any, nothing: str) -> HttpResponse:
    table.sorts = False
    context = {"title": title, "table": table, "nothing": nothing, "some": len(table.rows) > 0}
    return render_page(request, "contracts/panel_table.html", context, partial="panel")
