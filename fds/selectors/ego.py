"""The relations of a claim or of a party: what is shared with which other claims, and how far.

Parties meet by keyed hash. A party with more than ``HUB`` claims, every provider and every agent is
a hub: it is shown with its count, and nothing is looked for behind it. More than ``FOLD`` claims
of one party are folded into one node. Nobody's data is shown in the clear.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from django.db import connection
from django.utils.translation import gettext as _

from claims import api as claims
from contracts import api as contracts
from fds.models import Case, PartyLink
from fds.selectors.learning import labels_known
from fds.selectors.parties import hashed

HUB = 20
FOLD = 10
MOST_NODES = 90
HOPS = (1, 2, 3)
_LINKS = """
    SELECT l.reception_id, l.kind, l.value, l.role, n.claims
    FROM fds_party_links l
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT few.reception_id) AS claims FROM (
            SELECT o.reception_id FROM fds_party_links o WHERE o.value = l.value LIMIT 5001
        ) few
    ) n
    WHERE l.reception_id = ANY(%s) ORDER BY l.reception_id, l.kind, l.value
"""
_CLAIMS = """
    SELECT o.value, o.reception_id FROM unnest(%s::text[]) AS a(value)
    CROSS JOIN LATERAL (
        SELECT DISTINCT p.value, p.reception_id FROM fds_party_links p
        WHERE p.value = a.value ORDER BY p.reception_id DESC LIMIT %s
    ) o ORDER BY o.value, o.reception_id DESC
"""


@dataclass(frozen=True, slots=True)
class Node:
    """A claim, a party, or a fold of claims.

    Args:
        key: unique in the map: reception number, hash, or fold.
        kind: CLAIM, FOLD, or of ``PartyLink.Kind``.
        label: masked.
        note: what else is known.
        tone: red established, amber suspected, grey nothing known, blue what is looked at.
        count: claims of a party, or claims that are folded.
        hops: how many claims lie between it and what is looked at.
    """

    key: str
    kind: str
    label: str
    note: str
    tone: str
    count: int
    hops: int

    @property
    def kind_label(self) -> str:
        """What it is, in words."""
        own = {"CLAIM": _("Claim"), "FOLD": _("More claims")}
        return own.get(self.kind) or str(PartyLink.Kind(self.kind).label)


@dataclass(frozen=True, slots=True)
class Ego:
    """Relations around a root: nodes by key, edges, and what was left out."""

    root: str
    nodes: dict[str, Node]
    edges: list[tuple[str, str]]
    frauds: int
    suspected: int
    cut: bool


@dataclass(slots=True)
class _Walk:
    edges: list[tuple[str, str]] = field(default_factory=list)
    hops: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    folds: dict[str, int] = field(default_factory=dict)
    cut: bool = False


def around_claim(reception_id: str, *, hops: int = 2, today: date) -> Ego:
    """Return what a claim shares with others, up to so many claims away (1 to 3)."""
    walk = _Walk(hops={reception_id: 0}, kinds={reception_id: "CLAIM"})
    _spread(walk, [reception_id], 1, hops)
    return _named(walk, reception_id, today)


def around_party(value: str, *, hops: int = 1, today: date) -> Ego | None:
    """Return the claims of a party and what they share with others; None if nobody knows it."""
    link = PartyLink.objects.filter(value=value).order_by("kind", "pk").first()
    if link is None:
        return None
    walk = _Walk(hops={value: 0}, kinds={value: link.kind})
    total = PartyLink.objects.filter(value=value).values("claim").distinct().count()
    walk.counts[value] = total
    _spread(walk, _claims_of(walk, [value], 1), 2, max(hops, 1))
    return _named(walk, value, today)


def _spread(walk: _Walk, frontier: list[str], first: int, hops: int) -> None:
    for hop in range(first, hops + 1):
        values = _parties_of(walk, frontier, hop - 1)
        frontier = _claims_of(walk, values, hop)
        if not frontier:
            return
    _parties_of(walk, frontier, hops, known_only=True)


def _parties_of(
    walk: _Walk, numbers: Sequence[str], hop: int, *, known_only: bool = False
) -> list[str]:
    """Add the parties of claims; return those behind which others may be looked for."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(_LINKS, [list(numbers)])
        rows = cursor.fetchall()
    for number, kind, value, _role, total in rows:
        if value not in walk.kinds:
            if known_only or (hop and total < 2):
                continue  # a party of one claim alone says nothing about the root
            if len(walk.kinds) >= MOST_NODES:
                walk.cut = True
                continue
            walk.kinds[value], walk.counts[value], walk.hops[value] = kind, total, hop
            if total <= HUB and kind not in ("PROVIDER", "AGENT"):
                found.append(value)
        edge = (number, value)
        if edge not in walk.edges and (value, number) not in walk.edges:
            walk.edges.append(edge)
    return found


def _claims_of(walk: _Walk, values: Sequence[str], hop: int) -> list[str]:
    """Add the claims of parties, folding long branches; return the new ones."""
    fresh: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMS, [list(values), FOLD + 1])
        rows = cursor.fetchall()
    shown: dict[str, int] = {}
    for value, number in rows:
        known = number in walk.kinds
        if not known:
            if shown.get(value, 0) >= FOLD or len(walk.kinds) >= MOST_NODES:
                walk.cut = walk.cut or len(walk.kinds) >= MOST_NODES
                continue
            walk.kinds[number], walk.hops[number] = "CLAIM", hop
            fresh.append(number)
        shown[value] = shown.get(value, 0) + 1
        if (number, value) not in walk.edges:
            walk.edges.append((value, number))
    for value in values:
        rest = walk.counts[value] - shown.get(value, 0)
        if rest > 0:
            walk.folds[value] = rest
    return fresh


def _named(walk: _Walk, root: str, today: date) -> Ego:
    numbers = [key for key, kind in walk.kinds.items() if kind == "CLAIM"]
    facts = claims.facts(numbers)
    known = labels_known(numbers, date.max)
    states = dict(zip(known.reception_id.tolist(), known.state.tolist(), strict=True))
    standing = dict(Case.objects.filter(claim__in=numbers).values_list("claim_id", "status"))
    words = party_words(facts.values())
    nodes: dict[str, Node] = {}
    for key, kind in walk.kinds.items():
        hop = walk.hops[key]
        if kind == "CLAIM":
            fact = facts[key]
            tone = _tone(states.get(key, ""), standing.get(key, ""))
            note = f"{masked_name(fact.claimant_name)} · {fact.incident_at.date()}"
            nodes[key] = Node(key, kind, key, note, "blue" if key == root else tone, 1, hop)
        else:
            label = words.get(key) or f"#{key[:6]}"
            note = _("%(n)s claims") % {"n": f"{walk.counts[key]:,}"}
            tone = "blue" if key == root else "grey"
            nodes[key] = Node(key, kind, label, note, tone, walk.counts[key], hop)
    edges = list(walk.edges)
    for value, rest in walk.folds.items():
        key = f"fold:{value}"
        label = _("+%(n)s more") % {"n": f"{rest:,}"}
        nodes[key] = Node(key, "FOLD", label, "", "grey", rest, walk.hops[value] + 1)
        edges.append((value, key))
    others = [state for number, state in states.items() if number != root]
    return Ego(
        root,
        nodes,
        edges,
        frauds=others.count("CONFIRMED"),
        suspected=others.count("REFERRED") + others.count("DOUBTFUL"),
        cut=walk.cut,
    )


def _tone(state: str, case: str) -> str:
    if state in ("CONFIRMED", "REFERRED"):
        return "red"
    return "amber" if case in ("OPEN", "WORKING") or state == "DOUBTFUL" else "grey"


def party_words(facts: Iterable[claims.ClaimFact]) -> dict[str, str]:
    """Return what the parties of claims may be called on a screen, by their hash."""
    rows = list(facts)
    if not rows:
        return {}
    sold = contracts.facts({row.contract_id for row in rows})
    contact = contracts.contact_points(np.asarray([row.customer_id for row in rows], np.int64))
    words: dict[str, str] = {}
    columns: tuple[Any, ...] = (contact.person, contact.phone, contact.address)
    for row, person, phone, address in zip(rows, *(c.tolist() for c in columns), strict=True):
        words[hashed("CUSTOMER", person)] = masked_name(sold[row.contract_id].customer_name)
        if phone:
            words[hashed("PHONE", phone)] = masked_phone(phone)
        if address:
            words[hashed("ADDRESS", address)] = masked_address(address)
        if row.provider_code:
            words[hashed("PROVIDER", row.provider_code)] = row.provider_name
        words[hashed("AGENT", row.agent_id)] = row.agent_id
    return words


def masked_name(name: str) -> str:
    """Return a name as it may be shown: 김*늘, 이*."""
    if len(name) < 2:
        return name
    return name[0] + "*" * max(len(name) - 2, 1) + (name[-1] if len(name) > 2 else "")


def masked_phone(phone: str) -> str:
    """Return a telephone number as it may be shown: ***-****-1234."""
    digits = "".join(c for c in phone if c.isdigit())
    return f"***-****-{digits[-4:]}"


def masked_address(address: str) -> str:
    """Return an address as it may be shown: its first two words."""
    parts = address.split()
    return " ".join(parts[:2]) + (" …" if len(parts) > 2 else "")


__all__ = ["FOLD", "HOPS", "HUB", "Ego", "Node", "around_claim", "around_party", "party_words"]
