"""Withdrawal within the cooling-off period (청약철회): in time, and never after a benefit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from contracts import rules
from contracts.models import KnownClaim, LateWithdrawal
from contracts.selectors import ContractColumns, claims_known, contract_columns, locked_columns
from core.errors import DomainError, NotAllowed
from core.status import transition
from sales import api as sales

from .ending import Ending, Kind, Status, end
from .servicing import ClaimOpen, one_of


class CoolingOffOver(DomainError):
    """The law gives no right to withdraw, or no longer."""


class WrongSendingDay(DomainError):
    """The declaration cannot have been sent on this day."""


class EvidenceMissing(DomainError):
    """A declaration that arrives after the period needs evidence of the day it was sent."""


class BenefitPaid(DomainError):
    """A benefit was paid: a contract that has served is not undone."""


class NothingWaits(DomainError):
    """No late declaration waits for a second person."""


@dataclass(frozen=True, slots=True)
class WithdrawalFigures:
    """Whether a contract may be withdrawn from, until when, and what is paid back."""

    deadline: rules.Deadline | None
    applied_on: date
    delivered_on: date | None
    refund: int
    refund_due: date
    day: date

    def allowed(self, on: date) -> bool:
        """Say whether a withdrawal that is sent on this day is in time."""
        return self.deadline is not None and on <= self.deadline.last

    @property
    def late_until(self) -> date | None:
        """Until when a declaration that was sent in time may still arrive."""
        return rules.late_receipt(self.deadline.last) if self.deadline else None


def withdrawal_figures(contract_id: str, *, day: date) -> WithdrawalFigures:
    """Return whether and until when the policyholder may withdraw; nothing is written.

    Raises:
        NotFound, NotInForce.
    """
    return _figures(_open(contract_columns([contract_id]), contract_id), day)


@transaction.atomic
def withdraw(*, contract_id: str, sent_on: date, day: date, by: str, evidence: str = "") -> int:
    """Undo a contract within the cooling-off period: every premium is paid back.

    A declaration that was sent in time and arrives up to three working days after the period is
    taken with evidence of its day (a postmark, the server's receipt) and waits for a second person.

    Args:
        contract_id: a contract in force or waiting for its first premium.
        sent_on: day on which the policyholder sent the declaration, which decides.
        day: business date; the money follows within three working days.
        by: who takes the declaration.
        evidence: what shows ``sent_on``, when the declaration arrives after the period.

    Returns:
        Won paid back; 0 while a second person must look.

    Raises:
        NotFound, NotInForce, CoolingOffOver, WrongSendingDay, EvidenceMissing, BenefitPaid,
        ClaimOpen.

    Source: 금융소비자보호법 §46①②⑤.
    """
    contract = _open(locked_columns([contract_id]), contract_id)
    figures = _figures(contract, day)
    last = _last_day(figures, sent_on, day)
    _refuse_claims(contract_id)
    if day <= last:
        _undo(contract, figures, sent_on=sent_on, by=by)
        return figures.refund
    if day > rules.late_receipt(last):
        raise CoolingOffOver(
            _(
                "The right to withdraw ended on %(last)s, and a declaration sent in time should"
                " have arrived by %(late)s; the contract can be surrendered."
            )
            % {"last": last, "late": rules.late_receipt(last)}
        )
    if not evidence.strip():
        raise EvidenceMissing(
            _(
                "It arrives after %(last)s: say what shows that it was sent on %(sent)s"
                " (postmark, receipt number)."
            )
            % {"last": last, "sent": sent_on}
        )
    if _waiting(contract_id) is not None:
        raise EvidenceMissing(_("A late declaration waits for a second person already."))
    LateWithdrawal.objects.create(
        contract_id=contract_id,
        sent_on=sent_on,
        received_on=day,
        evidence=evidence.strip(),
        status=LateWithdrawal.Status.WAITING,
        taken_by=by,
    )
    return 0


@transaction.atomic
def decide_late_withdrawal(
    *, contract_id: str, accept: bool, comment: str, day: date, by: str
) -> int:
    """Accept or decline a late declaration as a second person; accepted, the contract is undone.

    Args:
        contract_id: a contract with a declaration that waits.
        accept: whether the evidence shows that it was sent in time.
        comment: why.
        day: business date.
        by: who decides; not who took it.

    Returns:
        Won paid back.

    Raises:
        NotFound, NotInForce, NothingWaits, BenefitPaid, ClaimOpen.
        NotAllowed: the person took the declaration.
    """
    contract = _open(locked_columns([contract_id]), contract_id)
    row = _waiting(contract_id)
    if row is None:
        raise NothingWaits(_("No late declaration waits on %s.") % contract_id)
    if row.taken_by == by:
        raise NotAllowed(_("A second person decides: you took this declaration."))
    if not comment.strip():
        raise EvidenceMissing(_("Say what you saw: the decision is kept with its reason."))
    if accept:
        _refuse_claims(contract_id)
    transition(
        row,
        LateWithdrawal.Status.ACCEPTED if accept else LateWithdrawal.Status.DECLINED,
        reason=comment.strip(),
        decided_by=by,
        decided_at=Now(),
        comment=comment.strip(),
    )
    if not accept:
        return 0
    figures = _figures(contract, day)
    _undo(contract, figures, sent_on=row.sent_on, by=by, evidence=row.evidence)
    return figures.refund


def _last_day(figures: WithdrawalFigures, sent_on: date, day: date) -> date:
    if figures.deadline is None:
        raise CoolingOffOver(_("Terms of up to 90 days cannot be withdrawn from."))
    if not figures.applied_on <= sent_on <= day:
        raise WrongSendingDay(
            _("A withdrawal is sent between the application on %(applied)s and today, %(day)s.")
            % {"applied": figures.applied_on, "day": day}
        )
    if not figures.allowed(sent_on):
        raise CoolingOffOver(
            _("The right to withdraw ended on %(last)s; the contract can be surrendered.")
            % {"last": figures.deadline.last}
        )
    return figures.deadline.last


def _refuse_claims(contract_id: str) -> None:
    """Refuse where a benefit was paid, or may still be (금융소비자보호법 §46⑤)."""
    for one in claims_known(contract_id):
        if one.status == KnownClaim.Status.PAID:
            raise BenefitPaid(
                _(
                    "Claim %(claim)s was paid on %(contract)s: the contract can be surrendered,"
                    " not withdrawn from."
                )
                % {"claim": one.reception_id, "contract": contract_id}
            )
        if one.status == KnownClaim.Status.OPEN:
            raise ClaimOpen(
                _(
                    "Claim %(claim)s is open on %(contract)s: it is withdrawn or decided before"
                    " the contract is undone."
                )
                % {"claim": one.reception_id, "contract": contract_id}
            )


def _undo(
    contract: ContractColumns,
    figures: WithdrawalFigures,
    *,
    sent_on: date,
    by: str,
    evidence: str = "",
) -> None:
    deadline = figures.deadline
    assert deadline is not None, "a right to withdraw has its last day"
    trace = {
        "law": deadline.law,
        "last": deadline.last.isoformat(),
        "sent_on": sent_on.isoformat(),
        "refund_due": figures.refund_due.isoformat(),
    }
    end(
        Ending(
            contracts=contract,
            kind=Kind.WITHDRAWAL,
            to=Status.CANCELED,
            ended_on=figures.day,
            reserve=contract.reserve,
            deduction=np.zeros(1, np.int64),
            refund=contract.premiums_paid,
            traces=[trace | ({"evidence": evidence} if evidence else {})],
            reason=_("Withdrawal within the cooling-off period."),
            by=by,
        )
    )


def _figures(contract: ContractColumns, day: date) -> WithdrawalFigures:
    application_id = contract.application_id[0]
    begun = contract.contract_date[0].item()
    applied_on = sales.applications([application_id])[0].applied_on if application_id else begun
    delivered_on = contract.delivered_on[0].item()
    return WithdrawalFigures(
        deadline=rules.cooling_off(
            applied_on=applied_on,
            delivered_on=delivered_on,
            term_months=int(contract.term_months[0]),
        ),
        applied_on=applied_on,
        delivered_on=delivered_on,
        refund=int(contract.premiums_paid[0]),
        refund_due=rules.refund_due(day),
        day=day,
    )


def _waiting(contract_id: str) -> LateWithdrawal | None:
    rows = LateWithdrawal.objects.select_for_update().filter(contract_id=contract_id)
    return rows.filter(status=LateWithdrawal.Status.WAITING).first()


def _open(found: ContractColumns, contract_id: str) -> ContractColumns:
    return one_of(found, contract_id, (Status.PENDING.value, Status.ACTIVE.value))
