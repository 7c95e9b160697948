"""Providers as they were known at moments: their claims, their agents', their peers'.

The claims that may matter are read once and looked back upon along timelines: the same arithmetic
for one claim and for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from core import timelines
from core.bulk import read_columns
from core.columns import Days, Ints, Keys

from .asof import Moments

DAY = 86_400_000_000  # microseconds
KOREA = DAY * 9 // 24
FEW = 3  # days up to which a statement for each beats reading all claims
_WHERE = """
    SELECT coalesce(k.provider_code, ''), k.agent_id
    FROM unnest(%s::text[]) WITH ORDINALITY AS a(id, row)
    JOIN claim_receptions k ON k.reception_id = a.id ORDER BY a.row
"""
_PAST = """
    SELECT c.reception_id, coalesce(c.provider_code, ''), c.agent_id, c.customer_id,
        (extract(epoch FROM c.report_date) * 1000000)::bigint,
        (extract(epoch FROM c.created_at) * 1000000)::bigint,
        CASE WHEN c.status = 'WITHDRAWN' THEN coalesce((
            SELECT (extract(epoch FROM max(m.at)) * 1000000)::bigint FROM core_status_moves m
            WHERE m.table_name = 'claim_receptions' AND m.key = c.reception_id
                AND m.to_status = 'WITHDRAWN'), 0) ELSE -1 END,
        (ln(c.claimed_amount::float8 + 1) * 1000)::bigint
    FROM claim_receptions c
    WHERE c.{column} = ANY(%(keys)s) AND c.provider_code IS NOT NULL
        AND c.report_date > 'epoch'::timestamptz + %(since)s * interval '1 microsecond'
        AND c.report_date <= 'epoch'::timestamptz + %(until)s * interval '1 microsecond'
"""
_ALL = """
    SELECT c.provider_code, p.kind, p.region,
        (extract(epoch FROM c.report_date) * 1000000)::bigint,
        (extract(epoch FROM c.created_at) * 1000000)::bigint
    FROM claim_receptions c JOIN providers p USING (provider_code)
    WHERE c.report_date > 'epoch'::timestamptz + %(since)s * interval '1 microsecond'
        AND c.report_date < 'epoch'::timestamptz + %(until)s * interval '1 microsecond'
    ORDER BY c.report_date
"""
_VOLUME = """
    SELECT d.day, p.kind, p.region,
        count(*) FILTER (WHERE c.report_date > q.at - interval '90 days'),
        count(DISTINCT c.provider_code) FILTER (WHERE c.report_date > q.at - interval '90 days'),
        count(*)
    FROM unnest(%(days)s::date[]) AS d(day)
    CROSS JOIN LATERAL (SELECT d.day::timestamp AT TIME ZONE 'Asia/Seoul' AS at) q
    JOIN claim_receptions c ON c.report_date > q.at - interval '180 days' AND c.report_date < q.at
        AND (%(recorded)s::bigint < 0 OR c.created_at
            <= 'epoch'::timestamptz + %(recorded)s::bigint * interval '1 microsecond')
    JOIN providers p USING (provider_code)
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class ProviderWindow:
    """Earlier claims at the same provider, (n,) each.

    ``n90``, ``people90``: claims and different customers in 90 days; ``n180``, ``pair180``:
    claims in 180 days, and those sold by the same agent; ``agent180``: the agent's claims at any
    provider; ``log_mean``, ``log_sd``: of the logarithm of the claimed amounts in 180 days.
    """

    n90: Ints
    people90: Ints
    n180: Ints
    pair180: Ints
    log_sum: Ints
    log_squares: Ints
    agent180: Ints


@dataclass(frozen=True, slots=True)
class Volume:
    """Claims before the beginning of days by kind and region of provider, (m,) each.

    ``n90``: claims of the 90 days; ``providers90``: providers that had one; ``n180``: claims.
    """

    day: Days
    kind: Keys
    region: Keys
    n90: Ints
    providers90: Ints
    n180: Ints


@dataclass(frozen=True, slots=True)
class Peers:
    """Claims before the beginning of days, (n,) each.

    ``n90``: at providers of the same kind and region in 90 days; ``providers90``: how many of
    these had one; ``n180``: at any provider in 180 days.
    """

    n90: Ints
    providers90: Ints
    n180: Ints

    @classmethod
    def of(cls, seen: Volume, kind: Keys, region: Keys) -> Peers:
        """Look up kinds and regions in the volume of one day."""
        names = zip(seen.kind.tolist(), seen.region.tolist(), strict=True)
        counts = zip(seen.n90.tolist(), seen.providers90.tolist(), strict=True)
        lines = dict(zip(names, counts, strict=True))
        mine = [lines.get(key, (0, 0)) for key in zip(kind.tolist(), region.tolist(), strict=True)]
        both = np.asarray(mine, dtype=np.int64).reshape(-1, 2)
        total = np.full(len(mine), int(seen.n180.sum()), dtype=np.int64)
        return cls(both[:, 0], both[:, 1], total)


def provider_window(moments: Moments) -> ProviderWindow:
    """Count the earlier claims at the providers, as known at the moments."""
    asked = read_columns(_WHERE, [moments.reception_id.tolist()], provider="keys", agent="keys")
    at_provider = _Past.read("provider_code", moments, asked["provider"])
    of_agent = _Past.read("agent_id", moments, asked["agent"])
    rows = len(moments.reception_id)
    found = {
        name: np.zeros(rows, dtype=np.int64)
        for name in ("n90", "people90", "n180", "pair180", "log_sum", "log_squares", "agent180")
    }
    for row, past in at_provider.known(moments, asked["provider"]):
        recent = past["at"] > moments.at[row] - 90 * DAY
        found["n180"] += np.bincount(row, minlength=rows)
        found["n90"] += np.bincount(row[recent], minlength=rows)
        found["people90"] += timelines.distinct(row[recent], past["customer_id"][recent], rows)
        same = past["agent"] == asked["agent"][row]
        found["pair180"] += np.bincount(row[same], minlength=rows)
        found["log_sum"] += timelines.sums(row, past["log"], rows)
        found["log_squares"] += timelines.sums(row, past["log"] ** 2, rows)
    named = asked["provider"] != ""
    for row, _past in of_agent.known(moments, asked["agent"]):
        found["agent180"] += np.bincount(row, minlength=rows)
    found["agent180"][~named] = 0
    return ProviderWindow(**found)


@dataclass(frozen=True, slots=True)
class _Past:
    """Claims at providers in the 180 days before the moments asked, by provider or by agent.

    Args:
        columns: reception_id, provider, agent, customer_id, at, created, withdrawn (microseconds;
            -1: never), log (1,000 · ln(claimed + 1)).
        by: name of the column by which they are grouped.
    """

    columns: dict[str, Any]
    by: str

    @classmethod
    def read(cls, column: str, moments: Moments, keys: Keys) -> _Past:
        """Read what the keys may need."""
        empty = not len(keys)
        params = {
            "keys": sorted({key for key in keys.tolist() if key}),
            "since": 0 if empty else int(moments.at.min()) - 180 * DAY,
            "until": 0 if empty else int(moments.at.max()),
        }
        names = dict.fromkeys(("reception_id", "provider", "agent"), "keys") | dict.fromkeys(
            ("customer_id", "at", "created", "withdrawn", "log"), "ints"
        )
        by = "provider" if column == "provider_code" else "agent"
        return cls(read_columns(_PAST.format(column=column), params, **names), by)

    def known(self, moments: Moments, keys: Keys) -> Iterator[tuple[Ints, dict[str, Any]]]:
        """Give (question, its earlier claims) as known at the moments, a part at a time."""
        past = self.columns
        mine, asked = timelines.codes(past[self.by], keys)
        number, own = timelines.codes(past["reception_id"], moments.reception_id)
        line = timelines.Timeline.of(group=mine, at=past["at"], key=number)
        first = line.after(asked, moments.at - 180 * DAY)
        for row, place in line.windows(first, line.before(asked, moments.at, own)):
            recorded = moments.recorded[row]
            gone = past["withdrawn"][place]
            known = (recorded < 0) | (past["created"][place] <= recorded)
            known &= (gone < 0) | ((recorded >= 0) & (gone > recorded))
            known &= number[place] != own[row]
            yield row[known], {name: column[place[known]] for name, column in past.items()}


def volume(days: Sequence[Any], recorded: int = -1) -> Volume:
    """Count claims before the beginning of each day by kind and region of provider."""
    return Volume(
        **read_columns(
            _VOLUME,
            {"days": list(days), "recorded": recorded},
            day="days",
            kind="keys",
            region="keys",
            n90="ints",
            providers90="ints",
            n180="ints",
        )
    )


def peers(day: Days, recorded: Ints, kind: Keys, region: Keys) -> Peers:
    """Count the claims at providers of a kind and region before the beginning of days.

    Args:
        day: (n,) Korean days.
        recorded: (n,) only what was written down by then, microseconds; -1: all.
        kind: (n,) of provider.
        region: (n,) of provider.
    """
    numbers = day.astype("datetime64[D]").astype(np.int64)
    asked, place = np.unique(np.column_stack([numbers, recorded]), axis=0, return_inverse=True)
    columns = [np.zeros(len(day), dtype=np.int64) for _name in fields(Peers)]
    for number, seen in enumerate(_volumes(asked.tolist())):
        mine = place.ravel() == number
        found = Peers.of(seen, kind[mine], region[mine])
        for column, name in zip(columns, fields(Peers), strict=True):
            column[mine] = getattr(found, name.name)
    return Peers(*columns)


def _volumes(asked: list[list[int]]) -> Iterator[Volume]:
    """Give the volume of each (day since 1970, recording instant)."""
    if len(asked) > FEW:
        yield from _at_once(asked)
        return
    for day, recorded in asked:
        yield volume([np.datetime64(day, "D").astype(object)], recorded)


def _at_once(asked: list[list[int]]) -> Iterator[Volume]:
    """Read the claims of all days once and count them day by day, as the statement would."""
    starts = [day * DAY - KOREA for day, _recorded in asked]
    span = {"since": min(starts) - 180 * DAY, "until": max(starts)}
    past = read_columns(
        _ALL, span, provider="keys", kind="keys", region="keys", at="ints", created="ints"
    )
    provider, kind, region = (timelines.codes(past[n])[0] for n in ("provider", "kind", "region"))
    width = int(region.max(initial=0)) + 1
    _pairs, first, sort = np.unique(kind * width + region, return_index=True, return_inverse=True)
    count, many = len(first), int(provider.max(initial=0)) + 1
    sort_of = np.zeros(many, dtype=np.int64)
    sort_of[provider] = sort
    for start, (day, recorded) in zip(starts, asked, strict=True):
        half = int(np.searchsorted(past["at"], start - 180 * DAY, side="right"))
        quarter = int(np.searchsorted(past["at"], start - 90 * DAY, side="right"))
        whole = np.arange(half, int(np.searchsorted(past["at"], start, side="left")))
        if recorded >= 0:
            whole = whole[past["created"][whole] <= recorded]
        late = whole[whole >= quarter]
        seen = np.flatnonzero(np.bincount(provider[late], minlength=many))
        yield Volume(
            day=np.full(count, np.datetime64(day, "D")),
            kind=past["kind"][first],
            region=past["region"][first],
            n90=np.bincount(sort[late], minlength=count),
            providers90=np.bincount(sort_of[seen], minlength=count),
            n180=np.bincount(sort[whole], minlength=count),
        )
