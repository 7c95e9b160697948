"""The sales hierarchy on a day: who stands above whom, and what they get (관리자 수수료)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.columns import Ints, Keys, Won
from sales.rules.plans import Override
from sales.rules.rounding import PERCENT, half_up

MOST_LEVELS = 8


@dataclass(frozen=True, slots=True)
class Post:
    """Where an agent stands on a day.

    Args:
        rank: FC, LEADER, MANAGER, ….
        tier: performance tier, "" for none.
        reports_to: the superior's number, "" at the top.
        active: whether the agent is in service.
    """

    rank: str
    tier: str = ""
    reports_to: str = ""
    active: bool = True


class CircularHierarchy(ValueError):
    """Somebody stands above themselves."""


def superiors(agent_id: str, posts: Mapping[str, Post]) -> list[str]:
    """Return who stands above an agent, the nearest first.

    Raises:
        CircularHierarchy: the way up comes back, or is longer than any company's.
    """
    found: list[str] = []
    above = posts[agent_id].reports_to if agent_id in posts else ""
    while above:
        if above == agent_id or above in found or len(found) == MOST_LEVELS:
            raise CircularHierarchy(f"The way up from {agent_id} does not end.")
        found.append(above)
        above = posts[above].reports_to if above in posts else ""
    return found


def nearest(agent_id: str, rank: str, posts: Mapping[str, Post]) -> str:
    """Return the nearest superior of a rank who is in service, "" where there is none."""
    for above in superiors(agent_id, posts):
        post = posts.get(above)
        if post is not None and post.rank == rank and post.active:
            return above
    return ""


def servicer(agent_id: str, posts: Mapping[str, Post]) -> str:
    """Return who looks after an agent's contracts: themselves, or who took over when they left."""
    post = posts.get(agent_id)
    if post is None or post.active:
        return agent_id
    for above in superiors(agent_id, posts):
        if above in posts and posts[above].active:
            return above
    return agent_id


@dataclass(frozen=True, slots=True)
class Overrides:
    """Lines of superiors.

    Args:
        row: (m,) the line below on which each rests.
        agent_id: (m,) who gets it.
        amount: (m,) won.
        percent: (m,) hundredths of a percent.
        level: (m,) place of the rank in the plan, from 0.
    """

    row: Ints
    agent_id: Keys
    amount: Won
    percent: Ints
    level: Ints


def overrides(
    *, agent_id: Keys, amount: Won, plan: tuple[Override, ...], posts: Mapping[str, Post]
) -> Overrides:
    """Compute what superiors get on lines, each distinct seller's way up walked once.

    Args:
        agent_id: (n,) whose line.
        amount: (n,) won of the line, after the cap.
        plan: the plan's overrides.
        posts: the hierarchy on the day.

    Raises:
        CircularHierarchy: somebody stands above themselves.
    """
    sellers, place = np.unique(agent_id.astype(str), return_inverse=True)
    rows, who, won, percents, levels = [], [], [], [], []
    for level, override in enumerate(plan):
        above = np.array([nearest(str(s), override.rank, posts) for s in sellers], dtype=object)
        mine = above[place] if len(sellers) else above
        due = half_up(amount * override.percent, PERCENT)
        hit = np.flatnonzero((mine != "") & (due > 0))
        rows.append(hit)
        who.append(mine[hit])
        won.append(due[hit])
        percents.append(np.full(len(hit), override.percent))
        levels.append(np.full(len(hit), level))
    if not rows:
        none = np.empty(0, np.int64)
        return Overrides(none, np.empty(0, object), none, none, none)
    return Overrides(*(np.concatenate(part) for part in (rows, who, won, percents, levels)))
