"""The parties of claims with their pasts, as known at moments.

A few claims ask by a statement that stops counting at hubs; many read all links once and look back
upon them along a timeline. Both give the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from claims import api as claims
from core import timelines
from core.bulk import read_columns
from core.columns import Flags, Ints
from fds.rules import features as rules

FEW = 64
DAY = 86_400_000_000  # microseconds
KOREA = DAY * 9 // 24
ASKED = """
    FROM unnest(%(ids)s::text[], %(at)s::bigint[], %(recorded)s::bigint[])
        WITH ORDINALITY AS a(id, at, recorded, row)
    CROSS JOIN LATERAL (
        SELECT 'epoch'::timestamptz + a.at * interval '1 microsecond' AS at,
            CASE WHEN a.recorded >= 0
                THEN 'epoch'::timestamptz + a.recorded * interval '1 microsecond'
                ELSE 'infinity'::timestamptz END AS recorded,
            (('epoch'::timestamptz + a.at * interval '1 microsecond')
                AT TIME ZONE 'Asia/Seoul')::date AS day
    ) q
"""
_BY_STATEMENT = f"""
    SELECT a.row - 1, l.kind, n.claims, coalesce(h.judged, 0), coalesce(h.frauds, 0) {ASKED}
    JOIN fds_party_links l ON l.reception_id = a.id
        AND l.known_at <= q.at AND l.made_at <= q.recorded
    CROSS JOIN LATERAL (
        SELECT count(*) AS claims FROM (
            SELECT 1 FROM fds_party_links o WHERE o.value = l.value
                AND o.reported_at <= q.at AND (o.reported_at, o.reception_id) < (q.at, a.id)
                AND o.reception_id <> a.id AND o.made_at <= q.recorded
            LIMIT {rules.HUB + 1}
        ) few
    ) n
    LEFT JOIN LATERAL (
        SELECT count(*) AS judged, count(*) FILTER (WHERE s.state = 'CONFIRMED') AS frauds
        FROM fds_party_links o
        JOIN LATERAL (
            SELECT f.state FROM fds_labels f WHERE f.reception_id = o.reception_id
                AND f.decided_on < q.day AND f.made_at <= q.recorded
            ORDER BY f.decided_on DESC, f.id DESC LIMIT 1
        ) s ON s.state IN ('CONFIRMED', 'INNOCENT')
        WHERE n.claims <= {rules.HUB} AND n.claims > 0 AND o.value = l.value
            AND o.reported_at <= q.at AND (o.reported_at, o.reception_id) < (q.at, a.id)
            AND o.reception_id <> a.id AND o.made_at <= q.recorded
    ) h ON true
    ORDER BY a.row, l.kind, l.value
"""  # noqa: S608 - constants of this module


_OWN = f"""
    SELECT a.row - 1, l.kind, hashtextextended(l.value, 0) {ASKED}
    JOIN fds_party_links l ON l.reception_id = a.id
        AND l.known_at <= q.at AND l.made_at <= q.recorded
    ORDER BY a.row, l.kind, l.value
"""
_ALL = """
    SELECT hashtextextended(o.value, 0), o.reception_id,
        (extract(epoch FROM o.reported_at) * 1000000)::bigint,
        (extract(epoch FROM o.made_at) * 1000000)::bigint
    FROM fds_party_links o
    WHERE o.value IN (SELECT l.value FROM fds_party_links l WHERE l.reception_id = ANY(%(ids)s))
        AND o.reported_at <= 'epoch'::timestamptz + %(until)s * interval '1 microsecond'
"""
_LABELS = """
    SELECT reception_id, decided_on, (extract(epoch FROM made_at) * 1000000)::bigint, id,
        CASE state WHEN 'CONFIRMED' THEN 2 WHEN 'INNOCENT' THEN 1 ELSE 0 END
    FROM fds_labels WHERE decided_on < %(before)s::date
"""


def links_at(moments: claims.Moments) -> rules.Links:
    """Return the parties of claims with their pasts, as known at the moments."""
    if len(moments.reception_id) <= FEW:
        return by_statement(moments)
    return by_timeline(moments)


def by_statement(moments: claims.Moments) -> rules.Links:
    """Read the pasts of parties claim by claim, stopping at hubs."""
    names = dict.fromkeys(("row", "kind", "claims", "judged", "frauds"), "ints")
    return rules.Links(
        **read_columns(_BY_STATEMENT, moments.params(), **(names | {"kind": "keys"}))
    )


def by_timeline(moments: claims.Moments) -> rules.Links:
    """Read all links of the parties once and count along their timeline."""
    own = read_columns(_OWN, moments.params(), row="ints", kind="keys", value="ints")
    row = own["row"]
    until = int(moments.at.max(initial=0))
    seen = read_columns(
        _ALL,
        {"ids": moments.reception_id.tolist(), "until": until},
        value="ints",
        claim="keys",
        at="ints",
        made="ints",
    )
    labels = _Labels.read(until)
    claim, mine, judged = timelines.codes(seen["claim"], moments.reception_id, labels.claim)
    line = timelines.Timeline.of(group=seen["value"], at=seen["at"], key=claim)
    first = np.searchsorted(line.group, own["value"], side="left")
    last = line.before(own["value"], moments.at[row], mine[row])
    recorded = moments.recorded[row]
    hub = (last - first > rules.HUB + 1) & _all_known(line, seen["made"], last, recorded)
    count, known, frauds = np.zeros((3, len(row)), dtype=np.int64)
    outcome = labels.by(judged)
    for link, place in line.windows(first, np.where(hub, first, last)):
        when = recorded[link]
        kept = ((when < 0) | (seen["made"][place] <= when)) & (claim[place] != mine[row[link]])
        link, place = link[kept], place[kept]
        count += np.bincount(link, minlength=len(row))
        told = outcome.has(claim[place])
        link, place = link[told], place[told]
        day = (moments.at[row[link]] + KOREA) // DAY
        state = outcome.at(claim[place], day, recorded[link])
        known += np.bincount(link[state > 0], minlength=len(row))
        frauds += np.bincount(link[state > 1], minlength=len(row))
    count = np.where(hub, rules.HUB + 1, np.minimum(count, rules.HUB + 1))
    few = count <= rules.HUB
    return rules.Links(
        row=row,
        kind=own["kind"],
        claims=count,
        judged=np.where(few, known, 0),
        frauds=np.where(few, frauds, 0),
    )


def _all_known(line: timelines.Timeline, made: Ints, last: Ints, recorded: Ints) -> Flags:
    """Say whether all links of a party before a place had been written down by then."""
    frame = pl.DataFrame({"group": line.group, "made": made[line.order]})
    latest = frame.select(pl.col("made").cum_max().over("group"))["made"].to_numpy()
    if not len(latest):
        return np.zeros(len(last), dtype=np.bool_)
    return np.asarray((recorded < 0) | (latest[np.maximum(last - 1, 0)] <= recorded), np.bool_)


class _Labels:
    """Labels of claims in the order in which they became known."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.claim, self.found = found.pop("claim"), found

    @classmethod
    def read(cls, until: int) -> _Labels:
        """Read the labels decided before the day after an instant, in microseconds."""
        day = np.datetime64((until + KOREA) // DAY, "D").astype(object)
        kinds = dict.fromkeys(("made", "id", "state"), "ints")
        columns = read_columns(
            _LABELS, {"before": day}, **({"claim": "keys", "decided": "days"} | kinds)
        )
        return cls(columns)

    def by(self, claim: Ints) -> _Outcomes:
        """Return the outcomes by numbers of claims."""
        return _Outcomes(claim, self.found)


class _Outcomes:
    """What was known of claims at a day and a recording instant."""

    def __init__(self, claim: Ints, found: dict[str, Any]) -> None:
        day = found["decided"].astype(np.int64)
        self.line = timelines.Timeline.of(group=claim, at=day, key=found["id"])
        self.made, self.state = found["made"], found["state"]
        self.told = np.unique(claim)

    def has(self, claim: Ints) -> Flags:
        """Say which claims have any label."""
        return np.asarray(np.isin(claim, self.told), dtype=np.bool_)

    def at(self, claim: Ints, day: Ints, recorded: Ints) -> Ints:
        """Return 2 fraud, 1 honest, 0 neither, by the latest label before a day.

        Args:
            claim: (k,) numbers.
            day: (k,) days since 1970: labels decided before it count.
            recorded: (k,) labels written down by then count, microseconds; -1: all.
        """
        none = np.full(len(claim), np.iinfo(np.int64).min)
        first = np.searchsorted(self.line.group, claim, side="left")
        place = self.line.before(claim, day, none) - 1
        while True:
            at = self.line.order[np.maximum(place, 0)] if len(self.made) else place
            late = (place >= first) & (recorded >= 0)
            late &= self.made[at] > recorded if len(self.made) else False
            if not late.any():
                break
            place = np.where(late, place - 1, place)
        if not len(self.made):
            return np.zeros(len(claim), dtype=np.int64)
        return np.where(place >= first, self.state[at], 0)
