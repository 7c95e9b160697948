"""Rings: claims held together by shared telephones, accounts, addresses, vehicles and persons.

Source: connected components of the bipartite graph of claims and party values, hubs cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.columns import Days, Flags, Ints, Keys

HUB = 20
FEWEST_PEOPLE = 3
TOGETHER = np.timedelta64(60, "D")
SHORT_TERM = 30


@dataclass(frozen=True, slots=True)
class Bonds:
    """Which claim has which party, (m,) each.

    Args:
        claim: row of the claim.
        value: hash of the party.
        person: hash of the claim's insured person.
    """

    claim: Ints
    value: Keys
    person: Keys


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of the graph, (n,) each.

    Args:
        person: hash of the insured person.
        provider: code; empty: none.
        reported: day.
        tenure: days from the start of cover to the accident.
        fraud: established, as known on the day.
        amount: claimed, won.
    """

    person: Keys
    provider: Keys
    reported: Days
    tenure: Ints
    fraud: Flags
    amount: Ints


@dataclass(frozen=True, slots=True)
class Group:
    """A component: rows of its claims, and what speaks for a ring."""

    rows: NDArray[np.int64]
    people: int
    frauds: int
    short_term: int
    same_provider: int
    amount: int

    @property
    def flagged(self) -> bool:
        """Whether it looks like a ring: known frauds, or new contracts at one provider."""
        if self.people < FEWEST_PEOPLE:
            return False
        staged = self.short_term >= FEWEST_PEOPLE and self.same_provider >= FEWEST_PEOPLE
        return self.frauds >= 2 or staged


def components(bonds: Bonds, rows: int) -> NDArray[np.int64]:
    """Number the components of the claims.

    A value that more than ``HUB`` different people share (a call centre, an agency) is cut.

    Args:
        bonds: (m,) claims and values; provider and agent are no bonds.
        rows: number of claims.

    Returns:
        (rows,) number of each claim's component.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if not len(bonds.claim):
        return np.arange(rows, dtype=np.int64)
    _values, code = np.unique(bonds.value.astype(str), return_inverse=True)
    _people, who = np.unique(bonds.person.astype(str), return_inverse=True)
    pairs = np.unique(np.column_stack([code, who]), axis=0)
    people = np.bincount(pairs[:, 0], minlength=len(_values))
    kept = people[code] <= HUB
    nodes = rows + len(_values)
    graph = coo_matrix(
        (np.ones(int(kept.sum()), np.int8), (bonds.claim[kept], rows + code[kept])),
        shape=(nodes, nodes),
    )
    _count, number = connected_components(graph, directed=False)
    return np.asarray(number[:rows], dtype=np.int64)


def groups(number: NDArray[np.int64], claims: Claims) -> list[Group]:
    """Describe the components that hold at least two people, largest first.

    Args:
        number: (n,) component of each claim.
        claims: (n,).
    """
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    found = []
    for rows in np.split(order, starts[1:]):
        people = len(set(claims.person[rows].tolist()))
        if people < 2:
            continue
        found.append(
            Group(
                rows=rows,
                people=people,
                frauds=int(claims.fraud[rows].sum()),
                short_term=_newcomers(claims, rows),
                same_provider=_together(claims, rows),
                amount=int(claims.amount[rows].sum()),
            )
        )
    return sorted(found, key=lambda one: (-one.people, -len(one.rows), int(one.rows[0])))


def _newcomers(claims: Claims, rows: NDArray[np.int64]) -> int:
    new = rows[(claims.tenure[rows] >= 0) & (claims.tenure[rows] <= SHORT_TERM)]
    return len(set(claims.person[new].tolist()))


def _together(claims: Claims, rows: NDArray[np.int64]) -> int:
    """Return the most different people at one provider within sixty days."""
    most = 0
    for provider in set(claims.provider[rows].tolist()) - {""}:
        mine = rows[claims.provider[rows] == provider]
        for day in claims.reported[mine]:
            within = (claims.reported[mine] >= day) & (claims.reported[mine] <= day + TOGETHER)
            most = max(most, len(set(claims.person[mine[within]].tolist())))
    return most
