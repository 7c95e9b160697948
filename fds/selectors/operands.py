"""Operands of the rules R04 to R23, read as known at moments, for one claim or for many."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import numpy as np

from claims import api as claims
from contracts import api as contracts
from core.bulk import read_columns
from fds.rules import catalogue, graphs, stays
from fds.rules import features as rules

from .features import expectations, facts_at
from .links import ASKED as _ASKED
from .parties import hashed

_BODILY = ("INJURY", "HOSPITAL", "DIAGNOSIS", "DEATH")
_EARLIER = """
    o.reception_id <> a.id AND o.reported_at <= q.at
    AND (o.reported_at, o.reception_id) < (q.at, a.id) AND o.made_at <= q.recorded
"""
_OWN = "l.reception_id = a.id AND l.known_at <= q.at AND l.made_at <= q.recorded"
_STAYS = f"""
    SELECT a.row - 1, coalesce(p.value, ''), f.facts ->> 'admitted_on',
        f.facts ->> 'discharged_on', coalesce(f.facts ->> 'kcd', '')
    {_ASKED}
    JOIN fds_party_links l ON {_OWN} AND l.kind = 'CUSTOMER'
    JOIN fds_party_links o ON o.value = l.value AND o.kind = 'CUSTOMER' AND {_EARLIER}
    JOIN fds_claim_facts f ON f.reception_id = o.reception_id AND f.made_at <= q.recorded
        AND f.facts ? 'admitted_on' AND f.facts ? 'discharged_on'
    LEFT JOIN fds_party_links p ON p.reception_id = o.reception_id AND p.kind = 'PROVIDER'
        AND p.made_at <= q.recorded
    ORDER BY 1, 3, 2
"""
_TOGETHER = f"""
    SELECT a.row - 1, (
        SELECT count(DISTINCT c.value) {{shared}} AND l.kind IN ('PHONE', 'ADDRESS')
        JOIN fds_party_links h ON h.reception_id = a.id AND h.kind = 'PROVIDER'
            AND h.made_at <= q.recorded
        JOIN fds_party_links p ON p.reception_id = o.reception_id AND p.kind = 'PROVIDER'
            AND p.value = h.value AND p.made_at <= q.recorded
        WHERE o.reported_at > q.at - interval '7 days' AND c.value NOT IN (
            SELECT value FROM fds_party_links m WHERE m.reception_id = a.id AND m.kind = 'CUSTOMER'
                AND m.made_at <= q.recorded)
    ), (
        SELECT coalesce(max(n.met), 0) FROM (
            SELECT count(DISTINCT l.value) - 1 AS met
            FROM fds_party_links l JOIN fds_party_links o ON o.value = l.value AND {_EARLIER}
            WHERE {_OWN} AND l.kind IN ('CUSTOMER', 'PERSON') GROUP BY o.reception_id
        ) n
    ), (
        SELECT coalesce(max(n.people), 0) FROM (
            SELECT count(DISTINCT c.value) AS people {{shared}}
                AND l.kind IN ('ACCOUNT', 'PHONE') GROUP BY l.value
        ) n
    ), (
        SELECT coalesce(max(n.claims), 0) FROM (
            SELECT count(DISTINCT o.reception_id) AS claims {{shared}}
                AND l.kind IN ('ACCOUNT', 'PHONE') GROUP BY l.value
        ) n
    ), (
        SELECT count(DISTINCT o.reception_id)
        FROM fds_party_links l JOIN fds_party_links o ON o.value = l.value AND {_EARLIER}
        WHERE {_OWN} AND l.kind = 'DOCUMENT'
    ), (
        SELECT count(DISTINCT c.value)
        FROM fds_party_links l JOIN fds_party_links g ON g.reception_id = a.id AND g.kind = 'AGENT'
            AND g.made_at <= q.recorded
        JOIN fds_party_links o ON o.value = l.value AND {_EARLIER}
            AND o.reported_at > q.at - interval '180 days'
        JOIN fds_party_links b ON b.reception_id = o.reception_id AND b.kind = 'AGENT'
            AND b.value = g.value AND b.made_at <= q.recorded
        JOIN fds_party_links c ON c.reception_id = o.reception_id AND c.kind = 'CUSTOMER'
            AND c.made_at <= q.recorded
        WHERE {_OWN} AND l.kind = 'PROVIDER'
    ), (
        SELECT count(DISTINCT o.reception_id)
        FROM fds_party_links l JOIN fds_party_links o ON o.value = l.value AND {_EARLIER}
        JOIN LATERAL (
            SELECT f.state FROM fds_labels f WHERE f.reception_id = o.reception_id
                AND f.decided_on < q.day AND f.decided_on >= q.day - interval '5 years'
                AND f.made_at <= q.recorded
            ORDER BY f.decided_on DESC, f.id DESC LIMIT 1
        ) s ON s.state IN ('CONFIRMED', 'REFERRED', 'DOUBTFUL')
        WHERE {_OWN} AND l.kind IN ('CUSTOMER', 'PERSON')
    )
    {_ASKED} ORDER BY a.row
""".format(
    shared=f"""
        FROM fds_party_links l
        JOIN fds_party_links o ON o.value = l.value AND o.reception_id <> a.id
            AND (o.reported_at, o.reception_id) < (q.at, a.id) AND o.made_at <= q.recorded
        JOIN fds_party_links c ON c.reception_id = o.reception_id AND c.kind = 'CUSTOMER'
            AND c.made_at <= q.recorded AND {_OWN}
    """
)
_RING = f"""
    SELECT a.row - 1, hashtextextended(l.value, 0), hashtextextended(o.reception_id, 0),
        hashtextextended(coalesce(p.value, o.reception_id), 0),
        coalesce((o.reception_id = a.id)::int, 0), coalesce(m.id, 0), coalesce(m.people, 0),
        coalesce(m.frauds, 0), EXISTS (
            SELECT 1 FROM (
                SELECT f.state FROM fds_labels f WHERE f.reception_id = o.reception_id
                    AND f.decided_on < q.day AND f.made_at <= q.recorded
                ORDER BY f.decided_on DESC, f.id DESC LIMIT 1
            ) s WHERE s.state = 'CONFIRMED')
    {_ASKED}
    JOIN fds_party_links l ON {_OWN} AND l.kind NOT IN ('PROVIDER', 'AGENT')
    CROSS JOIN LATERAL (
        SELECT a.id AS reception_id UNION ALL (
            SELECT o.reception_id FROM fds_party_links o WHERE o.value = l.value AND {_EARLIER}
            ORDER BY o.reported_at DESC, o.reception_id DESC LIMIT {rules.HUB})
    ) o
    LEFT JOIN LATERAL (
        SELECT p.value FROM fds_party_links p WHERE p.reception_id = o.reception_id
            AND p.kind = 'CUSTOMER' AND p.made_at <= q.recorded ORDER BY p.id LIMIT 1
    ) p ON true
    LEFT JOIN LATERAL (
        SELECT * FROM (
            SELECT c.id, c.people, c.frauds, c.households
            FROM fds_component_members m JOIN fds_components c ON c.id = m.component_id
            WHERE m.reception_id = o.reception_id AND c.as_of < q.day AND c.made_at <= q.recorded
            ORDER BY c.id DESC LIMIT 1
        ) latest WHERE latest.households > 1
    ) m ON true
    ORDER BY 1, 2, 3
"""
_RANK = f"""
    SELECT (1000000 * coalesce(max(r.rank), 0))::bigint
    {_ASKED}
    LEFT JOIN LATERAL (
        SELECT n.as_of FROM fds_network_runs n WHERE n.kind = 'RANKS' AND n.as_of < q.day
            AND n.made_at <= q.recorded ORDER BY n.as_of DESC LIMIT 1
    ) s ON true
    LEFT JOIN fds_party_links l ON {_OWN}
    LEFT JOIN fds_party_risk r ON r.as_of = s.as_of AND r.value = l.value
    GROUP BY a.row ORDER BY a.row
"""
_PEERS = f"""
    SELECT v.n, v.p
    {_ASKED}
    CROSS JOIN unnest(%(keys)s::text[]) WITH ORDINALITY AS w(key, place)
    CROSS JOIN LATERAL (
        SELECT count(*) AS n,
            (1000 * coalesce(
                percentile_cont(%(share)s) WITHIN GROUP (ORDER BY {{value}}), 0))::bigint AS p
        FROM fds_claim_facts f WHERE f.reception_id <> a.id AND f.known_at < q.at
            AND f.made_at <= q.recorded AND {{which}}
    ) v WHERE w.place = a.row ORDER BY a.row
"""
_STAY_PEERS = _PEERS.format(
    value="(f.facts ->> 'discharged_on')::date - (f.facts ->> 'admitted_on')::date + 1",
    which="f.facts ? 'discharged_on' AND f.facts ? 'admitted_on' AND w.key <> ''"
    " AND left(f.facts ->> 'kcd', 3) = w.key",
)
_SHARE_PEERS = _PEERS.format(
    value="(f.facts ->> 'non_benefit_percent')::float8",
    which="f.facts ? 'non_benefit_percent' AND w.key <> ''",
)
_NEAR = f"""
    SELECT count(DISTINCT o.reception_id)
    {_ASKED}
    LEFT JOIN fds_party_links l ON {_OWN} AND l.kind = 'CUSTOMER'
    LEFT JOIN fds_party_links o ON o.value = l.value AND o.kind = 'CUSTOMER' AND {_EARLIER}
        AND o.reported_at > q.at - interval '365 days' AND EXISTS (
            SELECT 1 FROM fds_claim_facts f JOIN claim_receptions c USING (reception_id)
            WHERE f.reception_id = o.reception_id AND f.made_at <= q.recorded
                AND c.claimed_amount >= 0.95 * (f.facts ->> 'simple_limit')::numeric
                AND c.claimed_amount < (f.facts ->> 'simple_limit')::numeric)
    GROUP BY a.row ORDER BY a.row
"""


def operands(moments: claims.Moments, codes: Collection[str]) -> catalogue.Operands:
    """Read what the rules of ``codes`` look at, as known at the moments; (n,) each."""
    found = claims.claim_columns(moments.reception_id.tolist())
    sold = contracts.contract_columns(found.contract_id)
    facts = facts_at(moments)
    gathered: dict[str, Any] = {
        "days": _gap(found.incident, sold.coverage_start),
        "claimed": found.claimed,
        "bodily": np.isin(found.claim_type, _BODILY),
        "death": found.claim_type == "DEATH",
        "report_gap_days": _gap(found.reported, found.incident),
        **_declared(facts, found),
    }
    for needed, read in _READERS.items():
        if set(needed) & set(codes):
            gathered |= read(moments, found, facts)
    return gathered


def _declared(facts: Sequence[dict[str, Any]], found: claims.ClaimColumns) -> dict[str, Any]:
    def number(name: str) -> Any:
        return np.asarray([one.get(name, np.nan) for one in facts], dtype=np.float64)

    def days_after(name: str) -> Any:
        days = np.asarray([one.get(name, "NaT") for one in facts], dtype="datetime64[D]")
        return _gap(found.incident, days)

    kinds = np.empty(len(facts), dtype=object)
    kinds[:] = [one.get("accident_type", "") for one in facts]
    overdue = np.fmin(days_after("overdue_paid_on"), days_after("reinstated_on"))
    return {
        "daily_benefit": number("daily_benefit"),
        "fault_percent": number("fault_percent"),
        "non_benefit_percent": number("non_benefit_percent"),
        "same_day_bills": number("same_day_bills"),
        "accident_type": kinds,
        "treatment_gap_days": -days_after("first_treated_on"),
        "overdue_days": overdue,
        "beneficiary_days": days_after("beneficiary_changed_on"),
        "other_contracts": np.nan_to_num(number("other_contracts_180")),
    }


def _bought(
    moments: claims.Moments, found: claims.ClaimColumns, facts: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    own = contracts.new_contracts(
        found.customer_id,
        found.incident - np.timedelta64(180, "D"),
        found.incident,
        moments.recorded,
    )
    others = [int(one.get("other_contracts_180", 0)) for one in facts]
    return {"contracts_180": own + np.asarray(others, dtype=np.int64)}


def _velocity(
    moments: claims.Moments, found: claims.ClaimColumns, facts: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    return {"accidents_365": claims.velocity(moments).accidents}


def _providers(
    moments: claims.Moments, found: claims.ClaimColumns, facts: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    window = claims.provider_window(moments)
    expected, total = expectations(moments, found)
    return {
        "pair_180": window.pair180,
        "pair_lift": rules.lift(window.pair180, window.agent180, window.n180, total),
        "provider_volume_z": rules.volume_z(window.n90, expected),
    }


def _together(
    moments: claims.Moments, found: claims.ClaimColumns, facts: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    names = (
        "companions",
        "met_again",
        "sharing_people",
        "sharing_degree",
        "documents_elsewhere",
        "pair_people",
        "suspected_before",
    )
    seen = read_columns(_TOGETHER, moments.params(), row="ints", **dict.fromkeys(names, "ints"))
    del seen["row"]
    own = seen["sharing_people"] > 0
    return seen | {
        "sharing_people": seen["sharing_people"] + own,
        "sharing_degree": seen["sharing_degree"] + own,
    }


def _ring(
    moments: claims.Moments, found: claims.ClaimColumns, facts: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    names = ("row", "value", "claim", "person", "own", "component", "people", "frauds")
    seen = read_columns(_RING, moments.params(), **dict.fromkeys(names, "ints"), fraud="flags")
    people, frauds = graphs.around(graphs.Near(**seen), len(moments.reception_id))
    rank = read_columns(_RANK, moments.params(), rank="ints")["rank"]
    return {"ring_people": people, "ring_frauds": frauds, "party_rank": rank / 1_000_000}


def _near(
    moments: claims.Moments, found: claims.ClaimColumns, facts: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    before = read_columns(_NEAR, moments.params(), n="ints")["n"]
    limits = np.asarray([one.get("simple_limit", np.nan) for one in facts], dtype=np.float64)
    now = (found.claimed >= 0.95 * limits) & (found.claimed < limits)
    return {"near_limit_365": np.where(now, before + 1, 0)}


def _stays(
    moments: claims.Moments, found: claims.ClaimColumns, facts: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    seen = read_columns(
        _STAYS,
        moments.params(),
        row="ints",
        provider="keys",
        admitted="keys",
        discharged="keys",
        kcd="keys",
    )
    earlier: list[list[stays.Stay]] = [[] for _ in facts]
    for row, provider, admitted, discharged, kcd in zip(
        *(seen[name].tolist() for name in seen), strict=True
    ):
        stay = stays.Stay(
            provider, date.fromisoformat(admitted), date.fromisoformat(discharged), kcd
        )
        earlier[row].append(stay)
    own = [_own_stay(one, code) for one, code in zip(facts, found.provider_code, strict=True)]
    counted = [
        stays.minor([*past, *([mine] if mine else [])], day.astype(object))
        for past, mine, day in zip(earlier, own, found.incident, strict=True)
    ]
    kcd = [one.kcd[:3] if one else "" for one in own]
    peers = _peers(_STAY_PEERS, moments, kcd, 0.95)
    return {
        "admissions_365": np.asarray([len(one) for one in counted]),
        "hospitals_365": np.asarray([len({s.provider for s in one}) for one in counted]),
        "days_in_hospital_365": np.asarray([sum(s.days for s in one) for one in counted]),
        "overlaps": np.asarray(
            [stays.overlaps(o, past) for o, past in zip(own, earlier, strict=True)]
        ),
        "stay_days": np.asarray([one.days if one else np.nan for one in own], dtype=np.float64),
        "stay_peers": peers["n"],
        "stay_p95": peers["p"] / 1000,
    }


def _own_stay(facts: dict[str, Any], provider_code: str) -> stays.Stay | None:
    if "admitted_on" not in facts or "discharged_on" not in facts:
        return None
    return stays.Stay(
        hashed("PROVIDER", provider_code) if provider_code else "",
        date.fromisoformat(facts["admitted_on"]),
        date.fromisoformat(facts["discharged_on"]),
        facts.get("kcd", ""),
    )


def _shares(
    moments: claims.Moments, found: claims.ClaimColumns, facts: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    asked = ["yes" if "non_benefit_percent" in one else "" for one in facts]
    peers = _peers(_SHARE_PEERS, moments, asked, 0.99)
    return {"share_peers": peers["n"], "share_p99": peers["p"] / 1000}


def _peers(sql: str, moments: claims.Moments, keys: list[str], share: float) -> dict[str, Any]:
    if not any(keys):
        none = np.zeros(len(keys), dtype=np.int64)
        return {"n": none, "p": none}
    params = moments.params() | {"keys": keys, "share": share}
    return read_columns(sql, params, n="ints", p="ints")


_READERS: dict[tuple[str, ...], Any] = {
    ("R05",): _bought,
    ("R13",): _velocity,
    ("R11", "R12"): _providers,
    ("R10", "R11", "R14", "R15", "R19", "R23"): _together,
    ("R16",): _ring,
    ("R20",): _near,
    ("R07", "R08", "R09"): _stays,
    ("R18",): _shares,
}


def _gap(later: Any, earlier: Any) -> Any:
    gap = (later - earlier).astype("timedelta64[D]")
    return np.where(np.isnat(gap), np.nan, gap.astype(np.float64))
