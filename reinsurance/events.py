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


@dataclass(frozen=True, kw_only=True, eq=False)
class RecoveriesWrittenDown(Event):
    """What of recoveries is believed to come in changed; ``movement`` is signed."""

    name: ClassVar[str] = "reinsurance.recoveries_written_down.v1"
    ri_claim_id: Ints
    reception_id: Keys
    treaty_code: Keys
    reinsurer: Keys
    line: Keys
    movement: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class RecoverablesMoved(Event):
    """The reinsurers' share of open claims changed with their case reserves; signed."""

    name: ClassVar[str] = "reinsurance.recoverables_moved.v1"
    treaty_code: Keys
    reception_id: Keys
    contract_id: Keys
    reinsurer: Keys
    line: Keys
    movement: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class ReinstatementsDue(Event):
    """Cover that a loss used up was bought back."""

    name: ClassVar[str] = "reinsurance.reinstatements_due.v1"
    entry_id: Ints
    treaty_code: Keys
    reinsurer: Keys
    line: Keys
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class CommissionsAdjusted(Event):
    """Sliding scale or profit commission changed; ``amount`` more comes back (signed)."""

    name: ClassVar[str] = "reinsurance.commissions_adjusted.v1"
    entry_id: Ints
    treaty_code: Keys
    reinsurer: Keys
    line: Keys
    kind: Keys
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class PayablesSettled(Event):
    """What was owed to reinsurers was paid; negative: they paid what they owed."""

    name: ClassVar[str] = "reinsurance.payables_settled.v1"
    settlement_no: Keys
    treaty_code: Keys
    reinsurer: Keys
    line: Keys
    amount: Won
