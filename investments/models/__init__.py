"""Assets, trades, returns and risk."""

from .assets import Asset
from .returns import AssetPrice, AssetReturn, InterestReceipt
from .risk import (
    Counterparty,
    CreditLoss,
    CreditRating,
    LimitBasis,
    LimitBreach,
)
from .trades import Lot, Trade, TradeOrder
from .write_offs import WriteOff, WriteOffRecovery

__all__ = [
    "Asset",
    "AssetPrice",
    "AssetReturn",
    "Counterparty",
    "CreditLoss",
    "CreditRating",
    "InterestReceipt",
    "LimitBasis",
    "LimitBreach",
    "Lot",
    "Trade",
    "TradeOrder",
    "WriteOff",
    "WriteOffRecovery",
]
