"""What a claim meets through its parties: components of the last night, and lone claims."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.columns import Flags, Ints

from .rings import HUB


@dataclass(frozen=True, slots=True)
class Near:
    """Claims that share a party with a claim that is asked about, and it itself, (m,) each.

    Args:
        row: which claim is asked about.
        value: number of the shared party.
        claim: number of the claim that has it.
        person: number of that claim's insured person.
        own: 1 for the claim that is asked about.
        component: of the claim that has it; 0: none.
        people, frauds: of that component.
        fraud: whether that claim's own fraud was known.
    """

    row: Ints
    value: Ints
    claim: Ints
    person: Ints
    own: Ints
    component: Ints
    people: Ints
    frauds: Ints
    fraud: Flags


def around(near: Near, rows: int) -> tuple[Ints, Ints]:
    """Count the people and the established frauds around claims, the insured persons included.

    The components that a claim's parties reach are added up; to them come people who share a
    party and are in no component. A party of more than ``HUB`` people tells nothing.

    Args:
        near: (m,), in any order.
        rows: number of claims asked about.

    Returns:
        (rows,) people; (rows,) frauds.
    """
    people, frauds = np.zeros((2, rows), dtype=np.int64)
    order = np.argsort(near.row, kind="stable")
    starts = np.flatnonzero(np.diff(near.row[order], prepend=-1))
    for mine in np.split(order, starts[1:]):
        if len(mine):
            people[near.row[mine[0]]], frauds[near.row[mine[0]]] = _one(near, mine)
    return people, frauds


def _one(near: Near, mine: Ints) -> tuple[int, int]:
    by_value: dict[int, set[int]] = {}
    for place in mine.tolist():
        by_value.setdefault(int(near.value[place]), set()).add(int(near.person[place]))
    told = [p for p in mine.tolist() if len(by_value[int(near.value[p])]) <= HUB]
    met = {int(near.component[p]): p for p in told if near.component[p]}
    inside = {int(near.person[p]) for p in told if near.component[p]}
    alone = {int(near.person[p]) for p in told if not near.component[p]} - inside
    guilty = {
        int(near.claim[p])
        for p in told
        if near.fraud[p] and not near.component[p] and not near.own[p]
    }
    return (
        sum(int(near.people[p]) for p in met.values()) + len(alone),
        sum(int(near.frauds[p]) for p in met.values()) + len(guilty),
    )
