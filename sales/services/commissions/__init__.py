"""Commissions arise on collected premiums, and are taken back or restored by target."""

from .accruing import accrue
from .batches import Collected, Ended
from .lines import Lines, write
from .recovering import claw_back, true_up

__all__ = ["Collected", "Ended", "Lines", "accrue", "claw_back", "true_up", "write"]
