"""Posting rules: drafted on a screen, checked by a second person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounting import services
from accounting.filters import RuleFilter
from accounting.forms import CommentForm, RuleForm
from accounting.models import Account, PostingRule
from accounting.rules.checking import accounts_of
from accounting.rules.words import event_words
from accounting.services.rulebook import RuleDraft
from accounting.tables import RuleTable
from core.boards import Figure
from core.clock import business_date
from core.forms import act_button, form_page
from core.frame import Act
from core.lists import list_page
from core.people import name_of
from core.permissions import may, requires
from core.records import record_page

Draft = PostingRule.Status.DRAFT


@requires("accounting.view")
@require_GET
def rule_list(request: HttpRequest) -> HttpResponse:
    """List posting rules with their versions."""
    edits = may(request.user, "accounting.rule")
    new = reverse("accounting:rule_new")
    return list_page(
        request,
        title=_("Posting rules"),
        queryset=PostingRule.objects.order_by("rule_code", "-version"),
        filterset=RuleFilter,
        table=RuleTable,
        export_name="posting-rules",
        primary=Act(_("Draft a rule"), new, "plus") if edits else None,
        more=[Act(_("Assumptions"), reverse("accounting:assumption_list"), "adjustments")],
    )


@requires("accounting.view")
@require_GET
def rule_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a rule: what it posts from which event, since when, by whom."""
    rule = get_object_or_404(PostingRule, pk=pk)
    accounts = Account.objects.in_bulk(accounts_of(rule.lines))
    decides = rule.status == Draft and may(request.user, "accounting.rule")
    new = reverse("accounting:rule_new") + f"?of={rule.pk}"
    entries = reverse("accounting:entry_list") + f"?rule_code={rule.rule_code}"
    return record_page(
        request,
        rule,
        title=rule.label,
        number=str(rule),
        figures=[Figure(_("Ledger lines"), len(rule.lines), kind="count")],
        facts=[
            (_("Event"), f"{event_words(rule.event_name)} ({rule.event_name})"),
            (_("Identified by"), ", ".join(rule.keys)),
            (_("Applies from"), rule.period.lower),
            (_("Until"), rule.period.upper or _("open")),
            (_("Made by"), name_of(rule.made_by)),
            (_("Checked by"), name_of(rule.checked_by) or "–"),
        ],
        primary=Act(_("New version"), new, "plus")
        if rule.status == "ACTIVE" and may(request.user, "accounting.rule")
        else None,
        more=[Act(_("Entries by this rule"), entries, "receipt")],
        crumbs=[(_("Posting rules"), reverse("accounting:rule_list"))],
        template="accounting/rule_detail.html",
        context={
            "rule": rule,
            "lines": [
                {**line, "accounts": _shown(line["account"], accounts)} for line in rule.lines
            ],
            "problems": services.rulebook.problems_of(rule.event_name, rule.keys, rule.lines)
            if rule.status == Draft
            else [],
            "decides": decides,
        },
    )


def _shown(choice: Any, accounts: dict[str, Account]) -> list[tuple[str, str]]:
    """Return (when, account) pairs of an account choice."""
    if isinstance(choice, str):
        return [("", str(accounts[choice]) if choice in accounts else choice)]
    pairs = [
        (f"{choice['column']} = {value}", str(accounts[code]))
        for value, code in choice.get("of", {}).items()
    ]
    if "of" not in choice:
        pairs.append(("", _t("the account in column %(column)s") % {"column": choice["column"]}))
    return pairs + (_shown(choice["else"], accounts) if "else" in choice else [])


@requires("accounting.rule")
@require_http_methods(["GET", "POST"])
def rule_new(request: HttpRequest) -> HttpResponse:
    """Draft a rule, or a new version of one."""
    base = PostingRule.objects.filter(pk=request.GET.get("of") or 0).first()
    initial: dict[str, Any] = {"start": business_date()}
    if base is not None:
        initial |= {
            "code": base.rule_code,
            "event_name": base.event_name,
            "description": base.description,
            "description_en": base.description_en,
            "keys": ", ".join(base.keys),
            "lines": base.lines,
        }
    listed = reverse("accounting:rule_list")
    return form_page(
        request,
        RuleForm,
        title=_("Draft a posting rule"),
        initial=initial,
        act=lambda form: services.rulebook.draft_rule(RuleDraft(**form.cleaned_data)),
        done=lambda rule: reverse("accounting:rule_detail", args=[rule.pk]),
        submit=_("Keep as a draft"),
        message=_("Drafted. A second person checks it and puts it in force."),
        cancel=listed,
        crumbs=[(_("Posting rules"), listed)],
    )


@requires("accounting.rule")
@require_POST
def rule_activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a drafted rule in force, as its second person."""
    return act_button(
        request,
        act=lambda: services.rulebook.activate_rule(pk, business_date=business_date()),
        done=reverse("accounting:rule_detail", args=[pk]),
        message=_("The rule is in force."),
    )


@requires("accounting.rule")
@require_http_methods(["GET", "POST"])
def rule_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a draft away, with the reason."""
    back = reverse("accounting:rule_detail", args=[pk])
    return form_page(
        request,
        CommentForm,
        title=_("Discard the draft"),
        act=lambda form: services.rulebook.discard_rule(pk, reason=form.cleaned_data["comment"]),
        done=back,
        submit=_("Discard"),
        danger=True,
        cancel=back,
    )
