"""Payment, refusal, withdrawal."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from claims import services
from claims.forms import PaymentForm, ReasonForm
from claims.models import Adjustment
from claims.views.common import claim_form, claim_or_404
from core.clock import business_date
from core.permissions import requires


@requires("claims.pay")
@require_http_methods(["GET", "POST"])
def claim_pay(request: HttpRequest, number: str) -> HttpResponse:
    """Pay an approved claim; amount, interest and entries are shown before it is done."""
    claim = claim_or_404(request, number, "claims.pay")
    today = business_date()
    late, interest = services.interest_so_far([number], on=today)[number]
    return claim_form(
        request,
        claim,
        PaymentForm,
        title=_("Pay"),
        confirm=True,
        initial={"recipient": claim.claimant_name},
        act=lambda form: services.pay(
            reception_id=number,
            operation_id=_operation(request),
            business_date=today,
            **form.cleaned_data,
        ),
        submit=_("Pay"),
        message=_("Paid."),
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
    return claim_form(
        request,
        claim,
        ReasonForm,
        title=_("Decline the claim"),
        confirm=True,
        act=lambda form: services.reject(
            reception_id=number, reason=form.cleaned_data["reason"], business_date=today
        ),
        submit=_("Decline the claim"),
        message=_("Declined; the case reserve was released."),
        danger=True,
    )


@requires("claims.receive")
@require_http_methods(["GET", "POST"])
def claim_withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Withdraw a claim at the claimant's wish."""
    claim = claim_or_404(request, number, "claims.receive")
    today = business_date()
    return claim_form(
        request,
        claim,
        ReasonForm,
        title=_("Withdraw the claim"),
        confirm=True,
        act=lambda form: services.withdraw(
            reception_id=number, reason=form.cleaned_data["reason"], business_date=today
        ),
        submit=_("Withdraw the claim"),
        message=_("Withdrawn; the case reserve was released."),
        danger=True,
    )
