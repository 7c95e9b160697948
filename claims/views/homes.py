"""Where adjusters and their managers begin the day."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from claims import selectors
from claims.models import Claim
from core.boards import Figure, board_page
from core.clock import business_date
from core.frame import Act
from core.htmx import render_page
from core.permissions import limit_of, requires

_ROWS = 40


@requires("claims.adjust")
@require_GET
def adjuster_home(request: HttpRequest) -> HttpResponse:
    """Show an adjuster's claims by due date, and the next one to take."""
    today, name = business_date(), request.user.get_username()
    desk, mine = selectors.my_desk(name, today)
    behind = reverse("claims:claim_list") + f"?adjuster={name}"
    return board_page(
        request,
        title=_("My claims"),
        place="home:claims_adjuster",
        as_of=today,
        figures=[
            Figure(_("Open claims"), desk.mine, kind="count", url=behind + "&due=open"),
            Figure(_("Overdue"), desk.overdue, kind="count", url=behind + "&due=late"),
            Figure(_("Due within two days"), desk.due_soon, kind="count",
                   url=behind + "&due=soon"),
            Figure(_("Approved, to be paid"), desk.approved, kind="count",
                   url=behind + "&status=APPROVED"),
            Figure(_("Stopped by the fraud check"), desk.gated, kind="count"),
            Figure(_("Waiting for an adjuster"), desk.waiting, kind="count",
                   url=reverse("claims:claim_list") + "?status=RECEIVED"),
        ],
        primary=Act(_("Receive a claim"), reverse("claims:claim_new"), "plus"),
        template="claims/adjuster_home.html",
        context={
            "claims": list(mine[:_ROWS]),
            "next": selectors.next_waiting(5),
            "today": today,
            "none": request.GET.get("none"),
        },
    )  # fmt: skip


@requires("claims.approve")
@require_GET
def manager_home(request: HttpRequest) -> HttpResponse:
    """Show a manager the approvals within authority, late claims and the load."""
    today = business_date()
    limit = limit_of(request.user, "claims.approve")
    waiting = selectors.proposals_waiting(limit=limit, actor=request.user.get_username())
    figures = selectors.manager_figures(limit, today)
    all_claims = reverse("claims:claim_list")
    return board_page(
        request,
        title=_("Claims desk"),
        place="home:claims_manager",
        as_of=today,
        figures=[
            Figure(_("Proposals within my authority"), figures["within"], kind="count"),
            Figure(_("Above my authority"), figures["above"], kind="count"),
            Figure(_("Approved, to be paid"), figures["approved"], kind="count",
                   url=all_claims + "?status=APPROVED&fds_gate=CLEAR"),
            Figure(_("Overdue"), figures["overdue"], kind="count", url=all_claims + "?due=late"),
            Figure(_("Without an adjuster"), figures["unassigned"], kind="count",
                   url=all_claims + "?status=RECEIVED"),
            Figure(_("Case reserves"), figures["reserves"], _("won")),
        ],
        template="claims/manager_home.html",
        context={
            "proposals": list(waiting[:_ROWS]),
            "limit": limit,
            "today": today,
            "load": selectors.load_by_adjuster(today),
            "payable": list(
                selectors.claims_within(None)
                .filter(status=Claim.Status.APPROVED)
                .order_by("due_on", "pk")[:20]
            ),
        },
    )  # fmt: skip


@requires("claims.approve")
@require_GET
def panel_approvals(request: HttpRequest) -> HttpResponse:
    """Show the proposals that a person may decide, on any home."""
    limit = limit_of(request.user, "claims.approve")
    waiting = selectors.proposals_waiting(limit=limit, actor=request.user.get_username())
    return render_page(
        request,
        "claims/panel_approvals.html",
        {
            "title": _("Claims to approve"),
            "proposals": list(waiting[:15]),
            "limit": limit,
            "today": business_date(),
        },
        partial="panel",
    )
