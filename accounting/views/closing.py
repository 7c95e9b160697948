"""The months: checklist, preview, request and confirmation of the close."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounting import services
from accounting.filters import MonthFilter
from accounting.forms import ConfirmForm
from accounting.models import FinancialStatement, FiscalPeriod
from accounting.tables import PeriodTable
from core.boards import Figure
from core.clock import business_date
from core.forms import act_button, form_page
from core.frame import Act
from core.htmx import render_page
from core.lists import Empty, list_page
from core.people import name_of
from core.permissions import may, requires
from core.records import record_page


@requires("accounting.view")
@require_GET
def period_list(request: HttpRequest) -> HttpResponse:
    """List the months with what they closed at."""
    closed = FinancialStatement.objects.filter(closing_period=OuterRef("pk"))
    months = FiscalPeriod.objects.annotate(
        net_income=Subquery(closed.values("net_income")[:1]),
        csm=Subquery(closed.values("csm_amount")[:1]),
        income_key=Concat("period", Value("~IS~NET_INCOME")),
    )
    return list_page(
        request,
        title=_("Months and closing"),
        queryset=months.order_by("-period"),
        filterset=MonthFilter,
        table=PeriodTable,
        export_name="months",
        empty=Empty(_("No months yet"), _("The first entry of a month opens it.")),
    )


@requires("accounting.view")
@require_GET
def period_detail(request: HttpRequest, period: str) -> HttpResponse:
    """Show a month: the close checklist while it is open, its seal and statements afterwards."""
    month = get_object_or_404(FiscalPeriod, pk=period)
    closed = month.status == FiscalPeriod.Status.CLOSED
    points = [] if closed else services.closing.checklist(period, business_date=business_date())
    statement = FinancialStatement.objects.filter(closing_period=period).first()
    figures = []
    if statement is not None:
        income = ("statement_line", f"{period}~IS~NET_INCOME")
        assets = ("statement_line", f"{period}~BS~ASSETS")
        figures = [
            Figure(_("Net income"), statement.net_income, _("won"), why=income),
            Figure(_("CSM"), statement.csm_amount, _("won"), why=("csm", period)),
            Figure(_("Total assets"), statement.total_assets, _("won"), why=assets),
        ]
    return record_page(
        request,
        month,
        title=_("Closing of %(period)s") % {"period": period},
        number=period,
        place="period",
        figures=figures,
        facts=_facts(month),
        primary=_primary(request, month, points),
        more=[
            Act(
                _("Financial statements"),
                reverse("accounting:statements", args=[period]),
                "report-money",
            ),
            Act(
                _("Trial balance"),
                reverse("accounting:trial_balance") + f"?period={period}",
                "scale",
            ),
        ],
        crumbs=[(_("Months and closing"), reverse("accounting:period_list"))],
        template="accounting/period_detail.html",
        context={
            "month": month,
            "points": points,
            "open_points": sum(not point.ok for point in points),
            "stretches": month.seals.count() if closed else 0,
        },
    )


def _facts(month: FiscalPeriod) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (_("From"), month.starts_on),
        (_("To"), month.ends_on),
    ]
    if month.requested_by:
        facts.append((_("Close asked for by"), name_of(month.requested_by)))
    if month.status == FiscalPeriod.Status.CLOSED:
        facts += [
            (_("Closed by"), name_of(month.closed_by)),
            (_("Closed at"), month.closed_at and month.closed_at.date()),
            (_("Seal (SHA-256)"), month.seal),
        ]
    return facts


def _primary(request: HttpRequest, month: FiscalPeriod, points: list[Any]) -> Act | None:
    """Ask for the close, or, as the second person, confirm it."""
    ready = all(point.ok for point in points)
    if month.status == "CLOSED" or not may(request.user, "accounting.close") or not ready:
        return None
    if month.requested_by in {"", request.user.get_username()}:
        return None  # the request is a button in the page; the maker cannot confirm
    return Act(_("Close the month"), reverse("accounting:period_close", args=[month.pk]), "lock")


@requires("accounting.close")
@require_POST
def period_request(request: HttpRequest, period: str) -> HttpResponse:
    """Ask a second person to close a month."""
    return act_button(
        request,
        act=lambda: services.closing.request_close(period, business_date=business_date()),
        done=reverse("accounting:period_detail", args=[period]),
        message=_("A second person confirms the close."),
    )


@requires("accounting.close")
@require_http_methods(["GET", "POST"])
def period_close(request: HttpRequest, period: str) -> HttpResponse:
    """Show every entry that the close will make, then close."""
    back = reverse("accounting:period_detail", args=[period])
    return form_page(
        request,
        ConfirmForm,
        title=_("Close %(period)s") % {"period": period},
        act=lambda _form: services.closing.close(period, business_date=business_date()),
        done=back,
        confirm=True,
        submit=_("Close and seal the month"),
        message=_t("%(period)s is closed and sealed.") % {"period": period},
        danger=True,
        cancel=back,
        crumbs=[(_("Months and closing"), reverse("accounting:period_list")), (period, back)],
    )


@requires("accounting.view")
@require_GET
def panel_checklist(request: HttpRequest) -> HttpResponse:
    """Show the close checklist of the earliest open month, on the accountant's home."""
    month = FiscalPeriod.objects.filter(status="OPEN").order_by("period").first()
    points = services.closing.checklist(month.pk, business_date=business_date()) if month else []
    return render_page(
        request,
        "accounting/panel_checklist.html",
        {"title": _("Close checklist"), "month": month, "points": points},
        partial="panel",
    )
