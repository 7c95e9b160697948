"""Facts of other stages that concern fraud detection."""

from __future__ import annotations

from claims.events import ClaimsReceived
from core.events import books, later
from fds import services
from fds.events import ClaimsScored


@books(ClaimsReceived)
def score_received(event: ClaimsReceived) -> None:
    """Score claims in the transaction that receives them."""
    services.score_received(event)


@later(ClaimsScored)
def deepen(event: ClaimsScored) -> None:
    """Ask shadow rules, models and network, after the commit; they may only raise the tier."""
    services.deepen(event)
