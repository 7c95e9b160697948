"""How fast instalments become commission: the engine alone, and with shares, hierarchy and write.

The engine computes one million paid instalments under a plan in one call. The write takes the
premiums of 10,000 contracts through the ordinary service (`sales.services.commissions.accrue`):
plan by cohort, cap of the first year, two overrides each, balanced entries, every constraint and
trigger on; each transaction is rolled back, so that all rounds write the same. Two workers take
other instalments of the same contracts side by side, as the nightly chain's partitions do.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from threading import Lock
from typing import Any
from uuid import uuid4

import numpy as np
from django.db import connection, transaction

from bench import portfolio
from bench.harness import Contest

MILLION = 1_000_000
BATCHES = 10
DAY = date(2026, 8, 3)
COHORT = date(2026, 3, 4)
"""Contract date of the planned batch; other contests issue on other days."""
_TURN = {2: Lock(), 3: Lock()}
PLAN = {
    "schedule": [
        {
            "tier": "*",
            "rank": "*",
            "steps": [
                {"from": 1, "to": 1, "rate": 250},
                {"from": 2, "to": 12, "rate": 10},
                {"from": 13, "to": 24, "rate": 8},
            ],
        },
        {"tier": "GOLD", "rank": "*", "steps": [{"from": 1, "to": 24, "rate": 30}]},
    ],
    "overrides": [{"rank": "LEADER", "percent": 8}, {"rank": "MANAGER", "percent": 4}],
    "clawback": {"table": [{"to": 12, "percent": 100}]},
}


def contests() -> list[Contest]:
    """Return the contests of commission."""
    return [
        Contest(
            name="commission",
            unit="instalments",
            contestants={
                "engine, a million": engine,
                "engine, two shares each": shared,
                "service with entries": service,
                "service, two workers": two_workers,
            },
            prepare=prepare,
            target="a million instalments in one call",
            grows=True,
        )
    ]


def prepare() -> None:
    """Make agents with a hierarchy, a plan in force, and a batch of contracts."""
    portfolio.found()
    _world()


@cache
def _million() -> dict[str, Any]:
    rng = np.random.default_rng(1)
    return {
        "premium": rng.integers(10_000, 500_000, MILLION),
        "instalment": rng.integers(1, 25, MILLION),
        "factor": rng.integers(80, 130, MILLION),
        "tier": rng.integers(0, 2, MILLION),
    }


def engine() -> int:
    """Compute a million instalments, capped."""
    from sales import rules

    given = _million()
    parts = rules.Parts(
        row=np.arange(MILLION),
        share=np.full(MILLION, rules.PERCENT),
        factor=given["factor"],
        tier=given["tier"],
        rank=np.zeros(MILLION, np.int64),
    )
    scheme = rules.scheme_of(PLAN, multiple=1_200)
    rules.divided(
        premium=given["premium"], instalment=given["instalment"], parts=parts, scheme=scheme
    )
    return MILLION


def shared() -> int:
    """Compute a million instalments, each shared by two agents."""
    from sales import rules

    given = _million()
    row = np.repeat(np.arange(MILLION), 2)
    parts = rules.Parts(
        row=row,
        share=np.tile([3_333, 6_667], MILLION),
        factor=given["factor"][row],
        tier=given["tier"][row],
        rank=np.zeros(2 * MILLION, np.int64),
    )
    scheme = rules.scheme_of(PLAN, multiple=1_200)
    rules.divided(
        premium=given["premium"], instalment=given["instalment"], parts=parts, scheme=scheme
    )
    return MILLION


@cache
def _world() -> Any:
    """Put a plan and a hierarchy in force; return a batch of collected second premiums."""
    from django.db.backends.postgresql.psycopg_any import DateRange

    from contracts.models import Contract
    from core.columns import as_column
    from sales.models import Agent, AgentPost, CommissionPlan
    from sales.services import commissions, hierarchy

    if not CommissionPlan.objects.exists():
        CommissionPlan.objects.create(
            plan_id="PLN-2026-BENCH",
            product_id="TERM01",
            version=1,
            period=DateRange(COHORT, COHORT + timedelta(days=1)),
            regime="KR-2021",
            value=PLAN,
            status="ACTIVE",
            made_by="bench",
            checked_by="bench2",
        )
    if not AgentPost.objects.exists():
        agents = list(Agent.objects.order_by("agent_id").values_list("agent_id", flat=True))
        manager, leaders, start = agents[0], agents[1:11], date(2026, 1, 1)
        hierarchy.post(agent_id=manager, rank="MANAGER", starts=start)
        for number, agent in enumerate(agents[1:]):
            leads = agent in leaders
            hierarchy.post(
                agent_id=agent,
                rank="LEADER" if leads else "FC",
                reports_to=manager if leads else leaders[number % 10],
                starts=start,
            )
    portfolio.issue_batch(900, day=COHORT)
    rows = list(
        Contract.objects.filter(product_id="TERM01", contract_date=COHORT)
        .order_by("-contract_id")
        .values_list("contract_id", "agent_id", "line", "contract_date", "premium_amount")[
            : portfolio.BATCH
        ]
    )
    dates = np.asarray([row[3] for row in rows], "datetime64[D]")
    return commissions.Collected(
        contract_id=as_column("keys", [row[0] for row in rows]),
        product_code=np.full(len(rows), "TERM01", dtype=object),
        version=np.ones(len(rows), np.int64),
        agent_id=as_column("keys", [row[1] for row in rows]),
        line=as_column("keys", [row[2] for row in rows]),
        cohort_year=dates.astype("datetime64[Y]").astype(np.int64) + 1970,
        premium=np.asarray([int(row[4]) for row in rows], np.int64),
        instalment=np.full(len(rows), 2),
    )


def service() -> int:
    """Take batches of second premiums through the service; each is rolled back."""
    return sum(_accrued(2) for _ in range(BATCHES))


def two_workers() -> int:
    """Take the second premiums and the third ones through the service by two workers."""
    with ThreadPoolExecutor(2, initializer=connection.ensure_connection) as workers:
        done = list(workers.map(_accrued, [2, 3] * (BATCHES // 2)))
        list(workers.map(lambda _: connection.close(), range(2)))
    return sum(done)


def _accrued(instalment: int) -> int:
    from sales.services import commissions

    batch = replace(_world(), instalment=np.full(len(_world().contract_id), instalment))
    with _TURN[instalment], transaction.atomic():
        commissions.accrue(batch, business_date=DAY, event_id=uuid4())
        transaction.set_rollback(True)
    return len(batch.contract_id)
