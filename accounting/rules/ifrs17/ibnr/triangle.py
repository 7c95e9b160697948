"""Claims triangles: origins down, development to the right, the future not a number."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accounting.rules.ifrs17.arrays import Floats
from accounting.rules.ifrs17.errors import BadTriangle, LengthMismatch

Mask = NDArray[np.bool_]


def triangle(values: ArrayLike) -> Floats:
    """Check a cumulative triangle and return it as float64.

    Args:
        values: (origins, developments) cumulative amounts; None or NaN is the future, and so is
            what shorter rows lack.

    Returns:
        The array; every origin is known without holes from the first development on.

    Raises:
        BadTriangle: fewer than two developments, an origin without a first value, a hole, or a
            later origin known further than an earlier one.

    Source: Mack (1993): cumulative amounts by origin and development.
    """
    array = _rectangle(values)
    if array.ndim != 2 or min(array.shape) < 1 or array.shape[1] < 2:
        raise BadTriangle("A triangle needs origins down and at least two developments across.")
    known = np.isfinite(array)
    ages = known.sum(axis=1)
    if (ages == 0).any():
        raise BadTriangle(f"Origin {int(np.argmin(ages))} has no amount at all.")
    if (known != (np.arange(array.shape[1]) < ages[:, None])).any():
        raise BadTriangle("A triangle has no holes: amounts run from the first development on.")
    if (np.diff(ages) > 0).any():
        raise BadTriangle("A later origin is known further than an earlier one.")
    return array


def _rectangle(values: ArrayLike) -> Floats:
    """Return rows of different length as one array."""
    if isinstance(values, (list, tuple)) and all(isinstance(r, (list, tuple)) for r in values):
        width = max((len(row) for row in values), default=0)
        values = [[*row, *[np.nan] * (width - len(row))] for row in values]
    return np.array(values, np.float64)


def cumulative(incremental: ArrayLike) -> Floats:
    """Return the cumulative triangle of incremental amounts; NaN stays the future."""
    array = np.array(incremental, np.float64)
    return np.where(np.isfinite(array), np.cumsum(np.nan_to_num(array), axis=1), np.nan)


def incremental(values: ArrayLike) -> Floats:
    """Return the incremental amounts of a cumulative triangle."""
    return np.diff(triangle(values), axis=1, prepend=0.0)


def build(
    origin: ArrayLike, development: ArrayLike, amounts: ArrayLike, *, origins: int, ages: ArrayLike
) -> Floats:
    """Build a cumulative triangle from payments or reports in columns.

    Args:
        origin: (n,) index of the origin period of each amount, 0 first.
        development: (n,) periods from origin to payment, 0 first.
        amounts: (n,) incremental amounts.
        origins: number of origin periods.
        ages: (origins,) developments known by now (at least 1): later ones are the future.

    Returns:
        (origins, max(ages)) cumulative; amounts beyond an origin's age are not in it.

    Raises:
        LengthMismatch: columns differ in length.
        BadTriangle: an index is negative or too large.
    """
    rows, columns = np.asarray(origin, np.int64), np.asarray(development, np.int64)
    values, known = np.asarray(amounts, np.float64), np.asarray(ages, np.int64)
    if not rows.shape == columns.shape == values.shape or known.shape != (origins,):
        raise LengthMismatch("origin, development and amounts are one row each; ages by origin.")
    if rows.size and (rows.min() < 0 or rows.max() >= origins or columns.min() < 0):
        raise BadTriangle("An origin or development lies outside the triangle.")
    width = int(known.max())
    table = np.zeros((origins, width))
    inside = columns < known[rows] if rows.size else np.zeros(0, bool)
    np.add.at(table, (rows[inside], columns[inside]), values[inside])
    future = np.arange(width) >= known[:, None]
    return triangle(np.where(future, np.nan, np.cumsum(table, axis=1)))


def latest(values: Floats) -> Floats:
    """Return the last known amount of each origin, (origins,)."""
    return values[np.arange(len(values)), ages(values) - 1]


def ages(values: Floats) -> NDArray[np.int64]:
    """Return how many developments of each origin are known, (origins,)."""
    return np.isfinite(values).sum(axis=1)


def links(values: Floats) -> Floats:
    """Return the individual link ratios, (origins, developments − 1), NaN where unknown."""
    before, after = values[:, :-1], values[:, 1:]
    result = np.full(before.shape, np.nan)
    np.divide(after, before, out=result, where=np.isfinite(after) & (before != 0))
    return result


def mask_of(values: Floats, excluded: ArrayLike | None) -> Mask:
    """Return which links count: known, with an amount before them, and not excluded.

    Args:
        values: the triangle.
        excluded: (origins, developments − 1) true where a link is left out, or pairs
            (origin, development) of such links.

    Raises:
        LengthMismatch: the mask has another shape than the links.
    """
    usable = np.isfinite(links(values))
    if excluded is None:
        return usable
    given = np.asarray(excluded)
    if given.size == 0:
        return usable
    if given.dtype == bool:
        if given.shape != usable.shape:
            raise LengthMismatch(f"Excluded links: {given.shape}, the triangle has {usable.shape}.")
        return usable & ~given
    left = usable.copy()
    for row, at in given.astype(np.int64).reshape(-1, 2):
        if not (0 <= row < left.shape[0] and 0 <= at < left.shape[1]):
            raise LengthMismatch(f"Excluded link ({row}, {at}) lies outside the triangle.")
        left[row, at] = False
    return left
