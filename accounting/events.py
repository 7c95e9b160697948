"""What stage 7 announces."""

from dataclasses import dataclass
from typing import ClassVar

from core.columns import Keys, Won
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

    Amounts are signed movements of the month in won: revenue released, insurance finance expense,
    loss component, acquisition cost amortised, liability for incurred claims (IBNR).
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
    loss: Won
    ibnr: Won
