"""Billing and collection: each instalment falls due once and is paid once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import numpy as np
from django.db import connection, transaction
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from contracts import rules
from contracts.events import PremiumsBilled, PremiumsCollected
from contracts.models import Contract, DebitFailure, PremiumBill, PremiumReceipt
from contracts.selectors import (
    BillColumns,
    ContractColumns,
    locked_columns,
    refused_debits,
    rows_of,
    unpaid_bills,
)
from core.bulk import copy_rows
from core.columns import Ints, Keys
from core.errors import DomainError, NotFound
from core.events import publish
from core.status import transition_rows

from .figures import versions_of

DEBIT = "DEBIT"


class ReceiptConflict(DomainError):
    """The receipt number stands for other money already."""


class ContractEnded(DomainError):
    """A contract that has ended takes no premiums."""


class WrongReceiptDay(DomainError):
    """Premium money comes in between the contract date and today."""


class WrongAmount(DomainError):
    """The money is not the sum of the oldest unpaid instalments."""


@transaction.atomic
def bill(contract_ids: Iterable[str], *, day: date) -> int:
    """Bill every instalment of contracts in force that fell due up to ``day``, once.

    Returns:
        How many bills were made.
    """
    contracts = locked_columns(contract_ids)
    contracts = contracts.take(contracts.status == Contract.Status.ACTIVE.value)
    due = contracts.next_due_date.copy()
    made = 0
    while np.any(rows := due <= np.datetime64(day, "D")):
        batch = contracts.take(rows)
        number = rules.instalment_at(batch.contract_date, due[rows])
        write_bills(batch, number, due[rows], day)
        due[rows] = rules.next_due(batch.contract_date, number + 1, batch.total)
        made += len(batch)
    changed = due != contracts.next_due_date
    changed &= ~(np.isnat(due) & np.isnat(contracts.next_due_date))
    _set_next_due(contracts.contract_id[changed], due[changed])
    return made


def write_bills(
    batch: ContractColumns, number: Ints, due: NDArray[np.datetime64], day: date
) -> None:
    """Write one bill a contract and tell it (inside the transaction of whoever bills)."""
    copy_rows(
        PremiumBill,
        {
            "contract": batch.contract_id,
            "instalment": number,
            "due_date": due,
            "amount": batch.premium,
            "status": PremiumBill.Status.DUE.value,
            "channel": "",
        },
    )
    publish(
        PremiumsBilled(
            business_date=day,
            contract_id=batch.contract_id,
            instalment=number,
            line=batch.line,
            cohort_year=batch.cohort_year,
            due_date=due,
            amount=batch.premium,
        )
    )


def _set_next_due(ids: Keys, due: NDArray[np.datetime64]) -> None:
    if not len(ids):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE contracts c SET next_due_date = u.due"
            " FROM unnest(%s::text[], %s::date[]) AS u(id, due) WHERE c.contract_id = u.id",
            [ids.tolist(), due.tolist()],
        )


@transaction.atomic
def collect_by_debit(contract_ids: Iterable[str], *, day: date) -> int:
    """Collect the due bills of contracts by automatic debit, where the bank does not refuse.

    Returns:
        How many bills were collected.
    """
    contracts = locked_columns(contract_ids)
    contracts = contracts.take(_open(contracts))
    refused = refused_debits(contracts.contract_id, on=day)
    willing = [one for one in contracts.contract_id.tolist() if one not in refused]
    bills = unpaid_bills(willing, due_by=day)
    pay_bills(contracts, bills, day=day, channel=DEBIT, receipt=None)
    return len(bills)


@transaction.atomic
def receive(
    *,
    contract_id: str,
    amount: Decimal,
    received_on: date,
    channel: str,
    receipt_key: str,
    by: str,
    business_date: date,
) -> PremiumReceipt:
    """Take premium money that came in by hand; it pays the oldest bills, in full or not at all.

    The same receipt number with the same money is the same receipt, however often it is sent.

    Args:
        contract_id: a contract that waits for its first premium or is in force.
        amount: whole won, the sum of the oldest unpaid instalments.
        received_on: day on which the money came in, from the contract date to the business date.
        channel: COUNTER, TRANSFER or CARD.
        receipt_key: operation or bank line that brought the money.
        by: who took it.
        business_date: accounting date.

    Raises:
        NotFound, ReceiptConflict, ContractEnded, WrongReceiptDay, WrongAmount.
    """
    contracts = locked_columns([contract_id])
    if not len(contracts):
        raise NotFound(_("There is no contract %s.") % contract_id)
    known = PremiumReceipt.objects.filter(receipt_key=receipt_key).first()
    if known is not None:
        if (known.contract_id, known.amount) != (contract_id, amount):
            raise ReceiptConflict(
                _("Receipt %(key)s stands for %(amount)s won on %(contract)s already.")
                % {
                    "key": receipt_key,
                    "amount": f"{known.amount:,.0f}",
                    "contract": known.contract_id,
                }
            )
        return known
    if not _open(contracts)[0]:
        raise ContractEnded(_("%s has ended and takes no premiums.") % contract_id)
    refuse_receipt_day(
        received_on, since=contracts.contract_date[0].item(), business_date=business_date
    )
    bills = unpaid_bills([contract_id])
    count = rules.covered_bills(bills.amount.tolist(), int(amount))
    if count is None:
        raise WrongAmount(_wrong_amount(bills, amount))
    receipt = PremiumReceipt.objects.create(
        receipt_key=receipt_key,
        contract_id=contract_id,
        amount=amount,
        received_on=received_on,
        channel=channel,
        taken_by=by,
    )
    paid = bills.take(np.arange(count))
    pay_bills(contracts, paid, day=business_date, channel=channel, receipt=receipt)
    return receipt


def refuse_receipt_day(received_on: date, *, since: date, business_date: date) -> None:
    """Refuse money that came in before ``since`` or comes in after the business date.

    Raises:
        WrongReceiptDay.
    """
    if not since <= received_on <= business_date:
        raise WrongReceiptDay(
            _("Money for this came in between %(since)s and today, %(today)s; not on %(day)s.")
            % {"since": since, "today": business_date, "day": received_on}
        )


def _wrong_amount(bills: BillColumns, amount: Decimal) -> str:
    if not len(bills):
        return _("No instalment is unpaid.")
    sums = np.cumsum(bills.amount).tolist()
    shown = {"amount": f"{amount:,.0f}", "sums": ", ".join(f"{one:,}" for one in sums[:6])}
    return (
        _("%(amount)s won does not pay whole instalments; the oldest unpaid come to %(sums)s.")
        % shown
    )


def _open(contracts: ContractColumns) -> NDArray[np.bool_]:
    return np.isin(contracts.status, [Contract.Status.PENDING.value, Contract.Status.ACTIVE.value])


def pay_bills(
    contracts: ContractColumns,
    bills: BillColumns,
    *,
    day: date,
    channel: str,
    receipt: PremiumReceipt | None,
) -> None:
    """Mark bills of locked contracts as paid, start cover where it waited, and tell the books."""
    if not len(bills):
        return
    moved = transition_rows(
        PremiumBill,
        bills.pk.tolist(),
        frm=[PremiumBill.Status.DUE],
        to=PremiumBill.Status.COLLECTED,
        collected_on=day,
        channel=channel,
        receipt=receipt,
    )
    assert moved == len(bills), "bills of locked contracts do not move under us"
    paid_ids, counts = np.unique(bills.contract_id.astype(str), return_counts=True)
    payers = contracts.take(rows_of(contracts, paid_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE contracts c SET paid_instalments = paid_instalments + u.n"
            " FROM unnest(%s::text[], %s::int[]) AS u(id, n) WHERE c.contract_id = u.id",
            [paid_ids.tolist(), counts.tolist()],
        )
    waiting = payers.contract_id[payers.status == Contract.Status.PENDING.value]
    if len(waiting):
        transition_rows(
            Contract,
            waiting.tolist(),
            frm=[Contract.Status.PENDING],
            to=Contract.Status.ACTIVE,
            field="policy_status",
            reason=_("First premium received (Commercial Act, Art. 656)."),
            coverage_start=day,
        )
    _tell_collected(contracts, bills, day)


def _tell_collected(contracts: ContractColumns, bills: BillColumns, day: date) -> None:
    """Publish what was collected, each contract at most once in an event."""
    order = rules.occurrence(bills.contract_id)
    for nth in range(int(order.max()) + 1):
        batch = bills.take(order == nth)
        of = contracts.take(rows_of(contracts, batch.contract_id))
        versions = versions_of(of.version_id)
        publish(
            PremiumsCollected(
                business_date=day,
                contract_id=batch.contract_id,
                instalment=batch.instalment,
                product_code=of.product_code,
                version=versions.version,
                agent_id=of.agent_id,
                line=of.line,
                cohort_year=of.cohort_year,
                amount=batch.amount,
            )
        )


@transaction.atomic
def report_debit_failures(
    contract_ids: Iterable[str], *, reason: str, start: date, end: date | None = None
) -> int:
    """Record that the bank refuses debits of contracts during [start, end), as its file says.

    A period that is known to fail already is ended at ``start`` first, so that the newest word
    counts; one that starts on the same day stays as it is.

    Returns:
        How many failures were recorded.
    """
    ids = sorted({str(one) for one in contract_ids})
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE debit_failures SET period = daterange(lower(period), %(start)s)"
            " WHERE contract_id = ANY(%(ids)s) AND period @> %(start)s::date"
            " AND lower(period) < %(start)s",
            {"ids": ids, "start": start},
        )
        cursor.execute(
            "INSERT INTO debit_failures (contract_id, period, reason)"
            " SELECT u.number, daterange(%(start)s, %(end)s), %(reason)s"
            " FROM unnest(%(ids)s::text[]) AS u(number)"
            " WHERE NOT EXISTS (SELECT 1 FROM debit_failures f WHERE f.contract_id = u.number"
            " AND f.period && daterange(%(start)s, %(end)s))",
            {
                "ids": ids,
                "start": start,
                "end": end,
                "reason": DebitFailure.Reason(reason).value,
            },
        )
        return cursor.rowcount


@transaction.atomic
def restore_debit(contract_id: str, *, day: date) -> int:
    """Let a contract be debited again from ``day`` on: the account is in order.

    Returns:
        How many failures ended.
    """
    given: dict[str, str | date] = {"id": contract_id, "day": day}
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM debit_failures WHERE contract_id = %(id)s AND lower(period) >= %(day)s",
            given,
        )
        removed = cursor.rowcount
        cursor.execute(
            "UPDATE debit_failures SET period = daterange(lower(period), %(day)s)"
            " WHERE contract_id = %(id)s AND period @> %(day)s::date",
            given,
        )
        return removed + cursor.rowcount
