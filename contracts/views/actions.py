"""What is done to a contract: take premiums, surrender, withdraw, correct its debit."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contracts import services
from contracts.forms import CollectForm, DebitForm, SurrenderForm, WithdrawForm
from contracts.models import Contract
from contracts.selectors import pages
from core.clock import business_date
from core.forms import form_page
from core.permissions import requires, scope_of
from core.privacy import log_view

from .words import crumb


def _contract(request: HttpRequest, contract_id: str, right: str) -> Contract:
    row = pages.contract(contract_id, scope_of(request.user, right))
    log_view(contract_id, "contract form")
    return row


def _frame(row: Contract) -> dict[str, Any]:
    url = reverse("contracts:contract_detail", args=[row.pk])
    return {"done": url, "cancel": url, "crumbs": [crumb(), (row.pk, url)]}


@requires("contracts.collect")
@require_http_methods(["GET", "POST"])
def collect(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Take premium money for the oldest unpaid instalments."""
    row = _contract(request, contract_id, "contracts.collect")
    today = business_date()
    unpaid = list(pages.bills_of(row.pk).filter(status="DUE").order_by("instalment"))
    return form_page(
        request,
        CollectForm,
        title=_("Take premiums"),
        initial={"amount": unpaid[0].amount if unpaid else None, "received_on": today},
        act=lambda form: services.receive(
            contract_id=row.pk,
            by=request.user.get_username(),
            business_date=today,
            **form.cleaned_data,
        ),
        confirm=True,
        submit=_("Take the premium"),
        message=_("The premium is taken."),
        template="contracts/collect.html",
        context={"row": row, "unpaid": unpaid, "today": today},
        **_frame(row),
    )


@requires("contracts.service")
@require_http_methods(["GET", "POST"])
def surrender(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Surrender a contract, after showing what is paid back and which entries follow."""
    row = _contract(request, contract_id, "contracts.service")
    today = business_date()
    figures = None
    if row.policy_status == Contract.Status.ACTIVE:
        figures = services.surrender_figures(row.pk, day=today)
    return form_page(
        request,
        SurrenderForm,
        title=_("Surrender"),
        act=lambda form: services.surrender(
            contract_id=row.pk,
            reason=form.cleaned_data["reason"],
            day=today,
            by=request.user.get_username(),
        ),
        confirm=True,
        danger=True,
        submit=_("Surrender the contract"),
        message=_("The contract is surrendered."),
        template="contracts/surrender.html",
        context={"row": row, "figures": figures, "key": f"{row.pk}.{today}", "today": today},
        **_frame(row),
    )


@requires("contracts.service")
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Take a withdrawal within the cooling-off period and pay every premium back."""
    row = _contract(request, contract_id, "contracts.service")
    today = business_date()
    figures = None
    if row.policy_status in (Contract.Status.PENDING, Contract.Status.ACTIVE):
        figures = services.withdrawal_figures(row.pk, day=today)
    return form_page(
        request,
        WithdrawForm,
        title=_("Withdrawal within the cooling-off period"),
        initial={"sent_on": today},
        form_kwargs={"today": today},
        act=lambda form: services.withdraw(
            contract_id=row.pk,
            sent_on=form.cleaned_data["sent_on"],
            day=today,
            by=request.user.get_username(),
        ),
        confirm=True,
        danger=True,
        submit=_("Withdraw"),
        message=_("The contract is withdrawn from; the premiums are paid back."),
        template="contracts/withdraw.html",
        context={
            "row": row,
            "figures": figures,
            "allowed": figures is not None and figures.allowed(today),
            "today": today,
        },
        **_frame(row),
    )


@requires("contracts.service")
@require_http_methods(["GET", "POST"])
def debit(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Record that the bank refuses a contract's debit, or that it takes it again."""
    row = _contract(request, contract_id, "contracts.service")
    today = business_date()

    def act(form: DebitForm) -> int:
        if form.cleaned_data["reason"] == DebitForm.RESTORED:
            return services.restore_debit(row.pk, day=form.cleaned_data["start"])
        return services.report_debit_failures(
            [row.pk], reason=form.cleaned_data["reason"], start=form.cleaned_data["start"]
        )

    return form_page(
        request,
        DebitForm,
        title=_("Automatic debit"),
        initial={"start": today},
        act=act,
        message=_("Recorded."),
        template="contracts/debit.html",
        context={"row": row, "failures": row.debit_failures.order_by("-period")},
        **_frame(row),
    )
