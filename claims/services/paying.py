"""The payout: once and only once, only of an approved and clear claim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from claims import access, selectors
from claims.events import ClaimsPaid
from claims.models import Adjustment, Claim, Payout
from claims.rules import clock, interest
from claims.services.common import incident_day, lock, write_moves
from claims.services.limits import refuse_exceeded
from core.acting import current
from core.bulk import copy_rows, take_ids
from core.columns import Ints, Won, as_column
from core.errors import DomainError
from core.events import publish
from core.status import transition_rows

Gate = Claim.Gate
Status = Claim.Status


class NotPayable(DomainError):
    """The claim cannot be paid: held, undecided, unscored, not approved, or paid already."""


class NoRecipient(DomainError):
    """A payment needs a recipient who is entitled: the customer, or another with a reason."""


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid.

    Args:
        name: account holder.
        relation: a key of ``Payout.Relation``.
        reason: why it is another than the customer.
    """

    name: str
    relation: str = Payout.Relation.CUSTOMER.value
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid, won."""

    payout_id: int
    reception_id: str
    amount: int
    late_interest: int


def pay(
    *,
    reception_id: str,
    recipient: str,
    operation_id: UUID,
    business_date: date,
    relation: str = Payout.Relation.CUSTOMER.value,
    reason: str = "",
) -> Paid:
    """Pay one approved claim; the same operation repeated pays nothing more.

    Args:
        reception_id: an APPROVED claim whose gate is CLEAR.
        recipient: account holder.
        operation_id: of the form or the message.
        business_date: day of the payment; late interest is counted up to it.
        relation: of the recipient, a key of ``Payout.Relation``.
        reason: why it is another than the customer.

    Raises:
        NotPayable, NoRecipient, NotFound.
    """
    return pay_many(
        reception_ids=[reception_id],
        payees=[Payee(recipient, relation, reason)],
        operation_ids=[operation_id],
        business_date=business_date,
    )[0]


@transaction.atomic
def pay_many(
    *,
    reception_ids: Sequence[str],
    payees: Sequence[Payee],
    operation_ids: Sequence[UUID],
    business_date: date,
) -> list[Paid]:
    """Pay a batch of approved claims, all or none; repeated operations pay nothing more.

    Args:
        reception_ids: distinct APPROVED claims whose gates are CLEAR.
        payees: who is paid, one a claim.
        operation_ids: one a claim.
        business_date: day of the payments.

    Raises:
        NotPayable, NoRecipient, NotFound.
        SumUsedUp: the approvals of a contract exceed the sum of a coverage.
    """
    claims = lock(reception_ids)
    done = selectors.payouts_of_operations(operation_ids)
    for claim, operation in zip(claims, operation_ids, strict=True):
        if operation in done and done[operation].claim_id != claim.pk:
            raise NotPayable(_("This operation has paid another claim."))
    fresh = [i for i, operation in enumerate(operation_ids) if operation not in done]
    for i in fresh:
        _refuse(claims[i])
    if fresh:
        _refuse_payees([claims[i] for i in fresh], [payees[i] for i in fresh])
        _pay_fresh(
            [claims[i] for i in fresh],
            [payees[i] for i in fresh],
            [operation_ids[i] for i in fresh],
            business_date,
        )
        done = selectors.payouts_of_operations(operation_ids)
    return [
        Paid(
            done[operation].payout_id,
            done[operation].claim_id,
            int(done[operation].payout_amount),
            int(done[operation].late_interest),
        )
        for operation in operation_ids
    ]


def _refuse(claim: Claim) -> None:
    """Refuse with the reason that helps most."""
    reasons = {
        Gate.UNSCORED: _("Claim %(number)s has no fraud score yet; it is scored first."),
        Gate.REVIEW: _("Claim %(number)s waits for a decision of the investigators."),
        Gate.HELD: _("The payment of claim %(number)s is held on a statutory ground."),
    }
    if claim.status == Status.PAID:
        raise NotPayable(_("Claim %(number)s has been paid already.") % {"number": claim.pk})
    if claim.status != Status.APPROVED:
        raise NotPayable(_("Claim %(number)s is not approved.") % {"number": claim.pk})
    if claim.fds_gate in reasons:
        raise NotPayable(reasons[Gate(claim.fds_gate)] % {"number": claim.pk})


def _refuse_payees(claims: Sequence[Claim], payees: Sequence[Payee]) -> None:
    """Refuse recipients who are not entitled, or of whom nobody says why."""
    facts = access.contract_facts([claim.contract_id for claim in claims])
    for claim, payee in zip(claims, payees, strict=True):
        name, customer = payee.name.strip(), facts[claim.contract_id].customer_name
        if not name:
            raise NoRecipient(_("Name the recipient of the payment."))
        if payee.relation not in Payout.Relation.values:
            raise NoRecipient(_("Choose who the recipient is to the customer."))
        if payee.relation == Payout.Relation.CUSTOMER:
            if name != customer:
                raise NoRecipient(
                    _(
                        "%(name)s is not the customer %(customer)s: say who the recipient is to"
                        " them, and why that person is paid."
                    )
                    % {"name": name, "customer": customer}
                )
        elif not payee.reason.strip():
            raise NoRecipient(_("Say why another than the customer is paid."))
        elif payee.relation == Payout.Relation.PROVIDER and (
            claim.provider is None or name != claim.provider.provider_name
        ):
            raise NoRecipient(_("Only the hospital or garage of this claim is paid directly."))


def _pay_fresh(
    claims: Sequence[Claim],
    payees: Sequence[Payee],
    operations: Sequence[UUID],
    business_date: date,
) -> None:
    numbers = [claim.pk for claim in claims]
    approved = {
        one.claim_id: one
        for one in Adjustment.objects.filter(claim__in=numbers, status=Adjustment.Status.APPROVED)
    }
    granted = [approved[number] for number in numbers]
    refuse_exceeded(claims)
    amounts = as_column("won", [one.payable for one in granted])
    late, traces, days = _late_interest(claims, amounts.tolist(), business_date)
    ids = take_ids(Payout, len(claims))
    fees = as_column("won", [one.adjustment_fee for one in granted])
    released = as_column("won", [claim.case_reserve for claim in claims])
    copy_rows(
        Payout,
        {
            "payout_id": ids,
            "claim": as_column("keys", numbers),
            "gate": Gate.CLEAR,
            "adjustment": np.asarray([one.pk for one in granted], dtype=np.int64),
            "adjustment_status": Adjustment.Status.APPROVED,
            "operation_id": [str(operation) for operation in operations],
            "payout_amount": amounts,
            "late_interest": late,
            "days_late": days,
            "interest_trace": selectors.as_json(traces),
            "loss_adjustment_fee": fees,
            "payment_date": business_date,
            "recipient_name": [payee.name.strip() for payee in payees],
            "recipient_relation": [payee.relation for payee in payees],
            "recipient_reason": [payee.reason.strip()[:200] for payee in payees],
            "paid_by": current().actor,
        },
    )
    write_moves(claims, -released, business_date=business_date, reason="PAYMENT")
    transition_rows(
        Claim,
        numbers,
        frm=[Status.APPROVED],
        to=Status.PAID,
        case_reserve=0,
        closed_on=business_date,
    )
    facts = access.contract_facts([claim.contract_id for claim in claims])
    columns: dict[str, Any] = {
        "reception_id": numbers,
        "contract_id": [claim.contract_id for claim in claims],
        "product_code": [facts[claim.contract_id].product_code for claim in claims],
        "line": [claim.line for claim in claims],
        "cohort_year": [claim.cohort_year for claim in claims],
        "incident_date": [incident_day(claim) for claim in claims],
        "final": [one.ends_contract for one in granted],
    }
    publish(
        ClaimsPaid(
            business_date=business_date,
            payout_id=ids,
            amount=amounts,
            released=released,
            late_interest=late,
            fee=fees,
            **columns,
        )
    )


def interest_so_far(reception_ids: Iterable[str], *, on: date) -> dict[str, tuple[int, int]]:
    """Return (days late, interest in won) that payments on a day would carry, by claim.

    Args:
        reception_ids: claims; unknown ones are left out.
        on: day of the payment.
    """
    claims = list(Claim.objects.filter(pk__in=list(reception_ids)).order_by("pk"))
    if not claims:
        return {}
    amounts = [int(claim.case_reserve) for claim in claims]
    interest_won, _traces, days = _late_interest(claims, amounts, on)
    pairs = zip(claims, days.tolist(), interest_won.tolist(), strict=True)
    return {claim.pk: (count, amount) for claim, count, amount in pairs}


def interest_trace(reception_id: str, *, on: date) -> tuple[int, dict[str, Any]]:
    """Return the late interest in won that a payment on a day would carry, and its trace."""
    claim = Claim.objects.get(pk=reception_id)
    won, traces, _days = _late_interest([claim], [int(claim.case_reserve)], on)
    return int(won[0]), traces[0]


def _late_interest(
    claims: Sequence[Claim], amounts: Sequence[int], on: date
) -> tuple[Won, list[dict[str, Any]], Ints]:
    """Compute late interest of a batch: amounts, traces, days."""
    due_on = np.asarray([claim.due_on for claim in claims], dtype="datetime64[D]")
    late = [claim.pk for claim, due in zip(claims, due_on.astype(object), strict=True) if due < on]
    stops = selectors.clock_stops(late, until=on) if late else {}
    counts, runs = clock.days_late(due_on, on, [stops.get(claim.pk, ()) for claim in claims])
    rates = selectors.interest_rates() if counts.any() else []
    found = [
        interest.late_interest(amount, pieces, rates)
        for amount, pieces in zip(amounts, runs, strict=True)
    ]
    traces = [
        one.trace | {"due_on": str(due)} if count else {}
        for one, due, count in zip(found, due_on, counts.tolist(), strict=True)
    ]
    return as_column("won", [one.amount for one in found]), traces, counts
