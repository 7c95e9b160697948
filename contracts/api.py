"""What later stages ask of contracts: facts, cover on a day, reserves, measurement points."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from numpy.typing import ArrayLike

from contracts import services
from contracts.selectors import columns, controls, nightly
from contracts.selectors import facts as _facts
from contracts.selectors.contacts import ContactPoints, ContractColumns, SoldTerms
from contracts.selectors.contacts import contact_points as _contact_points
from contracts.selectors.contacts import contract_columns as _contract_columns
from contracts.selectors.contacts import new_contracts as _new_contracts
from contracts.selectors.contacts import sold_terms as _sold_terms
from contracts.selectors.facts import ContractFact, ContractMove, MeasurementPoints
from contracts.services import Assessed, Bound, Declined, Proposals
from core.columns import Days, Flags, Ints, Keys
from core.permissions import Scope

__all__ = [
    "Assessed",
    "Bound",
    "ContactPoints",
    "ContractColumns",
    "ContractFact",
    "ContractMove",
    "Declined",
    "MeasurementPoints",
    "Proposals",
    "SoldTerms",
    "assess",
    "bind",
    "contact_points",
    "contract_columns",
    "facts",
    "find_for_claim",
    "in_force",
    "invariants",
    "known_external",
    "lock",
    "measurement_points",
    "moves_of",
    "new_contracts",
    "numbers_of_customer",
    "premium_by_line",
    "reserve_total",
    "reserves_missing",
    "sold_terms",
    "surrender",
    "withdraw",
]


def facts(contract_ids: Iterable[str]) -> dict[str, ContractFact]:
    """Return contracts by number; those that do not exist are absent."""
    return _facts.facts(contract_ids)


def numbers_of_customer(customer_id: int) -> list[str]:
    """Return the contracts of a customer, oldest first."""
    return _facts.numbers_of_customer(customer_id)


def moves_of(contract_ids: Iterable[str]) -> list[ContractMove]:
    """Return the moves of contracts from one status to another, oldest first."""
    return _facts.moves_of(contract_ids)


def lock(contract_ids: Iterable[str]) -> None:
    """Keep contracts as they are until the caller's transaction ends; locks are taken in order."""
    columns.lock(contract_ids)


def in_force(contract_ids: Keys, on: ArrayLike) -> Flags:
    """Say for each row whether the contract was in force on its day.

    Losses before a lapse are covered (상법 §650); a contract that was withdrawn from, or whose
    first premium never came, never was in force.

    Args:
        contract_ids: (n,) numbers; unknown ones have no cover.
        on: (n,) days, or one for all.
    """
    return _facts.cover_on(contract_ids, on)


def measurement_points(on: date) -> MeasurementPoints:
    """Return the contracts issued up to a day that had not ended at its end, in columns."""
    return _facts.measurement_points(on)


def reserve_total(on: date) -> dict[str, int]:
    """Return the policy reserves at the end of a day by line, won."""
    return _facts.reserve_by_line(on)


def reserves_missing(on: date) -> list[str]:
    """Return the contracts in force at a month end that have no reserve for it."""
    return nightly.unreserved(on)


def premium_by_line(month: date) -> dict[str, int]:
    """Return the premiums collected in the month of a day by line, won."""
    return _facts.premium_by_line(month)


def find_for_claim(query: str, scope: Scope) -> list[tuple[str, str]]:
    """Find contracts by number, name or last four phone digits: (number, what to show)."""
    return _facts.find_for_claim(query, scope)


def contract_columns(contract_ids: Keys) -> ContractColumns:
    """Return contracts in columns, one row for each number asked; unknown ones are refused."""
    return _contract_columns(contract_ids)


def sold_terms(contract_ids: Keys) -> SoldTerms:
    """Return version, number of instalments and loading of contracts, one row for each number."""
    return _sold_terms(contract_ids)


def contact_points(customer_ids: Ints) -> ContactPoints:
    """Return by what customers can be recognised, one row for each; personal data."""
    return _contact_points(customer_ids)


def new_contracts(customer_ids: Ints, frm: Days, to: Days, recorded: Ints | None = None) -> Ints:
    """Count the contracts that customers concluded in (frm, to], row by row.

    Args:
        customer_ids: (n,) customers.
        frm: (n,) days, not included.
        to: (n,) days, included.
        recorded: (n,) only what was written down by then, microseconds; -1 or None: all.
    """
    return _new_contracts(customer_ids, frm, to, recorded)


def invariants() -> list[tuple[str, int, str]]:
    """Check what must always hold of contracts: (name, breaches, first of them)."""
    return controls.findings()


def assess(batch: Proposals, *, business_date: date) -> Assessed:
    """Say which proposals would become contracts, at which premium, and why the others not."""
    return services.assess(batch, business_date=business_date)


def bind(batch: Proposals, *, business_date: date) -> Bound:
    """Turn up to 10,000 proposals of one product into contracts; bad rows are left out."""
    return services.bind(batch, business_date=business_date)


def known_external(keys: Iterable[str]) -> dict[str, str]:
    """Return the contracts that stand under keys of other systems already."""
    return services.known_external(keys)


def withdraw(*, contract_id: str, sent_on: date, day: date, by: str) -> int:
    """Undo a contract within its cooling-off period; return the won paid back.

    Raises:
        core.errors.DomainError: too late, a benefit was paid, a claim is open, or it had ended.
    """
    return services.withdraw(contract_id=contract_id, sent_on=sent_on, day=day, by=by)


def surrender(*, contract_id: str, reason: str, day: date, by: str) -> int:
    """End a contract on the policyholder's wish; return the won paid back.

    Raises:
        core.errors.DomainError: it is not in force, or a claim on it is open.
    """
    return services.surrender(contract_id=contract_id, reason=reason, day=day, by=by)
