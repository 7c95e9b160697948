"""The product list, and the product actuary's home."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.boards import Chart, Figure, Series, board_page
from core.clock import business_date
from core.frame import Act
from core.htmx import render_page
from core.lists import Empty, list_page
from core.permissions import may, requires
from products import selectors
from products.filters import ProductFilter
from products.models import ProductVersion
from products.rules import samples
from products.tables import ProductTable


@requires("products.view")
@require_GET
def product_list(request: HttpRequest) -> HttpResponse:
    """List all products."""
    edits = may(request.user, "products.edit")
    new = reverse("products:product_new")
    hint = _("Register a product with its rules, and have a colleague publish it.")
    return list_page(
        request,
        title=_("Products"),
        queryset=selectors.product_list(),
        filterset=ProductFilter,
        table=ProductTable,
        export_name="products",
        primary=Act(_("Register a product"), new, "plus") if edits else None,
        more=[Act(_("Waiting for publication"), reverse("products:waiting"), "checklist")]
        if may(request.user, "products.publish")
        else (),
        empty=Empty(_("No products yet"), hint, new if edits else "", _("Register a product")),
    )


@requires("products.edit")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Show the product actuary's desk: what is sold, what waits, and what the rules price."""
    today = business_date()
    sold = selectors.versions_on_sale(today)
    counts = selectors.counts()
    listed = reverse("products:product_list")
    figures = [
        Figure(_("On sale"), len(sold), _("products"), kind="count", url=f"{listed}?status=ACTIVE"),
        Figure(
            _("Waiting for publication"),
            counts.waiting,
            _("versions"),
            kind="count",
            url=reverse("products:waiting"),
        ),
        Figure(_("Drafts"), counts.drafts, _("versions"), kind="count"),
        Figure(_("Drafts with faults"), counts.faulty, _("versions"), kind="count"),
        Figure(
            _("Not on sale"),
            counts.inactive,
            _("products"),
            kind="count",
            url=f"{listed}?status=INACTIVE",
        ),
    ]
    return board_page(
        request,
        title=_("Product desk"),
        as_of=today,
        figures=figures,
        charts=[chart for chart in (_premium_chart(row) for row in sold[:4]) if chart],
        place="home:product_actuary",
        primary=Act(_("Register a product"), reverse("products:product_new"), "plus"),
        more=[Act(_("All products"), listed, "list")],
    )


def _premium_chart(row: selectors.VersionRow) -> Chart | None:
    """Draw the premium by age of one product, with the sum assured of samples."""
    ruleset = selectors.ruleset(row)
    found = samples.premium_samples(ruleset)
    if len(found) < 2:
        return None
    middle = len(found) // 2
    times = found[-1].male / max(1, found[middle].male)
    note = _t("%(code)s v%(version)s, sum assured %(sum)s won, one instalment") % {
        "code": row.product_code,
        "version": row.version,
        "sum": f"{samples.usual_sum(ruleset):,}",
    }
    title = _t("%(name)s: at %(old)s a man pays %(times)s times what he pays at %(young)s") % {
        "name": row.name_shown,
        "old": found[-1].age,
        "young": found[middle].age,
        "times": f"{times:.1f}",
    }
    quote = reverse("products:quote", args=[row.product_code, row.version])
    return Chart(
        id=row.product_code.lower(),
        title=title,
        kind="line",
        categories=[sample.age for sample in found],
        series=[
            Series(_("Male"), [sample.male for sample in found]),
            Series(_("Female"), [sample.female for sample in found]),
        ],
        unit=_("won"),
        urls=[f"{quote}?age={sample.age}" for sample in found],
        note=note,
    )


@requires("products.edit")
@require_GET
def panel_desk(request: HttpRequest) -> HttpResponse:
    """List drafts and versions in review, on the home."""
    open_ones = (ProductVersion.Status.DRAFT, ProductVersion.Status.REVIEW)
    rows = ProductVersion.objects.select_related("product").filter(status__in=open_ones)
    context = {"rows": rows.order_by("status", "-updated_at")[:20], "title": _("In preparation")}
    return render_page(request, "products/panel_desk.html", context, partial="panel")


@requires("products.view")
@require_GET
def panel_catalogue(request: HttpRequest) -> HttpResponse:
    """List what is sold today with a sample premium."""
    rows = []
    for row in selectors.versions_on_sale(business_date()):
        ruleset = selectors.ruleset(row)
        found = {sample.age: sample for sample in samples.premium_samples(ruleset)}
        rows.append((row, found.get(40), samples.usual_sum(ruleset)))
    context = {"rows": rows, "title": _("On sale today")}
    return render_page(request, "products/panel_catalogue.html", context, partial="panel")
