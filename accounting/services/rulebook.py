"""Posting rules: drafted by one person, checked and put in force by another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max
from django.utils.translation import gettext as _

from accounting.models import Account, PostingRule
from accounting.rules import checking
from core.acting import current
from core.errors import DomainError, NotAllowed
from core.events import column_kinds, event_classes
from core.status import transition


class BadRule(DomainError):
    """The rule cannot be used; each problem names its path and the reason."""


class StartsTooEarly(DomainError):
    """A new version starts in the future of the one that it replaces."""


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """What a person proposes: which lines an event posts from a day on."""

    code: str
    event_name: str
    description: str
    keys: Sequence[str]
    lines: Sequence[Mapping[str, Any]]
    start: date
    description_en: str = ""


def kinds_of(event_name: str) -> dict[str, str]:
    """Return the columns that a rule for an event may use, with their kinds.

    Raises:
        BadRule: there is no such event.
    """
    cls = event_classes().get(event_name)
    if cls is None:
        raise BadRule(_("There is no event %(event)s.") % {"event": event_name})
    kinds = dict(column_kinds(cls))
    if {"line", "cohort_year"} <= set(kinds) or "treaty_code" in kinds:
        kinds |= {"group_code": "keys", "measurement": "keys"}
    return kinds


def problems_of(event_name: str, keys: Sequence[str], lines: Sequence[Any]) -> list[str]:
    """Return what forbids a rule, one text for each problem; empty if it may be used."""
    found = checking.problems(
        keys=keys,
        lines=lines,
        kinds=kinds_of(event_name),
        accounts=set(Account.objects.values_list("account_code", flat=True)),
    )
    return [str(problem) for problem in found]


@transaction.atomic
def draft_rule(draft: RuleDraft) -> PostingRule:
    """Propose a rule, or a new version of one; nothing is posted by it until it is checked.

    Raises:
        BadRule: shape, columns, accounts or balance are wrong.
    """
    found = problems_of(draft.event_name, draft.keys, draft.lines)
    if found:
        raise BadRule("\n".join(found))
    rules = PostingRule.objects.filter(rule_code=draft.code)
    return PostingRule.objects.create(
        rule_code=draft.code,
        version=(rules.aggregate(n=Max("version"))["n"] or 0) + 1,
        event_name=draft.event_name,
        description=draft.description,
        description_en=draft.description_en,
        keys=list(draft.keys),
        lines=list(draft.lines),
        period=DateRange(draft.start, None),
        made_by=current().actor,
    )


@transaction.atomic
def activate_rule(rule_id: int, *, business_date: date) -> PostingRule:
    """Put a drafted rule in force; the version before it ends where this one starts.

    Args:
        rule_id: the draft.
        business_date: today; a rule never changes what was posted before it.

    Raises:
        NotAllowed: the maker checks the own draft.
        BadRule: the chart has changed so that it may not be used any more.
        StartsTooEarly: it would start before today, or before the version that it replaces.
    """
    rule = PostingRule.objects.select_for_update().get(pk=rule_id)
    if rule.made_by == current().actor:
        raise NotAllowed(_("A rule is checked by a second person, not by the one who drafted it."))
    found = problems_of(rule.event_name, rule.keys, rule.lines)
    if found:
        raise BadRule("\n".join(found))
    before = (
        PostingRule.objects.select_for_update()
        .filter(rule_code=rule.rule_code, status=PostingRule.Status.ACTIVE)
        .order_by("-version")
        .first()
    )
    start = rule.period.lower
    if before is not None:
        if start < business_date or start <= before.period.lower:
            raise StartsTooEarly(
                _(
                    "%(rule)s would start on %(start)s; a new version starts today (%(today)s) or"
                    " later, and after %(before)s."
                )
                % {
                    "rule": rule,
                    "start": start,
                    "today": business_date,
                    "before": before.period.lower,
                }
            )
        PostingRule.objects.filter(pk=before.pk).update(
            period=DateRange(before.period.lower, start)
        )
    transition(rule, PostingRule.Status.ACTIVE, checked_by=current().actor)
    return rule


@transaction.atomic
def discard_rule(rule_id: int, *, reason: str) -> None:
    """Send a draft away; it stays on record."""
    rule = PostingRule.objects.select_for_update().get(pk=rule_id)
    transition(rule, PostingRule.Status.RETIRED, reason=reason)
