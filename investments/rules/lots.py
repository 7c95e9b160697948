"""Several purchases of one asset: which of them a sale takes, and at what cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from core.columns import Won

FIFO = "FIFO"
AVERAGE = "AVERAGE"
UNITS = 10_000
"""A quantity counts in ten-thousandths, the precision of its column."""


@dataclass(frozen=True, slots=True)
class Relief:
    """What a sale takes of each lot, in the order of the lots.

    Args:
        quantity: (n,) in parts of ``UNITS``.
        cost: (n,) won; with everything taken it is the whole cost.
    """

    quantity: NDArray[np.int64]
    cost: Won


def relieve(quantity: NDArray[np.int64], cost: Won, *, sold: int, policy: str = FIFO) -> Relief:
    """Return what a sale takes of the lots of one asset.

    First in, first out takes the oldest lots whole; the average takes the same part of each lot.
    Cost goes with quantity; of a part it is cut to whole won, and the last sale takes the rest,
    so that all sales together take the whole cost.

    Args:
        quantity: (n,) held of each lot, oldest first, in parts of ``UNITS``.
        cost: (n,) of what is held, won.
        sold: in parts of ``UNITS``, above zero.
        policy: ``FIFO`` or ``AVERAGE``.

    Raises:
        ValueError: more is sold than is held, or the policy is not known.

    Source: IAS 2.25 for the two cost formulas; IFRS 9 leaves the choice to the entity.
    """
    held = int(quantity.sum())
    if not 0 < sold <= held:
        raise ValueError("A sale takes more than nothing and at most what is held.")
    if policy == FIFO:
        taken = np.diff(np.minimum(np.cumsum(quantity), sold), prepend=0)
    elif policy == AVERAGE:
        taken = _in_parts(quantity, sold)
    else:
        raise ValueError(f"Unknown policy: {policy}.")
    parts = [
        int(c) if t == q else int(c) * int(t) // int(q) if q else 0
        for c, t, q in zip(cost, taken, quantity, strict=True)
    ]
    return Relief(taken.astype(np.int64), np.asarray(parts, dtype=np.int64))


def _in_parts(quantity: NDArray[np.int64], sold: int) -> NDArray[np.int64]:
    """Split a sale over lots in proportion, by largest remainder."""
    held = int(quantity.sum())
    exact = [int(q) * sold for q in quantity]
    floor = np.asarray([e // held for e in exact], dtype=np.int64)
    rest = sold - int(floor.sum())
    order = sorted(range(len(exact)), key=lambda i: (-(exact[i] % held), i))
    for i in order[:rest]:
        floor[i] += 1
    return floor


def in_units(quantity: Decimal) -> int:
    """Return a quantity in parts of ``UNITS``."""
    return int(quantity * UNITS)
