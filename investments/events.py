"""What stage 4 announces."""

from dataclasses import dataclass
from typing import ClassVar

from core.columns import Ints, Keys, Won
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
    """Assets were sold or redeemed: ``gain`` = ``proceeds`` − ``carrying`` (negative: a loss).

    ``oci`` is the change of value that was booked to other comprehensive income while the asset
    was held and leaves it now: to profit or loss for a bond, to retained earnings for a share
    (IFRS 9.5.7.1, 5.7.10). It is zero unless the classification is FVOCI.
    """

    name: ClassVar[str] = "investments.assets_sold.v1"
    asset_id: Keys
    asset_type: Keys
    classification: Keys
    proceeds: Won
    carrying: Won
    gain: Won
    oci: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class AssetIncomeReceived(Event):
    """Dividends or rent were earned and came in; ``kind`` is DIVIDEND or RENT.

    Interest is not here: it is earned day by day (InterestAccrued) and comes in on the coupon
    date (InterestCollected).
    """

    name: ClassVar[str] = "investments.income_received.v1"
    asset_id: Keys
    asset_type: Keys
    kind: Keys
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class InterestAccrued(Event):
    """Interest was earned: ``coupon`` is receivable, ``amortised`` changes the carrying amount.

    Interest income is ``coupon`` + ``amortised`` − ``suspended``. ``amortised`` is signed: positive
    where a discount is written up, negative where a premium is written down (IFRS 9.5.4.1).
    ``suspended`` is what an impaired debt does not earn; it stands in the allowance.
    """

    name: ClassVar[str] = "investments.interest_accrued.v1"
    asset_id: Keys
    asset_type: Keys
    classification: Keys
    coupon: Won
    amortised: Won
    suspended: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class InterestCollected(Event):
    """Interest that was receivable came in as cash: on its coupon date, or when it was sold."""

    name: ClassVar[str] = "investments.interest_collected.v1"
    asset_id: Keys
    asset_type: Keys
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class AssetsRevalued(Event):
    """Assets at fair value were revalued; ``change`` of the carrying amount is signed.

    To profit or loss for FVPL and PROPERTY, to other comprehensive income for FVOCI.
    """

    name: ClassVar[str] = "investments.assets_revalued.v1"
    asset_id: Keys
    asset_type: Keys
    classification: Keys
    change: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class InterestBought(Event):
    """Interest that had run since the last coupon was paid for with a purchase."""

    name: ClassVar[str] = "investments.interest_bought.v1"
    asset_id: Keys
    asset_type: Keys
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class AssetsWrittenOff(Event):
    """Debts that nobody expects to be paid left the books: ``allowance`` covers a part of them.

    What it does not cover, ``carrying`` + ``interest`` − ``allowance``, is a loss (IFRS 9.5.4.4).
    """

    name: ClassVar[str] = "investments.assets_written_off.v1"
    asset_id: Keys
    asset_type: Keys
    classification: Keys
    carrying: Won
    interest: Won
    allowance: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class WriteOffsRecovered(Event):
    """Money came in for debts that had been written off."""

    name: ClassVar[str] = "investments.write_offs_recovered.v1"
    asset_id: Keys
    asset_type: Keys
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class CreditLossesMoved(Event):
    """The allowance for expected credit losses changed; ``movement`` is signed.

    For FVOCI the allowance stands in other comprehensive income and does not reduce the carrying
    amount (IFRS 9.5.5.2).
    """

    name: ClassVar[str] = "investments.credit_losses_moved.v1"
    asset_id: Keys
    asset_type: Keys
    classification: Keys
    stage: Ints
    movement: Won
