"""Assets: list, record and its panels, income, returns."""

from __future__ import annotations

from decimal import Decimal

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.boards import Figure
from core.clock import add_months, business_date, month_end
from core.forms import form_page
from core.frame import Act
from core.htmx import render_page
from core.lists import Empty, list_page
from core.people import name_of
from core.permissions import may, requires
from core.records import Moment, record_page
from investments import selectors, services
from investments.filters import AssetFilter, ReturnFilter
from investments.forms import IncomeForm
from investments.models import Asset, AssetReturn
from investments.tables import AssetTable, ReturnTable

_ASSETS = _("Assets")
_PAYS = {"STOCK": "DIVIDEND", "REAL_ESTATE": "RENT"}
_IMPAIRED = 3
_ROWS = 24


def _detail(asset_id: str) -> str:
    return reverse("investments:asset_detail", args=[asset_id])


@requires("investments.view")
@require_GET
def asset_list(request: HttpRequest) -> HttpResponse:
    """List all assets."""
    orders = may(request.user, "investments.order")
    new = reverse("investments:purchase")
    return list_page(
        request,
        title=_ASSETS,
        queryset=selectors.assets(),
        filterset=AssetFilter,
        table=AssetTable,
        export_name="assets",
        primary=Act(_("Order a purchase"), new, "plus") if orders else None,
        more=[Act(_("Portfolio"), reverse("investments:portfolio"), "chart-donut")],
        empty=Empty(
            _("No assets yet"),
            _("Order a purchase; a colleague approves it."),
            new if orders else "",
            _("Order a purchase"),
        ),
    )


@requires("investments.view")
@require_GET
def asset_detail(request: HttpRequest, asset_id: str) -> HttpResponse:
    """Show one asset."""
    asset = get_object_or_404(Asset, pk=asset_id)
    held = asset.status == Asset.Status.HELD
    facts = [
        (_("Kind of asset"), asset.get_asset_type_display()),
        (_("Measurement of the asset"), asset.get_classification_display()),
        (_("Issuer, borrower or address"), asset.issuer),
        (_("Purchase price"), asset.purchase_price),
        (_("Bought on"), asset.purchase_date),
        (_("Quantity"), asset.quantity.normalize()),
        (_("Rate a year (%)"), asset.annual_rate.normalize()),
        (_("Income is paid every (months)"), asset.income_every),
    ]
    if asset.maturity_date:
        facts += [
            (_("Face value"), asset.face_value),
            (_("Maturity"), asset.maturity_date),
            (_("Day count"), asset.get_day_count_display()),
            (_("Effective interest a year (%)"), _percent(asset.effective_rate)),
            (_("Cost after amortisation"), asset.amortised_cost),
            (_("Issued on"), asset.issue_date),
            (_("Interest bought"), asset.bought_interest or None),
            (_("Stage of credit risk"), asset.stage),
            (_("Loss allowance"), asset.allowance or None),
        ]
    if asset.asset_type == Asset.Type.STOCK:
        facts += [
            (_("Lots that a sale takes"), asset.get_cost_policy_display()),
            (_("Purchase cost of what is held"), asset.cost_held),
        ]
    if asset.sold_on:
        lost = asset.status == Asset.Status.LOST
        facts.append((_("Written off on") if lost else _("Sold on"), asset.sold_on))
    return record_page(
        request,
        asset,
        title=asset.asset_name,
        number=asset.asset_id,
        place="asset",
        figures=_figures(asset) if asset.status in ("HELD", "SOLD", "LOST") else [],
        facts=facts,
        timeline=_moments(asset),
        crumbs=[(_ASSETS, reverse("investments:asset_list"))],
        primary=Act(_("Order a sale"), reverse("investments:sale", args=[asset_id]), "cash")
        if held and may(request.user, "investments.order")
        else None,
        more=_more(request, asset) if held else _after(request, asset),
    )


def _percent(rate: Decimal) -> Decimal | None:
    return (rate * 100).quantize(Decimal("0.0001")) if rate else None


def _figures(asset: Asset) -> list[Figure]:
    table = _returns(asset)
    key = f"{asset.pk}:{table.months[0]}:{table.months[-1]}"
    return [
        Figure(_("Carrying amount"), asset.current_value, _("won"), why=("asset-value", asset.pk)),
        Figure(_("Accrued interest"), asset.accrued_interest, _("won")),
        Figure(
            _t("Return in %(month)s") % {"month": table.months[-1]},
            Decimal(str(round(float(table.monthly[0, -1]), 6))),
            kind="percent",
            better="up",
            why=("month-return", f"{asset.pk}:{table.months[-1]}"),
        ),
        Figure(
            _("Time-weighted return, up to 12 months"),
            Decimal(str(round(table.total(asset.pk), 6))),
            kind="percent",
            better="up",
            why=("linked-return", key),
        ),
    ]


def _returns(asset: Asset) -> selectors.ReturnTable:
    """Return up to twelve whole months of an asset; the running one while it has no other."""
    today = business_date()
    whole = today if today == month_end(today) else month_end(add_months(today, -1))
    until = whole if asset.purchase_date <= whole else today
    first = max(asset.purchase_date, add_months(until.replace(day=1), -11))
    return selectors.monthly_returns(first=first, last=until, by="asset", asset_ids=[asset.pk])


def _moments(asset: Asset) -> list[Moment]:
    return [
        Moment(
            trade.trade_date,
            trade.get_side_display(),
            f"{trade.amount:,.0f}",
            f"{name_of(trade.made_by)} · {name_of(trade.approved_by)}",
        )
        for trade in asset.trades.all()
    ]


def _after(request: HttpRequest, asset: Asset) -> list[Act]:
    if asset.status != Asset.Status.LOST or not may(request.user, "investments.income"):
        return []
    return [
        Act(_("Record late money"), reverse("investments:late_money", args=[asset.pk]), "coins")
    ]


def _more(request: HttpRequest, asset: Asset) -> list[Act]:
    acts = []
    if asset.asset_type in _PAYS and may(request.user, "investments.income"):
        url = reverse("investments:income", args=[asset.pk])
        acts.append(Act(_("Record income"), url, "coins"))
    if asset.asset_type == Asset.Type.STOCK and may(request.user, "investments.order"):
        acts.append(Act(_("Buy more"), reverse("investments:more", args=[asset.pk]), "plus"))
    if asset.maturity_date and may(request.user, "investments.price"):
        url = reverse("investments:rating_new", args=[asset.pk])
        acts.append(Act(_("Record a rating"), url, "shield-half"))
    if asset.stage == _IMPAIRED and asset.classification == Asset.Classification.AC:
        url = reverse("investments:write_off", args=[asset.pk])
        if may(request.user, "investments.order"):
            acts.append(Act(_("Write the debt off"), url, "trash"))
    if (
        may(request.user, "investments.price")
        and asset.prices.filter(price_date=business_date()).exists()
    ):
        url = reverse("investments:price_correct", args=[asset.pk])
        acts.append(Act(_("Correct today's price"), url, "edit"))
    if may(request.user, "investments.price"):
        url = reverse("investments:price_new") + f"?asset={asset.pk}"
        acts.append(Act(_("Record a price"), url, "tag"))
    return acts


@requires("investments.income")
@require_http_methods(["GET", "POST"])
def income(request: HttpRequest, asset_id: str) -> HttpResponse:
    """Record a dividend or a rent that came in."""
    asset = get_object_or_404(Asset, pk=asset_id)
    if asset.asset_type not in _PAYS:
        raise Http404(asset_id)
    kind = _PAYS[asset.asset_type]
    return form_page(
        request,
        IncomeForm,
        title=AssetReturn.Kind(kind).label,
        act=lambda form: services.receive_income(
            asset_id, kind=kind, amount=int(form.cleaned_data["amount"]), on=business_date()
        ),
        done=_detail(asset_id),
        confirm=True,
        submit=_("Record"),
        message=_("The income is recorded."),
        cancel=_detail(asset_id),
        crumbs=[(_ASSETS, reverse("investments:asset_list")), (asset.pk, _detail(asset_id))],
    )


@requires("investments.view")
@require_GET
def return_list(request: HttpRequest) -> HttpResponse:
    """List what assets earned."""
    return list_page(
        request,
        title=_("Returns"),
        queryset=selectors.returns(),
        filterset=ReturnFilter,
        table=ReturnTable,
        export_name="asset-returns",
        more=[Act(_("Portfolio"), reverse("investments:portfolio"), "chart-donut")],
        empty=Empty(
            _("No returns yet"),
            _("Interest, rent and changes of value are recorded at the month's end."),
        ),
    )


@requires("investments.view")
@require_GET
def panel_returns(request: HttpRequest, asset_id: str) -> HttpResponse:
    """List what one asset earned."""
    asset = get_object_or_404(Asset, pk=asset_id)
    rows = asset.returns.order_by("-record_date", "-return_id")[:_ROWS]
    context = {"asset": asset, "rows": rows, "title": _("Returns")}
    return render_page(request, "investments/panel_returns.html", context, partial="panel")


@requires("investments.view")
@require_GET
def panel_prices(request: HttpRequest, asset_id: str) -> HttpResponse:
    """List the prices of one asset."""
    asset = get_object_or_404(Asset, pk=asset_id)
    rows = selectors.price_of(asset_id)[:_ROWS]
    context = {"asset": asset, "rows": rows, "title": _("Prices")}
    return render_page(request, "investments/panel_prices.html", context, partial="panel")


@requires("investments.view")
@require_GET
def panel_cash(request: HttpRequest, asset_id: str) -> HttpResponse:
    """List the cash that one asset brought and will bring by its terms."""
    asset = get_object_or_404(Asset, pk=asset_id)
    months = selectors.cash_calendar(business_date(), months=12, asset_ids=[asset_id])
    flows = [flow for month in months for _key, flow in month.flows]
    context = {
        "asset": asset,
        "flows": flows,
        "received": selectors.receipts(asset_id)[:_ROWS],
        "title": _("Cash of this asset"),
    }
    return render_page(request, "investments/panel_cash.html", context, partial="panel")
