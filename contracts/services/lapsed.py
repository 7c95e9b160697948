"""Lapsed contracts: found, or paid out: their surrender value is paid on request."""

from __future__ import annotations

from datetime import date

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from contracts import rules
from contracts.events import SurrenderValuesPaid
from contracts.models import Contract, SurrenderPayment, Termination
from contracts.selectors import (
    ContractColumns,
    locked_columns,
    surrender_payment,
    termination,
)
from core.columns import as_column
from core.errors import DomainError, NotFound
from core.events import publish
from core.status import transition_rows

Status = Contract.Status


class NotLapsed(DomainError):
    """Only a contract that lapsed for non-payment can be reinstated or pay its value now."""


class SurrenderValuePaid(DomainError):
    """The surrender value was paid, so that the contract is settled for good."""


class NothingToPay(DomainError):
    """The contract had no surrender value when it lapsed, or nobody asked in time."""


def lapsed(found: ContractColumns, contract_id: str) -> tuple[ContractColumns, Termination]:
    """Return a lapsed contract with its ending.

    Raises:
        NotFound, NotLapsed, SurrenderValuePaid.
    """
    if not len(found):
        raise NotFound(_("There is no contract %s.") % contract_id)
    if surrender_payment(contract_id):
        raise SurrenderValuePaid(
            _("The surrender value of %s is paid; a new application is needed.") % contract_id
        )
    end = termination(contract_id)
    if found.status[0] != Status.LAPSED.value or end is None:
        raise NotLapsed(
            _("%(contract)s has not lapsed: %(status)s.")
            % {"contract": contract_id, "status": Status(found.status[0]).label}
        )
    return found, end


@transaction.atomic
def pay_surrender_value(*, contract_id: str, day: date, by: str) -> int:
    """Pay the surrender value of a lapsed contract on request; the contract is settled for good.

    Args:
        contract_id: a lapsed contract.
        day: business date; the request counts within three years from the lapse.
        by: who takes the request.

    Returns:
        Won paid.

    Raises:
        NotFound, NotLapsed, SurrenderValuePaid, NothingToPay.

    Source: 생명보험 표준약관 제26조, 제32조; 상법 §649③, §662.
    """
    contract, end = lapsed(locked_columns([contract_id]), contract_id)
    amount = int(end.trace.get("surrender_value", 0))
    deadline = rules.payment_deadline(end.ended_on)
    if not amount:
        raise NothingToPay(_("%s had no surrender value when it lapsed.") % contract_id)
    if day > deadline.last:
        raise NothingToPay(
            _("The surrender value of %(contract)s could be asked for until %(last)s.")
            % {"contract": contract_id, "last": deadline.last}
        )
    SurrenderPayment.objects.create(
        termination=end, contract_id=contract_id, amount=amount, paid_on=day, requested_by=by
    )
    transition_rows(
        Contract,
        [contract_id],
        frm=[Status.LAPSED],
        to=Status.CANCELED,
        field="policy_status",
        reason=_("The surrender value is paid on request."),
    )
    publish(
        SurrenderValuesPaid(
            business_date=day,
            contract_id=contract.contract_id,
            line=contract.line,
            cohort_year=contract.cohort_year,
            lapsed_on=as_column("days", [end.ended_on]),
            amount=np.array([amount]),
        )
    )
    return amount
