"""What stages 5 and 6 announce about claims."""

from dataclasses import dataclass
from typing import ClassVar

from core.columns import Days, Flags, Ints, Keys, Won
from core.events import Event


@dataclass(frozen=True, kw_only=True, eq=False)
class ClaimsReceived(Event):
    """Claims were received, with their first case reserve; fraud rules score them at once."""

    name: ClassVar[str] = "claims.received.v1"
    reception_id: Keys
    contract_id: Keys
    customer_id: Ints
    product_code: Keys
    line: Keys
    cohort_year: Ints
    agent_id: Keys
    provider_code: Keys
    accident_no: Keys
    incident_date: Days
    report_date: Days
    coverage_start: Days
    claimed: Won
    case_reserve: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class CaseReservesMoved(Event):
    """Case reserves changed by adjustment, rejection or withdrawal; ``movement`` is signed."""

    name: ClassVar[str] = "claims.case_reserves_moved.v1"
    reception_id: Keys
    contract_id: Keys
    line: Keys
    cohort_year: Ints
    movement: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class ClaimsPaid(Event):
    """Claims were paid.

    ``released`` is the case reserve that the payment uses up (equal to ``amount`` after the
    approval has set the reserve); ``late_interest`` and ``fee`` come on top. ``final``: the benefit
    ends the contract.
    """

    name: ClassVar[str] = "claims.paid.v1"
    payout_id: Ints
    reception_id: Keys
    contract_id: Keys
    product_code: Keys
    line: Keys
    cohort_year: Ints
    incident_date: Days
    amount: Won
    released: Won
    late_interest: Won
    fee: Won
    final: Flags


@dataclass(frozen=True, kw_only=True, eq=False)
class ClaimsRejected(Event):
    """Claims were declined or withdrawn; their case reserve went by CaseReservesMoved."""

    name: ClassVar[str] = "claims.rejected.v1"
    reception_id: Keys
    contract_id: Keys
