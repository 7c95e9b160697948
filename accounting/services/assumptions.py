"""Sets of assumptions: drafted by one person, checked and put in force by another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max
from django.utils.translation import gettext as _

from accounting.models import AssumptionSet, ContractGroup
from accounting.rules import assumptions
from accounting.services.rulebook import StartsTooEarly
from core.acting import current
from core.errors import DomainError, NotAllowed
from core.status import transition


class BadAssumptions(DomainError):
    """The values cannot be used; each problem names its path and the reason."""


class PolicyChanged(DomainError):
    """An accounting policy of a portfolio with contracts would change."""


@transaction.atomic
def draft(
    *, values: Mapping[str, Any], start: date, note: str = "", provenance: str = ""
) -> AssumptionSet:
    """Propose a new set of measurement assumptions.

    Args:
        values: as accounting.rules.assumptions.SCHEMA says.
        start: first month end to which it applies.
        note: what changed and why.
        provenance: studies, periods and people behind the figures.

    Raises:
        BadAssumptions: the values do not have the needed shape.
        accounting.rules.assumptions.MissingPortfolio: a portfolio with contracts is not in it.
    """
    _check(values)
    version = (AssumptionSet.objects.aggregate(n=Max("version"))["n"] or 0) + 1
    return AssumptionSet.objects.create(
        version=version,
        period=DateRange(start, None),
        values=values,
        note=note,
        provenance=provenance,
        made_by=current().actor,
    )


@transaction.atomic
def activate(set_id: int) -> AssumptionSet:
    """Put drafted assumptions in force; those before end where these start.

    Raises:
        NotAllowed: the maker checks the own draft.
        StartsTooEarly: they would start before the set that they replace.
        BadAssumptions, MissingPortfolio: by now they may not be used any more.
        PolicyChanged: the split of finance of a portfolio with contracts would change.
    """
    chosen = AssumptionSet.objects.select_for_update().get(pk=set_id)
    if chosen.made_by == current().actor:
        raise NotAllowed(_("Assumptions are checked by a second person."))
    _check(chosen.values)
    start = chosen.period.lower
    active = AssumptionSet.objects.select_for_update().filter(status="ACTIVE")
    for before in active.filter(period__contains=start):
        if before.period.lower >= start:
            raise StartsTooEarly(
                _("Assumptions %(set)s start on %(day)s already.")
                % {"set": before, "day": before.period.lower}
            )
        _same_policies(before, chosen)
        AssumptionSet.objects.filter(pk=before.pk).update(
            period=DateRange(before.period.lower, start)
        )
    transition(chosen, AssumptionSet.Status.ACTIVE, checked_by=current().actor)
    return chosen


@transaction.atomic
def discard(set_id: int, *, reason: str) -> None:
    """Send a draft away; it stays on record."""
    chosen = AssumptionSet.objects.select_for_update().get(pk=set_id)
    transition(chosen, AssumptionSet.Status.RETIRED, reason=reason)


def _check(values: Mapping[str, Any]) -> None:
    found = assumptions.problems(values)
    if found:
        raise BadAssumptions("\n".join(found))
    assumptions.require(values, _lines())


def _lines() -> set[str]:
    return set(ContractGroup.objects.filter(kind="ISSUED").values_list("line", flat=True))


def _same_policies(before: AssumptionSet, after: AssumptionSet) -> None:
    old, new = assumptions.read(before.values), assumptions.read(after.values)
    for line in sorted(_lines() & set(old.lines)):
        was, will = old.lines[line].finance, new.lines[line].finance
        if was != will:
            raise PolicyChanged(
                _(
                    "%(line)s has contracts, and its finance income and expense is by policy"
                    " %(was)s; a set of assumptions does not change it to %(will)s. Keep the"
                    " policy, or decide the change and restate (IAS 8)."
                )
                % {"line": line, "was": was, "will": will}
            )
