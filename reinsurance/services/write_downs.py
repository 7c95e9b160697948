"""Recoveries are written down by two people, and written up again when the money comes in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from core.acting import current
from core.errors import DomainError, NotAllowed, NotFound
from core.events import publish
from core.money import round_won
from core.status import IllegalTransition, transition
from reinsurance.events import RecoveriesWrittenDown
from reinsurance.models import Recovery, WriteDown


class NotOwedAnyMore(DomainError):
    """Only what a reinsurer still owes is written down."""


class BadWriteDown(DomainError):
    """A write-down is 0 to 100 percent of the recovery, another than now, and has a reason."""


class WriteDownOpen(DomainError):
    """Another write-down of the recovery waits for approval."""


class OwnWriteDown(NotAllowed):
    """Whoever proposes a write-down cannot book it."""


@transaction.atomic
def propose_write_down(ri_claim_id: int, *, percent: Decimal, reason: str, on: date) -> int:
    """Propose how much of a recovery is written down in all.

    Args:
        ri_claim_id: an outstanding recovery.
        percent: of what is owed, 0 to 100; less than before writes up.
        reason: the evidence: insolvency, dispute, age.
        on: the business date.

    Returns:
        The key of the proposal.

    Raises:
        NotFound, NotOwedAnyMore, BadWriteDown, WriteDownOpen.

    Source: IFRS 17.63 (risk that the issuer of reinsurance does not perform).
    """
    row = _locked(ri_claim_id)
    target = round_won(row.recovery_amount * percent / 100)
    if not 0 <= percent <= 100 or not reason.strip() or target == row.written_down:
        raise BadWriteDown(
            _(
                "Give a percentage from 0 to 100, another than now, and the evidence: %(won)s of"
                " %(owed)s won are written down already."
            )
            % {"won": f"{row.written_down:,.0f}", "owed": f"{row.recovery_amount:,.0f}"}
        )
    if row.write_downs.filter(status="PROPOSED").exists():
        raise WriteDownOpen(
            _("A write-down of recovery %(number)s waits for approval; decide on it first.")
            % {"number": row.pk}
        )
    made = WriteDown.objects.create(
        recovery=row,
        target=target,
        reason=reason.strip()[:200],
        made_by=current().actor,
        made_on=on,
    )
    return int(made.pk)


@transaction.atomic
def book_write_down(pk: int, *, on: date) -> None:
    """Book a write-down that someone else proposed.

    Raises:
        NotFound, IllegalTransition, OwnWriteDown.
        NotOwedAnyMore: the money came in meanwhile.
    """
    proposal = _waiting(pk)
    if proposal.made_by == current().actor:
        raise OwnWriteDown(_("You proposed this write-down: someone else books it."))
    row = _locked(proposal.recovery_id)
    movement = proposal.target - row.written_down
    transition(
        proposal,
        WriteDown.Status.BOOKED,
        checked_by=current().actor,
        booked_on=on,
        movement=movement,
    )
    Recovery.objects.filter(pk=row.pk).update(written_down=proposal.target, updated_at=Now())
    _tell([(row, int(movement))], on)


@transaction.atomic
def refuse_write_down(pk: int, *, reason: str) -> None:
    """Send a proposal away; it stays on record.

    Raises:
        NotFound, IllegalTransition.
    """
    transition(_waiting(pk), WriteDown.Status.REFUSED, reason=reason)


def write_up(rows: Sequence[Recovery], on: date) -> None:
    """Take back what was written down of recoveries that came in, in the caller's transaction."""
    down = [row for row in rows if row.written_down]
    if not down:
        return
    keys = [row.pk for row in down]
    Recovery.objects.filter(pk__in=keys).update(written_down=0, updated_at=Now())
    for proposal in WriteDown.objects.filter(recovery_id__in=keys, status="PROPOSED"):
        transition(proposal, WriteDown.Status.REFUSED, reason=_("The money came in."))
    _tell([(row, -int(row.written_down)) for row in down], on)


def _tell(moved: Sequence[tuple[Recovery, int]], on: date) -> None:
    rows = [
        {
            "ri_claim_id": row.pk,
            "reception_id": row.claim_number,
            "treaty_code": row.treaty_id,
            "reinsurer": row.reinsurer_name,
            "line": row.line,
            "movement": movement,
        }
        for row, movement in moved
    ]
    publish(RecoveriesWrittenDown.of(business_date=on, rows=rows))


def _locked(ri_claim_id: int) -> Recovery:
    row = Recovery.objects.select_for_update().filter(pk=ri_claim_id).first()
    if row is None:
        raise NotFound(_("There is no such recovery."))
    if row.status != Recovery.Status.PENDING:
        raise NotOwedAnyMore(
            _("Recovery %(number)s came in on %(day)s; nothing is written down.")
            % {"number": row.pk, "day": row.received_on}
        )
    return row


def _waiting(pk: int) -> WriteDown:
    row = WriteDown.objects.select_for_update().filter(pk=pk).first()
    if row is None:
        raise NotFound(_("There is no such write-down."))
    if row.status != WriteDown.Status.PROPOSED:
        raise IllegalTransition(_("This write-down has been decided already."))
    return row
