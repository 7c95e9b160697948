"""Quotes: the sandbox of a version."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from core.htmx import render_page
from core.permissions import requires
from products import selectors
from products.forms import QuoteForm
from products.rules import eligibility, explanation, rating, schedule, underwriting, words
from products.rules.jdm import RuleFailed
from products.rules.ruleset import RuleSet


@requires("products.view")
@require_GET
def quote(request: HttpRequest, product_code: str, version: int) -> HttpResponse:
    """Price one person by a version's rules and say why; nothing is stored."""
    row = selectors.version_row(product_code=product_code, version=version)
    ruleset = selectors.ruleset(row)
    usual = QuoteForm(ruleset=ruleset)
    asked = {name: request.GET.get(name, usual[name].value()) for name in usual.fields}
    if request.GET.get("asked"):  # a box that is not ticked is not sent
        asked = {name: request.GET.get(name, "") for name in usual.fields}
    given = {name: value for name, value in asked.items() if value != "" and value is not False}
    form = QuoteForm(given, ruleset=ruleset)
    context: dict[str, Any] = {
        "title": _("Quote"),
        "lead": f"{row.product_name} · {product_code} v{version}",
        "form": form,
        "row": row,
        "crumbs": [
            (_("Products"), reverse("products:product_list")),
            (product_code, reverse("products:product_detail", args=[product_code])),
        ],
    }
    if form.is_valid():
        context |= answer(ruleset, form.columns())
    status = 200 if form.is_valid() else 422
    return render_page(request, "products/quote.html", context, partial="answer", status=status)


def answer(ruleset: RuleSet, columns: dict[str, Any]) -> dict[str, Any]:
    """Return premium, reasons against it, underwriting and steps for one person."""
    columns = {"per_year": max(ruleset.calc["payments_per_year"]), **columns}
    try:
        refusals = eligibility.eligible(ruleset, columns)
        rated = rating.rate(ruleset, columns)
        decided = underwriting.underwrite(ruleset, columns)
    except RuleFailed as failure:
        return {"failure": str(failure)}
    outcome = decided.outcomes[decided.index[0]]
    trace = rated.trace(int(rated.index[0]))
    findings = [(finding.rule, words.spoken(finding.reason)) for finding in outcome.findings]
    loaded = None
    if outcome.extra_percent and "extra_percent" in ruleset.inputs("PREMIUM_CALC"):
        extra = columns.get("extra_percent", 0) + outcome.extra_percent
        loaded = int(rating.rate(ruleset, {**columns, "extra_percent": extra}).premiums[0])
    return {
        "premium": int(rated.premiums[0]),
        "loaded": loaded,
        "refusals": refusals,
        "outcome": outcome,
        "findings": findings,
        "schedule": schedule_of(ruleset, columns, int(rated.premiums[0])),
        "steps": explanation.premium_steps(trace, int(columns["sum_assured"])),
    }


def schedule_of(
    ruleset: RuleSet, columns: dict[str, Any], premium: int
) -> list[schedule.ScheduleRow]:
    """Return the schedule of a quote; nothing for non-life, and for drafts without a reserve."""
    if "RESERVE" not in ruleset.rules:
        return []
    found = schedule.schedule(
        ruleset,
        sex=int(columns["sex"] in ("F", 1)),
        age=int(columns["age"]),
        term_months=int(columns["term_months"]),
        pay_months=int(columns["pay_months"]),
        per_year=int(columns["per_year"]),
        sum_assured=int(columns["sum_assured"]),
        premium=premium,
    )
    return found.rows() if found else []
