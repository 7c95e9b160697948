"""The network of claims: who is held together by what they share, and who stands near fraud."""

from .nearby import Near, around
from .ranks import Ranks, rank
from .rings import (
    BONDS,
    FAMILY,
    FEWEST_PEOPLE,
    HUB,
    Bonds,
    Claims,
    Group,
    components,
    groups,
    households,
)

__all__ = [
    "BONDS",
    "FAMILY",
    "FEWEST_PEOPLE",
    "HUB",
    "Bonds",
    "Claims",
    "Group",
    "Near",
    "Ranks",
    "around",
    "components",
    "groups",
    "households",
    "rank",
]
