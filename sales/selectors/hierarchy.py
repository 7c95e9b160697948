"""Who stands above whom on a day, and who shares a contract."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from core.bulk import read_columns
from core.columns import Ints, Keys, as_column
from sales import rules
from sales.models import AgentPost

_UP = """
    WITH RECURSIVE up(agent_id) AS (
        SELECT unnest(%(ids)s::varchar[])
        UNION
        SELECT p.reports_to FROM up JOIN agent_posts p ON p.agent_id = up.agent_id
            AND p.period @> %(day)s::date WHERE p.reports_to IS NOT NULL
    )
    SELECT a.agent_id, coalesce(p.rank, a.rank), coalesce(p.tier, ''), coalesce(p.reports_to, ''),
        a.status = 'ACTIVE' AND (a.retired_on IS NULL OR a.retired_on > %(day)s),
        (a.commission_rate * 100)::int, a.channel
    FROM up JOIN agents a USING (agent_id)
    LEFT JOIN agent_posts p ON p.agent_id = a.agent_id AND p.period @> %(day)s::date
"""


@dataclass(frozen=True, slots=True)
class Payees:
    """Agents and everybody above them on a day.

    Args:
        posts: where each stands.
        factor: commission factor, hundredths.
        channel: EXCLUSIVE or GA.
    """

    posts: dict[str, rules.Post]
    factor: dict[str, int]
    channel: dict[str, str]


def payees(agent_ids: Iterable[str], day: date) -> Payees:
    """Return agents with everybody above them as they stand on a day; unknown ids are absent."""
    found = Payees({}, {}, {})
    with connection.cursor() as cursor:
        cursor.execute(_UP, {"ids": sorted(set(agent_ids)), "day": day})
        for agent_id, rank, tier, above, active, factor, channel in cursor.fetchall():
            found.posts[agent_id] = rules.Post(rank, tier, above, active)
            found.factor[agent_id] = factor
            found.channel[agent_id] = channel
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Who gets which share (hundredths of a percent) of which contract, (n,) each."""

    contract_id: Keys
    agent_id: Keys
    share: Ints

    def __len__(self) -> int:
        return len(self.contract_id)


def shares_on(contract_ids: Keys, day: date) -> Shares:
    """Return the shares of contracts that count on a day; contracts without shares are absent."""
    return Shares(
        **read_columns(
            """
            SELECT s.contract_id, s.agent_id, s.share FROM contract_shares s JOIN (
                SELECT contract_id, max(starts_on) AS starts_on FROM contract_shares
                WHERE contract_id = ANY(%(ids)s) AND starts_on <= %(day)s GROUP BY contract_id
            ) l USING (contract_id, starts_on) ORDER BY s.contract_id, s.share DESC, s.agent_id
            """,
            {"ids": contract_ids.tolist(), "day": day},
            contract_id="keys",
            agent_id="keys",
            share="ints",
        )
    )


def posts_of(agent_id: str) -> list[AgentPost]:
    """Return where an agent stood, the newest first."""
    rows = AgentPost.objects.filter(agent_id=agent_id).select_related("reports_to")
    return list(rows.order_by("-period"))


def current_shares(contract_id: str, day: date) -> list[tuple[str, int]]:
    """Return who shares a contract on a day, in hundredths of a percent; none: the seller alone."""
    found = shares_on(as_column("keys", [contract_id]), day)
    return list(zip(found.agent_id.tolist(), found.share.tolist(), strict=True))
