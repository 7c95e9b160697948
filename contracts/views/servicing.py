"""The servicing desk: what lapses tomorrow, what is unpaid, which notices go out; all bills."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contracts.filters import BillFilter
from contracts.selectors import late_withdrawals, pages
from contracts.tables import BillTable
from core.boards import Chart, Figure, Series, board_page
from core.clock import business_date
from core.frame import Act
from core.lists import Empty, list_page
from core.permissions import Scope, requires, scope_of
from core.privacy import log_view

_SHOWN = 12


@requires("contracts.service")
@require_GET
def servicing_home(request: HttpRequest) -> HttpResponse:
    """Show what waits on the servicing desk."""
    log_view("contracts", "servicing desk")
    today = business_date()
    figures = pages.servicing_figures(today)
    bills = reverse("contracts:bill_list")
    contracts = reverse("contracts:contract_list")
    working = figures.next_working_day
    lapsing = _table(list(pages.lapsing(Scope(), today=today, until=working)[:_SHOWN]))
    notices = _table(list(pages.to_notice(working)[:_SHOWN]))
    return board_page(
        request,
        title=_("Servicing desk"),
        as_of=today,
        place="home:policy_servicing",
        figures=[
            Figure(
                _("Lapsing by the next working day"),
                figures.lapsing,
                _("contracts"),
                kind="count",
                note=working.isoformat(),
                url=f"{bills}?status=DUE&lapse_on_min={today + timedelta(days=1)}"
                f"&lapse_on_max={working}",
            ),
            Figure(
                _("In the grace period"),
                figures.in_grace,
                _("contracts"),
                kind="count",
                url=f"{contracts}?attention=grace",
            ),
            Figure(
                _("Overdue premiums"),
                figures.unpaid_amount,
                _("won"),
                note=_("%(n)s contracts") % {"n": f"{figures.unpaid:,}"},
                url=f"{bills}?status=DUE&due_date_max={today - timedelta(days=1)}",
            ),
            Figure(
                _("Notices for the next run"),
                figures.to_notice,
                _("notices"),
                kind="count",
                note=working.isoformat(),
            ),
            Figure(
                _("Waiting for the first premium"),
                figures.waiting,
                _("contracts"),
                kind="count",
                url=f"{contracts}?policy_status=PENDING",
            ),
            Figure(
                _("In force"),
                figures.in_force,
                _("contracts"),
                kind="count",
                url=f"{contracts}?policy_status=ACTIVE",
            ),
        ],
        charts=[_billing(request)],
        primary=Act(_("Find a contract"), contracts, "search"),
        more=[Act(_("Premium bills"), bills, "file-invoice")],
        template="contracts/servicing_home.html",
        context={
            "lapsing": lapsing,
            "notices": notices,
            "next_day": working,
            "late": list(late_withdrawals()[:_SHOWN]),
        },
    )


def _table(rows: list[object]) -> BillTable:
    table = BillTable(rows)
    table.sorts = False
    for name in ("status", "collected_on", "channel", "agent"):
        table.columns.hide(name)
    return table


def _billing(request: HttpRequest) -> Chart:
    months = pages.billing_by_month(business_date())
    billed = sum(m.collected + m.unpaid + m.void for m in months)
    collected = sum(m.collected for m in months)
    share = f"{100 * collected / billed:.1f}" if billed else "–"
    bills = reverse("contracts:bill_list")
    return Chart(
        "billing",
        _("%(share)s%% of the premiums billed in twelve months are collected") % {"share": share},
        "stack",
        [m.month.strftime("%Y-%m") for m in months],
        [
            Series(_("Collected"), [m.collected for m in months]),
            Series(_("Unpaid"), [m.unpaid for m in months]),
            Series(_("Void"), [m.void for m in months]),
        ],
        unit=_("won"),
        urls=[
            f"{bills}?due_date_min={m.month}"
            f"&due_date_max={(m.month + timedelta(days=31)).replace(day=1) - timedelta(days=1)}"
            for m in months
        ],
        wide=True,
    )


@requires("contracts.view")
@require_http_methods(["GET", "POST"])
def bill_list(request: HttpRequest) -> HttpResponse:
    """List premium bills."""
    log_view("contracts", "list of bills")
    return list_page(
        request,
        title=_("Premium bills"),
        queryset=pages.bill_list(scope_of(request.user, "contracts.view")),
        filterset=BillFilter,
        table=BillTable,
        export_name="bills",
        personal=True,
        empty=Empty(_("No bills yet"), _("The nightly run bills each premium when it falls due.")),
    )
