"""Yield curves: entered, drawn, checked by a second person."""

from __future__ import annotations

import numpy as np
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounting import services
from accounting.filters import CurveFilter
from accounting.forms import CurveForm
from accounting.models import YieldCurve
from accounting.rules.curves import KoreanCurve
from accounting.selectors.curves import drawn
from accounting.tables import CurveTable
from core.boards import Chart, Figure, Series
from core.clock import business_date
from core.forms import act_button, form_page
from core.frame import Act
from core.lists import list_page
from core.people import name_of
from core.permissions import may, requires
from core.records import record_page

YEARS = (1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100)


@requires("accounting.view")
@require_GET
def curve_list(request: HttpRequest) -> HttpResponse:
    """List the yield curves."""
    new = reverse("accounting:curve_new")
    return list_page(
        request,
        title=_("Yield curves"),
        queryset=YieldCurve.objects.order_by("-base_date", "-version"),
        filterset=CurveFilter,
        table=CurveTable,
        primary=Act(_("Enter a curve"), new, "plus")
        if may(request.user, "accounting.rule")
        else None,
        more=[Act(_("Assumptions"), reverse("accounting:assumption_list"), "adjustments")],
    )


@requires("accounting.view")
@require_GET
def curve_detail(request: HttpRequest, version: int) -> HttpResponse:
    """Show a curve: what went in, the spot and forward rates that come out, by year."""
    found = get_object_or_404(YieldCurve, version=version)
    curve = drawn(found)
    return record_page(
        request,
        found,
        title=_("Yield curve"),
        number=str(found),
        figures=[
            Figure(_("Long-term forward rate"), f"{float(found.ltfr):.2%}", kind="text"),
            Figure(_("Liquidity premium"), f"{float(found.liquidity_premium):.2%}", kind="text"),
            Figure(
                _("Last liquid point"),
                f"{float(found.last_liquid_point):g}",
                _("years"),
                kind="text",
            ),
            Figure(
                _("Convergence point"),
                f"{float(found.convergence_point):g}",
                _("years"),
                kind="text",
            ),
            Figure(_("Speed of convergence (α)"), f"{curve.adjusted.alpha:.6f}", kind="text"),
        ],
        facts=[
            (_("Day of the yields"), found.base_date),
            (_("Coupons a year of the bonds"), str(found.coupons_per_year)),
            (_("Speed of the first pass (α)"), f"{float(found.first_alpha):g}"),
            (_("Counts as converged within (bp)"), f"{float(found.tolerance) * 10_000:g}"),
            (_("Lowest speed to converge (α)"), f"{float(found.lowest_alpha):g}"),
            (_("Source of the figures"), found.provenance),
            (_("Made by"), name_of(found.made_by)),
            (_("Checked by"), name_of(found.checked_by) or "–"),
        ],
        crumbs=[(_("Yield curves"), reverse("accounting:curve_list"))],
        template="accounting/curve_detail.html",
        context={
            "curve": found,
            "quoted": list(zip(found.tenors, found.yields, strict=True)),
            "chart": _chart(found, curve),
            "rows": _rows(curve),
            "decides": found.status == "DRAFT" and may(request.user, "accounting.rule"),
        },
    )


def _chart(found: YieldCurve, curve: KoreanCurve) -> Chart:
    years = np.arange(1, 101)
    forward = (curve.discount(years - 1) / curve.discount(years)) - 1.0
    words = {
        "ten": f"{float(curve.adjusted.spot(10.0)):.2%}",
        "last": f"{float(found.ltfr):.2%}",
    }
    return Chart(
        "curve",
        _t("Liabilities are discounted at %(ten)s over ten years, and forward rates reach %(last)s")
        % words,
        "line",
        [_t("%(n)s y") % {"n": year} for year in years],
        [
            Series(_("Spot rate, adjusted"), curve.adjusted.spot(years).round(6).tolist()),
            Series(_("Spot rate, risk-free"), curve.base.spot(years).round(6).tolist()),
            Series(_("Forward rate, adjusted"), forward.round(6).tolist()),
        ],
        percent=True,
        wide=True,
        note=_t("Smith-Wilson in two passes; day of the yields %(day)s") % {"day": found.base_date},
    )


def _rows(curve: KoreanCurve) -> list[tuple[int, float, float, float]]:
    at = np.array(YEARS, np.float64)
    return [
        (year, float(spot), float(base), float(price))
        for year, spot, base, price in zip(
            YEARS, curve.adjusted.spot(at), curve.base.spot(at), curve.discount(at), strict=True
        )
    ]


@requires("accounting.rule")
@require_http_methods(["GET", "POST"])
def curve_new(request: HttpRequest) -> HttpResponse:
    """Enter the yields of a day, starting from the parameters in force."""
    latest = YieldCurve.objects.filter(status="ACTIVE").order_by("-base_date").first()
    initial: dict[str, object] = {"base_date": business_date()}
    if latest is not None:
        initial |= {
            "tenors": ", ".join(f"{float(t):g}" for t in latest.tenors),
            "yields": ", ".join(f"{float(y) * 100:g}" for y in latest.yields),
            "ltfr": f"{float(latest.ltfr) * 100:g}",
            "last_liquid_point": f"{float(latest.last_liquid_point):g}",
            "convergence_point": f"{float(latest.convergence_point):g}",
            "liquidity_premium": f"{float(latest.liquidity_premium) * 100:g}",
            "coupons_per_year": latest.coupons_per_year,
            "first_alpha": f"{float(latest.first_alpha):g}",
            "tolerance": f"{float(latest.tolerance) * 10_000:g}",
            "lowest_alpha": f"{float(latest.lowest_alpha):g}",
        }
    listed = reverse("accounting:curve_list")
    return form_page(
        request,
        CurveForm,
        title=_("Enter a yield curve"),
        initial=initial,
        act=lambda form: services.curves.draft(form.draft),
        done=lambda made: reverse("accounting:curve_detail", args=[made.version]),
        submit=_("Keep as a draft"),
        message=_("Entered. A second person checks it before anything is discounted with it."),
        cancel=listed,
        crumbs=[(_("Yield curves"), listed)],
    )


@requires("accounting.rule")
@require_POST
def curve_activate(request: HttpRequest, version: int) -> HttpResponse:
    """Put a curve in force, as its second person."""
    found = get_object_or_404(YieldCurve, version=version)
    return act_button(
        request,
        act=lambda: services.curves.activate(found.pk),
        done=reverse("accounting:curve_detail", args=[version]),
        message=_("The curve is in force."),
    )
