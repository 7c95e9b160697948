"""What reinsurance announces."""

from dataclasses import dataclass
from typing import ClassVar

from core.columns import Ints, Keys, Won
from core.events import Event


@dataclass(frozen=True, kw_only=True, eq=False)
class PremiumsCeded(Event):
    """Premium was ceded for a month; ``commission`` comes back from the reinsurer."""

    name: ClassVar[str] = "reinsurance.premiums_ceded.v1"
    cession_id: Ints
    treaty_code: Keys
    line: Keys
    ceded: Won
    commission: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class RecoveriesDue(Event):
    """Reinsurers owe their share of payouts."""

    name: ClassVar[str] = "reinsurance.recoveries_due.v1"
    ri_claim_id: Ints
    reception_id: Keys
    contract_id: Keys
    treaty_code: Keys
    reinsurer: Keys
    line: Keys
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class RecoveriesReceived(Event):
    """Reinsurers paid."""

    name: ClassVar[str] = "reinsurance.recoveries_received.v1"
    ri_claim_id: Ints
    reception_id: Keys
    treaty_code: Keys
    reinsurer: Keys
    line: Keys
    amount: Won
