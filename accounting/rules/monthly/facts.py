"""Facts of a run: estimate × amount type × basis × step × novelty → won by group.

Estimates: PVFCF (present value of cash flows), RA (risk adjustment), CSM, LC (loss component), ACQ
(acquisition cash flows not amortised), UPR (premium allocation), LRC, IBNR, LIC, COST (expenses
allocated), EXPECTED (what the next run needs to know). Bases: C (current rates), L (locked-in
rates), N (nominal). Novelty: I (in force), N (new), C (both together).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Won = NDArray[np.int64]
OPENING, CLOSING = "OPENING", "CLOSING"
NOVELTY = {"NEW": "N", OPENING: "I"}


class Fact(NamedTuple):
    """What a fact is of."""

    estimate: str
    amount_type: str
    basis: str
    step: str

    @property
    def novelty(self) -> str:
        """Whether it belongs to contracts in force, new ones, or both."""
        return NOVELTY.get(self.step, "C")


Facts = dict[Fact, Won]
"""Fact → (groups,) won."""


def rolled(
    facts: Facts,
    estimate: str,
    steps: Mapping[str, Won],
    *,
    amount_type: str = "",
    basis: str = "C",
) -> Won:
    """Add a roll-forward; its closing is the sum of its steps, and is returned."""
    closing: Won = np.asarray(np.sum(list(steps.values()), axis=0), np.int64)
    for step, values in steps.items():
        facts[Fact(estimate, amount_type, basis, step)] = values
    facts[Fact(estimate, amount_type, basis, CLOSING)] = closing
    return closing


def footing(facts: Mapping[Fact, Won]) -> dict[tuple[str, str, str], Won]:
    """Return by (estimate, amount type, basis) how far opening plus steps misses closing."""
    sums: dict[tuple[str, str, str], Won] = {}
    for fact, values in facts.items():
        if fact.estimate == "EXPECTED":
            continue
        key = fact[:3]
        signed = -values if fact.step == CLOSING else values
        sums[key] = sums[key] + signed if key in sums else signed.copy()
    return sums


def digest(rows: Iterable[tuple[str, Fact, int]]) -> str:
    """Return SHA-256 over facts in a canonical text, whatever their order.

    Args:
        rows: (group, fact, won).
    """
    lines = sorted(
        "\x1f".join((group, *fact, fact.novelty, str(amount))) for group, fact, amount in rows
    )
    return hashlib.sha256("\n".join(["v1", *lines]).encode()).hexdigest()
