"""The same walk compiled by numba, positions in parallel; the figures are those of NumPy."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from .model import Floats
from .walk import NUMPY, Piece, Terms, Walker

AVAILABLE = find_spec("numba") is not None
"""Whether there is a compiler; without it the NumPy walk does the same."""
_side_by_side: Any = range
_ready: dict[str, Callable[..., None]] = {}


def _run(function: Callable[..., None], *columns: Any) -> None:
    """Call a function compiled; the compiler itself is loaded with the first call (a second)."""
    global _side_by_side  # what the compiler finds under this name is its own loop
    if function.__name__ not in _ready:
        import numba

        _side_by_side = numba.prange
        _ready[function.__name__] = numba.njit(parallel=True, cache=True)(function)
    _ready[function.__name__](*columns)


_NOBODY = np.empty(0)


def _values(
    flow: Any,
    survival: Any,
    base: Any,
    stride: Any,
    delay: Any,
    length: Any,
    weights: Any,
    growth: Any,
    grows: Any,
    out: Any,
) -> None:
    for i in _side_by_side(len(base)):
        at, t, alive = base[i], delay[i], 1.0
        grown = growth[i] ** delay[i] if grows >= 0 else 1.0
        for _ in range(length[i]):
            for k in range(flow.shape[1]):
                part = flow[at, k] * (alive * weights[t, k])
                if k == grows:
                    part *= grown
                out[i, k] += part
            alive *= survival[at]
            if grows >= 0:
                grown *= growth[i]
            at += stride
            t += 1


def _flows(
    flow: Any,
    survival: Any,
    base: Any,
    stride: Any,
    delay: Any,
    length: Any,
    weights: Any,
    growth: Any,
    grows: Any,
    kind: Any,
    size: Any,
    ends: Any,
    out: Any,
) -> None:
    months = out.shape[1]
    for g in _side_by_side(len(ends) - 1):
        for i in range(ends[g], ends[g + 1]):
            at, t, alive = base[i], delay[i], 1.0
            grown = growth[i] ** delay[i] if grows >= 0 else 1.0
            for _ in range(min(length[i], months - t)):
                for x in range(len(kind)):
                    k = kind[x]
                    part = alive * weights[t, k] * flow[at, k]
                    if k == grows:
                        part *= grown
                    out[g, t, x] += part * size[i, x]
                alive *= survival[at]
                if grows >= 0:
                    grown *= growth[i]
                at += stride
                t += 1


def present_values(piece: Piece, weights: Floats) -> Floats:
    """Sum the weighted flows of each position, (k, r)."""
    out = np.zeros((len(piece.base), len(piece.kinds)))
    _run(
        _values,
        np.ascontiguousarray(piece.flow.T),
        piece.survival,
        piece.base,
        piece.stride,
        piece.delay,
        piece.length,
        np.ascontiguousarray(weights.T),
        _NOBODY if piece.growth is None else piece.growth,
        piece.growing,
        out,
    )
    return out.T


def cash_flows(piece: Piece, weights: Floats, terms: Terms, out: Floats) -> None:
    """Add the expected flows of each month and group to ``out``, (x, months, groups)."""
    order = np.argsort(terms.group, kind="stable")
    ends = np.searchsorted(terms.group[order], np.arange(out.shape[2] + 1))
    made = np.zeros((out.shape[2], out.shape[1], out.shape[0]))
    _run(
        _flows,
        np.ascontiguousarray(piece.flow.T),
        piece.survival,
        piece.base[order],
        piece.stride,
        piece.delay[order],
        piece.length[order],
        np.ascontiguousarray(weights.T),
        _NOBODY if piece.growth is None else piece.growth[order],
        piece.growing,
        terms.kind,
        np.ascontiguousarray(terms.size[:, order].T),
        ends,
        made,
    )
    out += made.transpose(2, 1, 0)


COMPILED = Walker("numba", present_values, cash_flows) if AVAILABLE else NUMPY
