"""What may be declared with a claim beyond its reception: names, kinds, and what is a feature.

Calendar parts (month, weekday) and who handled a claim are no facts: fraud that happened to be
found in one month teaches nothing about the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NUMBER, WORD, DAY = "number", "word", "day"


@dataclass(frozen=True, slots=True)
class Fact:
    """A name that may be declared.

    Args:
        kind: number, word (a category) or day (ISO).
        label: for people.
        feature: whether models learn from it.
    """

    kind: str
    label: str | Promise
    feature: bool = True


FACTS: dict[str, Fact] = {
    "policyholder_age": Fact(NUMBER, _("Age of the policyholder")),
    "customer_years": Fact(NUMBER, _("Years as a customer")),
    "contracts_held": Fact(NUMBER, _("Contracts held")),
    "past_claims": Fact(NUMBER, _("Earlier claims, as declared")),
    "vehicle_age": Fact(NUMBER, _("Age of the vehicle, years")),
    "vehicle_value": Fact(NUMBER, _("Value of the vehicle")),
    "vehicle_new_value": Fact(NUMBER, _("Price of the vehicle when new")),
    "bonus_malus": Fact(NUMBER, _("Bonus-malus class")),
    "persons": Fact(NUMBER, _("Persons involved")),
    "months_on_cover": Fact(NUMBER, _("Months of cover before the claim")),
    "amount_to_value": Fact(NUMBER, _("Claimed share of the vehicle's value")),
    "deductible_declared": Fact(NUMBER, _("Agreed deductible")),
    "driver_rating": Fact(NUMBER, _("Driver rating")),
    "supplements": Fact(NUMBER, _("Supplementary bills")),
    "cars": Fact(NUMBER, _("Vehicles of the household")),
    "fault": Fact(WORD, _("Whose fault")),
    "cover_type": Fact(WORD, _("Sort of cover")),
    "vehicle_category": Fact(WORD, _("Category of the vehicle")),
    "vehicle_make": Fact(WORD, _("Make of the vehicle")),
    "fuel": Fact(WORD, _("Fuel")),
    "police_report": Fact(WORD, _("Police report")),
    "witness": Fact(WORD, _("Witness")),
    "marital_status": Fact(WORD, _("Marital status")),
    "accident_area": Fact(WORD, _("Area of the accident")),
    "address_changed": Fact(WORD, _("Address changed before the claim")),
    "sales_channel": Fact(WORD, _("How it was sold")),
    "accident_type": Fact(WORD, _("Type of collision")),
    "rental": Fact(WORD, _("Rented or two-wheeled vehicle")),
    "night": Fact(WORD, _("At night")),
    "fault_percent": Fact(NUMBER, _("Other side's fault, %")),
    "kcd": Fact(WORD, _("Diagnosis (KCD)"), feature=False),
    "injury_grade": Fact(NUMBER, _("Injury grade")),
    "admitted_on": Fact(DAY, _("Admitted on")),
    "discharged_on": Fact(DAY, _("Discharged on")),
    "first_treated_on": Fact(DAY, _("First treated on")),
    "daily_benefit": Fact(NUMBER, _("Daily hospital benefit, all insurers")),
    "non_benefit_percent": Fact(NUMBER, _("Share not covered by public insurance, %")),
    "same_day_bills": Fact(NUMBER, _("Equal bills issued on one day for past days")),
    "simple_limit": Fact(NUMBER, _("Limit of the simple procedure"), feature=False),
    "overdue_paid_on": Fact(DAY, _("Overdue premium paid on"), feature=False),
    "reinstated_on": Fact(DAY, _("Reinstated on"), feature=False),
    "beneficiary_changed_on": Fact(DAY, _("Beneficiary changed on"), feature=False),
    "other_contracts_180": Fact(NUMBER, _("New contracts with other insurers, 180 days")),
}
LEARNED_NUMBERS = tuple(k for k, f in FACTS.items() if f.feature and f.kind == NUMBER)
LEARNED_WORDS = tuple(k for k, f in FACTS.items() if f.feature and f.kind == WORD)


def wrong(facts: Mapping[str, Any]) -> list[str]:
    """Name what cannot be declared: unknown names and values of another kind."""
    found = []
    for name, value in facts.items():
        fact = FACTS.get(name)
        if fact is None:
            found.append(f"{name}: unknown")
        elif not _fits(fact.kind, value):
            found.append(f"{name}: {value!r} is no {fact.kind}")
    return found


def _fits(kind: str, value: Any) -> bool:
    if kind == NUMBER:
        number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        return number and abs(value) < 10**15
    if kind == WORD:
        return isinstance(value, str) and 0 < len(value) <= 80
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True
