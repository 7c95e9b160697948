"""The record of a product and of one version."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.boards import Figure
from core.frame import Act
from core.people import name_of
from core.permissions import may, requires
from core.records import Moment, days_of_moves, record_page
from products import selectors
from products.models import Product, ProductVersion
from products.rules import samples, schemas
from products.rules.display import views_of
from products.rules.words import spoken

Status = ProductVersion.Status


@requires("products.view")
@require_GET
def product_detail(request: HttpRequest, product_code: str) -> HttpResponse:
    """Show a product: its versions, and the rules of the one that counts."""
    product = selectors.product(product_code)
    versions = list(product.versions.all())
    shown = next((v for v in versions if v.status == Status.PUBLISHED), versions[0])
    rules = selectors.rules_of(shown.pk)
    row = selectors.version_row(product_code=product_code, version=shown.version)
    return record_page(
        request,
        product,
        title=product.product_name,
        number=product.product_code,
        place="product",
        figures=_figures(row),
        facts=[
            (_("English name"), product.name_en),
            (_("Life or non-life"), product.get_product_type_display()),
            (_("Portfolio"), product.get_line_display()),
            (_("Measurement"), shown.get_measurement_display()),
            (_("Sold from"), product.sale_start_date),
            (_("Sold until"), product.sale_end_date or _("open")),
        ],
        timeline=[moment for version in versions for moment in _moments(version)],
        primary=_primary(request, versions[0]),
        more=_more(request, product, shown),
        crumbs=[(_("Products"), reverse("products:product_list"))],
        template="products/product_detail.html",
        context={
            "versions": versions,
            "shown": shown,
            "rules": views_of(rules),
            "description": spoken(product.description),
        },
    )


def _moments(version: ProductVersion) -> list[Moment]:
    number = f"v{version.version}"
    days = days_of_moves([version], version.status)
    url = reverse("products:version_detail", args=[version.product_id, version.version])
    made = Moment(
        min([localtime(version.created_at).date(), *days.values()]),
        _("Draft started"),
        f"{number} {version.note}".strip(),
        version.made_by,
        url,
        recorded=version.created_at,
    )
    if version.published_at is None:
        return [made]
    day = days_of_moves([version], ProductVersion.Status.PUBLISHED).get(version.pk)
    done = Moment(
        day or version.published_at,
        _("Published"),
        number,
        version.checked_by,
        url,
        recorded=version.published_at,
    )
    return [made, done]


def _figures(row: selectors.VersionRow) -> list[Figure]:
    """Return the sample premium at 40 and the main limits, where the rules are sound."""
    ruleset = selectors.ruleset(row)
    if schemas.problems_of_set(ruleset.rules, complete=True):
        return []
    found = samples.premium_samples(ruleset)
    sample = next((s for s in found if s.age == 40), found[0])
    age, total = ruleset.rules["AGE_LIMIT"], samples.usual_sum(ruleset)
    quote = reverse("products:quote", args=[row.product_code, row.version])
    return [
        Figure(
            _("Premium, man of %(age)s") % {"age": sample.age},
            sample.male,
            _("won"),
            url=f"{quote}?age={sample.age}&sex=M",
            note=_("sum assured %(sum)s won") % {"sum": f"{total:,}"},
        ),
        Figure(
            _("Premium, woman of %(age)s") % {"age": sample.age},
            sample.female,
            _("won"),
            url=f"{quote}?age={sample.age}&sex=F",
        ),
        Figure(_("Entry age"), f"{age['min_age']}–{age['max_age']}", kind="text"),
        Figure(_("Interest rate"), ruleset.basis.interest, kind="percent"),
        Figure(
            _("Commission"),
            f"{ruleset.commission.comm_rate.normalize():f}%",
            kind="text",
            note=_("of one premium"),
        ),
    ]


def _primary(request: HttpRequest, latest: ProductVersion) -> Act | None:
    """Return what comes next: change the draft, decide on the version, or start a new one."""
    where = [latest.product_id, latest.version]
    if latest.status == Status.DRAFT and may(request.user, "products.edit"):
        return Act(_("Change the draft"), reverse("products:version_edit", args=where), "pencil")
    if latest.status == Status.REVIEW and may(request.user, "products.publish"):
        return Act(_("Decide"), reverse("products:waiting_case", args=where), "checklist")
    if latest.status in (Status.PUBLISHED, Status.RETIRED) and may(request.user, "products.edit"):
        return Act(_("New version"), reverse("products:version_new", args=where[:1]), "plus")
    return None


def _more(request: HttpRequest, product: Product, shown: ProductVersion) -> list[Act]:
    where = [product.product_code]
    quote = reverse("products:quote", args=[*where, shown.version])
    acts = [Act(_("Quote"), quote, "calculator")]
    if may(request.user, "products.edit"):
        acts.append(Act(_("Sale period"), reverse("products:sale_period", args=where), "calendar"))
        if product.status == Product.Status.ACTIVE:
            acts.append(
                Act(_("Take off sale"), reverse("products:withdraw", args=where), "player-stop")
            )
        elif shown.status == Status.PUBLISHED:
            acts.append(Act(_("Sell again"), reverse("products:reopen", args=where), "player-play"))
    return acts


@requires("products.view")
@require_GET
def version_detail(request: HttpRequest, product_code: str, version: int) -> HttpResponse:
    """Show one version: who made and checked it, its rules, and what it changed."""
    found = selectors.version(product_code, version)
    rules = selectors.rules_of(found.pk)
    row = selectors.version_row(product_code=product_code, version=version)
    return record_page(
        request,
        found,
        title=found.product.product_name,
        number=f"{product_code} v{version}",
        figures=_figures(row),
        facts=_version_facts(found),
        timeline=_moments(found),
        primary=_primary(request, found),
        more=[
            Act(_("Quote"), reverse("products:quote", args=[product_code, version]), "calculator")
        ],
        crumbs=[
            (_("Products"), reverse("products:product_list")),
            (product_code, reverse("products:product_detail", args=[product_code])),
        ],
        template="products/version_detail.html",
        context={
            "version": found,
            "rules": views_of(rules),
            "changes": selectors.changes_of(found),
            "samples": selectors.sample_comparison(found),
            "problems": schemas.problems_of_set(rules, complete=True),
            "may_edit": may(request.user, "products.edit"),
        },
    )


def _version_facts(version: ProductVersion) -> list[tuple[Any, Any]]:
    period = version.period
    return [
        (_("Made by"), name_of(version.made_by)),
        (_("Checked by"), name_of(version.checked_by)),
        (_("Published"), version.published_at and version.published_at.date()),
        (_("Sold from"), period and period.lower),
        (_("Sold until"), (period and period.upper) or _("open")),
        (_("Measurement"), version.get_measurement_display()),
        (_("What changed and why"), version.note),
    ]
