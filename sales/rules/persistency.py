"""Persistency (유지율): how much of what was sold is still paid and in force."""

from __future__ import annotations

import numpy as np

from core.columns import Flags, Ints, Won

MILESTONES = (1, 13, 25, 37, 61)


def persistency(*, premium: Won, reached: Ints, in_force: Flags, instalment: int) -> float | None:
    """Compute a cohort's persistency: premium still paid and in force over premium sold.

    Args:
        premium: (n,) won, monthly premium of the cohort's contracts, withdrawals left out.
        reached: (n,) highest measured instalment paid.
        in_force: (n,) whether the contract still runs.
        instalment: 13, 25, 37 or 61.

    Returns:
        A ratio, or None for an empty cohort.

    Source: the supervisor's ratio of contracts normally in force after one, two, … years, by
        premium (유지율).
    """
    sold = int(premium.sum())
    if not sold:
        return None
    return int(premium[(reached >= instalment) & in_force].sum()) / sold


def persistency_by(group: Ints, groups: int, *, premium: Won, kept: Flags) -> list[float | None]:
    """Compute the persistency of several cohorts at once: kept premium over sold premium.

    Args:
        group: (n,) which of the cohorts a contract belongs to, from 0.
        groups: how many there are.
        premium: (n,) won, monthly premium of the contracts, withdrawals left out.
        kept: (n,) whether the contract counts as kept.

    Returns:
        A ratio for each cohort, or None for one without premium.

    Source: as ``persistency``.
    """
    sold = np.bincount(group, premium, groups)
    held = np.bincount(group, premium * kept, groups)
    return [part / whole if whole else None for part, whole in zip(held, sold, strict=True)]
