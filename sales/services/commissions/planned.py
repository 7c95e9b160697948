"""The lines of a plan: shares, the cap of the first year, overrides, advances and redemption."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.columns import Flags, Ints, Keys, Won
from sales import rules
from sales.selectors import booked
from sales.selectors.hierarchy import Payees, Shares
from sales.selectors.plans import ActivePlan

from .batches import Collected
from .lines import Lines, joined

_NO_CAP = np.iinfo(np.int64).max // 4
_LEVEL = 100
"""Parts of overrides are numbered from here on, a hundred for each level."""


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What is common to a batch: the due date, the hierarchy of the day, the shares."""

    due: np.datetime64
    payees: Payees
    shares: Shares | None


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """A batch under one plan, with its parts (m,) and their amounts."""

    batch: Collected
    scheme: rules.Scheme
    parts: rules.Parts
    agent_id: Keys
    earned: rules.Divided
    room: Won
    maintained: Flags


def planned_lines(
    batch: Collected,
    plan: ActivePlan | None,
    setting: Setting,
    *,
    scheme: rules.Scheme | None = None,
    rule_id: int = 0,
) -> Lines:
    """Return every line that collected instalments make under a plan.

    Args:
        batch: instalments of contracts that the plan rules.
        plan: the plan; None where a product's own rule is shared out.
        setting: due date, hierarchy, shares.
        scheme: the rule, where there is no plan.
        rule_id: of the product's own rule, where there is no plan.
    """
    used = scheme or (plan.scheme if plan else None)
    assert used is not None, "a plan or a rule"
    work = _earned(batch, plan, used, setting)
    made = [_direct(work, setting)]
    if used.overrides:
        made.append(_overrides(work, setting))
    if used.advance is not None:
        made += [_advances(work, plan, setting), _redeemed(work, used.advance, setting)]
    lines = joined(made)
    return _ruled(lines, plan.plan_id if plan else "", rule_id)


def _ruled(lines: Lines, plan_id: str, rule_id: int) -> Lines:
    lines.plan_id[:] = plan_id
    lines.rule_id[:] = rule_id
    return lines


def _earned(
    batch: Collected, plan: ActivePlan | None, scheme: rules.Scheme, setting: Setting
) -> _Work:
    row, agent_id, share = _recipients(batch, setting.shares)
    maintained = scheme.is_maintenance(batch.instalment)
    posts = setting.payees.posts
    cared = np.flatnonzero(maintained[row])
    if len(cared):
        who = {name: rules.servicer(name, posts) for name in set(agent_id[cared].tolist())}
        agent_id[cared] = [who[name] for name in agent_id[cared]]
    names, place = np.unique(agent_id.astype(str), return_inverse=True)
    parts = rules.Parts(
        row=row,
        share=share,
        factor=np.asarray([setting.payees.factor[n] for n in names], np.int64)[place],
        tier=scheme.tier_of(posts[n].tier for n in names)[place],
        rank=scheme.rank_of(posts[n].rank for n in names)[place],
    )
    room = _room(batch, plan, scheme, setting)
    earned = rules.divided(
        premium=batch.premium,
        instalment=batch.instalment,
        parts=parts,
        scheme=scheme,
        headroom=room,
    )
    return _Work(batch, scheme, parts, agent_id, earned, room, maintained)


def _recipients(batch: Collected, shares: Shares | None) -> tuple[Ints, Keys, Ints]:
    """Return (row, agent, share) of every recipient, rows ascending; unshared rows whole."""
    count = len(batch.contract_id)
    row, agent_id = np.arange(count), batch.agent_id.copy()
    whole = np.full(count, rules.PERCENT)
    if shares is None or not len(shares):
        return row, agent_id, whole
    by_contract: dict[str, list[int]] = {}
    for place, key in enumerate(shares.contract_id.tolist()):
        by_contract.setdefault(key, []).append(place)
    rows: list[int] = []
    who: list[str] = []
    share: list[int] = []
    for number, key in enumerate(batch.contract_id.tolist()):
        for place in by_contract.get(key, [-1]):
            rows.append(number)
            who.append(batch.agent_id[number] if place < 0 else shares.agent_id[place])
            share.append(rules.PERCENT if place < 0 else int(shares.share[place]))
    return np.asarray(rows, np.int64), np.asarray(who, object), np.asarray(share, np.int64)


def _room(batch: Collected, plan: ActivePlan | None, scheme: rules.Scheme, setting: Setting) -> Won:
    """Return what each contract's first year may still earn, won."""
    multiple, kinds = _caps(batch, plan, scheme, setting)
    room = np.where(multiple < 0, _NO_CAP, batch.premium * np.maximum(multiple, 0) // rules.FACTOR)
    late = (batch.instalment > 1) & (batch.instalment <= rules.FIRST_YEAR) & (multiple >= 0)
    if not batch.fresh and late.any():
        paid = booked.first_year(batch.contract_id[late], kinds)
        room[late] -= np.asarray([paid.get(k, 0) for k in batch.contract_id[late]], np.int64)
    if "OVERRIDE" in kinds:
        above = sum(override.percent for override in scheme.overrides)
        room = np.where(multiple < 0, room, room * rules.PERCENT // (rules.PERCENT + above))
    return np.maximum(room, 0)


def _caps(
    batch: Collected, plan: ActivePlan | None, scheme: rules.Scheme, setting: Setting
) -> tuple[Ints, frozenset[str]]:
    if plan is None:
        flat = -1 if scheme.multiple is None else scheme.multiple
        return np.full(len(batch.contract_id), flat), booked.COUNTED
    multiple = np.full(len(batch.contract_id), -1)
    kinds: frozenset[str] = frozenset()
    for number, name in enumerate(batch.agent_id.tolist()):
        channel = setting.payees.channel[name]
        if plan.regime.counted(channel):
            multiple[number] = plan.regime.multiple(channel)
            kinds |= plan.regime.counted(channel)
    return multiple, kinds


def _direct(work: _Work, setting: Setting) -> Lines:
    hit = np.flatnonzero(work.earned.rate > 0)
    instalment = work.batch.instalment[work.parts.row]
    kind = np.where(
        work.maintained[work.parts.row],
        "MAINTAIN",
        np.where(instalment == 1, "NEW", "RENEWAL"),
    ).astype(object)
    return _lines(
        work,
        hit,
        setting,
        kind=kind[hit],
        amount=work.earned.amount[hit],
        base=work.batch.premium[work.parts.row[hit]],
        rate=work.earned.rate[hit],
        factor=work.parts.factor[hit],
        part=_place(work.parts.row)[hit],
    )


def _overrides(work: _Work, setting: Setting) -> Lines:
    below = np.where(work.maintained[work.parts.row], 0, work.earned.amount)
    above = rules.overrides(
        agent_id=work.agent_id,
        amount=below,
        plan=work.scheme.overrides,
        posts=setting.payees.posts,
    )
    lines = _lines(
        work,
        above.row,
        setting,
        kind=np.full(len(above.row), "OVERRIDE", dtype=object),
        amount=above.amount,
        base=below[above.row],
        rate=above.percent,
        factor=np.full(len(above.row), rules.FACTOR),
        part=_LEVEL * (above.level + 1) + _place(work.parts.row)[above.row],
    )
    lines.agent_id[:] = above.agent_id
    lines.share[:] = rules.PERCENT  # its base is the part that was shared out already
    return lines


def _advances(work: _Work, plan: ActivePlan | None, setting: Setting) -> Lines:
    """Return the advances of first instalments, cut to what the cap leaves after them."""
    advance = work.scheme.advance
    assert advance is not None, "only plans with an advance come here"
    parts, batch = work.parts, work.batch
    first = np.flatnonzero((batch.instalment == 1)[parts.row])
    expected = rules.granted(
        premium=batch.premium[parts.row[first]],
        rates=work.scheme.rates[parts.tier[first], parts.rank[first]][:, advance.instalments],
        factor=parts.factor[first],
        share=parts.share[first],
        advance=advance,
    )
    if plan is not None and any("ADVANCE" in kinds for kinds in plan.regime.counts.values()):
        paid = np.bincount(parts.row, work.earned.amount, len(batch.contract_id)).astype(np.int64)
        left = np.maximum(work.room - paid, 0)
        expected = rules.cut(amount=expected, row=parts.row[first], allowed=left)
    hit = first[expected > 0]
    amount = expected[expected > 0]
    return _lines(
        work,
        hit,
        setting,
        kind=np.full(len(hit), "ADVANCE", dtype=object),
        amount=amount,
        base=amount * rules.PERCENT // advance.percent,
        rate=np.full(len(hit), advance.percent),
        factor=np.full(len(hit), rules.FACTOR),
        part=_place(parts.row)[hit],
    )


def _redeemed(work: _Work, advance: rules.Advance, setting: Setting) -> Lines:
    parts, batch = work.parts, work.batch
    instalment = batch.instalment[parts.row]
    mine = np.flatnonzero(np.isin(instalment, advance.instalments) & (work.earned.amount > 0))
    known = booked.outstanding(batch.contract_id[parts.row[mine]]) if len(mine) else {}
    keys = zip(batch.contract_id[parts.row[mine]], work.agent_id[mine], strict=True)
    taken = rules.redeemed(
        earned=work.earned.amount[mine],
        outstanding=np.asarray([known.get(key, 0) for key in keys], np.int64),
        instalment=instalment[mine],
        advance=advance,
    )
    hit = mine[taken > 0]
    return _lines(
        work,
        hit,
        setting,
        kind=np.full(len(hit), "REDEEMED", dtype=object),
        amount=-taken[taken > 0],
        base=work.earned.amount[hit],
        rate=np.full(len(hit), advance.percent),
        factor=np.full(len(hit), rules.FACTOR),
        part=_place(parts.row)[hit],
    )


def _place(row: Ints) -> Ints:
    """Number the parts of each row from 0; rows ascend."""
    first = np.searchsorted(row, row)
    return np.arange(len(row)) - first


def _lines(work: _Work, hit: Ints, setting: Setting, **columns: Any) -> Lines:
    row = work.parts.row[hit]
    one = work.batch
    count = len(hit)
    return Lines(
        contract_id=one.contract_id[row],
        agent_id=work.agent_id[hit],
        product_code=one.product_code[row],
        version=one.version[row],
        line=one.line[row],
        cohort_year=one.cohort_year[row],
        instalment=one.instalment[row],
        share=work.parts.share[hit],
        rule_id=np.zeros(count, np.int64),
        plan_id=np.full(count, "", dtype=object),
        due=np.full(count, setting.due),
        **columns,
    )
