"""Contracts for tests, made by the ordinary services: products, sellers, people, issue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from contracts import services
from core import privacy
from core.clock import advance
from products import api as products
from sales.services import organisation
from tests.factories.products import published

DAY = date(2026, 1, 15)
BRANCH = "B01"


@dataclass(frozen=True)
class World:
    """Where contracts are sold: two branches, three agents, the shipped products."""

    day: date
    agents: tuple[str, ...]


def world(day: date = DAY, *codes: str) -> World:
    """Set the clock, publish products, open two branches and appoint three agents."""
    advance(day)
    published(*(codes or ("TERM01", "DRIVER01")))
    opened = date(2025, 1, 1)
    for code, name in ((BRANCH, "강남지점"), ("B02", "부산지점")):
        organisation.open_branch(
            branch_code=code, branch_name=name, region="서울", opened_on=opened
        )
    agents = organisation.appoint(
        [
            organisation.Appointment(
                name=name,
                branch_code=branch,
                commission_rate=Decimal("1.00"),
                licence_number=f"L-{number}",
                appointed_on=opened,
                training_valid_until=date(2028, 12, 31),
            )
            for number, (name, branch) in enumerate(
                (("김설계", BRANCH), ("이설계", BRANCH), ("박설계", "B02"))
            )
        ]
    )
    return World(day=day, agents=tuple(agents))


def resident_number(number: int, *, born: str = "850315", century: int = 1) -> str:
    """Return a resident number that nobody else of the test has."""
    return f"{born}-{century}{number:06d}"


def people(count: int, *, start: int = 0) -> Any:
    """Make customers; return their ids."""
    sealed = [privacy.seal(resident_number(start + n)) for n in range(count)]
    return services.customers_for(
        services.NewCustomers(
            name=np.array([f"고객{start + n}" for n in range(count)], dtype=object),
            rrn_hash=np.array([s.index for s in sealed], dtype=object),
            rrn_cipher=[s.cipher for s in sealed],
            rrn_mask=np.array([s.mask for s in sealed], dtype=object),
            birth_date=np.array([s.born for s in sealed], "datetime64[D]"),
            sex=np.array([s.sex for s in sealed], dtype=object),
            job_code=np.array(["0101"] * count, dtype=object),
            phone=np.array([f"010-1234-{start + n:04d}" for n in range(count)], dtype=object),
            address=np.array(["서울시 중구"] * count, dtype=object),
        )
    )


TERM = {"sum_assured": 100_000_000, "term_months": 240, "pay_months": 240}
DRIVER = {"sum_assured": 100_000_000, "term_months": 12, "pay_months": 12}


def proposal(
    place: World,
    count: int = 1,
    *,
    code: str = "TERM01",
    plan: Mapping[str, int] | None = None,
    start: int = 0,
    **columns: Any,
) -> services.NewContracts:
    """Make a priced batch that is ready to be issued; ``columns`` replace what is usual."""
    terms = dict(plan or (DRIVER if code.startswith("DRIVER") else TERM))
    version = products.sellable(code, place.day)
    rated = products.rate(
        code,
        version.version,
        {
            "age": np.full(count, 40),
            "sex": np.full(count, "M", dtype=object),
            "per_year": np.full(count, 12),
            "job_class": np.full(count, 1),
            **{name: np.full(count, value) for name, value in terms.items()},
        },
    )
    usual: dict[str, Any] = {
        "version_id": np.full(count, version.pk),
        "customer_id": people(count, start=start),
        "agent_id": place.agents[0],
        "contract_date": np.datetime64(place.day, "D"),
        "uw_result": "PASS",
        "application_id": "",
        "premium": rated.premiums,
        "rating_id": rated.rating_ids,
        "insurance_age": 40,
        "sex": "M",
        "frequency": "MONTHLY",
        "loading_percent": 0,
        "received": rated.premiums,
        "external_key": "",
        **terms,
    }
    return services.NewContracts(**{**usual, **columns})


def issued(place: World, count: int = 1, **columns: Any) -> list[str]:
    """Issue contracts on the world's day; return their numbers."""
    batch = proposal(place, count, **columns)
    return services.issue(batch, business_date=place.day).contract_id.tolist()
