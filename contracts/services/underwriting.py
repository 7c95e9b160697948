"""Underwriting: the product's rules decide, or refer to a person; acceptance issues at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import orjson
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from contracts import rules
from contracts.events import UnderwritingDecided
from contracts.models import Contract, Underwriting, UnderwritingResult
from contracts.selectors import sums_assured_of
from core.bulk import copy_rows
from core.columns import as_column
from core.errors import DomainError, NotAllowed, NotFound
from core.events import publish
from core.status import transition, transition_rows
from products import api as products
from sales import api as sales
from sales.api import ApplicationInfo

from .customers import NewCustomers, customers_for
from .issue import IssuedContracts, NewContracts, issue

BY_RULE = "rules"
BY_LAW = "상법 §638의2②"
REFER = "REFER"
REJECT = UnderwritingResult.REJECT.value
CONDITION = UnderwritingResult.CONDITION.value
EXTRA = "extra_percent"


class AboveAuthority(DomainError):
    """The sum assured is more than the person may decide on."""


class ConditionMissing(DomainError):
    """Acceptance on conditions says which: a loading, an exclusion, or both."""


class LoadingNotOffered(DomainError):
    """The product has no price for a loaded risk."""


class CommentMissing(DomainError):
    """A person's decision says why."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of one application."""

    application: ApplicationInfo
    result: str
    reasons: Sequence[Mapping[str, Any]]
    rule_id: int
    loading_percent: int = 0
    exclusion: str = ""


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
            {"rule": refusal.rule, "result": REJECT, "text": {"ko": refusal.reason}}
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


def risk_columns(
    product_code: str, number: int, applications: Sequence[ApplicationInfo]
) -> dict[str, NDArray[Any]]:
    """Return what the rules are asked with: the application, its answers, and what is held already.

    Unanswered questions take the default that the product declares.
    """
    held = sums_assured_of([one.rrn_hash for one in applications], product_code)
    columns: dict[str, NDArray[Any]] = {
        "age": np.array([one.insurance_age for one in applications], np.int64),
        "sex": np.array([one.sex for one in applications], dtype=object),
        "term_months": np.array([one.term_months for one in applications], np.int64),
        "pay_months": np.array([one.pay_months for one in applications], np.int64),
        "per_year": np.full(len(applications), 12, np.int64),
        "sum_assured": np.array([int(one.sum_assured) for one in applications], np.int64),
        "job_class": np.array([one.job_class for one in applications], np.int64),
        "existing_sum": np.array([held.get(one.rrn_hash, 0) for one in applications], np.int64),
    }
    for entry in products.offer(product_code, number).inputs:
        name = entry["name"]
        if name not in columns:
            columns[name] = np.asarray(
                [one.disclosures.get(name, entry["default"]) for one in applications]
            )
    return columns


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
            _("%(sum)s won is above your authority of %(limit)s won; refer it further.")
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
        comment = _("Nobody answered by %(day)s.") % {"day": row.due_on}
        _settle(row, decision, by=BY_LAW, comment=comment, business_date=business_date)
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
        _issue(accepted, business_date=business_date)


def _issue(accepted: Sequence[Decision], *, business_date: date) -> IssuedContracts:
    """Issue accepted applications.

    Cover begins with the first premium, taken with the application, so the contract is dated by
    the application (상법 §638의2③, §656). A loading changes the premium: that offer is accepted by
    paying it, so the contract is dated today and waits for its first premium.
    """
    people = [one.application for one in accepted]
    premium = np.array([int(one.premium_amount) for one in people], np.int64)
    rating = np.array([one.rating_id for one in people], np.int64)
    loaded = np.array([one.loading_percent > 0 for one in accepted])
    _load(accepted, loaded, premium, rating)
    paid = np.array([one.initial_premium_paid for one in people]) & ~loaded
    applied = np.array([one.applied_on for one in people], "datetime64[D]")
    versions = {
        key: products.version(*key).pk for key in {(p.product_code, p.version) for p in people}
    }
    return issue(
        NewContracts(
            version_id=[versions[one.product_code, one.version] for one in people],
            customer_id=customers_for(_persons(people)),
            agent_id=[one.agent_id for one in people],
            contract_date=np.where(paid, applied, np.datetime64(business_date, "D")),
            uw_result=[one.result for one in accepted],
            application_id=[one.application_id for one in people],
            premium=premium,
            rating_id=rating,
            sum_assured=[int(one.sum_assured) for one in people],
            insurance_age=[one.insurance_age for one in people],
            sex=[one.sex for one in people],
            term_months=[one.term_months for one in people],
            pay_months=[one.pay_months for one in people],
            frequency=Contract.Frequency.MONTHLY.value,
            loading_percent=[one.loading_percent for one in accepted],
            received=np.where(paid, premium, 0),
            external_key="",
        ),
        business_date=business_date,
    )


def _load(
    accepted: Sequence[Decision],
    loaded: NDArray[np.bool_],
    premium: NDArray[np.int64],
    rating: NDArray[np.int64],
) -> None:
    """Replace premium and rating of the loaded rows by those of the product with the extra."""
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row in np.flatnonzero(loaded).tolist():
        one = accepted[row].application
        groups[one.product_code, one.version].append(row)
    for (code, number), rows in groups.items():
        columns = risk_columns(code, number, [accepted[row].application for row in rows])
        columns[EXTRA] = np.array([accepted[row].loading_percent for row in rows], np.int64)
        rated = products.rate(code, number, columns)
        premium[rows], rating[rows] = rated.premiums, rated.rating_ids


def _persons(people: Sequence[ApplicationInfo]) -> NewCustomers:
    return NewCustomers(
        name=as_column("keys", [one.applicant_name for one in people]),
        rrn_hash=as_column("keys", [one.rrn_hash for one in people]),
        rrn_cipher=[one.rrn_cipher for one in people],
        rrn_mask=as_column("keys", [one.rrn_mask for one in people]),
        birth_date=as_column("days", [one.birth_date for one in people]),
        sex=as_column("keys", [one.sex for one in people]),
        job_code=as_column("keys", [one.job_code for one in people]),
        phone=as_column("keys", [one.phone for one in people]),
        address=as_column("keys", [one.address for one in people]),
    )
