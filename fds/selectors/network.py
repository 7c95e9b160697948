"""The network of parties: the whole of it for the night, and what was known of it at moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db.models import QuerySet

from core.bulk import read_columns
from core.columns import Flags, Ints, Keys
from fds.models import Component, NetworkRun
from fds.rules import graphs

_KINDS = "array_position(ARRAY['{}'], l.kind::text)".format(
    "','".join((*graphs.BONDS, "PROVIDER", "AGENT"))
)
_LINKS = f"""
    SELECT l.id, hashtextextended(l.reception_id, 0), hashtextextended(l.value, 0), {_KINDS}
    FROM fds_party_links l
    WHERE l.reported_at < (%(on)s::date + 1)::timestamp AT TIME ZONE 'Asia/Seoul'
    ORDER BY l.id
"""  # noqa: S608 - constants of this module
_FRAUDS = """
    SELECT hashtextextended(s.reception_id, 0) FROM (
        SELECT DISTINCT ON (reception_id) reception_id, state FROM fds_labels
        WHERE decided_on <= %(on)s ORDER BY reception_id, decided_on DESC, id DESC
    ) s WHERE s.state = 'CONFIRMED'
"""
_STANDING = """
    SELECT hashtextextended(s.reception_id, 0), s.content FROM (
        SELECT DISTINCT ON (m.reception_id) m.reception_id, c.content, c.households
        FROM fds_component_members m JOIN fds_components c ON c.id = m.component_id
        WHERE c.as_of <= %(on)s ORDER BY m.reception_id, c.id DESC
    ) s WHERE s.households > 1
"""
_NAMES = """
    SELECT a.row - 1, l.reception_id, coalesce(p.value, '')
    FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS a(id, row)
    JOIN fds_party_links l USING (id)
    LEFT JOIN LATERAL (
        SELECT value FROM fds_party_links p
        WHERE p.reception_id = l.reception_id AND p.kind = 'CUSTOMER' ORDER BY p.id LIMIT 1
    ) p ON true ORDER BY a.row
"""


@dataclass(frozen=True, slots=True)
class Graph:
    """Every claim and party that was known at the end of a day.

    Args:
        claim: (m,) row of the claim of each link.
        value: (m,) number of its party.
        kind: (m,) 1 to 9, the place in ``graphs.BONDS`` and then provider and agent.
        person: (n,) number of each claim's insured person.
        link: (n,) one link of each claim, by which it can be named.
        number: (n,) number of each claim.
        fraud: (n,) whether its fraud was established by the end of the day.
    """

    claim: Ints
    value: Ints
    kind: Ints
    person: Ints
    link: Ints
    number: Ints
    fraud: Flags

    @property
    def bonds(self) -> graphs.Bonds:
        """The links that hold people together."""
        held = self.kind <= len(graphs.BONDS)
        kind = self.kind[held] - 1
        sort = np.where(
            kind == graphs.BONDS.index("ADDRESS"), graphs.ADDRESS, np.maximum(kind, graphs.PERSON)
        )
        return graphs.Bonds(self.claim[held], self.value[held], sort)


def graph(on: date) -> Graph:
    """Read the network as it was known at the end of a day."""
    names = ("link", "claim", "value", "kind")
    found = read_columns(_LINKS, {"on": on}, **dict.fromkeys(names, "ints"))
    number, first, claim = np.unique(found["claim"], return_index=True, return_inverse=True)
    person = number.copy()
    insured = found["kind"] == graphs.BONDS.index("CUSTOMER") + 1
    person[claim[insured][::-1]] = found["value"][insured][::-1]
    frauds = read_columns(_FRAUDS, {"on": on}, claim="ints")["claim"]
    return Graph(
        claim=np.asarray(claim, dtype=np.int64),
        value=found["value"],
        kind=found["kind"],
        person=person,
        link=found["link"][first],
        number=number,
        fraud=np.isin(number, frauds),
    )


def standing(on: date) -> dict[int, str]:
    """Return for each claim that is in a component on a day: claim number → content."""
    found = read_columns(_STANDING, {"on": on}, number="ints", content="keys")
    return dict(zip(found["number"].tolist(), found["content"].tolist(), strict=True))


def named(links: Ints) -> tuple[Keys, Keys]:
    """Return the reception numbers and the insured persons' hashes behind links, (n,) each."""
    if not len(links):
        return np.empty(0, dtype=object), np.empty(0, dtype=object)
    found = read_columns(
        _NAMES, {"ids": links.tolist()}, row="ints", reception_id="keys", person="keys"
    )
    return found["reception_id"], found["person"]


def network_run(kind: str, on: date) -> NetworkRun | None:
    """Return the reading of a kind for a day, or None."""
    return NetworkRun.objects.filter(kind=kind, as_of=on).first()


def last_network_run(kind: str) -> NetworkRun | None:
    """Return the latest reading of a kind, or None."""
    return NetworkRun.objects.filter(kind=kind).order_by("as_of").last()


def rings(on: date) -> QuerySet[Component]:
    """Return the components that looked like a ring at the end of a day, the largest first."""
    latest = """
        SELECT DISTINCT s.id FROM (
            SELECT DISTINCT ON (m.reception_id) m.reception_id, c.id, c.flagged
            FROM fds_component_members m JOIN fds_components c ON c.id = m.component_id
            WHERE c.as_of <= %s ORDER BY m.reception_id, c.id DESC
        ) s WHERE s.flagged
    """
    ids = read_columns(latest, [on], id="ints")["id"].tolist()
    return Component.objects.filter(pk__in=ids).order_by("-people", "-claims", "pk")


def component_of(reception_id: str, on: date | None = None) -> Component | None:
    """Return the component of a claim at the end of a day (None: the latest), if it has one."""
    found = Component.objects.filter(members__claim=reception_id)
    if on is not None:
        found = found.filter(as_of__lte=on)
    last = found.order_by("pk").last()
    return last if last and last.households > 1 else None


def members_of(component: Component) -> Sequence[str]:
    """Return the reception numbers of a component."""
    return list(component.members.order_by("claim_id").values_list("claim_id", flat=True))
