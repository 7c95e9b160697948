"""What stage 7 announces."""

from dataclasses import dataclass
from typing import ClassVar

from core.columns import Ints, Keys, Won
from core.events import Event


@dataclass(frozen=True, kw_only=True, eq=False)
class PeriodsClosed(Event):
    """Months were closed; their books do not change any more."""

    name: ClassVar[str] = "accounting.periods_closed.v1"
    period: Keys
    net_income: Won
    csm: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class PositionsStated(Event):
    """The balance sheet of a closed month, in totals; statutory limits are measured against it."""

    name: ClassVar[str] = "accounting.positions_stated.v1"
    period: Keys
    assets: Won
    liabilities: Won
    equity: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class LiabilitiesMeasured(Event):
    """Groups of contracts were measured at a month end; each row is a movement of one group.

    ``movement`` names what moved (``REVENUE_CSM``, ``FINANCE_BEL`` …) and thereby the posting rule;
    amounts are signed won. With them the ledger's insurance liabilities become the measured ones.
    """

    name: ClassVar[str] = "accounting.liabilities_measured.v1"
    group_code: Keys
    measurement: Keys
    movement: Keys
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class MeasurementsOrdered(Event):
    """People asked for measurement runs; a worker carries them out."""

    name: ClassVar[str] = "accounting.measurements_ordered.v1"
    order_no: Keys


@dataclass(frozen=True, kw_only=True, eq=False)
class JournalsApproved(Event):
    """Manual journals were approved by a second person; each row is an entry of two lines."""

    name: ClassVar[str] = "accounting.journals_approved.v1"
    journal_no: Keys
    row: Ints
    debit_account: Keys
    credit_account: Keys
    amount: Won
    reference_id: Keys


@dataclass(frozen=True, kw_only=True, eq=False)
class EntriesReversed(Event):
    """Entries were taken back by entries with the sides exchanged."""

    name: ClassVar[str] = "accounting.entries_reversed.v1"
    entry_id: Ints
    journal_no: Keys


@dataclass(frozen=True, kw_only=True, eq=False)
class YearsClosed(Event):
    """A year's income and expense accounts are carried to retained earnings.

    ``amount`` is the account's credit balance (negative: debit balance).
    """

    name: ClassVar[str] = "accounting.years_closed.v1"
    year: Ints
    account_code: Keys
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class SurrenderReservesAppropriated(Event):
    """Retained earnings were moved into the surrender value reserve, or back.

    ``required`` is what the reserve is afterwards; ``amount`` what was moved into it, signed.
    """

    name: ClassVar[str] = "accounting.surrender_reserves_appropriated.v1"
    period: Keys
    required: Won
    amount: Won
