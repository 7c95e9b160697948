"""Keep the sellers' record of contracts: sold, still paid, ended."""

from __future__ import annotations

from datetime import date

import numpy as np
from django.db import connection

from core.bulk import copy_rows
from core.columns import Days, Flags, Ints, Keys, Won
from sales import rules
from sales.models import SalesRecord


def record_issued(
    *,
    contract_id: Keys,
    agent_id: Keys,
    product_code: Keys,
    issued_on: Days,
    premium: Won,
    pay_months: Ints,
    paid: Flags,
) -> None:
    """Add contracts to their sellers' record."""
    copy_rows(
        SalesRecord,
        {
            "contract_id": contract_id,
            "agent_id": agent_id,
            "product_code": product_code,
            "issued_on": issued_on,
            "premium": premium,
            "pay_months": pay_months,
            "reached": paid.astype(np.int64),
            "ended_kind": [""] * len(contract_id),
        },
    )


def record_paid(*, contract_id: Keys, instalment: Ints) -> None:
    """Note the measured instalments among those that were paid; others change nothing."""
    mark = np.isin(instalment, rules.MILESTONES)
    if not mark.any():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sales_records r SET reached = p.reached"
            " FROM unnest(%s::varchar[], %s::smallint[]) AS p(contract_id, reached)"
            " WHERE r.contract_id = p.contract_id AND r.reached < p.reached",
            [contract_id[mark].tolist(), instalment[mark].tolist()],
        )


def record_ended(*, contract_id: Keys, kind: Keys, paid: Ints, on: date) -> None:
    """Note that contracts ended; the first end stands until they are in force again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sales_records r SET ended_on = coalesce(r.ended_on, %s), ended_kind ="
            " CASE WHEN r.ended_on IS NULL THEN p.kind ELSE r.ended_kind END, ended_paid = p.paid"
            " FROM unnest(%s::varchar[], %s::varchar[], %s::smallint[]) AS p(contract_id, kind,"
            " paid) WHERE r.contract_id = p.contract_id",
            [on, contract_id.tolist(), kind.tolist(), paid.tolist()],
        )


def record_reinstated(*, contract_id: Keys) -> None:
    """Note that contracts are in force again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sales_records SET ended_on = NULL, ended_kind = '', ended_paid = 0"
            " WHERE contract_id = ANY(%s)",
            [contract_id.tolist()],
        )
