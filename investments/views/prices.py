"""Market prices: list, one price, a file of prices."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.clock import business_date
from core.forms import form_page
from core.frame import Act
from core.lists import Empty, list_page
from core.permissions import may, requires
from investments import selectors, services
from investments.filters import PriceFilter
from investments.forms import PriceForm, PricesFileForm
from investments.tables import PriceTable

_CRUMB = _("Prices")


@requires("investments.view")
@require_GET
def price_list(request: HttpRequest) -> HttpResponse:
    """List prices."""
    records = may(request.user, "investments.price")
    new = reverse("investments:price_new")
    return list_page(
        request,
        title=_CRUMB,
        queryset=selectors.prices(),
        filterset=PriceFilter,
        table=PriceTable,
        export_name="asset-prices",
        primary=Act(_("Record a price"), new, "plus") if records else None,
        more=[Act(_("Prices from a file"), reverse("investments:price_file"), "file-upload")]
        if records
        else (),
        empty=Empty(
            _("No prices yet"),
            _("Without prices, nothing is revalued at the month's end."),
            new if records else "",
            _("Record a price"),
        ),
    )


@requires("investments.price")
@require_http_methods(["GET", "POST"])
def price_new(request: HttpRequest) -> HttpResponse:
    """Record one price."""
    today = business_date()
    return form_page(
        request,
        PriceForm,
        title=_("Record a price"),
        initial={"asset_id": request.GET.get("asset", ""), "price_date": today},
        act=lambda form: services.record_prices([form.price()], on=today),
        done=reverse("investments:price_list"),
        message=_("The price is recorded; it counts at the next valuation."),
        cancel=reverse("investments:price_list"),
        crumbs=[(_CRUMB, reverse("investments:price_list"))],
    )


@requires("investments.price")
@require_http_methods(["GET", "POST"])
def price_file(request: HttpRequest) -> HttpResponse:
    """Record the prices of a file, all or none."""
    return form_page(
        request,
        PricesFileForm,
        title=_("Prices from a file"),
        act=lambda form: services.record_prices(form.cleaned_data["file"], on=business_date()),
        done=reverse("investments:price_list"),
        message=_("The prices are recorded; they count at the next valuation."),
        submit=_("Record"),
        cancel=reverse("investments:price_list"),
        crumbs=[(_CRUMB, reverse("investments:price_list"))],
    )
