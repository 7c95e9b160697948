"""What fraud detection announces."""

from dataclasses import dataclass
from typing import ClassVar

from core.columns import Flags, Ints, Keys
from core.events import Event


@dataclass(frozen=True, kw_only=True, eq=False)
class ClaimsScored(Event):
    """Claims have a score; the suspicious ones wait for a person."""

    name: ClassVar[str] = "fds.scored.v1"
    reception_id: Keys
    risk_score: Ints
    suspicious: Flags


@dataclass(frozen=True, kw_only=True, eq=False)
class CasesDecided(Event):
    """People decided suspicious claims: CLEARED or CONFIRMED."""

    name: ClassVar[str] = "fds.cases_decided.v1"
    reception_id: Keys
    decision: Keys


@dataclass(frozen=True, kw_only=True, eq=False)
class HoldsPlaced(Event):
    """A person stopped payments on statutory grounds."""

    name: ClassVar[str] = "fds.holds_placed.v1"
    reception_id: Keys
    ground: Keys


@dataclass(frozen=True, kw_only=True, eq=False)
class HoldsReleased(Event):
    """Payments may go on."""

    name: ClassVar[str] = "fds.holds_released.v1"
    reception_id: Keys
