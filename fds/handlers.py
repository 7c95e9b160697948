"""Facts of other stages that concern fraud detection."""

from __future__ import annotations

from claims.events import ClaimsReceived
from core.events import books
from fds import services


@books(ClaimsReceived)
def score_received(event: ClaimsReceived) -> None:
    """Score claims in the transaction that receives them."""
    services.score_received(event)
