"""What the coverages of contracts still give, and that approvals together never exceed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from claims import access, selectors
from claims.models import Adjustment, Claim
from claims.rules import adjustment as rules
from claims.services.common import incident_day
from core.errors import DomainError


class UnknownCoverage(DomainError):
    """The product has no such coverage for this kind of event."""


class SumUsedUp(DomainError):
    """Other claims have been granted so much out of the same sum that this one does not fit."""


def scope_of(claim: Claim, coverage: rules.Coverage) -> str:
    """Return what shares the sum of a coverage with a claim: its contract, or its accident."""
    return Adjustment.WHOLE_CONTRACT if coverage.once else str(claim.accident_no)


def limits(
    claims: Sequence[Claim],
    codes: Sequence[str],
    facts: Mapping[str, Any],
    *,
    besides: Iterable[str] = (),
) -> list[tuple[rules.Coverage, rules.Limit]]:
    """Return for each claim its coverage and what that still gives now.

    Args:
        claims: (n,) claims.
        codes: (n,) coverages.
        facts: of their contracts.
        besides: reception numbers whose approvals are not counted.

    Raises:
        UnknownCoverage: a coverage does not pay for this kind of event.
    """
    known = access.coverages(facts.values())
    granted = selectors.granted_out_of({claim.contract_id for claim in claims}, besides=besides)
    found: list[tuple[rules.Coverage, rules.Limit]] = []
    for claim, code in zip(claims, codes, strict=True):
        fact = facts[claim.contract_id]
        coverage = next(
            (c for c in access.paying(known[fact.version_id], claim.claim_type) if c.code == code),
            None,
        )
        if coverage is None:
            raise UnknownCoverage(
                _("Choose a coverage of %(product)s that pays for this kind of event.")
                % {"product": fact.product_name}
            )
        limit = rules.limit(
            coverage,
            sum_assured=int(fact.sum_assured),
            days_covered=access.days_covered(fact, incident_day(claim)),
            paid_before=granted.get((claim.contract_id, code, scope_of(claim, coverage)), 0),
        )
        found.append((coverage, limit))
    return found


def refuse_exceeded(claims: Sequence[Claim]) -> None:
    """Lock the contracts of approved claims and check that nothing was granted twice.

    Raises:
        SumUsedUp: the approvals of a contract exceed the sum of a coverage.
    """
    access.lock_contracts(claim.contract_id for claim in claims)
    for contract_id, code, granted, whole in selectors.sums_exceeded(
        {claim.contract_id for claim in claims}
    ):
        raise SumUsedUp(
            _(
                "%(granted)s won are approved on %(contract)s out of %(code)s, which gives"
                " %(whole)s won: take one of the approvals back first."
            )
            % {
                "granted": f"{granted:,}",
                "contract": contract_id,
                "code": code,
                "whole": f"{whole:,}",
            }
        )


def refuse_above_sums(claims: Sequence[Claim], adjustments: Sequence[Adjustment]) -> None:
    """Lock the contracts of claims and check that their adjustments fit what is left now.

    Other approvals on these contracts wait until this transaction ends, so that two of them never
    grant the same sum.

    Args:
        claims: (n,) locked claims.
        adjustments: (n,) theirs; of one sum, earlier rows come first.

    Raises:
        SumUsedUp, UnknownCoverage.
    """
    access.lock_contracts(claim.contract_id for claim in claims)
    facts = access.contract_facts([claim.contract_id for claim in claims])
    codes = [one.coverage_code for one in adjustments]
    left = limits(claims, codes, facts, besides=[claim.pk for claim in claims])
    taken: dict[tuple[str, str, str], int] = {}
    for claim, one, (coverage, limit) in zip(claims, adjustments, left, strict=True):
        key = (claim.contract_id, coverage.code, scope_of(claim, coverage))
        rest = max(limit.amount - taken.get(key, 0), 0)
        if int(one.payable) > rest:
            raise SumUsedUp(
                _(
                    "%(amount)s won of claim %(number)s are more than “%(coverage)s” of"
                    " %(contract)s still gives: %(rest)s won. Other claims have used the sum;"
                    " send the proposal back."
                )
                % {
                    "amount": f"{int(one.payable):,}",
                    "number": claim.pk,
                    "coverage": coverage.name,
                    "contract": claim.contract_id,
                    "rest": f"{rest:,}",
                }
            )
        taken[key] = taken.get(key, 0) + int(one.payable)
