"""Write-offs of debts: proposed on the asset, decided on by a colleague; late money."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from core.clock import business_date
from core.forms import act_button, form_page
from core.permissions import requires
from investments import services
from investments.forms import LateMoneyForm, WriteOffForm, WriteOffRefusalForm
from investments.models import Asset, WriteOff


def _asset(asset_id: str) -> str:
    return reverse("investments:asset_detail", args=[asset_id])


def _crumbs(asset_id: str) -> list[tuple[object, str]]:
    return [(_("Assets"), reverse("investments:asset_list")), (asset_id, _asset(asset_id))]


@requires("investments.order")
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, asset_id: str) -> HttpResponse:
    """Propose to give a debt up."""
    get_object_or_404(Asset, pk=asset_id)
    return form_page(
        request,
        WriteOffForm,
        title=_("Write the debt off"),
        act=lambda form: services.propose_write_off(
            asset_id, evidence=form.cleaned_data["evidence"], on=business_date()
        ),
        done=_asset(asset_id),
        danger=True,
        submit=_("Propose the write-off"),
        message=_("Proposed. A colleague books the write-off."),
        cancel=_asset(asset_id),
        crumbs=_crumbs(asset_id),
    )


@requires("investments.approve")
@require_POST
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Book a write-off that a colleague proposed."""
    row = get_object_or_404(WriteOff, pk=pk)
    return act_button(
        request,
        act=lambda: services.book_write_off(pk, on=business_date()),
        done=_asset(row.asset_id),
        message=_("The debt is written off."),
    )


@requires("investments.approve")
@require_http_methods(["GET", "POST"])
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a proposal away."""
    row = get_object_or_404(WriteOff, pk=pk)
    return form_page(
        request,
        WriteOffRefusalForm,
        title=_("Refuse to write the debt off"),
        act=lambda form: services.refuse_write_off(pk, reason=form.cleaned_data["reason"]),
        done=_asset(row.asset_id),
        danger=True,
        message=_("The debt stays in the books."),
        cancel=_asset(row.asset_id),
        crumbs=_crumbs(row.asset_id),
    )


@requires("investments.income")
@require_http_methods(["GET", "POST"])
def late_money(request: HttpRequest, asset_id: str) -> HttpResponse:
    """Record money that came in for a debt after it was written off."""
    get_object_or_404(Asset, pk=asset_id)
    return form_page(
        request,
        LateMoneyForm,
        title=_("Record late money"),
        act=lambda form: services.recover_write_off(
            asset_id,
            amount=int(form.cleaned_data["amount"]),
            reference=form.cleaned_data["reference"],
            on=business_date(),
        ),
        done=_asset(asset_id),
        message=_("Recorded; the books follow."),
        cancel=_asset(asset_id),
        crumbs=_crumbs(asset_id),
    )
