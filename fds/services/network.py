"""The nightly reading of the network: who is held together, who stands near established fraud."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import orjson
from django.db import connection, transaction
from django.utils.translation import gettext as _

from claims import api as claims
from contracts import api as contracts
from core.acting import current
from core.bulk import copy_rows, take_ids
from core.columns import Flags, Ints, Keys
from core.errors import DomainError
from fds import selectors
from fds.models import Case, CaseEvent, Component, ComponentMember, NetworkRun
from fds.rules import graphs
from fds.selectors.network import Graph

Kind = NetworkRun.Kind
NAMES = dict(enumerate(graphs.BONDS)) | {graphs.ADDRESS: "ADDRESS"}


class PastNetwork(DomainError):
    """The components of a later day stand already: those of the past are not written anew."""


@dataclass(frozen=True, slots=True)
class _Found:
    """The components that may be written, and the claims in them, (n,) each."""

    groups: list[graphs.Group]
    reception_id: Keys
    person: Keys
    kinds: list[list[str]]


@transaction.atomic
def link_claims(on: date) -> NetworkRun:
    """Find who is held together at the end of a day; write what appeared, changed or fell apart.

    Open claims of a component that looks like a ring go to the investigators; no gate moves
    (보험사기방지 특별법 §5②).

    Args:
        on: reports, outcomes and withdrawals up to this day count; done once a day.

    Raises:
        PastNetwork: a later day has been read.
    """
    _one_at_a_time()
    if done := selectors.network_run(Kind.COMPONENTS, on):
        return done
    last = selectors.last_network_run(Kind.COMPONENTS)
    if last and last.as_of > on:
        raise PastNetwork(
            _("The components of %(last)s stand: those of %(day)s are not written any more.")
            % {"last": last.as_of, "day": on}
        )
    whole = selectors.graph(on)
    standing = selectors.standing(on)
    found = _described(whole, standing)
    content = [_content(found, place) for place in range(len(found.groups))]
    before = [standing.get(number, "") for number in _numbers(found)]
    changed = [
        place
        for place, one in enumerate(found.groups)
        if before[one.rows[0]] != content[place]
        and (one.households > 1 or any(before[row] for row in one.rows.tolist()))
    ]
    _write(on, found, content, changed)
    _ask_investigators(found, changed, on)
    return NetworkRun.objects.create(
        kind=Kind.COMPONENTS,
        as_of=on,
        claims=len(whole.number),
        links=len(whole.claim),
        found=len(changed),
        rings=sum(one.flagged for one in found.groups),
    )


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('fds:network'))")


def _described(whole: Graph, standing: dict[int, str]) -> _Found:
    """Describe the components of several households, and what is left of those that were."""
    bonds = graphs.telling(whole.bonds, whole.person)
    number = graphs.components(bonds, whole.person)
    home = graphs.households(bonds, whole.person)
    before = np.isin(whole.number, np.fromiter(standing, np.int64, len(standing)))
    wanted = np.union1d(number[before], _of_several(number, home))
    rows = np.flatnonzero(np.isin(number, wanted))
    names, people = selectors.named(whole.link[rows])
    columns = claims.claim_columns(names.tolist())
    known = {name: place for place, name in enumerate(columns.reception_id.tolist())}
    kept = np.asarray([name in known for name in names.tolist()], dtype=np.bool_)
    at = np.asarray([known[name] for name in names[kept].tolist()], dtype=np.int64)
    counted = columns.status[at] != "WITHDRAWN"
    rows, names, people, at = (c[counted] for c in (rows[kept], names[kept], people[kept], at))
    sold = contracts.contract_columns(columns.contract_id[at])
    chosen = graphs.Claims(
        person=whole.person[rows],
        household=home[rows],
        provider=columns.provider_code[at],
        incident=columns.incident[at],
        reported=columns.reported[at],
        tenure=(columns.incident[at] - sold.coverage_start).astype(np.int64),
        fraud=whole.fraud[rows],
        amount=columns.claimed[at],
    )
    mine = np.isin(bonds.claim, rows)
    inner = graphs.Bonds(
        np.searchsorted(rows, bonds.claim[mine]), bonds.value[mine], bonds.sort[mine]
    )
    split = graphs.parts(inner, chosen)
    share = float(whole.fraud.mean()) if len(whole.fraud) else 0.0
    described = graphs.groups(split, chosen, graphs.Chances(len(split.strong), share))
    shared = _shared(inner, chosen.person, split.number)
    kinds = [shared.get(int(split.number[one.rows[0]]), []) for one in described]
    return _Found(described, names, people, kinds)


def _of_several(number: Ints, home: Ints) -> Ints:
    """Return the components that hold more than one household."""
    pairs = np.unique(np.column_stack([number, home]), axis=0)
    values, count = np.unique(pairs[:, 0], return_counts=True)
    return np.asarray(values[count > 1], dtype=np.int64)


def _shared(bonds: graphs.Bonds, person: Ints, number: Ints) -> dict[int, list[str]]:
    """Return by which kinds of party different people of a component hold together."""
    value, claim = bonds.value, bonds.claim
    triples = np.unique(np.column_stack([number[claim], value, person[claim]]), axis=0)
    pairs, people = np.unique(triples[:, :2], axis=0, return_counts=True)
    several = {(int(n), int(v)) for n, v in pairs[people > 1].tolist()}
    found: dict[int, set[str]] = {}
    for component, one, sort in zip(number[claim].tolist(), value.tolist(), bonds.sort.tolist(),
                                    strict=True):  # fmt: skip
        if (component, one) in several:
            found.setdefault(component, set()).add(NAMES[sort])
    return {component: sorted(names) for component, names in found.items()}


def _numbers(found: _Found) -> list[int]:
    """Return the numbers of the found claims in the graph, by which they stood before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT hashtextextended(id, 0) FROM unnest(%s::text[]) WITH ORDINALITY AS a(id, row)"
            " ORDER BY row",
            [found.reception_id.tolist()],
        )
        return [row[0] for row in cursor.fetchall()]


def _content(found: _Found, place: int) -> str:
    one = found.groups[place]
    parts = [
        sorted(found.reception_id[one.rows].tolist()),
        [
            one.people,
            one.households,
            one.frauds,
            one.short_term,
            one.same_provider,
            one.ties,
            one.amount,
            one.flagged,
        ],
        found.kinds[place],
    ]
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def _write(on: date, found: _Found, content: Sequence[str], changed: Sequence[int]) -> None:
    if not changed:
        return
    ids = take_ids(Component, len(changed))
    chosen = [found.groups[place] for place in changed]
    copy_rows(
        Component,
        {
            "id": ids,
            "as_of": str(on),
            "number": np.arange(1, len(chosen) + 1),
            "people": np.asarray([one.people for one in chosen]),
            "households": np.asarray([one.households for one in chosen]),
            "claims": np.asarray([len(one.rows) for one in chosen]),
            "frauds": np.asarray([one.frauds for one in chosen]),
            "short_term": np.asarray([one.short_term for one in chosen]),
            "same_provider": np.asarray([one.same_provider for one in chosen]),
            "ties": np.asarray([one.ties for one in chosen]),
            "amount": np.asarray([one.amount for one in chosen]),
            "flagged": np.asarray([one.flagged for one in chosen]),
            "links": ["{" + ",".join(found.kinds[place]) + "}" for place in changed],
            "content": [content[place] for place in changed],
        },
    )
    sizes = [len(one.rows) for one in chosen]
    rows = np.concatenate([one.rows for one in chosen])
    copy_rows(
        ComponentMember,
        {
            "component": np.repeat(ids, sizes),
            "claim": found.reception_id[rows],
            "person": found.person[rows],
        },
    )


def _ask_investigators(found: _Found, changed: Sequence[int], on: date) -> None:
    """Open cases for open claims of what newly looks like a ring; payments go on."""
    rows = [found.groups[place].rows for place in changed if found.groups[place].flagged]
    if not rows:
        return
    numbers = found.reception_id[np.concatenate(rows)].tolist()
    known = set(Case.objects.filter(claim__in=numbers).values_list("claim_id", flat=True))
    policy = selectors.tier_policy()
    facts = claims.facts([number for number in numbers if number not in known])
    scores = selectors.present_scores(list(facts))
    for number in sorted(facts):
        fact = facts[number]
        if not fact.open:
            continue
        said = selectors.latest_prediction(number)
        made = Case.objects.create(
            claim_id=number,
            opened_on=on,
            risk_score=scores.get(number, 0),
            amount=max(fact.claimed, fact.case_reserve),
            origin=Case.Origin.NETWORK,
            probability=said.probability if said else None,
            recovery_percent=policy.recovery_percent,
            cost=policy.cost,
        )
        CaseEvent.objects.create(
            case=made, kind=CaseEvent.Kind.RAISED, on=on, made_by=current().actor
        )


@transaction.atomic
def rank_parties(on: date) -> NetworkRun:
    """Rank the parties by how near they stood to established fraud at the end of a day.

    A snapshot of a past day may be added later: it holds only what was reported and decided by
    then.

    Args:
        on: reports and outcomes up to this day count; done once a day.
    """
    _one_at_a_time()
    if done := selectors.network_run(Kind.RANKS, on):
        return done
    whole = selectors.graph(on)
    ranks = graphs.rank(whole.claim, whole.value, whole.fraud)
    near = ranks.score > 0
    _write_ranks(on, whole, ranks, near)
    return NetworkRun.objects.create(
        kind=Kind.RANKS,
        as_of=on,
        claims=len(whole.number),
        links=len(whole.claim),
        found=int(near.sum()),
        rings=0,
    )


def _write_ranks(on: date, whole: Graph, ranks: graphs.Ranks, near: Flags) -> None:
    """Write the ranks beside the parties' hashes, which stay in the database."""
    if not near.any():
        return
    kept = np.isin(whole.value, ranks.value[near])
    value, claim = whole.value[kept], whole.claim[kept]
    code = np.searchsorted(ranks.value, value)
    total = np.bincount(code, minlength=len(ranks.value))
    frauds = np.bincount(code, weights=whole.fraud[claim], minlength=len(ranks.value))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE ranked (value bigint PRIMARY KEY, claims int, frauds int,"
            " rank numeric(7,6)) ON COMMIT DROP"
        )
        with cursor.copy("COPY ranked FROM STDIN") as copy:
            for line in _ranked(ranks, near, total, frauds.astype(np.int64)):
                copy.write_row(line)
        cursor.execute(
            """
            INSERT INTO fds_party_risk (as_of, value, kind, claims, frauds, rank)
            SELECT %(on)s, l.value, min(l.kind), min(r.claims), min(r.frauds), min(r.rank)
            FROM fds_party_links l JOIN ranked r ON r.value = hashtextextended(l.value, 0)
            WHERE l.reported_at < (%(on)s::date + 1)::timestamp AT TIME ZONE 'Asia/Seoul'
            GROUP BY l.value
            """,
            {"on": on},
        )
        cursor.execute("DROP TABLE ranked")


def _ranked(
    ranks: graphs.Ranks, near: Flags, total: Ints, frauds: Ints
) -> Iterator[tuple[int, int, int, str]]:
    for place in np.flatnonzero(near).tolist():
        yield (
            int(ranks.value[place]),
            int(total[place]),
            int(frauds[place]),
            f"{ranks.rank[place]:.6f}",
        )


def quarter_ends(since: date, until: date) -> list[date]:
    """Return the last days of the quarters that end in [since, until]."""
    found = []
    for year in range(since.year, until.year + 1):
        for month in (4, 7, 10, 13):
            end = date(year + month // 13, month % 12, 1) - timedelta(days=1)
            if since <= end <= until:
                found.append(end)
    return found


def rank_history(since: date, until: date) -> int:
    """Add the snapshots of the quarters that end in [since, until]; return how many there are.

    A model that learns from the ranks of parties needs them as they stood before each claim.
    """
    ends = quarter_ends(since, until)
    for end in ends:
        rank_parties(end)
    return len(ends)
