"""Ratings, expected losses, issuers and borrowers; shares bought again, prices corrected."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.clock import business_date
from core.forms import form_page
from core.frame import Act
from core.htmx import render_page
from core.lists import Empty, list_page
from core.permissions import may, requires
from investments import services
from investments.filters import LossFilter, PartyFilter
from investments.forms import CorrectionForm, MoreForm, PartyForm, RatingForm
from investments.models import Asset, AssetPrice, Counterparty, CreditLoss
from investments.tables import LossTable, PartyTable

_ASSETS = _("Assets")
_PARTIES = _("Issuers and borrowers")
_ROWS = 24


def _asset(asset_id: str) -> str:
    return reverse("investments:asset_detail", args=[asset_id])


def _crumbs(asset_id: str) -> list[tuple[object, str]]:
    return [(_ASSETS, reverse("investments:asset_list")), (asset_id, _asset(asset_id))]


@requires("investments.view")
@require_GET
def loss_list(request: HttpRequest) -> HttpResponse:
    """List the expected credit losses month by month."""
    return list_page(
        request,
        title=_("Credit losses"),
        queryset=CreditLoss.objects.select_related("asset").order_by("-base_date", "-allowance"),
        filterset=LossFilter,
        table=LossTable,
        export_name="credit-losses",
        more=[Act(_("Portfolio risk"), reverse("investments:risk"), "shield-half")],
        empty=Empty(
            _("No credit losses yet"), _("They are measured in the night of the month's last day.")
        ),
    )


@requires("investments.view")
@require_GET
def panel_credit(request: HttpRequest, asset_id: str) -> HttpResponse:
    """Show the ratings and the expected credit losses of one asset."""
    asset = get_object_or_404(Asset, pk=asset_id)
    context = {
        "asset": asset,
        "ratings": asset.ratings.order_by("-rated_on")[:_ROWS],
        "losses": asset.credit_losses.order_by("-base_date", "-pk")[:_ROWS],
        "lots": asset.lots.order_by("bought_on"),
        "write_offs": asset.write_offs.order_by("-pk"),
        "late": asset.late_money.order_by("received_on"),
        "decides": may(request.user, "investments.approve"),
        "me": request.user.get_username(),
        "title": _("Credit and lots"),
    }
    return render_page(request, "investments/panel_credit.html", context, partial="panel")


@requires("investments.price")
@require_http_methods(["GET", "POST"])
def rating_new(request: HttpRequest, asset_id: str) -> HttpResponse:
    """Record a rating of a bond or a loan."""
    asset = get_object_or_404(Asset, pk=asset_id)
    if asset.asset_type not in ("BOND", "LOAN"):
        raise Http404(asset_id)
    return form_page(
        request,
        RatingForm,
        title=_("Record a rating"),
        act=lambda form: services.rate(asset_id, **form.cleaned_data, on=business_date()),
        done=_asset(asset_id),
        message=_("Recorded. The stage follows at the month's end."),
        cancel=_asset(asset_id),
        crumbs=_crumbs(asset_id),
    )


@requires("investments.order")
@require_http_methods(["GET", "POST"])
def more(request: HttpRequest, asset_id: str) -> HttpResponse:
    """Order more of shares that are held."""
    get_object_or_404(Asset, pk=asset_id, asset_type="STOCK")
    return form_page(
        request,
        MoreForm,
        title=_("Buy more"),
        act=lambda form: services.order_more(form.more(asset_id), on=business_date()),
        done=_asset(asset_id),
        submit=_("Place the order"),
        message=_("Ordered. A colleague approves it."),
        cancel=_asset(asset_id),
        crumbs=_crumbs(asset_id),
    )


@requires("investments.price")
@require_http_methods(["GET", "POST"])
def price_correct(request: HttpRequest, asset_id: str) -> HttpResponse:
    """Correct the price of today."""
    today = business_date()
    last = (
        AssetPrice.objects.filter(asset_id=asset_id, price_date=today).order_by("-revision").first()
    )
    if last is None:
        raise Http404(asset_id)
    return form_page(
        request,
        CorrectionForm,
        title=_("Correct today's price"),
        initial={"unit_price": last.unit_price.normalize(), "source": last.source},
        act=lambda form: services.correct_price(
            form.price(asset_id, today), reason=form.cleaned_data["reason"], on=today
        ),
        done=_asset(asset_id),
        confirm=True,
        submit=_("Correct the price"),
        message=_("Corrected; what was valued at it today is valued again."),
        cancel=_asset(asset_id),
        crumbs=_crumbs(asset_id),
    )


@requires("investments.view")
@require_GET
def party_list(request: HttpRequest) -> HttpResponse:
    """List what the limits ask about issuers and borrowers."""
    orders = may(request.user, "investments.order")
    new = reverse("investments:party_new")
    return list_page(
        request,
        title=_PARTIES,
        queryset=Counterparty.objects.order_by("party_name"),
        filterset=PartyFilter,
        table=PartyTable,
        export_name="counterparties",
        primary=Act(_("Describe an issuer"), new, "plus") if orders else None,
        empty=Empty(
            _("No issuers described yet"),
            _("Whoever is not described stands alone: no group, not related, a single risk."),
            new if orders else "",
            _("Describe an issuer"),
        ),
    )


@requires("investments.order")
@require_http_methods(["GET", "POST"])
def party_new(request: HttpRequest) -> HttpResponse:
    """Describe an issuer or borrower, or change what is known."""
    name = request.GET.get("name", "")
    known = Counterparty.objects.filter(pk=name).first()
    fields = ("party_name", "group_name", "relation", "spread")
    return form_page(
        request,
        PartyForm,
        title=_("Describe an issuer"),
        initial={f: getattr(known, f) for f in fields} if known else {"party_name": name},
        act=lambda form: services.describe_counterparty(
            form.cleaned_data.pop("party_name"), **form.cleaned_data
        ),
        done=reverse("investments:party_list"),
        message=_("Recorded. Limits count with it from now on."),
        cancel=reverse("investments:party_list"),
        crumbs=[(_PARTIES, reverse("investments:party_list"))],
    )
