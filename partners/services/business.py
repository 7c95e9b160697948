"""What a partner asks of the house, one at a time: quote, bind, cancel, claim."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from claims import api as claims
from contracts import api as contracts
from core import privacy
from core.acting import current
from partners import access
from partners.models import Partner
from partners.rules.problems import Problem
from partners.rules.proposals import LineRefusal, Proposal, QuoteRequest

from .webhooks import tell

Asked = Callable[[], tuple[int, dict[str, Any]]]


def quote(partner: Partner, wanted: QuoteRequest, *, business_date: date) -> dict[str, Any]:
    """Return the premium of one risk, as binding it now would ask.

    Raises:
        Problem: with every reason against it.
    """
    if refusal := access.unsellable(partner, wanted.product_code, business_date):
        raise refused([refusal])
    with transaction.atomic():
        found = access.quote(partner, wanted, business_date=business_date)
    if found.declined or found.version is None:
        raise refused([LineRefusal(one.code, "", one.reason) for one in found.declined])
    return {
        "product_code": wanted.product_code,
        "version": found.version.version,
        "premium": int(found.premium[0]),
        "premium_frequency": "SINGLE" if found.single else "MONTHLY",
        "insurance_age": int(found.age[0]),
        "valid_on": business_date.isoformat(),
        "rating": str(int(found.rating_id[0])),
    }


def bind(partner: Partner, proposal: Proposal, *, business_date: date) -> Asked:
    """Return the act that makes one proposal a contract, or refuses it with its reason."""

    def act() -> tuple[int, dict[str, Any]]:
        (outcome,) = access.bind(partner, [proposal], business_date=business_date)
        if outcome.refusal is not None:
            raise refused([outcome.refusal])
        note_first_contract(partner)
        made = {
            "contract_id": outcome.contract_id,
            "external_id": proposal.external_id,
            "product_code": proposal.product_code,
            "premium": outcome.premium,
            "status": outcome.status,
            "contract_date": business_date.isoformat(),
        }
        tell(partner.code, "contract.bound", outcome.contract_id, made)
        return 201, made

    return act


def note_first_contract(partner: Partner) -> None:
    """Keep when the partner's first contract was made: how long the way to it was is shown."""
    if partner.first_contract_at is None:
        rows = Partner.objects.filter(pk=partner.code, first_contract_at=None)
        rows.update(first_contract_at=timezone.now())


def refused(reasons: list[LineRefusal]) -> Problem:
    """Return the problem of a proposal that the business refuses."""
    return Problem(
        "refused",
        " ".join(one.detail for one in reasons),
        errors=[{"code": o.code, "field": o.field, "detail": o.detail} for o in reasons],
    )


def contract_shown(partner: Partner, contract_id: str) -> dict[str, Any]:
    """Return a contract of the partner, the name masked; the view of it is logged.

    Raises:
        Problem: ``not_found``, for another's contract too.
    """
    fact = access.contract(partner, contract_id)
    if fact is None:
        raise Problem("not_found")
    privacy.log_view(contract_id, "partner API: contract")
    return {
        "contract_id": fact.contract_id,
        "product_code": fact.product_code,
        "status": fact.status,
        "policyholder": masked(fact.customer_name),
        "contract_date": fact.contract_date.isoformat(),
        "coverage_start": _iso(fact.coverage_start),
        "coverage_end": _iso(fact.coverage_end),
        "ended_on": _iso(fact.ended_on),
        "sum_assured": int(fact.sum_assured),
        "premium": int(fact.premium),
        "premium_frequency": fact.frequency,
        "paid_instalments": fact.paid_instalments,
    }


def contract_of(partner: Partner, external_id: str) -> dict[str, Any]:
    """Return the contract under the partner's own id.

    Raises:
        Problem: ``not_found``.
    """
    key = access.external_key(partner, external_id)
    found = contracts.known_external([key])
    if key not in found:
        raise Problem("not_found")
    return {**contract_shown(partner, found[key]), "external_id": external_id}


def masked(name: str) -> str:
    """Return a name as partners see it: 홍*동."""
    if len(name) <= 2:
        return name[:1] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def cancel(
    partner: Partner,
    contract_id: str,
    *,
    kind: str,
    reason: str,
    declared_on: date,
    business_date: date,
) -> Asked:
    """Return the act that ends a contract: withdrawal in the cooling-off period, or surrender."""

    def act() -> tuple[int, dict[str, Any]]:
        if access.contract(partner, contract_id) is None:
            raise Problem("not_found")
        by = current().actor
        if kind == "WITHDRAWAL":
            refund = contracts.withdraw(
                contract_id=contract_id, sent_on=declared_on, day=business_date, by=by
            )
        else:
            refund = contracts.surrender(
                contract_id=contract_id, reason=reason, day=business_date, by=by
            )
        ended = {"contract_id": contract_id, "kind": kind, "refund": refund}
        return 200, {**ended, "ended_on": business_date.isoformat()}

    return act


def report_claim(partner: Partner, given: dict[str, Any], *, business_date: date) -> Asked:
    """Return the act that receives a claim on a contract of the partner."""

    def act() -> tuple[int, dict[str, Any]]:
        if access.contract(partner, given["contract_id"]) is None:
            raise Problem("not_found", _("There is no contract %s.") % given["contract_id"])
        reported = datetime.combine(business_date, _time_of_day())
        number = claims.receive(
            {
                "contract_id": given["contract_id"],
                "claim_type": given["claim_type"],
                "channel": "API",
                "incident_at": np.datetime64(_local(given["incident_at"]), "m"),
                "reported_at": np.datetime64(reported, "m"),
                "claimed": given["claimed_amount"],
                "description": given["description"],
                "location": given["location"],
                "provider_code": given["provider_code"],
                "claimant_name": given["claimant_name"],
                "external_key": access.external_key(partner, given["external_id"]),
            },
            agents=[partner.agent_id],
            business_date=business_date,
        )
        return 201, claim_shown(partner, number)

    return act


def _time_of_day() -> time:
    return timezone.localtime().time().replace(second=0, microsecond=0)


def _local(at: datetime) -> datetime:
    if at.tzinfo is None:
        return at
    return timezone.localtime(at).replace(tzinfo=None)


def claim_shown(partner: Partner, reception_id: str) -> dict[str, Any]:
    """Return a claim on a contract of the partner, and what was paid; the view is logged.

    Raises:
        Problem: ``not_found``, for another's claim too.
    """
    fact = claims.facts([reception_id]).get(reception_id)
    if fact is None or fact.agent_id != partner.agent_id:
        raise Problem("not_found")
    privacy.log_view(reception_id, "partner API: claim")
    paid = claims.payouts_of([reception_id])
    return {
        "claim_id": fact.reception_id,
        "contract_id": fact.contract_id,
        "claim_type": fact.claim_type,
        "status": fact.status,
        "claimed_amount": fact.claimed,
        "due_on": fact.due_on.isoformat(),
        "paid_amount": sum(one.amount for one in paid),
        "late_interest": sum(one.late_interest for one in paid),
        "paid_on": max((one.payment_date.isoformat() for one in paid), default=None),
    }


def add_document(partner: Partner, reception_id: str, *, name: str, content: bytes) -> Asked:
    """Return the act that keeps a document of a claim."""

    def act() -> tuple[int, dict[str, Any]]:
        claim_shown(partner, reception_id)
        claims.add_document(reception_id, name, content)
        digest = hashlib.sha256(content).hexdigest()
        return 201, {"claim_id": reception_id, "sha256": digest, "size": len(content)}

    return act


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
