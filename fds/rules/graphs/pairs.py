"""Strong ties: households that meet in two ways, or twice.

A counterpart in an accident, a shop that was paid directly, colleagues at one switchboard: one tie
joins strangers by chance. People who act together share more than that.

Source: Granovetter, American Journal of Sociology 78 (1973), for weak and strong ties; Šubelj,
Furlan and Bajec, Expert Systems with Applications 38 (2011), for dense parts as a mark of rings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.columns import Ints

STRONG = 2


@dataclass(frozen=True, slots=True)
class Ties:
    """Which household takes part in what, (m,) each, in any order, repeats allowed.

    Args:
        household: number, from zero.
        value: number of what is shared.
        way: how that counts: two values of one way count once between the same households.
    """

    household: Ints
    value: Ints
    way: Ints


def blocks(ties: Ties, households: int) -> tuple[Ints, Ints]:
    """Find the households that strong ties hold together.

    Args:
        ties: (m,).
        households: how many there are.

    Returns:
        (households,) number of the block of each, -1 outside of any;
        (blocks,) strong ties in each.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    none = np.full(households, -1, dtype=np.int64)
    met = np.unique(_pairs(ties), axis=0)
    pairs, ways = np.unique(met[:, :2], axis=0, return_counts=True)
    strong = pairs[ways >= STRONG]
    if not len(strong):
        return none, np.empty(0, dtype=np.int64)
    graph = coo_matrix(
        (np.ones(len(strong), np.int8), (strong[:, 0], strong[:, 1])), shape=(households,) * 2
    )
    part = connected_components(graph, directed=False)[1]
    labels, number = np.unique(part[strong[:, 0]], return_inverse=True)
    none[strong[:, 0]] = none[strong[:, 1]] = number
    return none, np.bincount(number, minlength=len(labels)).astype(np.int64)


def _pairs(ties: Ties) -> Ints:
    """Return (k, 3): two households, the smaller first, and the way in which they met."""
    rows = np.unique(np.column_stack([ties.value, ties.way, ties.household]), axis=0)
    if not len(rows):
        return np.empty((0, 3), dtype=np.int64)
    key = (np.diff(rows[:, 0], prepend=-1) != 0) | (np.diff(rows[:, 1], prepend=-1) != 0)
    starts = np.flatnonzero(key)
    sizes = np.diff(np.append(starts, len(rows)))
    found = [np.empty((0, 3), dtype=np.int64)]
    for size in np.unique(sizes[sizes > 1]).tolist():
        first = starts[sizes == size]
        group = rows[first[:, None] + np.arange(size), 2]
        left, right = np.triu_indices(size, 1)
        way = np.repeat(rows[first, 1], len(left))
        found.append(np.column_stack([group[:, left].ravel(), group[:, right].ravel(), way]))
    return np.concatenate(found)
