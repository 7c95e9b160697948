"""Rings: claims held together by shared telephones, accounts, addresses, vehicles and persons.

Source: connected components of the bipartite graph of claims and party values, hubs cut;
Šubelj, Furlan and Bajec, Expert Systems with Applications 38 (2011).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.columns import Days, Flags, Ints, Keys

from .pairs import Ties, blocks

HUB = 20
FAMILY = 6
RELATIVE = 0.25
CHANCE = 0.1
FEWEST_PEOPLE = 3
TOGETHER = np.timedelta64(60, "D")
SHORT_TERM = 30
APART = np.timedelta64(30, "D")
MEETING, A_DAY = 99, 1_000_000
ADDRESS, PERSON = 0, 1
BONDS = ("CUSTOMER", "PERSON", "PHONE", "ACCOUNT", "ADDRESS", "VEHICLE", "DOCUMENT")


@dataclass(frozen=True, slots=True)
class Bonds:
    """Which claim has which party, (m,) each; provider and agent are no bonds.

    Args:
        claim: row of the claim.
        value: number of the party.
        sort: of the party: 0 an address, 1 a person, others as they come.
    """

    claim: Ints
    value: Ints
    sort: Ints

    @property
    def address(self) -> Flags:
        """Whether the party is an address."""
        return np.asarray(self.sort == ADDRESS, dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims to describe, (n,) each.

    Args:
        person: number of the insured person.
        household: number of the household, see ``households``.
        provider: code; empty: none.
        incident, reported: days.
        tenure: days from the start of cover to the accident.
        fraud: established, as known on the day.
        amount: claimed, won.
    """

    person: Ints
    household: Ints
    provider: Keys
    incident: Days
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
    ties: int
    chance: float
    amount: int

    @property
    def weight(self) -> float:
        """People, where each further member of a household counts a quarter."""
        return self.households + RELATIVE * (self.people - self.households)

    @property
    def flagged(self) -> bool:
        """Whether it looks like a ring.

        Tight: held together by strong ties, see ``parts``. Guilty: so many established frauds that
        chance would put them into a component of one network in ten.
        """
        guilty = self.frauds >= 2 and self.chance < CHANCE
        return self.weight >= FEWEST_PEOPLE and (guilty or self.ties > 0)


def components(bonds: Bonds, person: Ints) -> Ints:
    """Number the components of the claims.

    A value that more than ``HUB`` different people share (a call centre, an agency) is cut, an
    address from more than ``FAMILY`` people on (a building).

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
    kept = _telling(bonds, code, sharing) & (np.bincount(code)[code] > 1)
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
    homes = Bonds(bonds.claim[at], bonds.value[at], bonds.sort[at])
    code, sharing = _sharing(homes, person)
    small = sharing[code] <= FAMILY
    first = np.full(len(_people), np.iinfo(np.int64).max)
    np.minimum.at(first, who[homes.claim[small]], code[small])
    home = np.where(first < np.iinfo(np.int64).max, first, len(sharing) + np.arange(len(_people)))
    return np.asarray(home[who], dtype=np.int64)


def telling(bonds: Bonds, person: Ints) -> Bonds:
    """Return the bonds without those of hubs: switchboards, agencies, buildings.

    Args:
        bonds: (m,) claims and values of the whole network.
        person: (n,) number of each claim's insured person.
    """
    if not len(bonds.claim):
        return bonds
    kept = _telling(bonds, *_sharing(bonds, person))
    return Bonds(bonds.claim[kept], bonds.value[kept], bonds.sort[kept])


def _telling(bonds: Bonds, code: Ints, sharing: Ints) -> Flags:
    return np.asarray(sharing[code] <= np.where(bonds.address, FAMILY, HUB), dtype=np.bool_)


def _sharing(bonds: Bonds, person: Ints) -> tuple[Ints, Ints]:
    """Return the code of each bond's value, and how many people share each value."""
    values, code = np.unique(bonds.value, return_inverse=True)
    people, who = np.unique(person[bonds.claim], return_inverse=True)
    pairs = np.unique(code.astype(np.int64) * (len(people) + 1) + who)
    sharing = np.bincount(pairs // (len(people) + 1), minlength=len(values))
    return np.asarray(code, dtype=np.int64), np.asarray(sharing, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Parts:
    """Components after their tight parts were taken out.

    Args:
        number: (n,) component of each claim.
        strong: (components,) strong ties in a tight part, 0 for the others.
    """

    number: Ints
    strong: Ints


def parts(bonds: Bonds, claims: Claims) -> Parts:
    """Take out of components what strong ties hold together; the rest stays as it is.

    Households are strongly tied if they meet in two of these ways: a telephone, an account, a
    vehicle, a document; an accident, each day of one anew; and newcomers who share any of these
    and come to one provider within thirty days of each other. Of a household only those take part
    who have such a tie themselves.

    Args:
        bonds: (m,) claims and values, of the given claims only.
        claims: (n,).
    """
    homes, household = np.unique(claims.household, return_inverse=True)
    ties, who, count = _ties(bonds, claims, np.asarray(household, dtype=np.int64), len(homes))
    block, strong = blocks(ties, count)
    _people, person = np.unique(claims.person, return_inverse=True)
    shared = np.unique(np.column_stack([block[ties.household], ties.value, ties.household]), axis=0)
    shared = shared[shared[:, 0] >= 0]
    pairs, several = np.unique(shared[:, :2], axis=0, return_counts=True)
    telling = {(int(b), int(v)) for b, v in pairs[several > 1].tolist()}
    mine = np.full(len(_people), -1, dtype=np.int64)
    for b, v, p in zip(block[ties.household].tolist(), ties.value.tolist(), who.tolist(),
                       strict=True):  # fmt: skip
        if p >= 0 and (b, v) in telling:
            mine[person[p]] = b
    of_claim = mine[person]
    people = _distinct(of_claim, person, len(strong))
    several = _distinct(of_claim, household, len(strong))
    tight = several + RELATIVE * (people - several) >= FEWEST_PEOPLE
    inside = (of_claim >= 0) & np.append(tight, False)[of_claim]
    rest = components(_outside(bonds, inside), claims.person)
    numbers, number = np.unique(np.where(inside, of_claim, len(strong) + rest), return_inverse=True)
    found = np.zeros(len(numbers), dtype=np.int64)
    found[number[inside]] = strong[of_claim[inside]]
    return Parts(np.asarray(number, dtype=np.int64), found)


def _ties(bonds: Bonds, claims: Claims, household: Ints, homes: int) -> tuple[Ties, Ints, int]:
    """Return who shares what, by which claim (-1: an outsider), and how many households there are.

    People are tied by the claim on which they meet, not by each other's name: who was in two
    accidents has met two sides, who never met each other.
    """
    code, sharing = _sharing(bonds, claims.person)
    told = _telling(bonds, code, sharing) & ~bonds.address
    things, people = told & (bonds.sort != PERSON), told & (bonds.sort == PERSON)
    names, place = np.unique(
        np.concatenate([claims.person, bonds.value[people]]), return_inverse=True
    )
    home_of = homes + np.arange(len(names))  # an outsider is a household of one
    known = np.full(len(names), -1)
    insured, named = place[: len(claims.person)], place[len(claims.person) :]
    home_of[insured], known[insured] = household, np.arange(len(claims.person))
    met = _meetings(claims)[bonds.claim]
    both = things & (met >= 0)
    together = code[both] * (int(met.max(initial=0)) + 1) + met[both]
    day = claims.incident[bonds.claim[people]].astype(np.int64) + A_DAY
    first = len(sharing)
    second = first + len(claims.person)
    owner = household[bonds.claim]
    ties = Ties(
        household=np.concatenate([owner[things], home_of[named], owner[both]]),
        value=np.concatenate([code[things], first + bonds.claim[people], second + together]),
        way=np.concatenate([bonds.sort[things], day, np.full(int(both.sum()), MEETING)]),
    )
    who = np.concatenate([bonds.claim[things], known[named], bonds.claim[both]])
    return ties, who, homes + len(names)


def _outside(bonds: Bonds, inside: Flags) -> Bonds:
    free = ~inside[bonds.claim]
    return Bonds(bonds.claim[free], bonds.value[free], bonds.sort[free])


def _meetings(claims: Claims) -> Ints:
    """Return for each newcomer's claim where and when newcomers met, -1 for the others."""
    found = np.full(len(claims.person), -1, dtype=np.int64)
    new = np.flatnonzero(
        (claims.tenure >= 0) & (claims.tenure <= SHORT_TERM) & (claims.provider != "")
    )
    if not len(new):
        return found
    _codes, provider = np.unique(claims.provider[new].astype(str), return_inverse=True)
    order = np.lexsort((claims.reported[new], provider))
    apart = np.diff(provider[order], prepend=-1) != 0
    apart[1:] |= np.diff(claims.reported[new][order]) > APART
    found[new[order]] = np.cumsum(apart) - 1
    return found


def _distinct(number: Ints, column: Ints, count: int) -> Ints:
    """Return how many distinct values of a column each number has; negative numbers are left."""
    kept = number >= 0
    pairs = np.unique(np.column_stack([number[kept], column[kept]]), axis=0)
    return np.bincount(pairs[:, 0], minlength=count)


def groups(found: Parts, claims: Claims, chances: Chances) -> list[Group]:
    """Describe components, the largest first.

    Args:
        found: components of the claims.
        claims: (n,).
        chances: of the whole network.
    """
    order = np.argsort(found.number, kind="stable")
    starts = np.flatnonzero(np.diff(found.number[order], prepend=-1))
    described = []
    for rows in np.split(order, starts[1:]):
        if not len(rows):
            continue
        frauds = int(claims.fraud[rows].sum())
        new = rows[(claims.tenure[rows] >= 0) & (claims.tenure[rows] <= SHORT_TERM)]
        described.append(
            Group(
                rows=rows,
                people=len(np.unique(claims.person[rows])),
                households=len(np.unique(claims.household[rows])),
                frauds=frauds,
                short_term=len(np.unique(claims.person[new])),
                same_provider=_together(claims, new),
                ties=int(found.strong[found.number[rows[0]]]),
                chance=chances.expected(len(rows), frauds),
                amount=int(claims.amount[rows].sum()),
            )
        )
    return sorted(described, key=lambda one: (-one.people, -len(one.rows), int(one.rows[0])))


@dataclass(frozen=True, slots=True)
class Chances:
    """What chance does in a network.

    Args:
        components: how many are looked at.
        share: of established frauds among all claims.
    """

    components: int
    share: float

    def expected(self, claims: int, frauds: int) -> float:
        """Return how many of the components would hold so many frauds by chance.

        Components · P(X ≥ frauds), X binomial with ``claims`` draws of ``share``, by the
        incomplete beta function.

        Source: Desolneux, Moisan and Morel, International Journal of Computer Vision 40 (2000).
        """
        from scipy.special import betainc

        if not frauds:
            return float(self.components)
        return self.components * float(betainc(frauds, claims - frauds + 1, self.share))


def _together(claims: Claims, rows: NDArray[np.int64]) -> int:
    """Return the most households of claims at one provider within sixty days."""
    most = 0
    for provider in set(claims.provider[rows].tolist()) - {""}:
        mine = rows[claims.provider[rows] == provider]
        for day in claims.reported[mine]:
            within = (claims.reported[mine] >= day) & (claims.reported[mine] <= day + TOGETHER)
            most = max(most, len(np.unique(claims.household[mine[within]])))
    return most
