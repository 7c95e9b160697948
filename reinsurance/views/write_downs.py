"""Write-downs of recoveries: proposed on the recovery, decided on by a colleague."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from core.clock import business_date
from core.forms import act_button, form_page
from core.permissions import requires
from reinsurance import selectors, services
from reinsurance.forms import CancelForm, WriteDownForm
from reinsurance.models import WriteDown


def _detail(pk: int) -> str:
    return reverse("reinsurance:recovery_detail", args=[pk])


@requires("reinsurance.receive")
@require_http_methods(["GET", "POST"])
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose how much of a recovery is written down."""
    get_object_or_404(selectors.recoveries(business_date()), pk=pk)
    return form_page(
        request,
        WriteDownForm,
        title=_("Write down"),
        act=lambda form: services.propose_write_down(pk, on=business_date(), **form.cleaned_data),
        done=_detail(pk),
        submit=_("Propose"),
        message=_("Proposed. A colleague books it."),
        cancel=_detail(pk),
        crumbs=[(_("Bordereau of claims"), reverse("reinsurance:recovery_list"))],
    )


@requires("reinsurance.sign")
@require_POST
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Book a write-down that a colleague proposed."""
    row = get_object_or_404(WriteDown, pk=pk)
    return act_button(
        request,
        act=lambda: services.book_write_down(pk, on=business_date()),
        done=_detail(row.recovery_id),
        message=_("Booked."),
    )


@requires("reinsurance.sign")
@require_http_methods(["GET", "POST"])
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a proposal away."""
    row = get_object_or_404(WriteDown, pk=pk)
    return form_page(
        request,
        CancelForm,
        title=_("Refuse the write-down"),
        act=lambda form: services.refuse_write_down(pk, reason=form.cleaned_data["reason"]),
        done=_detail(row.recovery_id),
        danger=True,
        submit=_("Refuse"),
        message=_("Refused."),
        cancel=_detail(row.recovery_id),
        crumbs=[(_("Bordereau of claims"), reverse("reinsurance:recovery_list"))],
    )
