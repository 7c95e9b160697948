"""Straight-through claims: a product's published rule decides small, clear claims, and pays.

Who published the version as a second person has decided once for all such claims: up to
``automatic_max`` won of a coverage, in full, if fraud detection let the claim through. Everything
else stays where it is, for people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import NAMESPACE_OID, uuid5

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from claims import access
from claims.models import Claim
from claims.rules.adjustment import Coverage
from claims.services.adjusting import Proposals, propose_many, start_many
from claims.services.approving import approve_by_rule
from claims.services.common import lock
from claims.services.paying import Payee, pay_many
from contracts.api import ContractFact
from core.acting import acting, current


@dataclass(frozen=True, slots=True)
class Straight:
    """What became of claims.

    Args:
        paid: won paid, by reception number.
        left: why a claim was left to people, by reception number.
    """

    paid: dict[str, int] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Decided:
    """A claim that a rule decides: its coverage and the version that says so."""

    claim: Claim
    fact: ContractFact
    coverage: Coverage


def decided_by_rule() -> list[str]:
    """Return the claims that wait, let through and not taken, of products that pay by rule."""
    waiting = Claim.objects.filter(
        status=Claim.Status.RECEIVED, fds_gate=Claim.Gate.CLEAR, adjuster=""
    ).order_by("pk")
    claims = list(waiting.only("pk", "contract_id", "claim_type"))
    facts = access.contract_facts([claim.contract_id for claim in claims])
    coverages = access.coverages(facts.values())
    return [
        claim.pk
        for claim in claims
        if any(
            one.automatic_max
            for one in access.paying(
                coverages[facts[claim.contract_id].version_id], claim.claim_type
            )
        )
    ]


@transaction.atomic
def settle_straight(reception_ids: Sequence[str], *, business_date: date) -> Straight:
    """Decide and pay the claims that their product's rule decides; leave the others to people.

    Claims that were decided or taken by somebody before are left as they are, so repeating it pays
    nothing twice.

    Args:
        reception_ids: distinct claims, at most 10,000.
        business_date: accounting date and day of the payments.

    Raises:
        NotFound.
    """
    claims = lock(reception_ids)
    facts = access.contract_facts([claim.contract_id for claim in claims])
    coverages = access.coverages(facts.values())
    found = Straight()
    groups: dict[tuple[int, str], list[_Decided]] = {}
    taken: set[str] = set()
    for claim in claims:
        fact = facts[claim.contract_id]
        paying = access.paying(coverages[fact.version_id], claim.claim_type)
        reason = _for_people(claim, paying)
        if not reason and fact.contract_id in taken:
            reason = _("Another claim of the contract is decided first.")
        if reason:
            found.left[claim.pk] = reason
            continue
        taken.add(fact.contract_id)
        groups.setdefault((fact.version_id, paying[0].code), []).append(
            _Decided(claim, fact, paying[0])
        )
    for group in groups.values():
        found.paid.update(_settle(group, business_date))
    return found


def _for_people(claim: Claim, paying: Sequence[Coverage]) -> str:
    """Return why people decide a claim; empty where the rule does."""
    if claim.status != Claim.Status.RECEIVED or claim.adjuster:
        return _("Somebody works on it or has decided it.")
    if claim.fds_gate != Claim.Gate.CLEAR:
        return _("Fraud detection has not let it through.")
    if len(paying) != 1 or not paying[0].automatic_max:
        return _("The product leaves such claims to people.")
    if not 0 < claim.claimed_amount <= paying[0].automatic_max:
        return _("The amount is not one that the rule decides.")
    if claim.accident_no != claim.pk:
        return _("It belongs to the accident of another claim.")
    return ""


def _settle(group: Sequence[_Decided], business_date: date) -> dict[str, int]:
    first = group[0]
    rule = f"rule:{first.fact.product_code}/{first.fact.version}"
    numbers = [one.claim.pk for one in group]
    note = _("%(product)s version %(version)s, %(coverage)s: up to %(limit)s won by rule.") % {
        "product": first.fact.product_code,
        "version": first.fact.version,
        "coverage": first.coverage.code,
        "limit": f"{first.coverage.automatic_max:,}",
    }
    with acting(rule, current().cause or "settle_straight"):
        start_many(reception_ids=numbers)
        propose_many(
            Proposals(
                reception_id=np.asarray(numbers, object),
                coverage_code=np.full(len(group), first.coverage.code, object),
                loss=np.asarray([int(one.claim.claimed_amount) for one in group], np.int64),
                fault_bp=np.zeros(len(group), np.int64),
                deductible=np.zeros(len(group), np.int64),
                fee=np.zeros(len(group), np.int64),
                opinion=np.full(len(group), note, object),
            ),
            business_date=business_date,
        )
        approve_by_rule(
            reception_ids=numbers,
            by=access.checker_of(first.fact.version_id),
            limit=first.coverage.automatic_max,
            note=note,
            business_date=business_date,
        )
        paid = pay_many(
            reception_ids=numbers,
            payees=[Payee(one.fact.customer_name) for one in group],
            operation_ids=[uuid5(NAMESPACE_OID, f"straight:{number}") for number in numbers],
            business_date=business_date,
        )
    return {one.reception_id: one.amount + one.late_interest for one in paid}
