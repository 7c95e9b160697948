"""What claims asks of earlier stages, in its own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from django.utils.translation import get_language

from claims.rules.adjustment import PERILS, Coverage
from contracts import api as contracts
from contracts.api import ContractFact
from core.columns import Days, Flags, Keys
from core.permissions import Scope
from products import api as products
from sales import api as sales

WHOLE_SUM = "SUM_ASSURED"


def contract_facts(contract_ids: Iterable[str]) -> Mapping[str, ContractFact]:
    """Return the facts of contracts by number; numbers that do not exist are absent."""
    return contracts.facts(sorted(set(contract_ids)))


def lock_contracts(contract_ids: Iterable[str]) -> None:
    """Keep contracts as they are until the transaction ends; others who lock them wait."""
    contracts.lock(sorted(set(contract_ids)))


def covered(contract_ids: Keys, on: Days) -> Flags:
    """Say for each row whether the contract was in force on the day."""
    return contracts.in_force(contract_ids, on)


def agents_within(scope: Scope) -> list[str] | None:
    """Return the agents whose rows a person may see, or None for all."""
    return sales.agents_in_scope(scope)


def contract_choices(query: str, scope: Scope) -> list[tuple[str, str]]:
    """Find contracts for the picker of the reception form: (number, what to show)."""
    return contracts.find_for_claim(query, scope)


def coverages(facts: Iterable[ContractFact]) -> dict[int, tuple[Coverage, ...]]:
    """Return the coverages of contracts by product version, from its COVERAGE_LIMIT rule.

    A product whose rule names none gives its whole sum for every kind of event.
    """
    sold = {fact.version_id: (fact.product_code, fact.version) for fact in facts}
    return {version_id: _of_version(*version) for version_id, version in sold.items()}


def paying(coverages: Iterable[Coverage], claim_type: str) -> tuple[Coverage, ...]:
    """Return the coverages that may pay for a kind of event; none: it is not insured."""
    return tuple(c for c in coverages if c.peril in PERILS[claim_type])


def _of_version(product_code: str, number: int) -> tuple[Coverage, ...]:
    rule = products.rule(product_code, number, "COVERAGE_LIMIT")
    rule_id = rule.rule_id if rule else 0
    entries = products.coverages(product_code, number) if rule else ()
    if entries:
        return tuple(_coverage(entry, rule_id) for entry in entries)
    return tuple(
        Coverage(WHOLE_SUM, WHOLE_SUM, peril, 1_000_000, 0, 0, 100, False, False, rule_id)
        for peril in sorted({peril for perils in PERILS.values() for peril in perils})
    )


def days_covered(fact: ContractFact, on: date) -> int:
    """Return the days from the start of cover to ``on`` (0: the same day)."""
    return (on - fact.coverage_start).days if fact.coverage_start else -1


def _coverage(entry: Mapping[str, Any], rule_id: int) -> Coverage:
    name = entry["name"]
    if isinstance(name, Mapping):
        name = name.get((get_language() or "ko")[:2]) or name["ko"]
    return Coverage(
        code=entry["code"],
        name=name,
        peril=entry["peril"],
        sum_ratio=int(Decimal(str(entry["sum_ratio"])) * 1_000_000),
        fixed=int(entry["fixed_sum"]),
        waiting_days=int(entry["waiting_days"]),
        first_year_percent=int(entry["first_year_percent"]),
        ends_contract=bool(entry["ends_contract"]),
        once=entry["per_event"] == "ONCE",
        rule_id=rule_id,
        automatic_max=int(entry["automatic_max"]),
    )


def checker_of(version_id: int) -> str:
    """Return who published a product version: the person whose standing decision its rules are."""
    return products.version_by_id(version_id).checked_by


def day_of(instants: np.ndarray[Any, Any]) -> Days:
    """Return the days of Korean local instants."""
    return instants.astype("datetime64[D]")
