"""The cash-flow gap of assets against liabilities, for the board of investment risk."""

from __future__ import annotations

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounting.selectors.liability_cash import liability_cash
from core.boards import Chart, Series
from core.clock import business_date
from core.htmx import render_page
from core.permissions import requires
from investments import api as investments


@requires("accounting.view")
@require_GET
def panel_gap(request: HttpRequest) -> HttpResponse:
    """Show what assets bring and liabilities take by years ahead, and how long both are."""
    cash = liability_cash(business_date())
    context: dict[str, object] = {"title": _("Assets against liabilities"), "cash": cash}
    if cash is not None:
        gap = investments.gap(cash.on, liabilities=cash.net)
        years = Decimal(f"{gap.years:.2f}") if gap.liabilities.value > 0 else None
        context |= {"gap": gap, "chart": _chart(gap), "years": years}
    return render_page(request, "accounting/panel_gap.html", context, partial="panel")


def _chart(gap: investments.Gap) -> Chart:
    short = [row.label for row in gap.rows if row.cumulative < 0]
    title = (
        _t("Cash falls short within %(years)s years, cumulated") % {"years": short[0]}
        if short
        else _t("The cash of assets covers the liabilities in every bucket, cumulated")
    )
    return Chart(
        id="cash-gap",
        title=title,
        kind="bar",
        categories=[row.label for row in gap.rows],
        series=[
            Series(_("Assets bring"), [row.assets for row in gap.rows]),
            Series(_("Liabilities take"), [row.liabilities for row in gap.rows]),
            Series(_("Cumulated gap"), [row.cumulative for row in gap.rows], kind="line"),
        ],
        unit=_("won"),
        note=_("years ahead; liabilities net of premiums"),
        wide=True,
    )
