"""Payment, refusal, withdrawal."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from claims import services
from claims.forms import PaymentForm, ReasonForm
from claims.models import Adjustment
from claims.views.common import claim_or_404, crumbs_of, record_url
from core.clock import business_date
from core.forms import form_page
from core.permissions import requires


@requires("claims.pay")
@require_http_methods(["GET", "POST"])
def claim_pay(request: HttpRequest, number: str) -> HttpResponse:
    """Pay an approved claim; amount, interest and entries are shown before it is done."""
    claim = claim_or_404(request, number, "claims.pay")
    today = business_date()
    late, interest = services.interest_so_far([number], on=today)[number]
    return form_page(
        request,
        PaymentForm,
        title=_("Pay"),
        confirm=True,
        initial={"recipient": claim.claimant_name},
        act=lambda form: services.pay(
            reception_id=number,
            recipient=form.cleaned_data["recipient"],
            operation_id=_operation(request),
            business_date=today,
        ),
        done=record_url(number),
        submit=_("Pay"),
        message=_("Paid."),
        cancel=record_url(number),
        crumbs=crumbs_of(claim),
        template="claims/claim_pay.html",
        context={
            "claim": claim,
            "approved": claim.adjustments.filter(status=Adjustment.Status.APPROVED).first(),
            "days_late": late,
            "interest": interest,
            "today": today,
        },
    )


def _operation(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("_operation", ""))
    except ValueError:
        return uuid4()


@requires("claims.adjust")
@require_http_methods(["GET", "POST"])
def claim_reject(request: HttpRequest, number: str) -> HttpResponse:
    """Decline a claim with the reason."""
    claim = claim_or_404(request, number, "claims.adjust")
    today = business_date()
    return form_page(
        request,
        ReasonForm,
        title=_("Decline the claim"),
        confirm=True,
        act=lambda form: services.reject(
            reception_id=number, reason=form.cleaned_data["reason"], business_date=today
        ),
        done=record_url(number),
        submit=_("Decline the claim"),
        message=_("Declined; the case reserve was released."),
        danger=True,
        cancel=record_url(number),
        crumbs=crumbs_of(claim),
    )


@requires("claims.receive")
@require_http_methods(["GET", "POST"])
def claim_withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Withdraw a claim at the claimant's wish."""
    claim = claim_or_404(request, number, "claims.receive")
    today = business_date()
    return form_page(
        request,
        ReasonForm,
        title=_("Withdraw the claim"),
        confirm=True,
        act=lambda form: services.withdraw(
            reception_id=number, reason=form.cleaned_data["reason"], business_date=today
        ),
        done=record_url(number),
        submit=_("Withdraw the claim"),
        message=_("Withdrawn; the case reserve was released."),
        danger=True,
        cancel=record_url(number),
        crumbs=crumbs_of(claim),
    )
