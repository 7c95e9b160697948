"""The record of a claim: header, clock, documents, adjustment, reserve, payment."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from claims import access, selectors
from claims.models import Adjustment, Claim, Payout
from claims.views.common import claim_or_404
from core.boards import Figure
from core.clock import business_date
from core.frame import Act
from core.people import name_of
from core.permissions import limit_of, may, requires
from core.privacy import log_view
from core.records import Moment, days_of_moves, record_page
from core.templatetags.house import dday

Status = Claim.Status


@requires("claims.view")
@require_GET
def claim_detail(request: HttpRequest, number: str) -> HttpResponse:
    """Show one claim with everything that belongs to it."""
    claim = claim_or_404(request, number)
    log_view(number, "claim")
    today = business_date()
    adjustments = list(claim.adjustments.order_by("-pk"))
    moves = selectors.moves_of(number)
    documents = list(claim.documents.order_by("-pk"))
    payout = Payout.objects.filter(claim=claim).first()
    acts = _acts(request.user, claim, adjustments)
    return record_page(
        request,
        claim,
        title=claim.claimant_name,
        number=claim.pk,
        place="claim",
        figures=_figures(claim, adjustments, payout, today),
        facts=_facts(claim, request.user),
        timeline=[*_moments(claim, adjustments, documents, payout), *_reserve_moments(moves)],
        primary=acts[0] if acts else None,
        more=acts[1:],
        crumbs=[(_("Claims"), reverse("claims:claim_list"))],
        template="claims/claim_detail.html",
        context={
            "claim": claim,
            "beside": _beside(claim),
            "adjustments": adjustments,
            "payout": payout,
            "documents": documents,
            "elsewhere": selectors.documents_elsewhere(claim),
            "moves": [(move, selectors.RESERVE_REASONS.get(move.reason)) for move in moves],
            "today": today,
            "closed": claim.status not in selectors.OPEN,
            "uploads": may(request.user, "claims.receive"),
        },
    )


def _figures(
    claim: Claim, adjustments: list[Adjustment], payout: Payout | None, today: date
) -> list[Figure]:
    won = _("won")
    closed = claim.status not in selectors.OPEN
    due = Figure(
        _("Due date"),
        dday(claim.due_on, today, closed=closed),
        kind="text",
        why=("claim-due", claim.pk),
    )
    found = [due, Figure(_("Claimed"), claim.claimed_amount, won)]
    present = next((a for a in adjustments if a.status != Adjustment.Status.RETURNED), None)
    if present is not None:
        found.append(
            Figure(
                _("Payable"),
                present.payable,
                won,
                why=("payable", claim.pk),
                note=present.get_status_display(),
            )
        )
    if payout is None:
        found.append(Figure(_("Case reserve"), claim.case_reserve, won))
        return found
    found.append(
        Figure(_("Benefit paid"), payout.payout_amount, won, note=str(payout.payment_date))
    )
    found.append(
        Figure(
            _("Late interest"),
            payout.late_interest,
            won,
            why=("late-interest", claim.pk),
            note=_t("%(n)d days late") % {"n": payout.days_late} if payout.days_late else "",
        )
    )
    return found


def _beside(claim: Claim) -> list[Claim]:
    """Return the claims to compare with while this one is open."""
    return selectors.beside(claim) if claim.status in selectors.OPEN else []


def _link(url: str, text: object) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, text)


def _facts(claim: Claim, user: Any) -> list[tuple[Any, Any]]:
    fact = access.contract_facts([claim.contract_id])[claim.contract_id]
    contract: Any = fact.contract_id
    if may(user, "contracts.view"):
        contract = _link(reverse("contracts:contract_detail", args=[fact.contract_id]), contract)
    provider: Any = claim.provider and _link(
        reverse("claims:provider_detail", args=[claim.provider_id]), claim.provider
    )
    facts: list[tuple[Any, Any]] = [
        (_("Kind of event"), claim.get_claim_type_display()),
        (_("Accident"), claim.incident_date),
        (_("Reported"), claim.report_date),
        (_("Reported by"), claim.get_channel_display()),
        (_("Where it happened"), claim.incident_location),
        (_("Provider"), provider),
        (_("Contract"), contract),
        (_("Product"), fact.product_name),
        (_("Customer"), fact.customer_name),
        (_("Sum assured"), fact.sum_assured),
        (_("Cover since"), fact.coverage_start),
        (_("Adjuster"), name_of(claim.adjuster)),
    ]
    if claim.accident_no != claim.pk:
        facts.append((_("Same accident as"), claim.accident_no))
    if claim.investigation_reason:
        facts.append((_("Investigated because"), claim.investigation_reason))
    if claim.closing_reason:
        facts.append((_("Closed because"), claim.closing_reason))
    return facts


def _acts(user: Any, claim: Claim, adjustments: list[Adjustment]) -> list[Act]:
    """Return what the person may do next; the most useful act comes first."""
    proposed = any(a.status == Adjustment.Status.PROPOSED for a in adjustments)

    def act(label: Any, name: str, icon: str) -> Act:
        return Act(label, reverse(f"claims:{name}", args=[claim.pk]), icon)

    adjusts, receives = may(user, "claims.adjust"), may(user, "claims.receive")
    approves = limit_of(user, "claims.approve") > 0
    offered: list[tuple[bool, Act]] = [
        (
            approves and proposed,
            act(_("Decide on the proposal"), "claim_approve", "checks"),
        ),
        (
            may(user, "claims.pay")
            and claim.status == Status.APPROVED
            and claim.fds_gate == Claim.Gate.CLEAR,
            act(_("Pay"), "claim_pay", "cash"),
        ),
        (
            adjusts and claim.status == Status.RECEIVED,
            act(_("Begin the adjustment"), "claim_start", "player-play"),
        ),
        (
            adjusts and claim.status == Status.INVESTIGATING and not proposed,
            act(_("Adjust"), "claim_adjust", "calculator"),
        ),
        (
            receives and claim.status in selectors.OPEN,
            act(_("Add a document"), "claim_document_new", "file-plus"),
        ),
        (
            adjusts
            and claim.due_trace.get("clock") == "PERSON"
            and claim.status in (Status.RECEIVED, Status.INVESTIGATING),
            act(_("Extend for an investigation"), "claim_investigate", "zoom-question"),
        ),
        (
            adjusts and claim.status in (Status.RECEIVED, Status.INVESTIGATING),
            act(_("Change the case reserve"), "claim_reserve", "scale"),
        ),
        (
            approves and claim.status in (Status.RECEIVED, Status.INVESTIGATING),
            act(_("Assign"), "claim_assign", "user-share"),
        ),
        (
            approves and claim.status == Status.APPROVED,
            act(_("Take the approval back"), "claim_reopen", "arrow-back-up"),
        ),
        (
            adjusts and claim.status in (Status.RECEIVED, Status.INVESTIGATING) and not proposed,
            act(_("Decline the claim"), "claim_reject", "ban"),
        ),
        (
            receives and claim.status in (Status.RECEIVED, Status.INVESTIGATING),
            act(_("Withdraw the claim"), "claim_withdraw", "x"),
        ),
    ]
    return [one for may_do, one in offered if may_do]


def _moments(
    claim: Claim, adjustments: list[Adjustment], documents: list[Any], payout: Payout | None
) -> list[Moment]:
    found = [
        Moment(claim.incident_date, _("Accident"), claim.incident_location),
        Moment(claim.report_date, _("Report received"), str(claim.get_channel_display())),
    ]
    for one in adjustments:
        amount = _t("%(amount)s won") % {"amount": f"{int(one.payable):,}"}
        made = _("Adjustment proposed")
        found.append(Moment(one.made_on, made, amount, one.made_by, recorded=one.created_at))
    found += _decisions(adjustments)
    found += [
        Moment(doc.created_at, _("Document added"), doc.file_name, doc.uploaded_by)
        for doc in documents
    ]
    if payout is not None:
        text = _t("%(amount)s won to %(name)s") % {
            "amount": f"{int(payout.payout_amount):,}",
            "name": payout.recipient_name,
        }
        found.append(
            Moment(payout.payment_date, _("Paid"), text, payout.paid_by, recorded=payout.created_at)
        )
    return found


def _decisions(adjustments: list[Adjustment]) -> list[Moment]:
    days = {
        status: days_of_moves(adjustments, status)
        for status in {one.status for one in adjustments if one.decided_at}
    }
    return [
        Moment(
            days[one.status].get(one.pk, one.decided_at),
            one.get_status_display(),
            one.decision_note,
            one.decided_by,
            recorded=one.decided_at,
        )
        for one in adjustments
        if one.decided_at
    ]


def _reserve_moments(moves: list[Any]) -> list[Moment]:
    return [
        Moment(
            move.moved_on,
            _("Case reserve moved"),
            f"{int(move.movement):+,} → {int(move.balance):,} · "
            f"{selectors.RESERVE_REASONS.get(move.reason, move.reason)}",
            move.moved_by,
            recorded=move.made_at,
        )
        for move in moves
    ]
