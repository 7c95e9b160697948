"""The investment home, the portfolio, the cash calendar, and the panels of the home."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.boards import Figure, board_page
from core.clock import add_months, business_date, month_end
from core.frame import Act
from core.htmx import render_page
from core.permissions import may, requires
from investments import selectors
from investments.models import Asset
from investments.selectors.performance import FUND
from investments.views import charts
from investments.views.words import FLOW_KINDS, LIMITS

_MONTHS = 12
_TYPES = [str(t) for t in Asset.Type.values]


@requires("investments.view")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the investment desk: what is held, what it earns, what waits."""
    today = business_date()
    held = selectors.holdings(today)
    before = selectors.holdings(_last_month_end(today))
    fund = _table(today)
    waiting = selectors.waiting_orders().count()
    missing = len(selectors.unpriced(today))
    figures = [
        Figure(
            _("Investments (KRW)"),
            held.total,
            before=before.total,
            url=reverse("investments:portfolio"),
        ),
        *_return_figures(fund),
        Figure(
            _("Orders that wait"),
            waiting,
            kind="count",
            url=reverse("investments:order_list") + "?status=PROPOSED",
        ),
        Figure(
            _("Assets without a fresh price"),
            missing,
            kind="count",
            url=reverse("investments:price_list"),
            note=_("not revalued until they have one") if missing else "",
        ),
    ]
    return board_page(
        request,
        title=_("Investment desk"),
        as_of=today,
        figures=figures,
        charts=[*charts.allocation(held), *charts.monthly(fund)],
        place="home:investment",
        primary=Act(_("Order a purchase"), reverse("investments:purchase"), "plus")
        if may(request.user, "investments.order")
        else None,
        more=[
            Act(_("Portfolio"), reverse("investments:portfolio"), "chart-donut"),
            Act(_("Portfolio risk"), reverse("investments:risk"), "shield-half"),
            Act(_("All assets"), reverse("investments:asset_list"), "list"),
        ],
    )


@requires("investments.view")
@require_GET
def portfolio(request: HttpRequest) -> HttpResponse:
    """Show the portfolio: allocation, returns by kind, assets beside reserves."""
    today = business_date()
    held = selectors.holdings(today)
    fund = _table(today)
    until = _until(today)
    kinds = selectors.monthly_returns(first=_first(until), last=until, by="kind")
    values = held.by("asset_type")
    rows = [_kind_row(kind, values, held, kinds) for kind in _TYPES if kind in values]
    reserves = selectors.reserves_by_line(today)
    return board_page(
        request,
        title=_("Portfolio"),
        as_of=today,
        figures=[
            Figure(_("Carrying amount (KRW)"), int(held.value.sum())),
            Figure(_("Accrued interest (KRW)"), int(held.accrued.sum())),
            Figure(_("Contractual reserves (KRW)"), sum(reserves.values())),
            Figure(
                _("Assets to reserves"),
                _ratio(held.total, sum(reserves.values())),
                kind="percent",
                better="up",
            ),
            *_return_figures(fund),
        ],
        charts=[
            *charts.allocation(held),
            *charts.measurement(held),
            *charts.beside_reserves(held, reserves),
            *charts.linked(kinds, fund),
        ],
        more=[
            Act(_("All assets"), reverse("investments:asset_list"), "list"),
            Act(_("Cash calendar"), reverse("investments:calendar"), "calendar"),
            Act(_("Returns"), reverse("investments:return_list"), "chart-line"),
        ],
        crumbs=[(_("Investment desk"), reverse("investments:home"))],
        template="investments/portfolio.html",
        context={
            "rows": rows,
            "month": kinds.months[-1],
            "span": f"{kinds.months[0]}:{kinds.months[-1]}",
            "limits": _limits(held),
        },
    )


@requires("investments.view")
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the cash that assets will bring in the next twelve months."""
    today = business_date()
    months = selectors.cash_calendar(today, months=_MONTHS)
    total = sum(month.total for month in months)
    return board_page(
        request,
        title=_("Cash calendar"),
        as_of=today,
        lead=_("By the terms of what is held now; sales and purchases are not in it."),
        figures=[
            Figure(_("Next 12 months"), total, _("won")),
            *(
                Figure(label, sum(m.amounts.get(kind, 0) for m in months), _("won"))
                for kind, label in FLOW_KINDS.items()
            ),
        ],
        charts=[charts.calendar_chart(months)] if total else [],
        crumbs=[(_("Investment desk"), reverse("investments:home"))],
        template="investments/calendar.html",
        context={"months": months, "kinds": FLOW_KINDS},
    )


@requires("investments.view")
@require_GET
def panel_waiting(request: HttpRequest) -> HttpResponse:
    """List the orders that wait for a second person."""
    context = {"rows": selectors.waiting_orders()[:20], "title": _("Orders that wait")}
    return render_page(request, "investments/panel_waiting.html", context, partial="panel")


@requires("investments.view")
@require_GET
def panel_warnings(request: HttpRequest) -> HttpResponse:
    """List the assets that cannot be revalued."""
    rows = selectors.unpriced(business_date())
    labels = dict(Asset.Type.choices)
    context = {
        "rows": [(row, labels[row.asset_type]) for row in rows],
        "title": _("Assets without a fresh price"),
        "records": may(request.user, "investments.price"),
    }
    return render_page(request, "investments/panel_warnings.html", context, partial="panel")


@requires("investments.view")
@require_GET
def panel_limits(request: HttpRequest) -> HttpResponse:
    """Show how far the statutory limits are used."""
    held = selectors.holdings(business_date())
    context = {"limits": _limits(held), "title": _("Statutory limits")}
    return render_page(request, "investments/panel_limits.html", context, partial="panel")


@requires("investments.view")
@require_GET
def panel_calendar(request: HttpRequest) -> HttpResponse:
    """Show the cash of the next months."""
    months = selectors.cash_calendar(business_date(), months=6)
    context = {"months": months, "kinds": FLOW_KINDS, "title": _("Cash calendar")}
    return render_page(request, "investments/panel_calendar.html", context, partial="panel")


def _limits(held: selectors.Holdings) -> list[dict[str, Any]]:
    return [
        {"use": use, "label": LIMITS[use.code], "state": use.state}
        for use in selectors.limit_uses(held)
    ]


def _first(until: date) -> date:
    """Return a day of the first of twelve months, or of the first month in which was bought."""
    bought = selectors.first_purchase()
    year = add_months(until.replace(day=1), 1 - _MONTHS)
    return max(year, bought) if bought and bought <= until else year


def _last_month_end(today: date) -> date:
    return date.fromordinal(today.replace(day=1).toordinal() - 1)


def _until(today: date) -> date:
    """Return the last day of the last whole month: values move at month ends."""
    return today if today == month_end(today) else _last_month_end(today)


def _table(today: date) -> selectors.ReturnTable:
    until = _until(today)
    return selectors.monthly_returns(first=_first(until), last=until)


def _ratio(part: float, whole: float) -> Decimal | None:
    return Decimal(str(round(part / whole, 6))) if whole else None


def _as_ratio(value: float) -> Decimal:
    return Decimal(str(round(value, 6)))


def _return_figures(fund: selectors.ReturnTable) -> list[Figure]:
    last = fund.months[-1]
    before = fund.monthly[0, -2] if len(fund.months) > 1 else None
    return [
        Figure(
            _t("Earned in %(month)s (KRW)") % {"month": last},
            fund.earned(FUND)[-1],
            why=("month-return", f"{FUND}:{last}"),
        ),
        Figure(
            _t("Return in %(month)s") % {"month": last},
            _as_ratio(float(fund.monthly[0, -1])),
            kind="percent",
            before=_as_ratio(float(before)) if before is not None else None,
            better="up",
            why=("month-return", f"{FUND}:{last}"),
        ),
        Figure(
            _("Time-weighted return, up to 12 months"),
            _as_ratio(fund.total(FUND)),
            kind="percent",
            better="up",
            why=("linked-return", f"{FUND}:{fund.months[0]}:{last}"),
        ),
    ]


def _kind_row(
    kind: str,
    values: dict[str, int],
    held: selectors.Holdings,
    kinds: selectors.ReturnTable,
) -> dict[str, Any]:
    mine, known = held.asset_type == kind, kind in kinds.groups
    total = int(held.value.sum())
    return {
        "kind": kind,
        "label": Asset.Type(kind).label,
        "count": int(mine.sum()),
        "value": values[kind],
        "share": _ratio(values[kind], total),
        "accrued": int(held.accrued[mine].sum()),
        "month": _as_ratio(float(kinds.monthly[kinds.groups.index(kind), -1])) if known else None,
        "total": _as_ratio(kinds.total(kind)) if known else None,
        "earned": sum(kinds.earned(kind)) if known else 0,
        "url": reverse("investments:asset_list") + f"?asset_type={kind}&status=HELD",
    }
