"""The network of claims: who is held together by what they share, and who stands near fraud."""

from .nearby import Near, around
from .pairs import Ties, blocks
from .ranks import Ranks, rank
from .rings import (
    ADDRESS,
    BONDS,
    FAMILY,
    FEWEST_PEOPLE,
    HUB,
    PERSON,
    Bonds,
    Chances,
    Claims,
    Group,
    Parts,
    components,
    groups,
    households,
    parts,
    telling,
)

__all__ = [
    "ADDRESS",
    "BONDS",
    "FAMILY",
    "FEWEST_PEOPLE",
    "HUB",
    "PERSON",
    "Bonds",
    "Chances",
    "Claims",
    "Group",
    "Near",
    "Parts",
    "Ranks",
    "Ties",
    "around",
    "blocks",
    "components",
    "groups",
    "households",
    "parts",
    "rank",
    "telling",
]
