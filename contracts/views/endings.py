"""What is done to a lapsed contract: reinstate it, or pay its surrender value on request."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contracts import services
from contracts.forms import PayValueForm, ReinstateForm
from contracts.models import Contract
from contracts.selectors import endings, pages
from core.clock import business_date
from core.errors import DomainError
from core.forms import form_page
from core.permissions import requires, scope_of
from core.privacy import log_view
from sales import api as sales

from .words import crumb


def _contract(request: HttpRequest, contract_id: str) -> Contract:
    row = pages.contract(contract_id, scope_of(request.user, "contracts.service"))
    log_view(contract_id, "contract form")
    return row


def _frame(row: Contract) -> dict[str, Any]:
    url = reverse("contracts:contract_detail", args=[row.pk])
    return {"done": url, "cancel": url, "crumbs": [crumb(), (row.pk, url)]}


@requires("contracts.service")
@require_http_methods(["GET", "POST"])
def reinstate(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Reinstate a lapsed contract, after showing what it costs and which entries follow."""
    row = _contract(request, contract_id)
    today = business_date()
    figures, refusal = None, ""
    try:
        figures = services.reinstatement_figures(row.pk, day=today)
    except DomainError as refused:
        refusal = str(refused)

    def act(form: ReinstateForm) -> Any:
        given = form.cleaned_data
        return services.reinstate(
            contract_id=row.pk,
            money=services.Money(
                amount=given["amount"],
                received_on=given["received_on"],
                channel=given["channel"],
                receipt_key=given["receipt_key"],
            ),
            disclosures=form.answers(),
            by=request.user.get_username(),
            business_date=today,
        )

    return form_page(
        request,
        ReinstateForm,
        title=_("Reinstate the contract"),
        initial={"amount": figures.total if figures else None, "received_on": today},
        form_kwargs={"questions": sales.questions(row.product_id, row.version.version)},
        act=act,
        confirm=True,
        submit=_("Reinstate"),
        message=_("The contract is in force again."),
        template="contracts/reinstate.html",
        context={"row": row, "figures": figures, "refusal": refusal, "today": today},
        **_frame(row),
    )


@requires("contracts.service")
@require_http_methods(["GET", "POST"])
def pay_value(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Pay the surrender value of a lapsed contract on request."""
    row = _contract(request, contract_id)
    today = business_date()
    end = endings.termination(row.pk)
    value = end.trace.get("surrender_value", 0) if end else 0
    return form_page(
        request,
        PayValueForm,
        title=_("Pay the surrender value"),
        act=lambda form: services.pay_surrender_value(
            contract_id=row.pk, day=today, by=request.user.get_username()
        ),
        confirm=True,
        danger=True,
        submit=_("Pay the value"),
        message=_("The surrender value is paid."),
        template="contracts/pay_value.html",
        context={"row": row, "end": end, "value": value, "today": today},
        **_frame(row),
    )
