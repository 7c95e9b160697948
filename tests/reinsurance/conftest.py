"""Treaties drafted by Alice and signed by Bob, and payouts planted for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from uuid import uuid4

import numpy as np
import pytest
from django.db import connection

from claims.events import ClaimsPaid
from core.acting import acting
from core.bulk import take_ids
from core.columns import as_column
from reinsurance import services

START, END = date(2026, 1, 1), date(2027, 1, 1)


def quota(**changes: object) -> services.Draft:
    """Return the terms of a quota share of 30 %."""
    terms: dict[str, object] = {
        "treaty_code": "QS",
        "treaty_name": "상해 비례",
        "kind": "QUOTA_SHARE",
        "reinsurer_name": "코리안리",
        "line": "ACCIDENT",
        "start": START,
        "end": END,
        "cession_percent": Decimal(30),
        "commission_percent": Decimal("28.5"),
    }
    return services.Draft(**{**terms, **changes})  # type: ignore[arg-type]


def excess(**changes: object) -> services.Draft:
    """Return the terms of an excess layer of 150 million above 50 million."""
    terms: dict[str, object] = {
        "treaty_code": "XL",
        "treaty_name": "상해 초과손해액",
        "kind": "EXCESS",
        "cession_percent": Decimal(0),
        "commission_percent": Decimal(0),
        "retention": Decimal(50_000_000),
        "layer_limit": Decimal(150_000_000),
        "premium_percent": Decimal("2.2"),
    }
    return quota(**{**terms, **changes})


def layer(kind: str, code: str, **changes: object) -> services.Draft:
    """Return the terms of a layer of 400 thousand above 100 thousand of another kind."""
    terms: dict[str, object] = {
        "treaty_code": code,
        "treaty_name": code,
        "kind": kind,
        "retention": Decimal(100_000),
        "layer_limit": Decimal(400_000),
        "premium_percent": Decimal(1),
        **({"hours": 72} if kind == "CATASTROPHE" else {}),
    }
    return excess(**{**terms, **changes})


@pytest.fixture
def signed(db: None) -> Callable[..., None]:
    """Return a function that drafts treaties as Alice and signs them as Bob."""

    def sign(*drafts: services.Draft) -> None:
        for terms in drafts:
            with acting("alice"):
                services.draft(terms)
            with acting("bob"):
                services.sign(terms.treaty_code)

    return sign


def paid(
    amounts: Sequence[int],
    *,
    line: str = "ACCIDENT",
    on: date = date(2026, 3, 10),
    incident: date = date(2026, 3, 1),
) -> ClaimsPaid:
    """Return the event of some payouts, whose rows are planted with the triggers off.

    Only the rows that reinsurance refers to are planted: what a claim must go through before it
    is paid is proved where claims are tested.
    """
    from claims.models import Payout

    ids = take_ids(Payout, len(amounts))
    numbers = [f"CLM-2026-{key:07d}" for key in ids]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "INSERT INTO claim_payouts (payout_id, reception_id, gate, adjustment_id,"
            " adjustment_status, operation_id, payout_amount, late_interest, days_late,"
            " interest_trace, loss_adjustment_fee, payment_date, recipient_name, paid_by)"
            " SELECT i, n, 'CLEAR', i, 'APPROVED', o, a, 0, 0, '{}', 0, %s, 'x', 'x'"
            " FROM unnest(%s::bigint[], %s::text[], %s::uuid[], %s::bigint[]) v(i, n, o, a)",
            [on, ids.tolist(), numbers, [uuid4() for _ in amounts], list(amounts)],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    count = len(amounts)
    return ClaimsPaid(
        business_date=on,
        payout_id=ids,
        reception_id=as_column("keys", numbers),
        contract_id=as_column("keys", [f"CON-2026-{key:07d}" for key in ids]),
        product_code=["X"] * count,
        line=[line] * count,
        cohort_year=[2026] * count,
        incident_date=np.full(count, np.datetime64(incident)),
        amount=list(amounts),
        released=list(amounts),
        late_interest=[0] * count,
        fee=[0] * count,
        final=[False] * count,
    )
