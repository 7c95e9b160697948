"""What stage 4 announces."""

from dataclasses import dataclass
from typing import ClassVar

from core.columns import Keys, Won
from core.events import Event


@dataclass(frozen=True, kw_only=True, eq=False)
class AssetsPurchased(Event):
    """Assets were bought and paid."""

    name: ClassVar[str] = "investments.assets_purchased.v1"
    asset_id: Keys
    asset_type: Keys
    classification: Keys
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class AssetsSold(Event):
    """Assets were sold: ``gain`` = ``proceeds`` − ``carrying`` (negative for a loss)."""

    name: ClassVar[str] = "investments.assets_sold.v1"
    asset_id: Keys
    asset_type: Keys
    classification: Keys
    proceeds: Won
    carrying: Won
    gain: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class AssetIncomeReceived(Event):
    """Interest, dividends or rent came in; ``kind`` says which."""

    name: ClassVar[str] = "investments.income_received.v1"
    asset_id: Keys
    asset_type: Keys
    kind: Keys
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class AssetsRevalued(Event):
    """Carrying amounts changed; ``change`` is signed."""

    name: ClassVar[str] = "investments.assets_revalued.v1"
    asset_id: Keys
    asset_type: Keys
    classification: Keys
    change: Won
