"""Customers, underwriting, contracts, billing, and policy reserves."""

from .billing import DebitFailure, PremiumBill, PremiumReceipt
from .claimed import KnownClaim, LateWithdrawal
from .contracts import Contract, Reinstatement, SurrenderPayment, Termination
from .customers import Customer
from .reserves import LiabilityReserve, ReserveTotal
from .underwriting import Underwriting, UnderwritingResult

__all__ = [
    "Contract",
    "Customer",
    "DebitFailure",
    "KnownClaim",
    "LateWithdrawal",
    "LiabilityReserve",
    "PremiumBill",
    "PremiumReceipt",
    "Reinstatement",
    "ReserveTotal",
    "SurrenderPayment",
    "Termination",
    "Underwriting",
    "UnderwritingResult",
]
