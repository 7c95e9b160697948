"""Persistency (유지율): how much of what was sold is still paid and in force."""

from __future__ import annotations

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
