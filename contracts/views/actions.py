"""What is done to a contract: take premiums, surrender, withdraw, correct its debit."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contracts import services
from contracts.forms import (
    CollectForm,
    DebitForm,
    LateWithdrawalForm,
    SurrenderForm,
    WithdrawForm,
)
from contracts.models import Contract, LateWithdrawal
from contracts.selectors import claims_known, late_withdrawal, open_claims, pages
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
    waiting = open_claims(row.pk)
    return form_page(
        request,
        SurrenderForm,
        title=_("Surrender"),
        form_kwargs={"claims": len(waiting)},
        act=lambda form: services.surrender(
            contract_id=row.pk, day=today, by=request.user.get_username(), **form.cleaned_data
        ),
        confirm=True,
        danger=True,
        submit=_("Surrender the contract"),
        message=_("The contract is surrendered."),
        template="contracts/surrender.html",
        context={
            "row": row,
            "figures": figures,
            "key": f"{row.pk}.{today}",
            "claims": waiting,
            "today": today,
        },
        **_frame(row),
    )


@requires("contracts.service")
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, contract_id: str) -> HttpResponse:
    """Take a withdrawal within the cooling-off period and pay every premium back."""
    row = _contract(request, contract_id, "contracts.service")
    today = business_date()
    late = late_withdrawal(row.pk)
    if late is not None:
        return _decide_late(request, row, late)
    figures = None
    if row.policy_status in (Contract.Status.PENDING, Contract.Status.ACTIVE):
        figures = services.withdrawal_figures(row.pk, day=today)
    return form_page(
        request,
        WithdrawForm,
        title=_("Withdrawal within the cooling-off period"),
        initial={"sent_on": today},
        act=lambda form: services.withdraw(
            contract_id=row.pk, day=today, by=request.user.get_username(), **form.cleaned_data
        ),
        confirm=True,
        danger=True,
        submit=_("Withdraw"),
        message=_("The declaration is taken; in time, the premiums are paid back."),
        template="contracts/withdraw.html",
        context={
            "row": row,
            "figures": figures,
            "allowed": figures is not None and figures.allowed(today),
            "claims": claims_known(row.pk),
            "today": today,
        },
        **_frame(row),
    )


def _decide_late(request: HttpRequest, row: Contract, late: LateWithdrawal) -> HttpResponse:
    """Let a second person decide on a declaration that came after the period."""
    today = business_date()
    return form_page(
        request,
        LateWithdrawalForm,
        title=_("Withdrawal that came late"),
        act=lambda form: services.decide_late_withdrawal(
            contract_id=row.pk,
            accept=form.cleaned_data["accept"] == "yes",
            comment=form.cleaned_data["comment"],
            day=today,
            by=request.user.get_username(),
        ),
        confirm=True,
        danger=True,
        submit=_("Decide on the withdrawal"),
        message=_("The decision on the withdrawal is recorded."),
        template="contracts/late_withdrawal.html",
        context={
            "row": row,
            "late": late,
            "figures": services.withdrawal_figures(row.pk, day=today),
            "mine": late.taken_by == request.user.get_username(),
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
