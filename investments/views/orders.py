"""Orders: buy, sell, approve, decline."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.boards import Figure
from core.clock import business_date
from core.forms import form_page
from core.frame import Act
from core.lists import Empty, list_page
from core.people import name_of
from core.permissions import may, requires
from core.records import record_page
from investments import selectors, services
from investments.filters import OrderFilter
from investments.forms import ApproveForm, DeclineForm, PurchaseForm, SaleForm
from investments.models import Asset, TradeOrder
from investments.tables import OrderTable
from investments.views.words import LIMITS

_ORDERS = _("Orders")
_ASSETS = _("Assets")


def _asset(asset_id: str) -> str:
    return reverse("investments:asset_detail", args=[asset_id])


@requires("investments.view")
@require_GET
def order_list(request: HttpRequest) -> HttpResponse:
    """List orders to buy and to sell."""
    orders = may(request.user, "investments.order")
    new = reverse("investments:purchase")
    return list_page(
        request,
        title=_ORDERS,
        queryset=selectors.orders(),
        filterset=OrderFilter,
        table=OrderTable,
        export_name="asset-orders",
        primary=Act(_("Order a purchase"), new, "plus") if orders else None,
        empty=Empty(
            _("No orders yet"),
            _("Order a purchase; a colleague approves it."),
            new if orders else "",
            _("Order a purchase"),
        ),
    )


@requires("investments.view")
@require_GET
def order_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an order, what it would do to the limits, and its decision."""
    order = get_object_or_404(selectors.orders(), pk=pk)
    open_ = order.status == TradeOrder.Status.PROPOSED
    decides = open_ and may(request.user, "investments.approve")
    own = order.made_by == request.user.get_username()
    asset = order.asset
    held = selectors.holdings(business_date())
    limits = []
    if open_ and order.side == "BUY":
        extra = (asset.asset_type, asset.issuer, int(order.amount), asset.foreign)
        uses = selectors.limit_uses(held, extra=[extra])
        limits = [{"use": use, "label": LIMITS[use.code]} for use in uses]
    return record_page(
        request,
        order,
        title=f"{order.get_side_display()}: {asset.asset_name}",
        number=str(order.pk),
        figures=[
            Figure(_("Price"), order.amount, _("won")),
            Figure(_("Carrying amount"), asset.current_value, _("won"), url=_asset(asset.pk)),
        ],
        facts=[
            (_("Asset number"), format_html('<a href="{}">{}</a>', _asset(asset.pk), asset.pk)),
            (_("Kind of asset"), asset.get_asset_type_display()),
            (_("Measurement of the asset"), asset.get_classification_display()),
            (_("Issuer, borrower or address"), asset.issuer),
            (_("Quantity"), order.quantity),
            (_("Face value"), asset.face_value),
            (_("Rate a year (%)"), asset.annual_rate),
            (_("Maturity"), asset.maturity_date),
            (_("Reason"), order.note),
            (_("Ordered by"), name_of(order.made_by)),
            (_("Decided by"), name_of(order.decided_by)),
            (_("Why declined"), order.decision_note),
        ],
        crumbs=[(_ORDERS, reverse("investments:order_list"))],
        primary=Act(_("Approve the order"), reverse("investments:approve", args=[pk]), "check")
        if decides and not own
        else None,
        more=[Act(_("Decline the order"), reverse("investments:decline", args=[pk]), "x")]
        if decides and not own
        else (),
        template="investments/order_detail.html",
        context={"order": order, "limits": limits, "own": own and open_},
    )


@requires("investments.order")
@require_http_methods(["GET", "POST"])
def purchase(request: HttpRequest) -> HttpResponse:
    """Order a purchase."""
    return form_page(
        request,
        PurchaseForm,
        title=_("Order a purchase"),
        initial={"asset_type": "BOND"},
        act=lambda form: services.order_purchase(form.purchase(), on=business_date()),
        done=_asset,
        submit=_("Place the order"),
        message=_("Ordered. A colleague approves it."),
        cancel=reverse("investments:asset_list"),
        crumbs=[(_ASSETS, reverse("investments:asset_list"))],
    )


@requires("investments.order")
@require_http_methods(["GET", "POST"])
def sale(request: HttpRequest, asset_id: str) -> HttpResponse:
    """Order the sale of an asset."""
    asset = get_object_or_404(Asset, pk=asset_id)
    return form_page(
        request,
        SaleForm,
        title=_("Order a sale"),
        initial={"amount": int(asset.current_value)},
        act=lambda form: services.order_sale(
            services.Sale(
                asset_id=asset_id,
                amount=int(form.cleaned_data["amount"]),
                quantity=form.cleaned_data["quantity"],
                note=form.cleaned_data["note"],
            ),
            on=business_date(),
        ),
        done=_asset(asset_id),
        submit=_("Place the order"),
        message=_("Ordered. A colleague approves it."),
        cancel=_asset(asset_id),
        crumbs=[(_ASSETS, reverse("investments:asset_list")), (asset.pk, _asset(asset_id))],
    )


@requires("investments.approve")
@require_http_methods(["GET", "POST"])
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve an order after its entries were shown."""
    order = get_object_or_404(selectors.orders(), pk=pk)
    return form_page(
        request,
        ApproveForm,
        title=_("Approve the order"),
        act=lambda form: services.approve(pk, on=business_date()),
        done=_asset(order.asset_id),
        confirm=True,
        submit=_("Approve the order"),
        message=_("Approved; the books follow."),
        cancel=reverse("investments:order_detail", args=[pk]),
        crumbs=_order_crumbs(pk),
        template="investments/order_approve.html",
        context={"order": order},
    )


@requires("investments.approve")
@require_http_methods(["GET", "POST"])
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Decline an order with a reason."""
    get_object_or_404(selectors.orders(), pk=pk)
    return form_page(
        request,
        DeclineForm,
        title=_("Decline the order"),
        act=lambda form: services.decline(
            pk, reason=form.cleaned_data["reason"], on=business_date()
        ),
        done=reverse("investments:order_detail", args=[pk]),
        danger=True,
        submit=_("Decline the order"),
        message=_("The order is declined."),
        cancel=reverse("investments:order_detail", args=[pk]),
        crumbs=_order_crumbs(pk),
    )


def _order_crumbs(pk: int) -> list[tuple[object, str]]:
    return [
        (_ORDERS, reverse("investments:order_list")),
        (str(pk), reverse("investments:order_detail", args=[pk])),
    ]
