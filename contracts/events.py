"""What stage 3 announces."""

from dataclasses import dataclass
from typing import ClassVar

from core.columns import Days, Flags, Ints, Keys, Won
from core.events import Event


@dataclass(frozen=True, kw_only=True, eq=False)
class UnderwritingDecided(Event):
    """Applications were decided: PASS, CONDITION or REJECT."""

    name: ClassVar[str] = "contracts.underwriting_decided.v1"
    application_id: Keys
    result: Keys


@dataclass(frozen=True, kw_only=True, eq=False)
class ContractsIssued(Event):
    """Contracts were issued.

    ``received`` is the first premium taken with the application (0: the contract is PENDING and
    a PremiumsCollected event with instalment 1 follows). ``reserve`` is the policy reserve at
    issue.
    """

    name: ClassVar[str] = "contracts.issued.v1"
    contract_id: Keys
    product_code: Keys
    version: Ints
    line: Keys
    measurement: Keys
    agent_id: Keys
    customer_id: Ints
    contract_date: Days
    cohort_year: Ints
    premium: Won
    sum_assured: Won
    insurance_age: Ints
    sex: Keys
    term_months: Ints
    pay_months: Ints
    received: Won
    reserve: Won
    application_id: Keys


@dataclass(frozen=True, kw_only=True, eq=False)
class PremiumsBilled(Event):
    """Instalments fell due."""

    name: ClassVar[str] = "contracts.premiums_billed.v1"
    contract_id: Keys
    instalment: Ints
    line: Keys
    cohort_year: Ints
    due_date: Days
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class PremiumsCollected(Event):
    """Instalments were paid (never the first one taken at issue: that is ``received`` there)."""

    name: ClassVar[str] = "contracts.premiums_collected.v1"
    contract_id: Keys
    instalment: Ints
    product_code: Keys
    version: Ints
    agent_id: Keys
    line: Keys
    cohort_year: Ints
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class BillsVoided(Event):
    """Unpaid instalments will never be paid, because their contracts ended."""

    name: ClassVar[str] = "contracts.bills_voided.v1"
    contract_id: Keys
    instalment: Ints
    line: Keys
    cohort_year: Ints
    amount: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class ContractsEnded(Event):
    """Contracts ended: ``kind`` is LAPSE, SURRENDER, WITHDRAWAL, EXPIRY or DEATH.

    ``refund`` is what is paid back now. ``premiums_paid`` is the sum of all premiums received.
    """

    name: ClassVar[str] = "contracts.ended.v1"
    contract_id: Keys
    kind: Keys
    product_code: Keys
    version: Ints
    agent_id: Keys
    line: Keys
    cohort_year: Ints
    paid_instalments: Ints
    premiums_paid: Won
    refund: Won
    early: Flags


@dataclass(frozen=True, kw_only=True, eq=False)
class ReservesMoved(Event):
    """Policy reserves changed between two base dates (also to zero when a contract ends)."""

    name: ClassVar[str] = "contracts.reserves_moved.v1"
    contract_id: Keys
    line: Keys
    cohort_year: Ints
    basis: Keys
    reserve: Won
    movement: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class ContractsReinstated(Event):
    """Lapsed contracts are in force again from ``business_date``: arrears and interest came in.

    Told before the missed instalments are billed again and collected, each by its own event.
    ``restored`` is the part of the arrears whose bills were void since the lapse and are due again.
    """

    name: ClassVar[str] = "contracts.reinstated.v1"
    contract_id: Keys
    product_code: Keys
    version: Ints
    agent_id: Keys
    line: Keys
    cohort_year: Ints
    lapsed_on: Days
    paid_instalments: Ints
    missed_instalments: Ints
    arrears: Won
    restored: Won
    interest: Won


@dataclass(frozen=True, kw_only=True, eq=False)
class SurrenderValuesPaid(Event):
    """Surrender values of lapsed contracts were paid on request; they cannot be reinstated now."""

    name: ClassVar[str] = "contracts.surrender_values_paid.v1"
    contract_id: Keys
    line: Keys
    cohort_year: Ints
    lapsed_on: Days
    amount: Won
