"""From reception to approval, as pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from claims import access, selectors, services
from claims.forms import (
    AdjustmentForm,
    ApprovalForm,
    AssignForm,
    PreviewForm,
    ReasonForm,
    ReserveForm,
)
from claims.models import Adjustment, Claim
from claims.rules.adjustment import Coverage
from claims.views.common import claim_form, claim_or_404, crumbs_of, record_url
from core.clock import business_date
from core.errors import DomainError
from core.forms import act_button, once
from core.htmx import redirect_to, render_page
from core.permissions import limit_of, requires


@requires("claims.adjust")
@require_http_methods(["GET", "POST"])
def claim_start(request: HttpRequest, number: str) -> HttpResponse:
    """Begin to adjust a claim."""
    claim = claim_or_404(request, number, "claims.adjust")
    if request.method == "GET":
        return render_page(
            request,
            "claims/confirm_act.html",
            {
                "title": _("Begin the adjustment"),
                "claim": claim,
                "crumbs": crumbs_of(claim),
                "sentence": _("You become the adjuster of this claim."),
                "submit": _("Begin"),
            },
        )
    return act_button(
        request,
        act=lambda: services.start_adjustment(reception_id=number),
        done=record_url(number),
        message=_("The claim is yours."),
    )


@requires("claims.adjust")
@require_POST
def claim_next(request: HttpRequest) -> HttpResponse:
    """Take the received claim that is due first, and open it."""

    def take() -> str:
        number = services.take_next()
        return record_url(number) if number else reverse("claims:adjuster_home") + "?none=1"

    return redirect_to(request, once(request, take))


@requires("claims.adjust")
@require_http_methods(["GET", "POST"])
def claim_adjust(request: HttpRequest, number: str) -> HttpResponse:
    """Propose what is payable; the amount is worked out while one types."""
    claim = claim_or_404(request, number, "claims.adjust")
    today = business_date()
    return claim_form(
        request,
        claim,
        AdjustmentForm,
        title=_("Adjustment"),
        initial={"loss": int(claim.claimed_amount) or None},
        form_kwargs={"coverages": _coverages(claim)},
        act=lambda form: services.propose(reception_id=number, business_date=today, **form.terms()),
        submit=_("Propose"),
        message=_("Proposed. A second person approves it."),
        template="claims/claim_adjust.html",
        context={"claim": claim, "beside": selectors.beside(claim)},
    )


@requires("claims.adjust")
@require_GET
def claim_preview(request: HttpRequest, number: str) -> HttpResponse:
    """Work out what would be payable, without writing anything."""
    claim = claim_or_404(request, number, "claims.adjust")
    form = PreviewForm(request.GET, coverages=_coverages(claim))
    context = {"title": _("Payable amount"), "claim": claim, "crumbs": crumbs_of(claim)}
    if form.is_valid():
        try:
            context["found"] = services.payable(claim, **form.amounts())
        except DomainError as refusal:
            context["refusal"] = str(refusal)
    return render_page(request, "claims/claim_preview.html", context, partial="preview")


def _coverages(claim: Claim) -> tuple[Coverage, ...]:
    fact = access.contract_facts([claim.contract_id])[claim.contract_id]
    return access.paying(access.coverages([fact])[fact.version_id], claim.claim_type)


@requires("claims.approve")
@require_http_methods(["GET", "POST"])
def claim_approve(request: HttpRequest, number: str) -> HttpResponse:
    """Approve a proposal within one's authority."""
    claim = claim_or_404(request, number, "claims.approve")
    today = business_date()
    return claim_form(
        request,
        claim,
        ApprovalForm,
        title=_("Decide on the proposal"),
        confirm=True,
        act=lambda form: services.approve(
            reception_id=number, note=form.cleaned_data["note"], business_date=today
        ),
        submit=_("Approve"),
        message=_("Approved."),
        template="claims/claim_approve.html",
        context={
            "claim": claim,
            "beside": selectors.beside(claim),
            "proposal": claim.adjustments.filter(status=Adjustment.Status.PROPOSED).first(),
            "limit": limit_of(request.user, "claims.approve"),
        },
    )


@requires("claims.approve")
@require_http_methods(["GET", "POST"])
def claim_send_back(request: HttpRequest, number: str) -> HttpResponse:
    """Send a proposal back to its maker."""
    claim = claim_or_404(request, number, "claims.approve")
    return claim_form(
        request,
        claim,
        ReasonForm,
        title=_("Send the proposal back"),
        act=lambda form: services.send_back(reception_id=number, note=form.cleaned_data["reason"]),
        submit=_("Send back"),
        message=_("Sent back."),
    )


@requires("claims.approve")
@require_http_methods(["GET", "POST"])
def claim_reopen(request: HttpRequest, number: str) -> HttpResponse:
    """Take an approval back before the payment."""
    claim = claim_or_404(request, number, "claims.approve")
    return claim_form(
        request,
        claim,
        ReasonForm,
        title=_("Take the approval back"),
        act=lambda form: services.reopen(reception_id=number, reason=form.cleaned_data["reason"]),
        submit=_("Take back"),
        message=_("The claim is adjusted anew."),
        danger=True,
    )


@requires("claims.approve")
@require_http_methods(["GET", "POST"])
def claim_assign(request: HttpRequest, number: str) -> HttpResponse:
    """Give a claim to an adjuster."""
    claim = claim_or_404(request, number, "claims.approve")
    return claim_form(
        request,
        claim,
        AssignForm,
        title=_("Assign"),
        initial={"adjuster": claim.adjuster},
        act=lambda form: services.assign(
            reception_id=number, adjuster=form.cleaned_data["adjuster"]
        ),
        submit=_("Assign"),
        message=_("Assigned."),
    )


@requires("claims.adjust")
@require_http_methods(["GET", "POST"])
def claim_investigate(request: HttpRequest, number: str) -> HttpResponse:
    """Extend the due date because the loss must be investigated."""
    claim = claim_or_404(request, number, "claims.adjust")
    return claim_form(
        request,
        claim,
        ReasonForm,
        title=_("Extend for an investigation"),
        act=lambda form: services.investigate(
            reception_id=number, reason=form.cleaned_data["reason"]
        ),
        submit=_("Extend to ten working days"),
        message=_("The due date was extended; tell the claimant the reason."),
    )


@requires("claims.adjust")
@require_http_methods(["GET", "POST"])
def claim_reserve(request: HttpRequest, number: str) -> HttpResponse:
    """Set the case reserve to a new estimate; the entries are shown first."""
    claim = claim_or_404(request, number, "claims.adjust")
    today = business_date()
    return claim_form(
        request,
        claim,
        ReserveForm,
        title=_("Change the case reserve"),
        confirm=True,
        initial={"to": int(claim.case_reserve)},
        act=lambda form: services.move_reserve(
            reception_id=number,
            to=int(form.cleaned_data["to"]),
            reason=form.cleaned_data["reason"],
            business_date=today,
        ),
        submit=_("Change"),
        message=_("The case reserve was changed."),
    )
