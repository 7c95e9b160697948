"""Which group a contract belongs to, in columns, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Count
from numpy.typing import NDArray

from accounting.models import ContractGroup, ProfitabilityTest
from accounting.models.groups import Profitability
from accounting.rules.groups import code_of
from accounting.rules.locked import Recognised
from core.bulk import read_columns
from core.columns import Ints, Keys, distinct

_MANY = 50_000
"""Contracts from which the whole table is read instead of asked for row by row."""


def groups_of(contract_ids: Keys, line: Keys, cohort_year: Ints) -> Keys:
    """Return the group of each contract, (n,).

    Args:
        contract_ids: business numbers.
        line: portfolio, and
        cohort_year: year of issue of each: contracts that no test was made for belong to the
            remaining contracts of their cohort.
    """
    found = _read_all(contract_ids) if len(contract_ids) > _MANY else _read(contract_ids)
    missing = found == ""
    if missing.any():
        found[missing] = remaining(line[missing], cohort_year[missing])
    return found


def remaining(line: NDArray[Any], cohort_year: Ints) -> Keys:
    """Return the groups of remaining contracts by portfolio and cohort, (n,)."""
    first, index = distinct(line, cohort_year)
    codes = np.empty(len(first), dtype=object)
    codes[:] = [code_of(str(line[row]), int(cohort_year[row])) for row in first]
    return np.asarray(codes[index], object)


def _read(contract_ids: Keys) -> Keys:
    wanted, index = np.unique(np.asarray(contract_ids, dtype=object), return_inverse=True)
    found = read_columns(
        "SELECT a.row, m.group_code FROM unnest(%s::text[]) WITH ORDINALITY AS a(id, row)"
        " LEFT JOIN group_members m ON m.contract_id = a.id ORDER BY a.row",
        [wanted.tolist()],
        row="ints",
        group="keys",
    )
    return np.asarray(found["group"][index], object)


def _read_all(contract_ids: Keys) -> Keys:
    rows = read_columns(
        "SELECT contract_id, group_code FROM group_members", contract_id="keys", group="keys"
    )
    known = dict(zip(rows["contract_id"].tolist(), rows["group"].tolist(), strict=True))
    found = np.empty(len(contract_ids), dtype=object)
    found[:] = [known.get(one, "") for one in contract_ids.tolist()]
    return found


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why contracts are in their group, over all tests of it; won at issue, outflow positive.

    Args:
        group: its code.
        result: ONEROUS, SAFE or OTHER.
        contracts: how many were given it; ``untested`` of them without a test.
        sets: how many sets of alike contracts were tested.
        premiums, fulfilment, worst: present values of all contracts; ``worst`` under stress.
        lowest, highest: fulfilment of a set per won of its premiums.
        assumption_sets, curves: versions that the tests used.
    """

    group: str
    result: str
    contracts: int
    untested: int
    sets: int
    premiums: int
    fulfilment: int
    worst: int
    lowest: float
    highest: float
    assumption_sets: list[int]
    curves: list[int]

    @property
    def ratio(self) -> float | None:
        """Fulfilment cash flows per won of premiums; None without a test."""
        return self.fulfilment / self.premiums if self.premiums else None

    @property
    def label(self) -> str:
        """What was known at issue, in words."""
        return str(Profitability(self.result).label)


@dataclass(frozen=True, slots=True)
class TestedSet:
    """One set of alike contracts with its test; won of one contract."""

    test: ProfitabilityTest
    contracts: int

    @property
    def ratio(self) -> float:
        """Fulfilment cash flows per won of premiums."""
        return float(self.test.fulfilment / self.test.premiums) if self.test.premiums else 0.0

    @property
    def stressed(self) -> float:
        """The same in the worst scenario."""
        return float(self.test.worst / self.test.premiums) if self.test.premiums else 0.0


def recognised(day: date) -> dict[str, list[Recognised]]:
    """Return by group what joined it by a day: month, curve and outflows at issue.

    A contract without a test weighs one won: it counts only among its like.
    """
    found: dict[str, list[Recognised]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT m.group_code, (extract(year FROM m.month) * 12 + extract(month FROM m.month)
                - 23641)::int, coalesce(c.version, 0),
                greatest(1, round(sum(m.n * coalesce(t.outflows, 1))))::bigint
            FROM (
                SELECT group_code, test_id, date_trunc('month', recognised_on) AS month,
                    count(*) AS n
                FROM group_members WHERE recognised_on <= %s GROUP BY 1, 2, 3
            ) m
            LEFT JOIN profitability_tests t ON t.key = m.test_id
            LEFT JOIN yield_curves c ON c.id = t.curve_id
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """,
            [day],
        )
        for group, month, curve, weight in cursor.fetchall():
            found.setdefault(group, []).append(Recognised(month, curve, weight))
    return found


def evidence() -> dict[str, Evidence]:
    """Return the evidence of every group by its code."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT g.group_code, g.profitability, coalesce(sum(m.n), 0)::bigint,
                coalesce(sum(m.n) FILTER (WHERE m.test_id IS NULL), 0)::bigint, count(t.key),
                coalesce(round(sum(m.n * t.premiums)), 0)::bigint,
                coalesce(round(sum(m.n * t.fulfilment)), 0)::bigint,
                coalesce(round(sum(m.n * t.worst)), 0)::bigint,
                coalesce(min(t.fulfilment / nullif(t.premiums, 0)), 0)::float,
                coalesce(max(t.fulfilment / nullif(t.premiums, 0)), 0)::float,
                array_remove(array_agg(DISTINCT a.version ORDER BY a.version), NULL),
                array_remove(array_agg(DISTINCT c.version ORDER BY c.version), NULL)
            FROM contract_groups g
            LEFT JOIN (
                SELECT group_code, test_id, count(*) AS n FROM group_members GROUP BY 1, 2
            ) m ON m.group_code = g.group_code
            LEFT JOIN profitability_tests t ON t.key = m.test_id
            LEFT JOIN assumption_sets a ON a.id = t.assumption_set_id
            LEFT JOIN yield_curves c ON c.id = t.curve_id
            WHERE g.kind = 'ISSUED' GROUP BY 1, 2 ORDER BY 1
            """
        )
        return {row[0]: Evidence(*row) for row in cursor.fetchall()}


def line_of(group: str) -> str:
    """Return the portfolio of a group."""
    return ContractGroup.objects.get(pk=group).line


def sets_of(group: str, *, most: int = 30) -> list[TestedSet]:
    """Return the sets of a group with most contracts, each with its test."""
    found = (
        ProfitabilityTest.objects.filter(members__group_id=group)
        .annotate(contracts=Count("members"))
        .order_by("-contracts", "key")[:most]
    )
    return [TestedSet(test, test.contracts) for test in found.select_related("curve")]
