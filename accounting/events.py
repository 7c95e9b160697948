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
class GroupsMeasured(Event):
    """Groups of contracts were measured at a month end; the ledger follows.

    Amounts are signed movements of the month in won. With them the ledger's liability for
    remaining coverage (LRC) becomes the measured one: revenue and released loss reduce it, finance
    and losses increase it, ``csm_future`` moves between best estimate and margin.
    """

    name: ClassVar[str] = "accounting.groups_measured.v1"
    group_code: Keys
    measurement: Keys
    revenue_claims: Won
    revenue_csm: Won
    revenue_acquisition: Won
    revenue_paa: Won
    acquisition_amortised: Won
    finance: Won
    csm_finance: Won
    csm_future: Won
    loss_finance: Won
    loss: Won
    loss_released: Won
    loss_transferred: Won
    ibnr: Won
    rounding: Won


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
