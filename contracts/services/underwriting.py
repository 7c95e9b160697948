"""Underwriting: the product's rules decide, or refer to a person; acceptance issues at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import override

from contracts import rules
from contracts.events import UnderwritingDecided
from contracts.models import Underwriting, UnderwritingResult
from contracts.selectors import sums_assured_of
from core.bulk import copy_rows
from core.columns import as_column
from core.errors import DomainError, NotAllowed, NotFound
from core.events import publish
from core.status import transition, transition_rows
from products import api as products
from sales import api as sales
from sales.api import ApplicationInfo

from .acceptance import EXTRA, Decision, issue_accepted, risk_columns

BY_RULE = "rules"
REFER = "REFER"
REJECT = UnderwritingResult.REJECT.value
CONDITION = UnderwritingResult.CONDITION.value


class AboveAuthority(DomainError):
    """The sum assured is more than the person may decide on."""


class ConditionMissing(DomainError):
    """Acceptance on conditions says which: a loading, an exclusion, or both."""


class LoadingNotOffered(DomainError):
    """The product has no price for a loaded risk."""


class CommentMissing(DomainError):
    """A person's decision says why."""


@transaction.atomic
def underwrite(application_ids: Iterable[str], *, business_date: date) -> None:
    """Underwrite submitted applications by the rules of their product versions.

    PASS and CONDITION become contracts at once; REJECT ends the application; the rest is referred
    to an underwriter until the acceptance clock ends.

    Args:
        application_ids: up to 10,000 submitted applications.
        business_date: accounting date.
    """
    by_version: dict[tuple[str, int], list[ApplicationInfo]] = defaultdict(list)
    for one in sales.applications(application_ids):
        by_version[one.product_code, one.version].append(one)
    decisions = [
        decision
        for (code, number), group in sorted(by_version.items(), key=lambda item: item[0])
        for decision in by_rules(code, number, group)
    ]
    _record(decisions)
    _carry_out([one for one in decisions if one.result != REFER], business_date=business_date)


def by_rules(
    product_code: str, number: int, applications: Sequence[ApplicationInfo]
) -> list[Decision]:
    """Return what the rules say of applications for one product version; nothing is written."""
    columns = risk_columns(product_code, number, applications)
    refused: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for refusal in products.eligible(product_code, number, columns):
        refused[refusal.row].append(
            {
                "rule": f"{refusal.rule_type}.{refusal.code}",
                "result": REJECT,
                "text": _in_both_languages(refusal),
            }
        )
    answer = products.underwrite(product_code, number, columns)
    rule = products.rule(product_code, number, "UNDERWRITING")
    decisions = []
    for row, application in enumerate(applications):
        outcome = answer.outcomes[answer.index[row]]
        found = [
            {
                "rule": finding.rule,
                "result": finding.result.value,
                "text": dict(finding.reason),
                EXTRA: finding.extra_percent,
                "exclusion": finding.exclusion,
            }
            for finding in outcome.findings
        ]
        rejected = row in refused
        decisions.append(
            Decision(
                application=application,
                result=REJECT if rejected else outcome.result.value,
                reasons=[*refused[row], *found] if rejected else found,
                rule_id=rule.rule_id if rule else 0,
                loading_percent=outcome.extra_percent,
                exclusion=", ".join(outcome.exclusions),
            )
        )
    return decisions


def _in_both_languages(refusal: products.Refusal) -> dict[str, str]:
    texts = {}
    for language in ("ko", "en"):
        with override(language):
            texts[language] = str(refusal.reason)
    return texts


@transaction.atomic
def decide(
    *,
    application_id: str,
    result: str,
    comment: str,
    by: str,
    own_number: str,
    limit: int,
    business_date: date,
    loading_percent: int = 0,
    exclusion: str = "",
) -> Underwriting:
    """Decide a referred application as a person.

    Args:
        application_id: a referred application.
        result: PASS, CONDITION or REJECT.
        comment: why, kept with the decision.
        by: who decides.
        own_number: the person's own agent number, if they have one; sellers do not decide.
        limit: sum assured in won up to which the person may decide, what is held included.
        business_date: accounting date.
        loading_percent: extra on the cost of risk, with CONDITION.
        exclusion: what is not covered, with CONDITION.

    Raises:
        NotFound, NotAllowed, CommentMissing, ConditionMissing, LoadingNotOffered, AboveAuthority.
        core.status.IllegalTransition: it was decided meanwhile.
    """
    row = Underwriting.objects.select_for_update().filter(application_id=application_id).first()
    if row is None:
        raise NotFound(_("There is no referral of application %s.") % application_id)
    application = sales.applications([application_id])[0]
    if not comment.strip():
        raise CommentMissing(_("Say why: the decision is kept with its reason."))
    if own_number and own_number == application.agent_id:
        raise NotAllowed(_("Who sold the contract does not decide on it."))
    conditional = result == CONDITION
    if conditional and not loading_percent and not exclusion.strip():
        raise ConditionMissing(_("Give a loading, an exclusion, or both."))
    _refuse_unoffered(application, loading_percent if conditional else 0)
    held = sums_assured_of([application.rrn_hash], application.product_code)
    at_risk = int(application.sum_assured) + held.get(application.rrn_hash, 0)
    if result != REJECT and at_risk > limit:
        raise AboveAuthority(
            _(
                "%(sum)s won is above your authority of %(limit)s won: pass it on to the chief"
                " underwriter with a note."
            )
            % {"sum": f"{at_risk:,}", "limit": f"{limit:,}"}
        )
    decision = Decision(
        application=application,
        result=result,
        reasons=row.reasons,
        rule_id=row.rule_id,
        loading_percent=loading_percent if conditional else 0,
        exclusion=exclusion.strip() if conditional else "",
    )
    _settle(row, decision, by=by, comment=comment.strip(), business_date=business_date)
    return row


@transaction.atomic
def accept_silently(application_ids: Iterable[str], *, business_date: date) -> int:
    """Accept referrals that nobody answered in time: silence is acceptance.

    Args:
        application_ids: candidates; those not overdue or decided meanwhile are left alone.
        business_date: a day after the end of their acceptance clocks.

    Returns:
        How many were accepted.

    Source: 상법 §638의2②.
    """
    overdue = Underwriting.objects.select_for_update().filter(
        application_id__in=list(application_ids),
        status=Underwriting.Status.REFERRED,
        due_on__lt=business_date,
    )
    rows = {row.application_id: row for row in overdue}
    for application in sales.applications(rows):
        row = rows[application.application_id]
        decision = Decision(
            application=application,
            result=UnderwritingResult.PASS.value,
            reasons=row.reasons,
            rule_id=row.rule_id,
        )
        comment = _("Nobody answered by %(day)s, warned since %(alarm)s.") % {
            "day": row.due_on,
            "alarm": row.alarmed_on or _("never"),
        }
        _settle(row, decision, by=Underwriting.BY_LAW, comment=comment, business_date=business_date)
    return len(rows)


@transaction.atomic
def close_withdrawn(application_ids: Iterable[str]) -> int:
    """Take applications that the applicants took back out of the queue; return how many."""
    waiting = Underwriting.objects.filter(
        application_id__in=list(application_ids), status=Underwriting.Status.REFERRED
    )
    return transition_rows(
        Underwriting,
        list(waiting.values_list("pk", flat=True)),
        frm=[Underwriting.Status.REFERRED],
        to=Underwriting.Status.WITHDRAWN,
        reason=_("The application was withdrawn."),
    )


def _settle(
    row: Underwriting, decision: Decision, *, by: str, comment: str, business_date: date
) -> None:
    transition(
        row,
        Underwriting.Status.DECIDED,
        reason=comment,
        result=decision.result,
        loading_percent=Decimal(decision.loading_percent),
        exclusion=decision.exclusion,
        decided_by=by,
        decided_at=Now(),
        comment=comment,
    )
    _carry_out([decision], business_date=business_date)


def _refuse_unoffered(application: ApplicationInfo, loading_percent: int) -> None:
    if not loading_percent:
        return
    offer = products.offer(application.product_code, application.version)
    if all(entry["name"] != EXTRA for entry in offer.inputs):
        raise LoadingNotOffered(
            _("%s has no price for a loading; exclude a risk instead.") % application.product_code
        )


def _record(decisions: Sequence[Decision]) -> None:
    referred = [one.result == REFER for one in decisions]
    copy_rows(
        Underwriting,
        {
            "application": [one.application.application_id for one in decisions],
            "status": [
                (Underwriting.Status.REFERRED if wait else Underwriting.Status.DECIDED).value
                for wait in referred
            ],
            "result": ["" if one.result == REFER else one.result for one in decisions],
            "reasons": [orjson.dumps(list(one.reasons)).decode() for one in decisions],
            "rule_id": np.array([one.rule_id for one in decisions], np.int64),
            "loading_percent": np.array([one.loading_percent for one in decisions], np.int64),
            "exclusion": [one.exclusion[:200] for one in decisions],
            "due_on": [rules.acceptance(one.application.applied_on).last for one in decisions],
            "decided_by": ["" if wait else BY_RULE for wait in referred],
            "comment": "",
            "escalated_by": "",
            "escalation_note": "",
        },
    )


def _carry_out(decisions: Sequence[Decision], *, business_date: date) -> None:
    """Tell what was decided and issue what was accepted."""
    if not decisions:
        return
    publish(
        UnderwritingDecided(
            business_date=business_date,
            application_id=as_column("keys", [one.application.application_id for one in decisions]),
            result=as_column("keys", [one.result for one in decisions]),
        )
    )
    accepted = [one for one in decisions if one.result != REJECT]
    if accepted:
        issue_accepted(accepted, business_date=business_date)
