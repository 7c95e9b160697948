"""From reception to an approved amount: adjuster, investigation, proposal, approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from claims import access
from claims.models import Adjustment, Claim
from claims.rules import adjustment as rules
from claims.rules import clock
from claims.services.common import (
    WrongStatus,
    lock,
    reason_given,
    report_day,
    tell_moves,
    write_moves,
)
from claims.services.limits import limits, scope_of
from core.acting import current
from core.columns import Ints, Keys, Won, as_column
from core.errors import DomainError, NotAllowed
from core.models import User
from core.status import transition, transition_rows

Status = Claim.Status
Decision = Adjustment.Status


class NothingPayable(DomainError):
    """Nothing is payable: decline the claim instead."""


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """Adjustments to propose, in (n,) columns; one a claim.

    Args:
        reception_id: claims in adjustment.
        coverage_code: the product's coverage that pays.
        loss: assessed losses, won.
        fault_bp: own fault, hundredths of a percent (2,000: 20 %).
        deductible: won.
        fee: cost of the adjustment, won.
        opinion: the adjuster's reasons.
    """

    reception_id: Keys
    coverage_code: Keys
    loss: Won
    fault_bp: Ints
    deductible: Won
    fee: Won
    opinion: Keys

    def __post_init__(self) -> None:
        kinds = {"loss": "won", "deductible": "won", "fee": "won", "fault_bp": "ints"}
        for f in fields(self):
            column = as_column(kinds.get(f.name, "keys"), getattr(self, f.name))
            object.__setattr__(self, f.name, column)


def start_adjustment(*, reception_id: str, adjuster: str = "") -> None:
    """Begin to adjust a claim; the acting person becomes its adjuster unless one is named."""
    start_many(reception_ids=[reception_id], adjuster=adjuster)


@transaction.atomic
def start_many(*, reception_ids: Sequence[str], adjuster: str = "") -> None:
    """Begin to adjust received claims.

    Raises:
        WrongStatus, NotFound.
    """
    lock(reception_ids, Status.RECEIVED)
    transition_rows(
        Claim,
        reception_ids,
        frm=[Status.RECEIVED],
        to=Status.INVESTIGATING,
        adjuster=adjuster or current().actor,
    )


@transaction.atomic
def take_next() -> str | None:
    """Give the acting adjuster the received claim that is due first; two people never get one.

    Returns:
        Its reception number, or None if nothing waits.
    """
    claim = (
        Claim.objects.select_for_update(skip_locked=True)
        .filter(status=Status.RECEIVED, adjuster__in=["", current().actor])
        .order_by("due_on", "pk")
        .first()
    )
    if claim is None:
        return None
    transition(claim, Status.INVESTIGATING, adjuster=current().actor)
    return str(claim.pk)


@transaction.atomic
def assign(*, reception_id: str, adjuster: str) -> None:
    """Give an open claim to an adjuster.

    Raises:
        WrongStatus, NotFound, NotAllowed: the person does not exist.
    """
    lock([reception_id], Status.RECEIVED, Status.INVESTIGATING)
    if not User.objects.filter(username=adjuster, is_active=True).exists():
        raise NotAllowed(_("There is no active person %(name)s.") % {"name": adjuster})
    Claim.objects.filter(pk=reception_id).update(adjuster=adjuster)


@transaction.atomic
def investigate(*, reception_id: str, reason: str) -> date:
    """Extend the due date to ten working days, because the loss must be investigated.

    Args:
        reception_id: a claim on a person whose three days run.
        reason: what must be found out; the claimant is told it.

    Returns:
        The new due date.

    Raises:
        WrongStatus: adjusted already, or its clock is another.
        ReasonMissing, NotFound.
    """
    reason = reason_given(reason)
    claim = lock([reception_id], Status.RECEIVED, Status.INVESTIGATING)[0]
    if claim.due_trace.get("clock") != "PERSON":
        raise WrongStatus(_("The clock of this claim is not the three-day one."))
    found = clock.due(report_day(claim), days=clock.INVESTIGATED_DAYS, clock="INVESTIGATED")
    Claim.objects.filter(pk=reception_id).update(
        due_on=found.day, due_trace=found.trace, investigation_reason=reason[:200]
    )
    return found.day


def payable(
    claim: Claim, *, coverage_code: str, loss: int, fault_bp: int, deductible: int
) -> rules.Payable:
    """Compute what would be payable; the live preview and the proposal both call it.

    Raises:
        UnknownCoverage: the coverage does not pay for this kind of event.
    """
    facts = access.contract_facts([claim.contract_id])
    limit = limits([claim], [coverage_code], facts)[0][1]
    return rules.payable(loss=loss, fault_bp=fault_bp, deductible=deductible, limit=limit)


def propose(
    *,
    reception_id: str,
    coverage_code: str,
    loss: int,
    fault_bp: int,
    deductible: int,
    fee: int,
    opinion: str,
    business_date: date,
) -> None:
    """Propose the adjustment of one claim; see ``Proposals`` and ``propose_many``."""
    columns: dict[str, Any] = {
        "reception_id": [reception_id],
        "coverage_code": [coverage_code],
        "loss": [loss],
        "fault_bp": [fault_bp],
        "deductible": [deductible],
        "fee": [fee],
        "opinion": [opinion],
    }
    propose_many(Proposals(**columns), business_date=business_date)


@transaction.atomic
def propose_many(batch: Proposals, *, business_date: date) -> None:
    """Propose adjustments with their traces; a second person approves them.

    Raises:
        WrongStatus: a claim is not in adjustment, or has an open proposal already.
        NothingPayable: the amount is zero; decline the claim instead.
        UnknownCoverage, ReasonMissing, NotFound.
    """
    claims = lock(batch.reception_id.tolist(), Status.INVESTIGATING)
    opinions = [reason_given(text) for text in batch.opinion.tolist()]
    open_one = Adjustment.objects.filter(claim__in=claims, status=Decision.PROPOSED).first()
    if open_one is not None:
        raise WrongStatus(
            _("Claim %(number)s has a proposal that waits for approval already.")
            % {"number": open_one.claim_id}
        )
    facts = access.contract_facts([claim.contract_id for claim in claims])
    found_limits = limits(claims, batch.coverage_code.tolist(), facts)
    rows: list[Adjustment] = []
    for i, (claim, (coverage, limit)) in enumerate(zip(claims, found_limits, strict=True)):
        found = rules.payable(
            loss=int(batch.loss[i]),
            fault_bp=int(batch.fault_bp[i]),
            deductible=int(batch.deductible[i]),
            limit=limit,
        )
        if found.amount == 0:
            raise NothingPayable(
                _("Nothing is payable on claim %(number)s: decline it with the reason instead.")
                % {"number": claim.pk}
            )
        rows.append(
            Adjustment(
                claim=claim,
                coverage_code=coverage.code,
                ends_contract=coverage.ends_contract,
                loss_amount=int(batch.loss[i]),
                fault_percent=Decimal(int(batch.fault_bp[i])) / 100,
                deductible=int(batch.deductible[i]),
                coverage_limit=limit.amount,
                limit_scope=scope_of(claim, coverage),
                limit_sum=limit.granted,
                payable=found.amount,
                adjustment_fee=int(batch.fee[i]),
                opinion=opinions[i],
                trace=found.trace,
                made_by=current().actor,
                made_on=business_date,
            )
        )
    Adjustment.objects.bulk_create(rows)


@transaction.atomic
def move_reserve(*, reception_id: str, to: int, reason: str, business_date: date) -> None:
    """Set the case reserve of an open claim to a new estimate.

    Args:
        reception_id: the claim.
        to: new estimate, won.
        reason: why it changed.
        business_date: accounting date.

    Raises:
        WrongStatus: approved or closed; then the reserve follows the amount.
        ReasonMissing, NotFound.
    """
    reason = reason_given(reason)
    if to < 0:
        raise ReserveNegative(_("A reserve is not negative."))
    claims = lock([reception_id], Status.RECEIVED, Status.INVESTIGATING)
    movement = np.asarray([to - int(claims[0].case_reserve)], dtype=np.int64)
    write_moves(claims, movement, business_date=business_date, reason=reason)
    Claim.objects.filter(pk=reception_id).update(case_reserve=to)
    tell_moves(claims, movement, business_date=business_date)


class ReserveNegative(DomainError):
    """A case reserve is an estimate of what is still to be paid; it is not negative."""
