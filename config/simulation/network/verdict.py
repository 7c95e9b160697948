"""Were the planted rings found, and what else was?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a search brought.

    Args:
        planted: rings that there were.
        found: of those, rings that stand whole in one flagged component, of which they are at
            least half.
        flagged: components that look like a ring.
        false: of those, components in which members of rings are fewer than half.
        people: (in a ring, all) of the people of the flagged components.
    """

    planted: int
    found: int
    flagged: int
    false: int
    people: tuple[int, int]


def judge(rings: Sequence[set[str]], components: Sequence[set[str]]) -> Verdict:
    """Compare planted rings with the people of flagged components."""
    guilty = set().union(*rings)
    return Verdict(
        planted=len(rings),
        found=sum(
            any(ring <= found and 2 * len(ring) >= len(found) for found in components)
            for ring in rings
        ),
        flagged=len(components),
        false=sum(2 * len(found & guilty) < len(found) for found in components),
        people=(sum(len(found & guilty) for found in components), sum(map(len, components))),
    )
