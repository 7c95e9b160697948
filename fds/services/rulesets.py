"""Versions of the rules: drafted from the active one, tried on the past, activated by another."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core.errors import DomainError, NotAllowed, NotFound
from core.status import transition
from fds.models import Rule, RuleSet
from fds.services.common import person
from fds.services.trials import refuse_untried

Status = RuleSet.Status


class BadRuleSet(DomainError):
    """The version is fixed, or its points, parameters or threshold make no sense."""


@transaction.atomic
def draft(*, name: str) -> int:
    """Make a draft from the active set and return its version.

    Raises:
        BadRuleSet: no name, or nothing is active.
        NotAllowed.
    """
    maker = person()
    if not name.strip():
        raise BadRuleSet(_("Name the version."))
    source = RuleSet.objects.filter(status=Status.ACTIVE).first()
    if source is None:
        raise BadRuleSet(_("There is no active version to start from."))
    version = (RuleSet.objects.aggregate(last=Max("version"))["last"] or 0) + 1
    made = RuleSet.objects.create(
        version=version, name=name.strip()[:100], threshold=source.threshold, made_by=maker
    )
    Rule.objects.bulk_create(
        Rule(
            ruleset=made,
            code=rule.code,
            tag=rule.tag,
            title=rule.title,
            points=rule.points,
            params=rule.params,
            mode=rule.mode,
        )
        for rule in source.rules.order_by("code")
    )
    return version


@transaction.atomic
def edit_draft(
    *,
    version: int,
    threshold: int,
    points: Mapping[str, int],
    params: Mapping[str, Mapping[str, int]],
) -> None:
    """Change the threshold, points and parameters of a draft.

    Args:
        version: a draft.
        threshold: suspicious from this score on, 1 to 100.
        points: by rule code, 0 to 100.
        params: by rule code, numbers of at least zero.

    Raises:
        BadRuleSet, NotFound, NotAllowed.
    """
    person()
    ruleset = _locked(version)
    if ruleset.status != Status.DRAFT:
        raise BadRuleSet(_("Version %(n)d is fixed: make a new one.") % {"n": version})
    if not 1 <= threshold <= 100 or any(not 0 <= p <= 100 for p in points.values()):
        raise BadRuleSet(_("Points lie between 0 and 100, the threshold between 1 and 100."))
    RuleSet.objects.filter(pk=version).update(threshold=threshold)
    for rule in ruleset.rules.all():
        known = set(rule.params)
        given = dict(params.get(rule.code, rule.params))
        if set(given) != known or any(value < 0 for value in given.values()):
            raise BadRuleSet(_("Rule %(code)s needs its own parameters.") % {"code": rule.code})
        Rule.objects.filter(pk=rule.pk).update(
            points=points.get(rule.code, rule.points), params=given
        )


@transaction.atomic
def activate(*, version: int) -> None:
    """Activate a draft in place of the active version; claims received from now on use it.

    Raises:
        NotAllowed: the acting person made it.
        NotTried: it was not tried on the past as it is now, or would alert too often.
        BadRuleSet, NotFound.
    """
    name = person()
    ruleset = _locked(version)
    if ruleset.status not in (Status.DRAFT, Status.SHADOW):
        raise BadRuleSet(_("Version %(n)d is no draft.") % {"n": version})
    if ruleset.made_by == name:
        raise NotAllowed(_("A second person activates: you made this version."))
    refuse_untried(ruleset)
    for old in RuleSet.objects.select_for_update().filter(status=Status.ACTIVE):
        transition(old, Status.RETIRED)
    transition(ruleset, Status.ACTIVE, approved_by=name)


def _locked(version: int) -> RuleSet:
    ruleset = RuleSet.objects.select_for_update().filter(pk=version).first()
    if ruleset is None:
        raise NotFound(_("There is no version %(n)d.") % {"n": version})
    return ruleset
