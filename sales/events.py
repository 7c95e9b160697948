"""What stage 2 announces."""

from dataclasses import dataclass
from typing import ClassVar

from core.columns import Ints, Keys, Won
from core.events import Event


@dataclass(frozen=True, kw_only=True, eq=False)
class ApplicationsSubmitted(Event):
    """Applications came in and want an underwriting decision.

    Personal data is not carried: later stages ask ``sales.api`` for the applications.
    """

    name: ClassVar[str] = "sales.applications_submitted.v1"
    application_id: Keys
    product_code: Keys
    agent_id: Keys


@dataclass(frozen=True, kw_only=True, eq=False)
class ApplicationsWithdrawn(Event):
    """Applicants took back applications that underwriting had not decided yet."""

    name: ClassVar[str] = "sales.applications_withdrawn.v1"
    application_id: Keys


@dataclass(frozen=True, kw_only=True, eq=False)
class CommissionsAccrued(Event):
    """Commissions arose on collected instalments (acquisition cash flows)."""

    name: ClassVar[str] = "sales.commissions_accrued.v1"
    comm_id: Ints
    contract_id: Keys
    agent_id: Keys
    line: Keys
    cohort_year: Ints
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class CommissionsClawedBack(Event):
    """Commissions became recoverable because contracts ended early; ``amount`` is positive."""

    name: ClassVar[str] = "sales.commissions_clawed_back.v1"
    comm_id: Ints
    contract_id: Keys
    agent_id: Keys
    line: Keys
    cohort_year: Ints
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class CommissionsSettled(Event):
    """Monthly statements were paid.

    ``earned`` − ``recovered`` = ``withheld`` + ``net_paid``, row by row; ``recovered`` is the part
    of clawbacks, of this month and carried from before, that this payment really recovered.
    """

    name: ClassVar[str] = "sales.commissions_settled.v1"
    settlement_id: Keys
    agent_id: Keys
    earned: Won
    recovered: Won
    withheld: Won
    net_paid: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class AdvancesMoved(Event):
    """Advances were granted, redeemed by earned commissions, or taken back at an early end.

    Exactly one of the three amounts is positive in a row, the others are zero.
    """

    name: ClassVar[str] = "sales.advances_moved.v1"
    comm_id: Ints
    contract_id: Keys
    agent_id: Keys
    granted: Won
    redeemed: Won
    recalled: Won
