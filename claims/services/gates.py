"""The gate of a claim: what fraud detection says about paying it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from claims.models import Claim
from core.errors import DomainError
from core.status import transition_rows


class GateClosed(DomainError):
    """The claim was paid meanwhile: its gate does not move any more."""


@transaction.atomic
def set_gate(reception_ids: Iterable[str], gate: str, *, reason: str) -> int:
    """Move the gates of claims; those that stand there already are left alone.

    The rows are locked first, so that a payment and a gate never cross: whoever comes second
    sees what the first did.

    Args:
        reception_ids: reception numbers.
        gate: CLEAR, REVIEW or HELD.
        reason: kept in the history of moves.

    Returns:
        How many moved.

    Raises:
        GateClosed: one of them has been paid.
    """
    wanted = list(reception_ids)
    rows = list(
        Claim.objects.select_for_update()
        .filter(pk__in=wanted)
        .exclude(fds_gate=gate)
        .order_by("pk")
        .values_list("pk", "status", "fds_gate")
    )
    paid = [number for number, status, _gate in rows if status == Claim.Status.PAID]
    if paid:
        raise GateClosed(
            _("Claim %(number)s has been paid; its payment can no longer be stopped.")
            % {"number": paid[0]}
        )
    return transition_rows(
        Claim,
        [number for number, _status, _gate in rows],
        frm=sorted({was for _number, _status, was in rows}),
        to=gate,
        reason=reason,
        field="fds_gate",
        moves="GATES",
    )
