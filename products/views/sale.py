"""Acts on a product's sale, and the work page of versions that wait."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core.clock import business_date
from core.forms import form_page, once, posted, refused_into
from core.htmx import redirect_to, render_page
from core.permissions import requires
from products import selectors, services
from products.forms import DecisionForm, ReasonForm, SalePeriodForm, first_day
from products.models import ProductVersion
from products.rules.display import views_of


def _detail(product_code: str) -> str:
    return reverse("products:product_detail", args=[product_code])


def _crumbs(product_code: str) -> list[tuple[Any, str]]:
    listed = (_("Products"), reverse("products:product_list"))
    return [listed, (product_code, _detail(product_code))]


@requires("products.edit")
@require_http_methods(["GET", "POST"])
def sale_period(request: HttpRequest, product_code: str) -> HttpResponse:
    """Set the first and last day of sale."""
    product = selectors.product(product_code)
    return form_page(
        request,
        SalePeriodForm,
        title=_("Sale period"),
        initial={"start": product.sale_start_date, "end": product.sale_end_date},
        act=lambda form: services.set_sale_period(product_code=product_code, **form.cleaned_data),
        done=_detail(product_code),
        message=_("The sale period is set."),
        cancel=_detail(product_code),
        crumbs=_crumbs(product_code),
    )


@requires("products.edit")
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, product_code: str) -> HttpResponse:
    """Take a product off sale."""
    selectors.product(product_code)
    return form_page(
        request,
        ReasonForm,
        title=_("Take off sale"),
        act=lambda form: services.withdraw(
            product_code=product_code,
            reason=form.cleaned_data["reason"],
            by=request.user.get_username(),
            today=business_date(),
        ),
        done=_detail(product_code),
        submit=_("Take off sale"),
        danger=True,
        message=_("Taken off sale. Contracts in force are served as before."),
        cancel=_detail(product_code),
        crumbs=_crumbs(product_code),
    )


@requires("products.edit")
@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, product_code: str) -> HttpResponse:
    """Put a withdrawn product on sale again."""
    selectors.product(product_code)
    return form_page(
        request,
        ReasonForm,
        title=_("Sell again"),
        act=lambda form: services.reopen(
            product_code=product_code,
            reason=form.cleaned_data["reason"],
            by=request.user.get_username(),
        ),
        done=_detail(product_code),
        submit=_("Sell again"),
        message=_("On sale again."),
        cancel=_detail(product_code),
        crumbs=_crumbs(product_code),
    )


@requires("products.publish")
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """Open the first version that waits, or say that none does."""
    first = selectors.waiting_versions().first()
    if first is None:
        return render_page(request, "products/waiting.html", _context(request, None))
    return redirect_to(
        request, reverse("products:waiting_case", args=[first.product_id, first.version])
    )


@requires("products.publish")
@require_http_methods(["GET", "POST"])
def waiting_case(request: HttpRequest, product_code: str, version: int) -> HttpResponse:
    """Decide on a version: publish it from a day on, or send it back with a reason."""
    found = selectors.version(product_code, version)
    today = business_date()
    start = {"start": first_day(today, found)}
    form = DecisionForm(posted(request), initial=start)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            done = once(request, lambda: _decide(request, form, found))
            return redirect_to(request, done)
    status = 422 if form.errors else 200
    context = {**_context(request, found), "form": form, "today": today}
    return render_page(request, "products/waiting.html", context, status=status)


def _decide(request: HttpRequest, form: DecisionForm, found: ProductVersion) -> str:
    by = request.user.get_username()
    where = {"product_code": found.product_id, "version": found.version}
    if request.POST.get("decision") == "publish":
        services.publish_version(
            **where, start=form.cleaned_data["start"], by=by, today=business_date()
        )
        messages.success(request, str(_("Published.")))
        return reverse("products:version_detail", args=[found.product_id, found.version])
    services.send_back(**where, reason=form.cleaned_data["reason"], by=by)
    messages.success(request, str(_("Sent back to its maker.")))
    return reverse("products:waiting")


def _context(request: HttpRequest, found: ProductVersion | None) -> dict[str, Any]:
    context: dict[str, Any] = {
        "title": _("Waiting for publication"),
        "crumbs": [(_("Products"), reverse("products:product_list"))],
        "queue": list(selectors.waiting_versions()),
        "case": found,
    }
    if found is not None:
        context |= {
            "rules": views_of(selectors.rules_of(found.pk)),
            "changes": selectors.changes_of(found),
            "samples": selectors.sample_comparison(found),
            "own": request.user.get_username() in found.makers,
            "decidable": found.status == ProductVersion.Status.REVIEW,
        }
    return context
