"""The panel of a treaty: several reinsurers, each with its signed line of one whole."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from core.columns import Ints, Won

SIGNED = 10_000
"""All signed lines together, hundredths of a percent."""


def fault_of_panel(panel: Sequence[tuple[str, Decimal]]) -> str:
    """Return what is wrong with signed lines (name, percent), with the figure; empty if nothing.

    An empty panel is sound: one reinsurer signed all of it.
    """
    if not panel:
        return ""
    names = [name.strip() for name, _ in panel]
    if len(set(names)) < len(names) or not all(names):
        return ", ".join(names)
    for name, percent in panel:
        if percent <= 0 or percent * 100 != int(percent * 100):
            return f"{name} {percent} %"
    total = sum((percent for _, percent in panel), Decimal(0))
    return "" if total == 100 else f"{total.normalize():f} %"


def split(amounts: Won, parts: Ints) -> NDArray[np.int64]:
    """Split amounts by signed lines, to the won, so that the parts of each sum to it.

    What is left after whole won goes, a won each, to the largest remainders, the first of equal
    ones first; a negative amount is split as its size.

    Args:
        amounts: (n,) won, signed.
        parts: (k,) signed lines, hundredths of a percent, ``SIGNED`` together.

    Returns:
        (n, k) won.

    Raises:
        ValueError: the lines are not whole.
    """
    if int(parts.sum()) != SIGNED:
        raise ValueError(f"Signed lines come to {int(parts.sum())} of {SIGNED}.")
    exact = np.abs(amounts)[:, None] * parts[None, :]
    whole, rest = exact // SIGNED, exact % SIGNED
    missing = np.abs(amounts) - whole.sum(axis=1)
    order = np.argsort(-rest, axis=1, kind="stable")
    place = np.argsort(order, axis=1, kind="stable")
    shared = whole + (place < missing[:, None])
    return np.asarray(np.sign(amounts)[:, None] * shared, np.int64)
