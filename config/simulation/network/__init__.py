"""A year of claims with their parties: honest people, families, offices, and planted rings.

Policyholder → contract → claim → parties → who cheats → who is looked into, after the design of
Campo and Antonio (arXiv:2308.11659). Everything is invented; the same scene gives the same life.
"""

from .loading import load
from .rings import plant
from .society import Scene, Society, live
from .verdict import Verdict, judge

__all__ = ["Scene", "Society", "Verdict", "judge", "live", "load", "plant"]
