"""Screens on which rules are written: register, new version, change a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError
from core.forms import act_button, once, posted
from core.htmx import redirect_to
from core.permissions import requires
from products import selectors, services
from products.forms import RegisterForm, RulesForm
from products.models import Product, ProductVersion
from products.rules import samples
from products.views.quotes import answer

Text = str | Promise


@requires("products.edit")
@require_http_methods(["GET", "POST"])
def product_new(request: HttpRequest) -> HttpResponse:
    """Register a product and its rules together, beside a live quote."""
    base = request.GET.get("from", "")
    known = list(Product.objects.order_by("product_code").values_list("pk", "product_name"))
    base = base if base in dict(known) else (known[0][0] if known else "")
    rules: Mapping[str, Any] = {}
    initial: dict[str, Any] = {}
    if base:
        product = selectors.product(base)
        latest = product.versions.all()[0]
        rules = selectors.rules_of(latest.pk)
        initial = {
            "product_type": product.product_type,
            "line": product.line,
            "measurement": latest.measurement,
        }
    form = RegisterForm(posted(request), rules=rules, initial=initial)

    def save() -> ProductVersion:
        given = form.cleaned_data
        product = services.NewProduct(
            **{name: given[name] for name in RegisterForm.master_names()},
        )
        return services.register(
            product=product, rules=given["rules"], by=request.user.get_username()
        )

    return _rules_page(
        request,
        form,
        save,
        title=_("Register a product"),
        message=_("Registered as a draft. Look it over and submit it for publication."),
        context={"known": known, "base": base},
    )


@requires("products.edit")
@require_http_methods(["GET", "POST"])
def version_new(request: HttpRequest, product_code: str) -> HttpResponse:
    """Start a new version from the latest one."""
    product = selectors.product(product_code)
    latest = product.versions.all()[0]
    form = RulesForm(posted(request), rules=selectors.rules_of(latest.pk))

    def save() -> ProductVersion:
        return services.new_version(
            product_code=product_code,
            by=request.user.get_username(),
            note=form.cleaned_data["note"],
            rules=form.cleaned_data["rules"],
        )

    return _rules_page(
        request,
        form,
        save,
        title=_("New version"),
        message=_("The draft is kept. Look it over and submit it for publication."),
        context={"product": product},
    )


@requires("products.edit")
@require_http_methods(["GET", "POST"])
def version_edit(request: HttpRequest, product_code: str, version: int) -> HttpResponse:
    """Change the rules of a draft."""
    found = selectors.version(product_code, version)
    rules = selectors.rules_of(found.pk)
    form = RulesForm(posted(request), rules=rules, initial={"note": found.note})

    def save() -> ProductVersion:
        return services.change_draft(
            product_code=product_code,
            version=version,
            rules=form.cleaned_data["rules"],
            by=request.user.get_username(),
            note=form.cleaned_data["note"],
        )

    return _rules_page(
        request,
        form,
        save,
        title=_("Change the draft"),
        message=_("The draft is kept."),
        context={"product": found.product, "version": found},
    )


def _rules_page(
    request: HttpRequest,
    form: RulesForm,
    save: Callable[[], ProductVersion],
    *,
    title: Text,
    message: Text,
    context: dict[str, Any],
) -> HttpResponse:
    """Answer a screen of rules: show, check a field, quote, save once, refuse with 422."""
    crumbs = [(_("Products"), reverse("products:product_list"))]
    if product := context.get("product"):
        url = reverse("products:product_detail", args=[product.pk])
        crumbs.append((product.product_code, url))
    shown = {
        "title": title,
        "crumbs": crumbs,
        "form": form,
        "operation_id": request.POST.get("_operation", ""),
        **context,
    }
    if request.method == "POST":
        if (name := request.POST.get("_validate")) and name in form.fields:
            return render(request, "kit/_field_checked.html", {"field": form[name]})
        if "_quote" in request.POST:
            shown |= _quote(form)
            if request.htmx:  # type: ignore[attr-defined]
                return render(request, "products/rules_form.html#quote", shown)
            form.errors.clear()
            return render(request, "products/rules_form.html", shown)
        if (done := _save(request, form, save)) is not None:
            messages.success(request, str(message))
            return redirect_to(request, done)
        shown |= _refused_quote(form)
    else:
        shown |= _first_quote(form)
    status = 422 if form.errors else 200
    swap = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    template = "products/rules_form.html#form" if swap else "products/rules_form.html"
    return render(request, template, shown, status=status)


def _save(request: HttpRequest, form: RulesForm, save: Callable[[], ProductVersion]) -> str | None:
    """Save once and return where to go; None where the form or the service refuses."""
    if not form.is_valid():
        return None

    def act() -> str:
        made = save()
        return reverse("products:version_detail", args=[made.product_id, made.version])

    try:
        return once(request, act)
    except services.BadRules as refusal:
        form.show_problems(refusal.problems)
    except DomainError as refusal:
        form.add_error(None, str(refusal))
    return None


def _quote(form: RulesForm, *, again: bool = True) -> dict[str, Any]:
    """Price the sample person by the rules as they stand in the form, read anew or not."""
    if again:
        form.full_clean()
    if not form.quote_ready:
        wrong = [name for name in form.errors if name in form.fields]
        labels = [str(form.fields[name].label) for name in wrong]
        return {"unreadable": labels}
    given = form.cleaned_data
    return _priced(given["rules"], given["q_age"], given["q_sex"], given["q_plan"], given["q_sum"])


def _refused_quote(form: RulesForm) -> dict[str, Any]:
    """Price the sample person beside a refused form, if its rules can be read."""
    return _quote(form, again=False) if form.quote_ready else {}


def _first_quote(form: RulesForm) -> dict[str, Any]:
    """Price the first sample from the rules that the form starts with."""
    if not form.rules or not form["q_plan"].value():
        return {}
    first = {name: form[f"q_{name}"].value() for name in ("age", "sex", "plan", "sum")}
    return _priced(form.rules, first["age"], first["sex"], first["plan"], first["sum"])


def _priced(rules: Mapping[str, Any], age: int, sex: str, plan: str, total: Any) -> dict[str, Any]:
    try:
        ruleset = services.preview(product_code="", rules=rules)
    except services.BadRules as refusal:
        return {"problems": refusal.problems}
    term, pay = (int(part) for part in plan.split("/"))
    columns = {
        "age": age,
        "sex": sex,
        "term_months": term,
        "pay_months": pay,
        "sum_assured": int(total),
    }
    table = samples.premium_samples(ruleset, plan=(term, pay), sum_assured=int(total))
    return {**answer(ruleset, columns), "samples": table, "sample_sum": int(total)}


@requires("products.edit")
@require_POST
def version_submit(request: HttpRequest, product_code: str, version: int) -> HttpResponse:
    """Submit a draft for publication."""
    return act_button(
        request,
        act=lambda: services.submit(
            product_code=product_code, version=version, by=request.user.get_username()
        ),
        done=reverse("products:version_detail", args=[product_code, version]),
        message=_("Submitted. A colleague can publish it now."),
    )
