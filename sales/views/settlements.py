"""Statements: list, record, the paper, and their release by a second person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.boards import Figure
from core.clock import business_date
from core.forms import act_button, once
from core.frame import Act
from core.htmx import redirect_to, render_page
from core.lists import Bulk, Empty, list_page
from core.people import name_of
from core.permissions import may, requires, scope_of
from core.records import record_page
from core.rehearsal import rehearse
from sales.filters import SettlementFilter
from sales.models import CommissionSettlement
from sales.selectors import commissions, settlements
from sales.services import settlements as services
from sales.tables import CommissionTable, SettlementTable

_CRUMB = _("Statements")
_DRAFT = CommissionSettlement.Status.DRAFT


@requires("sales.view")
@require_GET
def settlement_list(request: HttpRequest) -> HttpResponse:
    """List the statements of the person's scope; whoever settles releases the ticked ones."""
    settles = may(request.user, "sales.settle")
    release = Bulk(_("Release"), reverse("sales:settlement_release"), "checks")
    return list_page(
        request,
        title=_("Commission statements"),
        queryset=settlements.settlement_list(scope_of(request.user, "sales.view")),
        filterset=SettlementFilter,
        table=SettlementTable,
        export_name="statements",
        bulk=[release] if settles else (),
        bulk_key="pk",
        empty=Empty(
            _("No statements yet"),
            _("They are made at night on the tenth, or the next working day."),
        ),
    )


@requires("sales.view")
@require_GET
def settlement_detail(request: HttpRequest, settlement_id: str) -> HttpResponse:
    """Show a statement with its lines."""
    row = settlements.settlement(settlement_id, scope_of(request.user, "sales.view"))
    lines = CommissionTable(settlements.lines_of(settlement_id).select_related("agent"))
    for name in ("agent", "settlement_id", "product_code", "status", "plan_id", "accrued_on"):
        lines.columns.hide(name)
    lines.sorts = False
    paper = reverse("sales:settlement_paper", args=[settlement_id])
    return record_page(
        request,
        row,
        title=_t("Statement %(month)s") % {"month": row.month},
        number=settlement_id,
        place="settlement",
        figures=_figures(row),
        facts=[
            (_("Agent"), f"{row.agent.agent_name} ({row.agent_id})"),
            (_("Branch"), row.agent.branch_name),
            (_("Lines due until"), row.due_until),
            (_("Brought forward (KRW)"), row.carried_in),
            (_("Income tax, three percent (KRW)"), row.income_tax),
            (_("Local income tax, a tenth of it (KRW)"), row.local_tax),
            (_("Made by"), name_of(row.made_by)),
            (_("Released by"), name_of(row.checked_by)),
            (_("Paid on"), row.paid_on),
        ],
        primary=Act(_("Print the statement"), paper, "printer"),
        crumbs=[(_CRUMB, reverse("sales:settlement_list"))],
        template="sales/settlement_detail.html",
        context={
            "lines": lines,
            "kinds": commissions.by_kind(row.agent_id, settlement_id),
            "outstanding": commissions.outstanding_advance(row.agent_id),
            "may_release": row.status == _DRAFT and may(request.user, "sales.settle"),
        },
    )


def _figures(row: CommissionSettlement) -> list[Figure]:
    return [
        Figure(_("Earned"), row.earned, _("won")),
        Figure(_("Clawed back"), row.clawed_back, _("won")),
        Figure(_("Withheld"), row.withheld, _("won")),
        Figure(_("Paid out"), row.net_paid, _("won"), why=("settlement", row.settlement_id)),
        Figure(_("Carried forward"), row.carried_out, _("won")),
    ]


@requires("sales.view")
@require_GET
def settlement_paper(request: HttpRequest, settlement_id: str) -> HttpResponse:
    """Show the statement as it is printed (수수료명세서)."""
    row = settlements.settlement(settlement_id, scope_of(request.user, "sales.view"))
    context = {
        "title": _t("Commission statement"),
        "row": row,
        "lines": settlements.lines_of(settlement_id),
        "taxable": row.net_paid + row.withheld,
        "kinds": commissions.by_kind(row.agent_id, settlement_id),
        "crumbs": [
            (_CRUMB, reverse("sales:settlement_list")),
            (settlement_id, reverse("sales:settlement_detail", args=[settlement_id])),
        ],
    }
    return render_page(request, "sales/settlement_paper.html", context)


@requires("sales.settle")
@require_POST
def settlement_release_one(request: HttpRequest, settlement_id: str) -> HttpResponse:
    """Release one statement from its record."""
    settlements.settlement(settlement_id, scope_of(request.user, "sales.settle"))
    return act_button(
        request,
        act=lambda: services.release([settlement_id], business_date=business_date()),
        done=reverse("sales:settlement_detail", args=[settlement_id]),
        message=_("Released and paid."),
    )


@requires("sales.settle")
@require_http_methods(["POST"])
def settlement_release(request: HttpRequest) -> HttpResponse:
    """Preview the release of the ticked statements with its entries, then do it."""
    keys = request.POST.getlist("keys")
    allowed = settlements.settlement_list(scope_of(request.user, "sales.settle"))
    rows = list(allowed.filter(settlement_id__in=keys, status=_DRAFT))
    back = reverse("sales:settlement_list")
    if not rows:
        messages.info(request, _t("Tick statements that wait for release."))
        return redirect_to(request, back)
    chosen = [row.settlement_id for row in rows]
    today = business_date()
    if "_confirmed" in request.POST:

        def release() -> str:
            services.release(chosen, business_date=today)
            return back

        url = once(request, release)
        done = ngettext("%(n)s statement released.", "%(n)s statements released.", len(chosen))
        messages.success(request, done % {"n": len(chosen)})
        return redirect_to(request, url)
    rehearsal = rehearse(lambda: services.release(chosen, business_date=today))
    return render_page(request, "sales/settlement_release.html", _preview(rows, rehearsal, back))


def _preview(rows: list[CommissionSettlement], rehearsal: Any, back: str) -> dict[str, Any]:
    names = ("earned", "clawed_back", "withheld", "net_paid", "carried_out")
    return {
        "title": _t("Release statements"),
        "rows": rows,
        "sums": {name: sum(getattr(row, name) for row in rows) for name in names},
        "rehearsal": rehearsal,
        "cancel": back,
        "crumbs": [(_CRUMB, back)],
    }
