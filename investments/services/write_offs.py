"""Debts are written off by two people; what comes in afterwards is recorded."""

from __future__ import annotations

from datetime import date

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from core.acting import current
from core.errors import DomainError, NotAllowed, NotFound
from core.events import publish
from core.status import IllegalTransition, transition, transition_rows
from investments.events import AssetsWrittenOff, WriteOffsRecovered
from investments.models import Asset, TradeOrder, WriteOff, WriteOffRecovery

from . import _returns, credit, lots
from ._rows import Rows, change, lock_all
from .income import accrue

_IMPAIRED = 3


class CannotWriteOff(DomainError):
    """Only an impaired debt at amortised cost is written off, with evidence, once."""


class OwnWriteOff(NotAllowed):
    """Whoever proposes a write-off cannot book it."""


class NotWrittenOff(DomainError):
    """Late money is recorded for a debt that was written off, once for each receipt."""


@transaction.atomic
def propose_write_off(asset_id: str, *, evidence: str, on: date) -> int:
    """Propose to give a debt up.

    Args:
        asset_id: a bond or loan at amortised cost in stage 3.
        evidence: why nothing more is expected: a court's decision, an empty estate.
        on: the business date.

    Returns:
        The key of the proposal.

    Raises:
        NotHeld, CannotWriteOff.

    Source: IFRS 9.5.4.4, B5.4.9.
    """
    rows = lock_all([asset_id])
    _demand(rows)
    if not evidence.strip():
        raise CannotWriteOff(_("Give the evidence that nothing more is expected."))
    if WriteOff.objects.filter(asset_id=asset_id, status="PROPOSED").exists():
        raise CannotWriteOff(
            _("A write-off of %(asset)s waits for approval already.") % {"asset": asset_id}
        )
    made = WriteOff.objects.create(
        asset_id=asset_id,
        evidence=evidence.strip()[:200],
        made_by=current().actor,
        made_on=on,
    )
    return int(made.pk)


def _demand(rows: Rows) -> None:
    kind, stage = rows.classification[0], int(rows.stage[0])
    if kind != "AC" or stage != _IMPAIRED:
        raise CannotWriteOff(
            _(
                "%(asset)s is in stage %(stage)s: an impaired debt (stage 3) at amortised cost is"
                " written off. Record its rating; the stage follows at the month's end."
            )
            % {"asset": rows.asset_id[0], "stage": stage}
        )


@transaction.atomic
def book_write_off(pk: int, *, on: date) -> None:
    """Take a debt out of the books, with its interest up to the day; someone else proposed it.

    Raises:
        NotFound, IllegalTransition, OwnWriteOff, NotHeld, CannotWriteOff.
    """
    proposal = _waiting(pk)
    if proposal.made_by == current().actor:
        raise OwnWriteOff(_("You proposed this write-off: someone else books it."))
    key = proposal.asset_id
    accrue(lock_all([key]), on=on)
    rows = lock_all([key])
    _demand(rows)
    carrying, interest = int(rows.current_value[0]), int(rows.accrued_interest[0])
    allowance = min(int(rows.allowance[0]), carrying + interest)
    _decline_sales(key, on)
    credit.note(
        rows,
        on,
        "WRITTEN",
        rows.allowance * 0,
        exposure=np.asarray([carrying + interest]),
    )
    _returns.write(
        asset_ids=rows.asset_id,
        on=on,
        kind="WRITE_OFF",
        amount=np.asarray([allowance - carrying - interest]),
        before=rows.current_value,
        carrying_change=-rows.current_value,
        traces=[{"carrying": carrying, "interest": interest, "allowance": allowance}],
    )
    lots.close_lots([key])
    change(rows.asset_id, accrued_interest=0)
    transition_rows(Asset, [key], frm=["HELD"], to="LOST", sold_on=on, current_value=0, cost_held=0)
    transition(
        proposal,
        WriteOff.Status.BOOKED,
        checked_by=current().actor,
        booked_on=on,
        carrying=carrying,
        interest=interest,
        allowance=allowance,
    )
    row = {
        "asset_id": key,
        "asset_type": rows.asset_type[0],
        "classification": rows.classification[0],
        "carrying": carrying,
        "interest": interest,
        "allowance": allowance,
    }
    publish(AssetsWrittenOff.of(business_date=on, rows=[row]))


def _decline_sales(asset_id: str, on: date) -> None:
    waiting = TradeOrder.objects.filter(asset_id=asset_id, side="SELL", status="PROPOSED")
    transition_rows(
        TradeOrder,
        waiting.values_list("pk", flat=True),
        frm=["PROPOSED"],
        to="DECLINED",
        reason="written off",
        decided_by=current().actor,
        decided_on=on,
        decision_note=_("The asset was written off before the sale was decided."),
    )


@transaction.atomic
def refuse_write_off(pk: int, *, reason: str) -> None:
    """Send a proposal away; it stays on record.

    Raises:
        NotFound, IllegalTransition.
    """
    transition(_waiting(pk), WriteOff.Status.REFUSED, reason=reason)


@transaction.atomic
def recover_write_off(asset_id: str, *, amount: int, reference: str, on: date) -> None:
    """Record money that came in for a debt after it was written off.

    Args:
        asset_id: which.
        amount: won, above zero.
        reference: of the receipt; the same one is refused.
        on: the business date.

    Raises:
        NotWrittenOff.
    """
    row = Asset.objects.select_for_update().filter(pk=asset_id, status="LOST").first()
    twice = WriteOffRecovery.objects.filter(asset_id=asset_id, reference=reference.strip()[:60])
    if row is None or amount <= 0 or not reference.strip() or twice.exists():
        raise NotWrittenOff(
            _(
                "Late money is recorded for a debt that was written off: an amount above zero, and"
                " the reference of a receipt that is not recorded yet."
            )
        )
    WriteOffRecovery.objects.create(
        asset_id=asset_id,
        received_on=on,
        amount=amount,
        reference=reference.strip()[:60],
        recorded_by=current().actor,
    )
    known = {"asset_id": asset_id, "asset_type": row.asset_type, "amount": amount}
    publish(WriteOffsRecovered.of(business_date=on, rows=[known]))


def _waiting(pk: int) -> WriteOff:
    row = WriteOff.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise NotFound(_("There is no such write-off."))
    if row.status != WriteOff.Status.PROPOSED:
        raise IllegalTransition(_("This write-off has been decided already."))
    return row
