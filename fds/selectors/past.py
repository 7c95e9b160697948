"""The past of a party: its claims, whom it meets, its rank near fraud day by day, its rings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from claims import api as claims
from fds.models import Component, Label, PartyLink, PartyRisk
from fds.selectors.ego import party_words
from fds.selectors.learning import labels_known

MOST_CLAIMS = 200
MOST_PARTNERS = 15
_PARTNERS = """
    SELECT o.kind, o.value, count(DISTINCT o.reception_id) AS together,
        (SELECT count(DISTINCT t.reception_id) FROM fds_party_links t WHERE t.value = o.value)
    FROM fds_party_links o
    WHERE o.reception_id IN (SELECT reception_id FROM fds_party_links WHERE value = %(value)s)
        AND o.value <> %(value)s
    GROUP BY o.kind, o.value HAVING count(DISTINCT o.reception_id) > 1
    ORDER BY together DESC, o.value LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Partner:
    """A party that meets another one in more than one claim.

    Args:
        lift: how many times as often as by chance, n · N / (n₁ · n₂).
    """

    value: str
    kind_label: str
    label: str
    together: int
    claims: int
    lift: float


@dataclass(frozen=True, slots=True)
class PartyClaim:
    """A claim of a party with what is known about it."""

    fact: claims.ClaimFact
    state: str
    paid: int

    @property
    def state_label(self) -> str:
        """What is known, in words; a claim without a label was not investigated."""
        return str(Label.State(self.state or Label.State.UNSEEN).label)


@dataclass(frozen=True, slots=True)
class PartyPast:
    """What is known about a party; amounts in won, of the claims that are shown."""

    claims: list[PartyClaim]
    frauds: int
    suspected: int
    claimed: int
    paid: int
    partners: list[Partner]
    risks: list[PartyRisk]
    rings: list[Component]


def history(value: str) -> PartyPast:
    """Return the past of a party by its keyed hash, its newest claims first."""
    links = PartyLink.objects.filter(value=value).order_by("-reported_at", "-claim")
    numbers = list(links.values_list("claim_id", flat=True)[:MOST_CLAIMS])
    facts = claims.facts(numbers)
    known = labels_known(numbers, date.max)
    states = dict(zip(known.reception_id.tolist(), known.state.tolist(), strict=True))
    paid: dict[str, int] = {}
    for one in claims.payouts_of(numbers):
        paid[one.reception_id] = paid.get(one.reception_id, 0) + one.amount
    rows = [PartyClaim(facts[n], states.get(n, ""), paid.get(n, 0)) for n in numbers]
    found = [row.state for row in rows]
    return PartyPast(
        claims=rows,
        frauds=found.count("CONFIRMED"),
        suspected=found.count("REFERRED") + found.count("DOUBTFUL"),
        claimed=sum(row.fact.claimed for row in rows),
        paid=sum(row.paid for row in rows),
        partners=_partners(value, party_words(facts.values())),
        risks=list(PartyRisk.objects.filter(value=value).order_by("-as_of")[:12]),
        rings=list(
            Component.objects.filter(members__claim__in=numbers, households__gt=1)
            .distinct()
            .order_by("-as_of", "number")[:10]
        ),
    )


def _partners(value: str, words: dict[str, str]) -> list[Partner]:
    with connection.cursor() as cursor:
        cursor.execute(_PARTNERS, {"value": value, "most": MOST_PARTNERS})
        rows = cursor.fetchall()
        cursor.execute(
            "SELECT count(DISTINCT reception_id), count(DISTINCT reception_id)"
            " FILTER (WHERE value = %s) FROM fds_party_links",
            [value],
        )
        everything, own = cursor.fetchone()
    return [
        Partner(
            other,
            str(PartyLink.Kind(kind).label),
            words.get(other) or f"#{other[:6]}",
            together,
            total,
            together * everything / (own * total),
        )
        for kind, other, together, total in rows
    ]
