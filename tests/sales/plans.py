"""A plan in force, a crew under it, and what their lines say."""

from __future__ import annotations

from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from sales import api
from sales.models import Commission, CommissionPlan

SOLD = date(2026, 7, 6)
VALUE = {
    "schedule": [
        {
            "tier": "*",
            "rank": "*",
            "steps": [
                {"from": 1, "to": 1, "rate": 400},
                {"from": 2, "to": 12, "rate": 30},
                {"from": 13, "to": 24, "rate": 20},
            ],
        },
        {
            "tier": "GOLD",
            "rank": "*",
            "steps": [
                {"from": 1, "to": 1, "rate": 450},
                {"from": 2, "to": 12, "rate": 30},
                {"from": 13, "to": 24, "rate": 20},
            ],
        },
    ],
    "maintenance": [{"from": 25, "to": 48, "rate": 5}],
    "overrides": [{"rank": "LEADER", "percent": 10}, {"rank": "MANAGER", "percent": 5}],
    "clawback": {
        "table": [{"to": 6, "percent": 100}, {"to": 12, "percent": 70}],
        "always_full": ["COOLING_OFF"],
    },
}


def active(value=VALUE, version=1, *, starts=date(2026, 7, 1), regime="KR-2026-07"):
    """Put a plan into force as its checker left it."""
    return CommissionPlan.objects.create(
        plan_id=f"PLN-2026-{version:07d}",
        product_id="TERM01",
        version=version,
        period=DateRange(starts, date(2027, 1, 1)),
        regime=regime,
        value=value,
        status="ACTIVE",
        made_by="actuary",
        checked_by="actuary2",
    )


def lines(**where):
    found = Commission.objects.filter(**where).order_by("instalment", "kind", "part", "comm_id")
    return [(r.kind, r.agent_id, r.instalment, int(r.amount)) for r in found]


def sound():
    return {name: detail for name, breaches, detail in api.invariants() if breaches}


def sold(crew, contracts, facts, premium=10_000, on=SOLD):
    (key,) = contracts(crew["seller"].pk, premium, on=on)
    facts.issued([key], crew["seller"].pk, premium, on=on)
    return key
