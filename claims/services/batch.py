"""Claims to receive as a batch, and how one is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.columns import Keys, Won, as_column
from core.errors import DomainError

Minutes = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one row of a batch is not taken.

    Args:
        row: its place in the batch, from 0.
        rule: ``contract``, ``cover``, ``coverage``, ``dates``, ``provider``, ``amount``, ``code``,
            ``accident`` or ``duplicate``.
        reason: for people.
        other: for a duplicate, the reception number that it repeats.
    """

    row: int
    rule: str
    reason: str
    other: str = ""


class ClaimRefused(DomainError):
    """One or more claims cannot be taken; ``refusals`` says which and why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(" ".join(dict.fromkeys(one.reason for one in self.refusals)))


class NotCovered(ClaimRefused):
    """The contract was not in force on the day, or does not insure such an event."""


class LooksDuplicate(ClaimRefused):
    """A claim of the same contract, day and kind stands already; confirm to take it anyway."""


@dataclass(frozen=True, kw_only=True)
class NewClaims:
    """Claims to receive, in (n,) columns.

    Args:
        contract_id: contracts.
        claim_type: kinds of event (``Claim.Type``).
        channel: how they were reported (``Claim.Channel``).
        incident_at, reported_at: Korean local minutes, ``datetime64[m]``.
        claimed: claimed amounts, won; 0 where not known yet.
        provider_code: hospital or garage, empty: none.
        location, description, claimant_name: as reported.
        accident_no: reception number of an earlier claim of the same accident; empty: its own.
        external_key: key in the system that it came from, empty: none.
    """

    contract_id: Keys
    claim_type: Keys
    channel: Keys
    incident_at: Minutes
    reported_at: Minutes
    claimed: Won
    provider_code: Keys
    location: Keys
    description: Keys
    claimant_name: Keys
    accident_no: Keys
    external_key: Keys

    def __post_init__(self) -> None:
        for f in fields(self):
            given = getattr(self, f.name)
            if f.name in ("incident_at", "reported_at"):
                column = np.asarray(given, dtype="datetime64[m]")
            else:
                column = as_column("won" if f.name == "claimed" else "keys", given)
            object.__setattr__(self, f.name, column)
        if len({len(getattr(self, f.name)) for f in fields(self)}) != 1:
            raise ValueError("The columns of a batch differ in length.")

    @property
    def rows(self) -> int:
        """How many claims."""
        return len(self.contract_id)

    def take(self, rows: Any) -> Self:
        """Return the batch cut to ``rows`` (a boolean or index array)."""
        return type(self)(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]]) -> Self:
        """Make a batch from dictionaries; texts that are absent are empty."""
        columns: dict[str, Any] = {
            f.name: [row[f.name] if f.name in _NEEDED else row.get(f.name, "") for row in rows]
            for f in fields(cls)
        }
        return cls(**columns)


_NEEDED = {"contract_id", "claim_type", "channel", "incident_at", "reported_at", "claimed"}
