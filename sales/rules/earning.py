"""What paid instalments earn: the product's own rule, or a plan by tier and rank with its cap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.columns import Ints, Won
from sales.rules.plans import FIRST_YEAR, Plan, Scheme
from sales.rules.rounding import FACTOR, PERCENT, half_up, shared_out


@dataclass(frozen=True, slots=True)
class Earned:
    """What instalments earn.

    Args:
        amount: (n,) won, after the cap.
        rate: (n,) the product's rate, hundredths of a percent; zero where nothing is earned.
        uncapped: (n,) won, before the first-year cap.
    """

    amount: Won
    rate: Ints
    uncapped: Won


def commission(*, premium: Won, instalment: Ints, agent_factor: Ints, plan: Plan) -> Earned:
    """Compute the commission on paid instalments of one product version.

    Premium × the product's rate at that instalment × the agent's factor, each instalment rounded
    half away from zero to whole won. What the first twelve instalments earn together never goes
    over the cap; the instalment that reaches it is cut, later ones of that year earn nothing.

    Args:
        premium: (n,) won, of one instalment.
        instalment: (n,) number of the paid instalment, from 1.
        agent_factor: (n,) hundredths, not negative.
        plan: the version's commission rule.

    Returns:
        What each row earns.

    Source: 보험업감독규정 제4-32조 (first-year commission at most twelve monthly premiums).
    """
    steps = len(plan.instalments)
    each = half_up(
        premium[:, None] * (plan.rates[None, :] * agent_factor[:, None]), PERCENT * FACTOR
    )
    capped = each.copy()
    if plan.first_year_multiple is not None:
        first_year = plan.instalments <= FIRST_YEAR
        ceiling = premium * plan.first_year_multiple // FACTOR
        so_far = np.minimum(np.cumsum(each[:, first_year], axis=1), ceiling[:, None])
        capped[:, first_year] = np.diff(so_far, axis=1, prepend=0)
    place = np.searchsorted(plan.instalments, instalment)
    inside = place < steps
    place = np.where(inside, place, 0)
    hit = inside & (plan.instalments[place] == instalment)
    rows = np.arange(len(premium))
    return Earned(
        amount=np.where(hit, capped[rows, place], 0),
        rate=np.where(hit, plan.rates[place], 0),
        uncapped=np.where(hit, each[rows, place], 0),
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of an instalment's commission, one row a recipient.

    Args:
        row: (m,) which instalment of the batch, ascending.
        share: (m,) of it, hundredths of a percent; the parts of a row sum to 10,000.
        factor: (m,) the recipient's factor, hundredths.
        tier: (m,) place in the plan.
        rank: (m,) place in the plan.
    """

    row: Ints
    share: Ints
    factor: Ints
    tier: Ints
    rank: Ints


class BadShares(ValueError):
    """The shares of a contract do not sum to 100 %."""


@dataclass(frozen=True, slots=True)
class Divided:
    """What recipients earn.

    Args:
        amount: (m,) won, after the cap.
        rate: (m,) hundredths of a percent of the premium, by tier and rank.
        uncapped: (m,) won.
    """

    amount: Won
    rate: Ints
    uncapped: Won


def divided(
    *, premium: Won, instalment: Ints, parts: Parts, scheme: Scheme, headroom: Won | None = None
) -> Divided:
    """Compute what the recipients of each paid instalment earn by a plan.

    Premium × rate by tier and rank × the recipient's factor × the share. The parts of one
    instalment are rounded by largest remainder, so that they sum to its rounded commission. Where
    an instalment of the first year would go over the headroom, its parts are cut in proportion.

    Args:
        premium: (n,) won of one instalment.
        instalment: (n,) number, from 1.
        parts: who gets which share of which row.
        scheme: the plan.
        headroom: (n,) won that the contract's first year may still earn; None takes the whole cap.

    Raises:
        BadShares: the shares of a row do not sum to 100 %.

    Source: 보험업감독규정 제4-32조 제5항.
    """
    whole = np.bincount(parts.row, parts.share, len(premium)).astype(np.int64)
    if np.any(whole != PERCENT):
        raise BadShares("The shares of a contract sum to 100 %.")
    rate = scheme.rate(instalment=instalment[parts.row], tier=parts.tier, rank=parts.rank)
    base = premium[parts.row] * (rate * parts.factor)
    uncapped = _by_share(base, parts.share, parts.row)
    if scheme.multiple is None and headroom is None:
        return Divided(uncapped, rate, uncapped)
    room = room_of(premium, scheme.multiple) if headroom is None else headroom
    total = np.bincount(parts.row, uncapped, len(premium)).astype(np.int64)
    allowed = np.where(instalment <= FIRST_YEAR, np.minimum(total, np.maximum(room, 0)), total)
    return Divided(cut(amount=uncapped, row=parts.row, allowed=allowed), rate, uncapped)


def room_of(premium: Won, multiple: int | None) -> Won:
    """Return what a contract's first year may earn in all, won; without a cap, no end of it."""
    if multiple is None:
        return np.full(len(premium), np.iinfo(np.int64).max // 4)
    return premium * multiple // FACTOR


def _by_share(base: Ints, share: Ints, row: Ints) -> Won:
    """Return base × share, rounded within each row, without leaving 64 bits.

    ``base`` is won × 10,000 × 100: whole won are carried apart, so that only what lies below a won
    needs the fine divisor.
    """
    fine = PERCENT * FACTOR
    won, rest = base // fine, base % fine
    carried = won * share
    whole, left = carried // PERCENT, carried % PERCENT
    return whole + shared_out(left * fine + rest * share, PERCENT * fine, row)


def cut(*, amount: Won, row: Ints, allowed: Won) -> Won:
    """Cut the parts of the rows that come to more than is allowed, in proportion, to the won.

    Args:
        amount: (m,) won, the parts.
        row: (m,) which row each belongs to.
        allowed: (n,) won that the parts of each row may come to.
    """
    total = np.bincount(row, amount, len(allowed)).astype(np.int64)
    hit = (total > allowed)[row]
    if not hit.any():
        return amount
    rows, group = np.unique(row[hit], return_inverse=True)
    weight = amount[hit].astype(object) * allowed[row[hit]].astype(object)
    floor = np.asarray(weight // np.maximum(total[row[hit]], 1), np.int64)
    short = allowed[rows] - np.bincount(group, floor, len(rows)).astype(np.int64)
    order = np.lexsort((floor - amount[hit], group))
    first = np.searchsorted(group[order], np.arange(len(rows)))
    place = np.empty(len(group), np.int64)
    place[order] = np.arange(len(group)) - first[group[order]]
    out = amount.copy()
    out[hit] = floor + (place < short[group])
    return out
