"""The walk of positions through their months, by NumPy: one month at a time, all positions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .model import Floats, Flow, Ints

BLOCK = 16_384
"""Positions walked at a time, so that they stay in the processor's cache."""
AT_ONCE = 100_000
"""Positions times months up to which all months are worked at once: few contracts, many months."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Unrolled cells and the positions in them: k kinds of flow, r positions.

    Args:
        kinds: (k,) the flows that occur.
        flow: (k, months × cells) expected flow per contract in force at a month's start.
        survival: (months × cells,) share that survives the month.
        base: (r,) where a position's next month stands in the unrolled cells.
        stride: how far from there the month after stands.
        delay: (r,) months until that month begins.
        length: (r,) months ahead.
        growth: (r,) monthly growth of maintenance where positions differ, else None.
    """

    kinds: Ints
    flow: Floats
    survival: Floats
    base: Ints
    stride: int
    delay: Ints
    length: Ints
    growth: Floats | None

    @property
    def growing(self) -> int:
        """Which row of ``flow`` grows with ``growth``; −1 for none."""
        found = np.flatnonzero(self.kinds == Flow.EXPENSE)
        return int(found[0]) if self.growth is not None and len(found) else -1


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What makes amounts of groups: x terms, each a flow times a size.

    Args:
        kind: (x,) row of the piece's flows.
        size: (x, r) size of each position.
        group: (r,) group of each position.
    """

    kind: Ints
    size: Floats
    group: Ints


@dataclass(frozen=True, slots=True)
class Walker:
    """Who walks: ``present_values(piece, weights)`` and ``cash_flows(piece, weights, terms, out)``.

    Both take ``weights``: (k, months), what a flow of a month counts. The first returns (k, r);
    the second adds to ``out``: (x, months, groups).
    """

    name: str
    present_values: Callable[[Piece, Floats], Floats]
    cash_flows: Callable[[Piece, Floats, Terms, Floats], None]


def present_values(piece: Piece, weights: Floats) -> Floats:
    """Sum the weighted flows of each position, (k, r)."""
    out = np.zeros((len(piece.kinds), len(piece.base)))
    waiting = piece.delay > 0
    order = np.lexsort((-piece.length, waiting))
    begun = int((~waiting).sum())
    for rows in (order[:begun], order[begun:]):
        for first in range(0, len(rows), BLOCK):
            block = rows[first : first + BLOCK]
            out[:, block] = _walk(piece, weights, block)
    return out


def _walk(piece: Piece, weights: Floats, block: Ints) -> Floats:
    """Walk a block of positions, longest first, whose delays are all zero or all not."""
    kinds, grows = len(piece.kinds), piece.growing
    at, delay, length = piece.base[block].copy(), piece.delay[block], piece.length[block]
    waiting = bool(len(delay)) and bool(delay[0] > 0)
    alive, total = np.ones(len(block)), np.zeros((kinds, len(block)))
    worth, part = np.empty(len(block)), np.empty(len(block))
    growth = None if piece.growth is None else piece.growth[block]
    grown = None if growth is None else growth**delay
    shared = _shared(weights) if grows < 0 else list(range(kinds))
    for j in range(int(length.max(initial=0))):
        n = int(np.searchsorted(-length, -j, side="left"))  # those with more than j months
        a, where, w, p = alive[:n], at[:n], worth[:n], part[:n]
        last = -1
        for k in range(kinds):
            if shared[k] != last:
                np.multiply(a, weights[k].take(delay[:n] + j) if waiting else weights[k, j], out=w)
                last = shared[k]
            np.take(piece.flow[k], where, out=p, mode="clip")
            p *= w
            if k == grows and grown is not None:
                p *= grown[:n]
            total[k, :n] += p
        np.take(piece.survival, where, out=p, mode="clip")
        a *= p
        where += piece.stride
        if grown is not None and growth is not None:
            grown *= growth
    return total


def _shared(weights: Floats) -> list[int]:
    """Return for each kind the first kind that weighs alike."""
    return [
        next(k for k in range(row + 1) if np.array_equal(weights[k], weights[row]))
        for row in range(len(weights))
    ]


def cash_flows(piece: Piece, weights: Floats, terms: Terms, out: Floats) -> None:
    """Add the expected flows of each month and group to ``out``, (x, months, groups)."""
    begun = np.flatnonzero(piece.delay == 0)
    _flows_begun(piece, weights, terms, begun[np.argsort(-piece.length[begun])], out)
    _flows_waiting(piece, weights, terms, np.flatnonzero(piece.delay > 0), out)


def _flows_begun(piece: Piece, weights: Floats, terms: Terms, rows: Ints, out: Floats) -> None:
    """Walk positions that have begun, longest first: those still ahead are the first ones."""
    months, groups = out.shape[1:]
    if len(rows) * months <= AT_ONCE:
        _flows_at_once(piece, weights, terms, rows, out)
        return
    grows = piece.growing
    at, length, group = piece.base[rows].copy(), piece.length[rows], terms.group[rows]
    alive, size = np.ones(len(rows)), terms.size[:, rows]
    growth = None if piece.growth is None else piece.growth[rows]
    grown = None if growth is None else np.ones(len(rows))
    for j in range(min(months, int(length.max(initial=0)))):
        n = int(np.searchsorted(-length, -j, side="left"))
        a, where, known = alive[:n], at[:n], group[:n]
        for row, k in enumerate(terms.kind):
            value = piece.flow[k].take(where, mode="clip")
            value *= a * weights[k, j]
            if k == grows and grown is not None:
                value *= grown[:n]
            value *= size[row, :n]
            out[row, j] += np.bincount(known, value, groups)
        a *= piece.survival.take(where, mode="clip")
        where += piece.stride
        if grown is not None and growth is not None:
            grown *= growth


def _flows_at_once(piece: Piece, weights: Floats, terms: Terms, rows: Ints, out: Floats) -> None:
    """Do the same for a few positions, all of their months at once."""
    groups = out.shape[2]
    months = min(out.shape[1], int(piece.length[rows].max(initial=0)))
    if not months:
        return
    month = np.arange(months)
    where = np.minimum(piece.base[rows, None] + month * piece.stride, piece.flow.shape[1] - 1)
    alive = _running(piece.survival[where])
    alive[month >= piece.length[rows, None]] = 0.0
    grown = (
        None
        if piece.growth is None
        else _running(np.broadcast_to(piece.growth[rows, None], where.shape))
    )
    cell = (month * groups + terms.group[rows, None]).ravel()
    for row, k in enumerate(terms.kind):
        value = piece.flow[k][where]
        value *= alive * weights[k, :months]
        if k == piece.growing and grown is not None:
            value *= grown
        value *= terms.size[row, rows, None]
        found = np.bincount(cell, value.ravel(), months * groups)
        out[row, :months] += found.reshape(months, groups)


def _running(factor: Floats) -> Floats:
    """Return the product of the factors of the months before, (r, months)."""
    out = np.ones(factor.shape)
    np.cumprod(factor[:, :-1], axis=1, out=out[:, 1:])
    return out


def _flows_waiting(piece: Piece, weights: Floats, terms: Terms, rows: Ints, out: Floats) -> None:
    """Walk positions that begin later, each at its own month."""
    months, groups = out.shape[1:]
    flat = out.reshape(len(out), -1)
    grows = piece.growing
    at, delay, group = piece.base[rows].copy(), piece.delay[rows], terms.group[rows]
    alive, size = np.ones(len(rows)), terms.size[:, rows]
    growth = None if piece.growth is None else piece.growth[rows]
    for j in range(int(piece.length[rows].max(initial=0))):
        on = np.flatnonzero((piece.length[rows] > j) & (delay + j < months))
        if not len(on):
            break
        month = delay[on] + j
        cell = month * groups + group[on]
        for row, k in enumerate(terms.kind):
            value = alive[on] * weights[k].take(month)
            value *= piece.flow[k].take(at[on])
            if k == grows and growth is not None:
                value *= growth[on] ** month
            value *= size[row, on]
            np.add.at(flat[row], cell, value)
        alive[on] *= piece.survival.take(at[on])
        at[on] += piece.stride


NUMPY = Walker("numpy", present_values, cash_flows)
