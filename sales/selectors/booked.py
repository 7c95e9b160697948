"""What is booked on contracts already: first years, advances, stakes, states. Set-based reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from core.bulk import read_columns
from core.columns import Days, Ints, Keys
from sales.models import Commission

COUNTED = frozenset({"NEW", "RENEWAL", "MAINTAIN", "INCENTIVE", "SUPPORT", "ADVANCE"})
"""What counts against a product's own cap; a plan's regime says what counts against its cap."""


def _rows(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def issue_dates(contract_ids: Keys) -> dict[str, date]:
    """Return the contract dates that the sales record has, by contract."""
    return dict(
        _rows(
            "SELECT contract_id, issued_on FROM sales_records WHERE contract_id = ANY(%(ids)s)",
            {"ids": contract_ids.tolist()},
        )
    )


def first_year(contract_ids: Iterable[str], kinds: Iterable[str]) -> dict[str, int]:
    """Return what the first year of contracts was paid so far by the kinds that count, won."""
    found = _rows(
        "SELECT contract_id, sum(amount)::bigint FROM commissions"
        " WHERE contract_id = ANY(%(ids)s) AND kind = ANY(%(kinds)s) AND instalment <= 12"
        " GROUP BY 1",
        {"ids": list(contract_ids), "kinds": sorted(kinds)},
    )
    return dict(found)


def outstanding(contract_ids: Iterable[str]) -> dict[tuple[str, str], int]:
    """Return advances not redeemed yet by (contract, agent), won; settled ones are absent."""
    found = _rows(
        "SELECT contract_id, agent_id, sum(amount)::bigint FROM commissions"
        " WHERE contract_id = ANY(%(ids)s) AND kind = ANY(%(kinds)s)"
        " GROUP BY 1, 2 HAVING sum(amount) <> 0",
        {"ids": sorted(set(contract_ids)), "kinds": list(Commission.ADVANCES)},
    )
    return {(contract, agent): won for contract, agent, won in found}


@dataclass(frozen=True, slots=True)
class Stake:
    """What an agent has at stake on a contract, won.

    Args:
        earned: commissions that an early end takes back in part.
        recovered: taken back so far less restored so far.
        outstanding: of advances, not redeemed and not taken back.
        due: when the last commission falls due.
        moves: how many recoveries and restorations the contract has.
    """

    contract_id: str
    agent_id: str
    earned: int
    recovered: int
    outstanding: int
    due: date
    moves: int


def stakes(contract_ids: Keys) -> list[Stake]:
    """Return what agents have at stake on contracts, by contract and agent."""
    found = _rows(
        """
        SELECT contract_id, agent_id,
            coalesce(sum(amount) FILTER (WHERE kind = ANY(%(stake)s)), 0)::bigint,
            coalesce(-sum(amount) FILTER (WHERE kind IN ('CLAWBACK', 'RESTORED')), 0)::bigint,
            coalesce(sum(amount) FILTER (WHERE kind = ANY(%(advances)s)), 0)::bigint,
            max(payment_date) FILTER (WHERE kind NOT IN ('CLAWBACK', 'RECALL')),
            sum(count(*) FILTER (WHERE kind IN ('CLAWBACK', 'RESTORED', 'RECALL')))
                OVER (PARTITION BY contract_id)::int
        FROM commissions WHERE contract_id = ANY(%(ids)s)
        GROUP BY contract_id, agent_id ORDER BY contract_id, agent_id
        """,
        {
            "ids": contract_ids.tolist(),
            "stake": list(Commission.AT_STAKE),
            "advances": list(Commission.ADVANCES),
        },
    )
    return [Stake(*row) for row in found]


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """Contracts as the sales record has them, with the version of their commissions, (n,) each."""

    contract_id: Keys
    product_code: Keys
    version: Ints
    issued_on: Days
    kind: Keys
    paid: Ints


def states(contract_ids: Iterable[str]) -> States:
    """Return the state of contracts that have commissions."""
    return States(
        **read_columns(
            """
            SELECT r.contract_id, r.product_code, c.version, r.issued_on, r.ended_kind,
                r.ended_paid
            FROM sales_records r JOIN (
                SELECT contract_id, max(version) AS version FROM commissions
                WHERE contract_id = ANY(%(ids)s) GROUP BY 1
            ) c USING (contract_id) ORDER BY r.contract_id
            """,
            {"ids": sorted(set(contract_ids))},
            contract_id="keys",
            product_code="keys",
            version="ints",
            issued_on="days",
            kind="keys",
            paid="ints",
        )
    )
