"""Claims as they were known at a moment: the same statements for one claim and for all of them.

A moment of a claim is a business instant (what had been reported by then counts) and, where the
past is replayed, a recording instant (what had been written down by then counts). A withdrawn
claim counts until its withdrawal was written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from core.bulk import read_columns
from core.columns import Days, Ints, Keys, Won

ALWAYS = np.int64(-1)
DAY = 86_400_000_000
_ASKED = """
    FROM unnest(%(ids)s::text[], %(at)s::bigint[], %(recorded)s::bigint[])
        WITH ORDINALITY AS a(id, at, recorded, row)
    JOIN claim_receptions k ON k.reception_id = a.id
    CROSS JOIN LATERAL (
        SELECT 'epoch'::timestamptz + a.at * interval '1 microsecond' AS at,
            CASE WHEN a.recorded >= 0
                THEN 'epoch'::timestamptz + a.recorded * interval '1 microsecond' END AS recorded
    ) q
"""
_KNOWN = """
    c.reception_id <> k.reception_id AND c.report_date <= q.at
    AND (c.report_date, c.reception_id) < (q.at, k.reception_id)
    AND (q.recorded IS NULL OR c.created_at <= q.recorded)
    AND (c.status <> 'WITHDRAWN' OR EXISTS (
        SELECT 1 FROM core_status_moves m WHERE m.table_name = 'claim_receptions'
            AND m.key = c.reception_id AND m.to_status = 'WITHDRAWN' AND m.at > q.recorded))
"""
_COLUMNS = """
    SELECT k.reception_id, k.contract_id, k.customer_id, k.agent_id, k.provider_code, p.kind,
        p.region, k.accident_no, k.claim_type, k.channel, k.line, k.status,
        (k.incident_date AT TIME ZONE 'Asia/Seoul')::date,
        (k.report_date AT TIME ZONE 'Asia/Seoul')::date,
        (extract(epoch FROM k.report_date) * 1000000)::bigint,
        (extract(epoch FROM k.created_at) * 1000000)::bigint,
        k.claimed_amount::bigint, k.case_reserve::bigint
    FROM unnest(%(ids)s::text[]) WITH ORDINALITY AS a(id, row)
    JOIN claim_receptions k ON k.reception_id = a.id
    LEFT JOIN providers p USING (provider_code)
    ORDER BY a.row
"""
_VELOCITY = f"""
    SELECT v.n30, v.n365, v.n, v.won365, v.last, v.accidents
    {_ASKED} CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE c.report_date > q.at - interval '30 days') AS n30,
            count(*) FILTER (WHERE c.report_date > q.at - interval '365 days') AS n365,
            count(*) AS n,
            (coalesce(sum(c.claimed_amount)
                FILTER (WHERE c.report_date > q.at - interval '365 days'), 0))::bigint AS won365,
            coalesce(extract(epoch FROM q.at - max(c.report_date))::bigint / 86400, -1) AS last,
            1 + count(DISTINCT c.accident_no) FILTER (WHERE c.accident_no <> k.accident_no
                AND c.incident_date >= ((k.incident_date AT TIME ZONE 'Asia/Seoul')::date - 364)
                    ::timestamp AT TIME ZONE 'Asia/Seoul'
                AND c.incident_date < ((k.incident_date AT TIME ZONE 'Asia/Seoul')::date + 1)
                    ::timestamp AT TIME ZONE 'Asia/Seoul') AS accidents
        FROM claim_receptions c WHERE c.customer_id = k.customer_id AND {_KNOWN}
    ) v ORDER BY a.row
"""  # noqa: S608 - constants of this module


@dataclass(frozen=True, slots=True)
class Moments:
    """Questions about claims, (n,) each; both instants in microseconds since 1970 UTC.

    Args:
        reception_id: the claims.
        at: what was reported by then counts; claims of the same instant by their numbers.
        recorded: what was written down by then counts; -1: whatever is there now.
    """

    reception_id: Keys
    at: Ints
    recorded: Ints

    def params(self) -> dict[str, Any]:
        """Return the parameters of the statements."""
        return {
            "ids": self.reception_id.tolist(),
            "at": self.at.tolist(),
            "recorded": self.recorded.tolist(),
        }


@dataclass(frozen=True, slots=True)
class ClaimColumns:
    """Claims in the order asked, (n,) each; instants in microseconds since 1970 UTC."""

    reception_id: Keys
    contract_id: Keys
    customer_id: Ints
    agent_id: Keys
    provider_code: Keys
    provider_kind: Keys
    provider_region: Keys
    accident_no: Keys
    claim_type: Keys
    channel: Keys
    line: Keys
    status: Keys
    incident: Days
    reported: Days
    reported_at: Ints
    recorded_at: Ints
    claimed: Won
    case_reserve: Won


@dataclass(frozen=True, slots=True)
class Velocity:
    """Earlier claims of the same customer, (n,) each.

    ``n30``, ``n365``, ``n``: reported in the last 30, 365 days, ever. ``won365``: claimed in them.
    ``last``: days since the latest, -1: none. ``accidents``: distinct ones in the 365 days that
    end on the day of the accident, this one included.
    """

    n30: Ints
    n365: Ints
    n: Ints
    won365: Won
    last: Ints
    accidents: Ints


def claim_columns(reception_ids: Sequence[str]) -> ClaimColumns:
    """Return claims in columns, in the order asked; unknown numbers are left out."""
    kinds = {
        **dict.fromkeys(("reception_id", "contract_id"), "keys"),
        "customer_id": "ints",
        **dict.fromkeys(
            (
                "agent_id",
                "provider_code",
                "provider_kind",
                "provider_region",
                "accident_no",
                "claim_type",
                "channel",
                "line",
                "status",
            ),
            "keys",
        ),
        **dict.fromkeys(("incident", "reported"), "days"),
        **dict.fromkeys(("reported_at", "recorded_at"), "ints"),
        **dict.fromkeys(("claimed", "case_reserve"), "won"),
    }
    return ClaimColumns(**read_columns(_COLUMNS, {"ids": list(reception_ids)}, **kinds))


def velocity(moments: Moments) -> Velocity:
    """Count the earlier claims of the customers, as known at the moments."""
    return Velocity(
        **read_columns(
            _VELOCITY,
            moments.params(),
            n30="ints",
            n365="ints",
            n="ints",
            won365="won",
            last="ints",
            accidents="ints",
        )
    )


def reported_between(since: date, until: date) -> Keys:
    """Return the claims reported in [since, until), Korean days, in the order of their reports."""
    found = read_columns(
        "SELECT reception_id FROM claim_receptions"
        " WHERE report_date >= %s::date::timestamp AT TIME ZONE 'Asia/Seoul'"
        " AND report_date < %s::date::timestamp AT TIME ZONE 'Asia/Seoul'"
        " ORDER BY report_date, reception_id",
        [since, until],
        reception_id="keys",
    )
    return found["reception_id"]
