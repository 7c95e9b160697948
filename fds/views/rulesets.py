"""Versions of the rules, as pages: draft, try on the past, activate."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import business_date
from core.forms import act_button, form_page
from core.frame import Act
from core.htmx import render_page
from core.permissions import may, requires
from fds import selectors, services
from fds.forms import NameForm, PeriodForm, ReleaseForm, RulesForm
from fds.models import RuleSet
from fds.selectors import board as figures_of

TRIED = timedelta(days=90)


@requires("fds.view")
@require_GET
def ruleset_list(request: HttpRequest) -> HttpResponse:
    """Show every version of the rules with what it hit."""
    versions = []
    for one in selectors.rulesets():
        counted = {row.code: row for row in figures_of.rule_figures(date.min, date.max, one.pk)}
        shadow = {row["code"]: row for row in selectors.shadow_figures(one.pk)}
        rules = sorted(one.rules.all(), key=lambda rule: rule.code)
        versions.append(
            (one, [(rule, counted.get(rule.code), shadow.get(rule.code)) for rule in rules])
        )
    edits = may(request.user, "fds.rules")
    return render_page(
        request,
        "fds/rulesets.html",
        {
            "title": _("Fraud rules"),
            "versions": versions,
            "edits": edits,
            "primary": Act(_("New version"), reverse("fds:ruleset_new"), "plus") if edits else None,
        },
    )


@requires("fds.rules")
@require_http_methods(["GET", "POST"])
def ruleset_new(request: HttpRequest) -> HttpResponse:
    """Draft a version from the active one."""
    return form_page(
        request,
        NameForm,
        title=_("New version of the fraud rules"),
        act=lambda form: services.draft(name=form.cleaned_data["name"]),
        done=lambda version: reverse("fds:ruleset_edit", args=[version]),
        submit=_("Draft"),
        message=_("Drafted from the active version."),
        cancel=reverse("fds:ruleset_list"),
        crumbs=[(_("Fraud rules"), reverse("fds:ruleset_list"))],
    )


@requires("fds.rules")
@require_http_methods(["GET", "POST"])
def ruleset_edit(request: HttpRequest, version: int) -> HttpResponse:
    """Change a draft and see what it would have done to the latest claims."""
    ruleset = get_object_or_404(RuleSet, pk=version)
    spec = selectors.spec_of(version)
    tried = services.compare(spec) if spec and "try" in request.GET else None
    return form_page(
        request,
        RulesForm,
        title=f"{ruleset}",
        initial={"threshold": ruleset.threshold},
        form_kwargs={"rules": ruleset.rules.order_by("code")},
        act=lambda form: _save_and_try(version, form),
        done=reverse("fds:ruleset_edit", args=[version]) + "?try=1",
        submit=_("Save and try on the past"),
        message=_("Saved."),
        cancel=reverse("fds:ruleset_list"),
        crumbs=[(_("Fraud rules"), reverse("fds:ruleset_list"))],
        template="fds/ruleset_edit.html",
        context={
            "ruleset": ruleset,
            "tried": tried,
            "last": ruleset.backtests.order_by("-pk").first(),
            "activates": ruleset.made_by != request.user.get_username(),
        },
    )


def _save_and_try(version: int, form: RulesForm) -> None:
    """Save a draft and replay the claims of the last ninety days; both or neither."""
    today = business_date()
    with transaction.atomic():
        services.edit_draft(version=version, **form.terms())
        services.backtest(version=version, since=today - TRIED, until=today)


@requires("fds.rules")
@require_POST
def ruleset_shadow(request: HttpRequest, version: int) -> HttpResponse:
    """Let a draft run in shadow."""
    return act_button(
        request,
        act=lambda: services.start_shadow(version=version),
        done=reverse("fds:ruleset_list"),
        message=_("The version runs in shadow: nothing changes for any claim."),
    )


@requires("fds.rules")
@require_http_methods(["GET", "POST"])
def ruleset_back(request: HttpRequest, version: int) -> HttpResponse:
    """Go back to a version that was in use before."""
    ruleset = get_object_or_404(RuleSet, pk=version)
    return form_page(
        request,
        ReleaseForm,
        title=_("Go back to %(version)s") % {"version": ruleset},
        act=lambda form: services.roll_back(version=version, **form.cleaned_data),
        done=reverse("fds:ruleset_list"),
        submit=_("Go back to this version"),
        message=_("The earlier version is in use again."),
        danger=True,
        cancel=reverse("fds:ruleset_list"),
        crumbs=[(_("Fraud rules"), reverse("fds:ruleset_list"))],
    )


@requires("fds.view")
@require_GET
def ruleset_trials(request: HttpRequest, version: int) -> HttpResponse:
    """Show what back-tests and the shadow say about a version."""
    ruleset = get_object_or_404(RuleSet, pk=version)
    return render_page(
        request,
        "fds/ruleset_trials.html",
        {
            "title": _("Trials of %(version)s") % {"version": ruleset},
            "ruleset": ruleset,
            "tests": list(ruleset.backtests.order_by("-pk")[:5]),
            "shadow": selectors.shadow_figures(version),
            "edits": may(request.user, "fds.rules"),
            "activates": ruleset.status in ("DRAFT", "SHADOW")
            and ruleset.made_by != request.user.get_username(),
            "crumbs": [(_("Fraud rules"), reverse("fds:ruleset_list"))],
        },
    )


@requires("fds.rules")
@require_http_methods(["GET", "POST"])
def ruleset_backtest(request: HttpRequest, version: int) -> HttpResponse:
    """Try a version on the claims of a period as they were known then."""
    ruleset = get_object_or_404(RuleSet, pk=version)
    today = business_date()
    trials = reverse("fds:ruleset_trials", args=[version])
    return form_page(
        request,
        PeriodForm,
        title=_("Try %(version)s on the past") % {"version": ruleset},
        initial={"since": today - TRIED, "until": today},
        act=lambda form: services.backtest(version=version, **form.cleaned_data),
        done=trials,
        submit=_("Try on the past"),
        message=_("Tried. The report is kept."),
        cancel=trials,
        crumbs=[(_("Fraud rules"), reverse("fds:ruleset_list"))],
    )


@requires("fds.rules")
@require_POST
def ruleset_activate(request: HttpRequest, version: int) -> HttpResponse:
    """Activate a draft that another made."""
    return act_button(
        request,
        act=lambda: services.activate(version=version),
        done=reverse("fds:ruleset_list"),
        message=_("The version is active."),
    )
