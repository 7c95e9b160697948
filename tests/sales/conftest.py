"""A published term life product, agents, and contracts as stage 3 leaves them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import uuid4

import numpy as np
import pytest

from contracts.events import (
    ContractsEnded,
    ContractsIssued,
    ContractsReinstated,
    PremiumsCollected,
)
from contracts.models import Contract, Customer
from core.bulk import copy_rows
from core.columns import as_column
from core.privacy import seal
from products.models import Product, ProductVersion, Rating
from sales import handlers
from sales.services import hierarchy
from tests.factories import products
from tests.factories.sales import TODAY, AgentFactory, clock, person


@pytest.fixture
def term_life(db: None) -> str:
    products.published("TERM01")
    return "TERM01"


@pytest.fixture
def agent(db: None) -> Any:
    return AgentFactory()


@pytest.fixture
def contracts(term_life: str) -> Callable[..., list[str]]:
    """Return a function that puts contracts into force without telling anyone."""

    def make(
        agent_id: Any, premium: Any, count: int = 0, *, on: date = TODAY, code: str = term_life
    ) -> list[str]:
        count = count or (len(premium) if hasattr(premium, "__len__") else 1)
        version = ProductVersion.objects.get(product_id=code, version=1)
        rating = Rating.objects.first() or Rating.objects.create(
            version=version, inputs={}, inputs_hash=uuid4().hex * 2, trace={}
        )
        sealed = seal("900101-1234567")
        customer, _ = Customer.objects.get_or_create(
            rrn_hash=sealed.index,
            defaults={
                "name": "홍길동",
                "rrn_cipher": sealed.cipher,
                "rrn_mask": sealed.mask,
                "birth_date": sealed.born,
                "sex": "M",
                "job_code": "3120",
            },
        )
        stem = uuid4().hex[:8]
        ids = [f"CON-{stem}-{n:07d}" for n in range(count)]
        copy_rows(
            Contract,
            {
                "contract_id": ids,
                "product": code,
                "customer": customer.customer_id,
                "agent": agent_id,
                "contract_date": on,
                "premium_amount": premium,
                "policy_status": "ACTIVE",
                "uw_result": "PASS",
                "version": version.pk,
                "rating": rating.pk,
                "line": Product.objects.get(pk=code).line,
                "frequency": "MONTHLY",
                "insurance_age": 36,
                "sex": "M",
                "sum_assured": 50_000_000,
                "term_months": 240,
                "pay_months": 240,
                "coverage_start": on,
                "loading_percent": 0,
                "paid_instalments": 1,
            },
        )
        return ids

    return make


def issued(
    ids: list[str],
    agent_id: Any,
    premium: Any,
    *,
    on: date = TODAY,
    received: bool = True,
    applications: list[str] | None = None,
) -> ContractsIssued:
    """Return the fact that contracts of TERM01 were issued."""
    n = len(ids)
    premiums = np.broadcast_to(np.asarray(premium, np.int64), (n,)).copy()
    agents = agent_id if hasattr(agent_id, "dtype") else [agent_id] * n
    return ContractsIssued(
        business_date=on,
        contract_id=as_column("keys", ids),
        product_code=as_column("keys", ["TERM01"] * n),
        version=np.ones(n, np.int64),
        line=as_column("keys", ["TERM"] * n),
        measurement=as_column("keys", ["GMM"] * n),
        agent_id=as_column("keys", agents),
        customer_id=np.ones(n, np.int64),
        contract_date=np.full(n, np.datetime64(on, "D")),
        cohort_year=np.full(n, on.year),
        premium=premiums,
        sum_assured=np.full(n, 50_000_000),
        insurance_age=np.full(n, 36),
        sex=as_column("keys", ["M"] * n),
        term_months=np.full(n, 240),
        pay_months=np.full(n, 240),
        received=premiums if received else np.zeros(n, np.int64),
        reserve=np.zeros(n, np.int64),
        application_id=as_column("keys", applications or [""] * n),
    )


def collected(
    ids: list[str], agent_id: str, premium: Any, instalment: Any, *, on: date
) -> PremiumsCollected:
    """Return the fact that instalments of TERM01 contracts were paid."""
    n = len(ids)
    return PremiumsCollected(
        business_date=on,
        contract_id=as_column("keys", ids),
        instalment=np.broadcast_to(np.asarray(instalment, np.int64), (n,)).copy(),
        product_code=as_column("keys", ["TERM01"] * n),
        version=np.ones(n, np.int64),
        agent_id=as_column("keys", [agent_id] * n),
        line=as_column("keys", ["TERM"] * n),
        cohort_year=np.full(n, 2026),
        amount=np.broadcast_to(np.asarray(premium, np.int64), (n,)).copy(),
    )


def ended(
    ids: list[str],
    agent_id: str,
    paid: Any,
    *,
    on: date,
    kind: str = "LAPSE",
    early: bool = True,
) -> ContractsEnded:
    """Return the fact that TERM01 contracts ended."""
    n = len(ids)
    return ContractsEnded(
        business_date=on,
        contract_id=as_column("keys", ids),
        kind=as_column("keys", [kind] * n),
        product_code=as_column("keys", ["TERM01"] * n),
        version=np.ones(n, np.int64),
        agent_id=as_column("keys", [agent_id] * n),
        line=as_column("keys", ["TERM"] * n),
        cohort_year=np.full(n, 2026),
        paid_instalments=np.broadcast_to(np.asarray(paid, np.int64), (n,)).copy(),
        premiums_paid=np.zeros(n, np.int64),
        refund=np.zeros(n, np.int64),
        early=np.full(n, early),
    )


def reinstated(ids: list[str], agent_id: str, *, on: date, paid: int = 1) -> ContractsReinstated:
    """Return the fact that TERM01 contracts are in force again."""
    n = len(ids)
    return ContractsReinstated(
        business_date=on,
        contract_id=as_column("keys", ids),
        product_code=as_column("keys", ["TERM01"] * n),
        version=np.ones(n, np.int64),
        agent_id=as_column("keys", [agent_id] * n),
        line=as_column("keys", ["TERM"] * n),
        cohort_year=np.full(n, 2026),
        lapsed_on=np.full(n, np.datetime64(on, "D")),
        paid_instalments=np.full(n, paid),
        missed_instalments=np.ones(n, np.int64),
        arrears=np.ones(n, np.int64),
        restored=np.zeros(n, np.int64),
        interest=np.zeros(n, np.int64),
    )


class Facts:
    """Tell stage 2 the facts of stage 3, and nobody else."""

    issued = staticmethod(lambda *a, **k: handlers.on_issue(issued(*a, **k)))
    collected = staticmethod(lambda *a, **k: handlers.on_collection(collected(*a, **k)))
    ended = staticmethod(lambda *a, **k: handlers.on_end(ended(*a, **k)))
    reinstated = staticmethod(lambda *a, **k: handlers.on_reinstatement(reinstated(*a, **k)))


@pytest.fixture
def facts() -> type[Facts]:
    return Facts


@pytest.fixture
def team(term_life):
    """Two branches: Alice sells in the first, Charlie in the second; each has a manager."""
    clock()
    alice, charlie = AgentFactory(agent_name="앨리스"), AgentFactory(agent_name="찰리")
    return {
        "alice": person("alice", "agent", own=alice.agent_id, branch=alice.branch_id),
        "charlie": person("charlie", "agent", own=charlie.agent_id, branch=charlie.branch_id),
        "manager": person("manager", "branch_manager", branch=alice.branch_id),
        "bob": person("bob", "auditor"),
        "accountant": person("accountant", "accountant"),
        "outside": person("outside", "siu"),
        "agents": {"alice": alice, "charlie": charlie},
    }


@pytest.fixture
def sold(team, contracts, facts):
    """A contract of Alice's and one of Charlie's, with their commissions."""
    found = {}
    for name, agent in team["agents"].items():
        found[name] = contracts(agent.agent_id, 10_000)
        facts.issued(found[name], agent.agent_id, 10_000, on=date(2026, 2, 2))
    return found


@pytest.fixture
def crew(term_life):
    """A seller, the leader above, the manager above both; a second seller who shares."""
    manager = AgentFactory(rank="MANAGER")
    branch = manager.branch
    leader = AgentFactory(rank="LEADER", branch=branch)
    seller, other = AgentFactory(branch=branch), AgentFactory(branch=branch)
    day = date(2026, 1, 1)
    hierarchy.post(agent_id=manager.agent_id, rank="MANAGER", starts=day)
    hierarchy.post(agent_id=leader.agent_id, rank="LEADER", reports_to=manager.pk, starts=day)
    for one in (seller, other):
        hierarchy.post(agent_id=one.agent_id, rank="FC", reports_to=leader.pk, starts=day)
    return {"manager": manager, "leader": leader, "seller": seller, "other": other}
