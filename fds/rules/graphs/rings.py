"""Rings: claims held together by shared telephones, accounts, addresses, vehicles and persons.

Source: connected components of the bipartite graph of claims and party values, hubs cut;
Šubelj, Furlan and Bajec, Expert Systems with Applications 38 (2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.columns import Days, Flags, Ints, Keys

HUB = 20
FAMILY = 6
RELATIVE = 0.25
FEWEST_PEOPLE = 3
TOGETHER = np.timedelta64(60, "D")
SHORT_TERM = 30
BONDS = ("CUSTOMER", "PERSON", "PHONE", "ACCOUNT", "ADDRESS", "VEHICLE", "DOCUMENT")


@dataclass(frozen=True, slots=True)
class Bonds:
    """Which claim has which party, (m,) each; provider and agent are no bonds.

    Args:
        claim: row of the claim.
        value: number of the party.
        address: whether the party is an address.
    """

    claim: Ints
    value: Ints
    address: Flags


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims to describe, (n,) each.

    Args:
        person: number of the insured person.
        household: number of the household, see ``households``.
        provider: code; empty: none.
        reported: day.
        tenure: days from the start of cover to the accident.
        fraud: established, as known on the day.
        amount: claimed, won.
    """

    person: Ints
    household: Ints
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
    households: int
    frauds: int
    short_term: int
    same_provider: int
    amount: int

    @property
    def weight(self) -> float:
        """People, where each further member of a household counts a quarter."""
        return self.households + RELATIVE * (self.people - self.households)

    @property
    def flagged(self) -> bool:
        """Whether it looks like a ring: known frauds, or new contracts at one provider."""
        if self.weight < FEWEST_PEOPLE:
            return False
        staged = self.short_term >= FEWEST_PEOPLE and self.same_provider >= FEWEST_PEOPLE
        return self.frauds >= 2 or staged


def components(bonds: Bonds, person: Ints) -> Ints:
    """Number the components of the claims.

    A value that more than ``HUB`` different people share (a call centre, an agency) is cut.

    Args:
        bonds: (m,) claims and values.
        person: (n,) number of each claim's insured person.

    Returns:
        (n,) number of each claim's component.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    rows = len(person)
    if not len(bonds.claim):
        return np.arange(rows, dtype=np.int64)
    code, sharing = _sharing(bonds, person)
    kept = (sharing[code] <= HUB) & (np.bincount(code)[code] > 1)
    nodes = rows + len(sharing)
    graph = coo_matrix(
        (np.ones(int(kept.sum()), np.int8), (bonds.claim[kept], rows + code[kept])),
        shape=(nodes, nodes),
    )
    _count, number = connected_components(graph, directed=False)
    return np.asarray(number[:rows], dtype=np.int64)


def households(bonds: Bonds, person: Ints) -> Ints:
    """Number the household of each claim: people of one address, where they are few.

    An address of more than ``FAMILY`` people is a building: everybody is a household of one.

    Args:
        bonds: (m,) claims and values.
        person: (n,) number of each claim's insured person.

    Returns:
        (n,) equal numbers: one household.
    """
    _people, who = np.unique(person, return_inverse=True)
    at = bonds.address
    if not at.any():
        return np.asarray(who, dtype=np.int64)
    homes = Bonds(bonds.claim[at], bonds.value[at], at[at])
    code, sharing = _sharing(homes, person)
    small = sharing[code] <= FAMILY
    first = np.full(len(_people), np.iinfo(np.int64).max)
    np.minimum.at(first, who[homes.claim[small]], code[small])
    home = np.where(first < np.iinfo(np.int64).max, first, len(sharing) + np.arange(len(_people)))
    return np.asarray(home[who], dtype=np.int64)


def _sharing(bonds: Bonds, person: Ints) -> tuple[Ints, Ints]:
    """Return the code of each bond's value, and how many people share each value."""
    values, code = np.unique(bonds.value, return_inverse=True)
    _people, who = np.unique(person[bonds.claim], return_inverse=True)
    pairs = np.unique(code.astype(np.int64) * (int(who.max()) + 1) + who)
    sharing = np.bincount(pairs // (int(who.max()) + 1), minlength=len(values))
    return np.asarray(code, dtype=np.int64), np.asarray(sharing, dtype=np.int64)


def groups(number: Ints, claims: Claims) -> list[Group]:
    """Describe components, the largest first.

    Args:
        number: (n,) component of each claim.
        claims: (n,).
    """
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    found = [
        Group(
            rows=rows,
            people=len(np.unique(claims.person[rows])),
            households=len(np.unique(claims.household[rows])),
            frauds=int(claims.fraud[rows].sum()),
            short_term=_newcomers(claims, rows),
            same_provider=_together(claims, rows),
            amount=int(claims.amount[rows].sum()),
        )
        for rows in np.split(order, starts[1:])
        if len(rows)
    ]
    return sorted(found, key=lambda one: (-one.people, -len(one.rows), int(one.rows[0])))


def _newcomers(claims: Claims, rows: NDArray[np.int64]) -> int:
    new = rows[(claims.tenure[rows] >= 0) & (claims.tenure[rows] <= SHORT_TERM)]
    return len(np.unique(claims.person[new]))


def _together(claims: Claims, rows: NDArray[np.int64]) -> int:
    """Return the most different people at one provider within sixty days."""
    most = 0
    for provider in set(claims.provider[rows].tolist()) - {""}:
        mine = rows[claims.provider[rows] == provider]
        for day in claims.reported[mine]:
            within = (claims.reported[mine] >= day) & (claims.reported[mine] <= day + TOGETHER)
            most = max(most, len(np.unique(claims.person[mine[within]])))
    return most
