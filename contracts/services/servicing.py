"""How contracts end: lapse after notice, surrender, expiry, a benefit paid in full."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection, transaction
from django.utils.translation import gettext as _

from contracts import rules
from contracts.selectors import (
    ContractColumns,
    contract_columns,
    locked_columns,
    open_claims,
    rows_of,
    unpaid_bills,
)
from core.acting import current
from core.errors import DomainError, NotFound

from .ending import Ending, Kind, Status, end, without_refund
from .figures import surrender_values_of


class NotInForce(DomainError):
    """Only a contract in force can do this."""


class ClaimOpen(DomainError):
    """A claim on the contract is open: what it may still pay is looked at first."""


@dataclass(frozen=True, slots=True)
class SurrenderFigures:
    """What a contract would pay back today, won."""

    reserve: int
    deduction: int
    refund: int
    premiums_paid: int
    unpaid: int


@transaction.atomic
def remind(contract_ids: Iterable[str], *, day: date) -> int:
    """Send the grace notice for the oldest unpaid bill of contracts, once, and set its clock.

    Args:
        contract_ids: candidates; contracts without a bill that is long enough overdue are left.
        day: the day of the notice, a working day.

    Returns:
        How many notices were made.

    Source: 상법 §650②.
    """
    contracts = locked_columns(contract_ids)
    contracts = contracts.take(contracts.status == Status.ACTIVE.value)
    bills = unpaid_bills(contracts.contract_id, due_by=day)
    oldest = rules.occurrence(bills.contract_id) == 0
    rows = [
        row
        for row in np.flatnonzero(oldest & np.isnat(bills.reminded_on)).tolist()
        if rules.notice_day(bills.due_date[row].item()) <= day
    ]
    terms = contracts.term_months[rows_of(contracts, bills.contract_id[rows])].tolist()
    lapse_on = [rules.lapse_day(day, term) for term in terms]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE premium_bills b SET reminded_on = %s, lapse_on = u.lapse_on"
            " FROM unnest(%s::bigint[], %s::date[]) AS u(id, lapse_on) WHERE b.id = u.id",
            [day, bills.pk[rows].tolist(), lapse_on],
        )
    return len(rows)


@transaction.atomic
def lapse(contract_ids: Iterable[str], *, day: date) -> int:
    """End contracts whose grace period is over, and those whose first premium never came.

    A contract in force becomes LAPSED; one that waited for its first premium is rescinded when two
    months have passed (상법 §650①). Its surrender value is not paid now: it is kept in the trace
    and is payable on request.

    Returns:
        How many contracts ended.
    """
    contracts = locked_columns(contract_ids)
    today = np.datetime64(day, "D")
    bills = unpaid_bills(contracts.contract_id)
    over = np.unique(bills.contract_id[bills.lapse_on <= today].astype(str))
    active = contracts.status == Status.ACTIVE.value
    lapsed = active & np.isin(contracts.contract_id.astype(str), over)
    rescinded = np.array(
        [
            status == Status.PENDING and rules.rescission_day(begun) <= day
            for status, begun in zip(
                contracts.status, contracts.contract_date.tolist(), strict=True
            )
        ],
        dtype=bool,
    )
    done = 0
    for mask, to, law in (
        (lapsed, Status.LAPSED, "상법 §650②"),
        (rescinded, Status.CANCELED, "상법 §650①"),
    ):
        rows = contracts.take(mask)
        if not len(rows):
            continue
        value = surrender_values_of(rows, as_of=day)
        end(
            Ending(
                contracts=rows,
                kind=Kind.LAPSE,
                to=to,
                ended_on=day,
                reserve=value.reserve,
                deduction=value.deduction,
                refund=np.zeros(len(rows), np.int64),
                traces=[{"law": law, "surrender_value": one} for one in value.refund.tolist()],
                reason=_("Premium unpaid (%(law)s).") % {"law": law},
                by=current().actor,
            )
        )
        done += len(rows)
    return done


@transaction.atomic
def expire(contract_ids: Iterable[str], *, day: date) -> int:
    """End contracts whose term is over.

    Returns:
        How many contracts expired.
    """
    contracts = locked_columns(contract_ids)
    over = contracts.coverage_end <= np.datetime64(day, "D")
    rows = contracts.take(over & (contracts.status == Status.ACTIVE.value))
    if not len(rows):
        return 0
    end(without_refund(rows, Kind.EXPIRY, day, {"law": "보험기간 만료"}, _("The term is over.")))
    return len(rows)


def end_by_benefit(contract_ids: Iterable[str], *, day: date) -> int:
    """End contracts whose benefit is paid in full; those that ended before are left alone.

    Returns:
        How many contracts ended.
    """
    contracts = locked_columns(contract_ids)
    rows = contracts.take(contracts.status == Status.ACTIVE.value)
    if not len(rows):
        return 0
    reason = _("The benefit that ends the contract is paid.")
    end(without_refund(rows, Kind.DEATH, day, {"law": "보험금 지급에 따른 소멸"}, reason))
    return len(rows)


def surrender_figures(contract_id: str, *, day: date) -> SurrenderFigures:
    """Return what a contract would pay back on a day; nothing is written.

    Raises:
        NotFound, NotInForce.
    """
    contract = _in_force(contract_columns([contract_id]), contract_id)
    value = surrender_values_of(contract, as_of=day)
    bills = unpaid_bills([contract_id])
    return SurrenderFigures(
        reserve=int(value.reserve[0]),
        deduction=int(value.deduction[0]),
        refund=int(value.refund[0]),
        premiums_paid=int(contract.premiums_paid[0]),
        unpaid=int(bills.amount.sum()),
    )


@transaction.atomic
def surrender(
    *, contract_id: str, reason: str, day: date, by: str, despite_claims: bool = False
) -> int:
    """End a contract on the policyholder's wish and pay its surrender value.

    Args:
        contract_id: a contract in force.
        reason: the policyholder's.
        day: business date.
        by: who takes the request.
        despite_claims: the policyholder knows that a claim is open and wants it all the same.

    Returns:
        Won paid back.

    Raises:
        NotFound, NotInForce.
        ClaimOpen: a claim is open and ``despite_claims`` is not said.
    """
    contract = _in_force(locked_columns([contract_id]), contract_id)
    waiting = open_claims(contract_id)
    if waiting and not despite_claims:
        raise ClaimOpen(
            _(
                "Claim %(claim)s is open on %(contract)s: tell the policyholder that its benefit"
                " may be more than the surrender value, and confirm that they know."
            )
            % {"claim": waiting[0].reception_id, "contract": contract_id}
        )
    value = surrender_values_of(contract, as_of=day)
    trace = {
        "reserve": int(value.reserve[0]),
        "deduction": int(value.deduction[0]),
        "refund": int(value.refund[0]),
        "paid_instalments": int(contract.paid_instalments[0]),
        "as_of": day.isoformat(),
        "open_claims": [one.reception_id for one in waiting],
    }
    end(
        Ending(
            contracts=contract,
            kind=Kind.SURRENDER,
            to=Status.CANCELED,
            ended_on=day,
            reserve=value.reserve,
            deduction=value.deduction,
            refund=value.refund,
            traces=[trace],
            reason=reason,
            by=by,
        )
    )
    return int(value.refund[0])


def _in_force(found: ContractColumns, contract_id: str) -> ContractColumns:
    return one_of(found, contract_id, (Status.ACTIVE.value,))


def one_of(found: ContractColumns, contract_id: str, statuses: Sequence[str]) -> ContractColumns:
    """Return the contract that was read, in one of these statuses.

    Raises:
        NotFound, NotInForce.
    """
    if not len(found):
        raise NotFound(_("There is no contract %s.") % contract_id)
    if found.status[0] not in statuses:
        raise NotInForce(
            _("%(contract)s is not in force: %(status)s.")
            % {"contract": contract_id, "status": Status(found.status[0]).label}
        )
    return found
