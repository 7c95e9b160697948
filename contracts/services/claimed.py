"""What contracts note of claims, as their events tell it."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.models import KnownClaim
from core.bulk import copy_rows
from core.columns import Keys
from core.status import transition_rows

Status = KnownClaim.Status


def note_received(reception_ids: Keys, contract_ids: Keys) -> None:
    """Note that claims on contracts are open, inside the transaction that receives them.

    Args:
        reception_ids: (n,) claims.
        contract_ids: (n,) their contracts.
    """
    copy_rows(
        KnownClaim,
        {
            "reception_id": reception_ids,
            "contract": contract_ids,
            "status": Status.OPEN.value,
        },
    )


def note_closed(reception_ids: Iterable[str], *, paid: bool) -> None:
    """Note that claims were paid, or closed without payment."""
    to = Status.PAID if paid else Status.CLOSED
    transition_rows(KnownClaim, list(reception_ids), frm=[Status.OPEN], to=to)
