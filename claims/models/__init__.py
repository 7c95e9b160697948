"""Claims from reception to payout."""

from .claims import CaseReserve, Claim, ClaimDocument
from .payouts import Adjustment, ClockStop, LateInterestRate, Payout
from .providers import Provider

__all__ = [
    "Adjustment",
    "CaseReserve",
    "Claim",
    "ClaimDocument",
    "ClockStop",
    "LateInterestRate",
    "Payout",
    "Provider",
]
