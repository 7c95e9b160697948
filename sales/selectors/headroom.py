"""How much of its first-year cap a contract has used, and what is left."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from core.permissions import Scope
from sales import rules
from sales.access import visible
from sales.models import Agent
from sales.selectors import catalogue, plans

MOST = 2_000
_ROWS = """
    SELECT r.contract_id, r.agent_id, r.product_code, c.version, r.premium::bigint, r.issued_on,
        a.channel, a.rank, (a.commission_rate * 100)::int,
        coalesce(p.tier, ''), c.plan_id, c.paid, c.grants, c.last
    FROM sales_records r JOIN agents a USING (agent_id)
    LEFT JOIN agent_posts p ON p.agent_id = r.agent_id AND p.period @> %(day)s::date
    JOIN LATERAL (
        SELECT max(version) AS version, coalesce(max(plan_id), '') AS plan_id,
            count(*) FILTER (WHERE kind IN ('INCENTIVE', 'SUPPORT'))::int AS grants,
            coalesce(max(instalment) FILTER (WHERE kind IN ('NEW', 'RENEWAL', 'MAINTAIN')), 0)
                AS last,
            coalesce(jsonb_object_agg(kind, won) FILTER (WHERE kind IS NOT NULL), '{}') AS paid
        FROM (
            SELECT kind, version, plan_id, instalment,
                sum(amount) FILTER (WHERE instalment <= 12) OVER (PARTITION BY kind)::bigint AS won
            FROM commissions WHERE contract_id = r.contract_id
        ) l
    ) c ON c.version IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Room:
    """The first year of one contract, won.

    Args:
        cap: what it may be paid; 0 without a cap.
        paid: what counts and was paid.
        scheduled: what the schedule still pays in the first year.
        month: month of the contract, from 1; grants after the twelfth do not count.
        grants: how many incentives and supports it had.
        kinds: what counts.
    """

    contract_id: str
    agent_id: str
    product_code: str
    version: int
    line: str
    premium: int
    issued_on: date
    plan_id: str
    regime: str
    cap: int
    paid: int
    scheduled: int
    month: int
    grants: int
    kinds: frozenset[str]

    @property
    def left(self) -> int:
        """What may still be granted."""
        return self.cap - self.paid - self.scheduled

    @property
    def used(self) -> float:
        """Share of the cap that is paid or scheduled."""
        return (self.paid + self.scheduled) / self.cap if self.cap else 0.0

    def counts(self, kind: str) -> bool:
        """Say whether a kind of line counts against the cap now."""
        return kind in self.kinds and self.month <= rules.FIRST_YEAR


def rooms(contract_ids: Iterable[str], day: date) -> list[Room]:
    """Return the first-year cap of contracts that have earned."""
    wanted = sorted({str(one) for one in contract_ids})
    return _rooms(f"{_ROWS} WHERE r.contract_id = ANY(%(ids)s)", {"ids": wanted, "day": day})


def board(scope: Scope, day: date, *, limit: int = MOST) -> list[Room]:
    """Return the newest contracts in their first year that a scope may see, the fullest first."""
    where = f"{_ROWS} WHERE r.issued_on > %(since)s AND r.ended_on IS NULL"
    params: dict[str, Any] = {"day": day, "since": _year_before(day), "limit": limit}
    if scope.own is not None:
        where += " AND r.agent_id = %(own)s"
        params["own"] = scope.own
    elif scope.branch is not None:
        where += " AND a.branch_code = %(branch)s"
        params["branch"] = scope.branch
    rows = _rooms(f"{where} ORDER BY r.issued_on DESC, r.contract_id LIMIT %(limit)s", params)
    return sorted(rows, key=lambda room: (-room.used, room.contract_id))


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28))


def _rooms(sql: str, params: dict[str, Any]) -> list[Room]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = cursor.fetchall()
    return [_room(row, params["day"]) for row in found]


def _room(row: tuple[Any, ...], day: date) -> Room:
    (contract, agent, code, version, premium, issued, channel, rank, factor, tier) = row[:10]
    plan_id, paid_json, grants, last = row[10:]
    regime = plans.regime_on(issued)
    kinds = regime.counted(channel) if regime else frozenset()
    month = (day.year - issued.year) * 12 + day.month - issued.month + (day.day >= issued.day)
    paid_by_kind = paid_json if isinstance(paid_json, dict) else json.loads(paid_json)
    paid = sum(int(won or 0) for kind, won in paid_by_kind.items() if kind in kinds)
    multiple = regime.multiple(channel) if regime and kinds else 0
    return Room(
        contract_id=contract,
        agent_id=agent,
        product_code=code,
        version=version,
        line=catalogue.version(code, version).line,
        premium=premium,
        issued_on=issued,
        plan_id=plan_id,
        regime=regime.code if regime else "",
        cap=premium * multiple // rules.FACTOR,
        paid=paid,
        scheduled=_scheduled(code, version, plan_id, issued, premium, factor, tier, rank, last),
        month=max(1, month),
        grants=grants,
        kinds=kinds,
    )


def _scheduled(
    code: str,
    version: int,
    plan_id: str,
    issued: date,
    premium: int,
    factor: int,
    tier: str,
    rank: str,
    last: int,
) -> int:
    """Return what instalments after the last earned one still pay in the first year, won."""
    for plan in plans.active([code]).get(code, []):
        if plan.starts <= issued < plan.ends:
            row = plan.scheme.rates[plan.scheme.tier_of([tier])[0], plan.scheme.rank_of([rank])[0]]
            rates = row[last + 1 : rules.FIRST_YEAR + 1]
            break
    else:
        rule = catalogue.commission_plan(code, version)[1]
        later = (rule.instalments > last) & (rule.instalments <= rules.FIRST_YEAR)
        rates = rule.rates[later]
    return int(rules.half_up(premium * rates * factor, rules.PERCENT * rules.FACTOR).sum())


def within(room: Room, scope: Scope) -> bool:
    """Say whether the seller of a contract lies in a scope."""
    return visible(Agent.objects.filter(agent_id=room.agent_id), scope, agent="").exists()
