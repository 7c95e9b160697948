"""Small helpers over float64 columns that every part of the engine shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accounting.rules.ifrs17.errors import BadMeasurement, BadShare, LengthMismatch, NegativeUnits

Floats = NDArray[np.float64]
Steps = dict[str, Floats]
"""Step → amounts, (groups,) each."""
Table = dict[str, Steps]
"""Component → step → amounts; steps foot: OPENING + all others = CLOSING."""


def floats(values: ArrayLike, name: str = "values") -> Floats:
    """Return values as a float64 array.

    Args:
        values: numbers, any shape.
        name: how a refusal calls them.

    Raises:
        BadMeasurement: a value is not a finite number.
    """
    array = np.asarray(values, np.float64)
    if not np.isfinite(array).all():
        raise BadMeasurement(f"{name}: every value must be a finite number.")
    return array


def column(values: ArrayLike, groups: int, name: str) -> Floats:
    """Return one amount a group, (groups,); a single number stands for all of them.

    Raises:
        LengthMismatch: there are neither one nor ``groups`` values.
    """
    array = floats(values, name)
    if array.shape == (groups,):
        return array.copy()
    if array.size == 1 and array.ndim <= 1:
        return np.full(groups, float(array.reshape(())))
    raise LengthMismatch(f"{name}: {array.shape} values for {groups} groups.")


def series(values: ArrayLike, periods: int, name: str) -> Floats:
    """Return one amount a period, (periods,); a single number stands for all of them.

    Raises:
        LengthMismatch: there are neither one nor ``periods`` values.
    """
    array = floats(values, name)
    if array.ndim == 0:
        return np.full(periods, float(array))
    if array.shape != (periods,):
        raise LengthMismatch(f"{name}: {array.shape[0]} values for {periods} periods.")
    return array.copy()


def share(values: ArrayLike, name: str) -> Floats:
    """Return shares as float64.

    Raises:
        BadShare: one lies outside 0 to 1.
    """
    array = floats(values, name)
    if (array < 0).any() or (array > 1).any():
        raise BadShare(f"{name}: shares lie between 0 and 1.")
    return array


def units(values: ArrayLike, name: str = "coverage units") -> Floats:
    """Return coverage units as float64.

    Raises:
        NegativeUnits: one is below zero.
    """
    array = floats(values, name)
    if (array < 0).any():
        raise NegativeUnits(f"{name}: service is provided, never taken back (IFRS 17.B119).")
    return array


def ratio(part: ArrayLike, whole: ArrayLike) -> Floats:
    """Return part ÷ whole, 0 where the whole is 0."""
    part, whole = np.broadcast_arrays(np.asarray(part, np.float64), np.asarray(whole, np.float64))
    result = np.zeros(part.shape)
    np.divide(part, whole, out=result, where=whole != 0)
    return result


def closed(steps: Mapping[str, ArrayLike], groups: int) -> Steps:
    """Return steps as columns with their sum as CLOSING; the first step is OPENING."""
    table = {name: column(values, groups, name) for name, values in steps.items()}
    table["CLOSING"] = np.sum(list(table.values()), axis=0)
    return table


def footing(table: Mapping[str, Mapping[str, Floats]]) -> Steps:
    """Return by component how far opening plus steps misses closing (all zeros: it foots)."""
    return {
        name: steps["CLOSING"] - sum(v for k, v in steps.items() if k != "CLOSING")
        for name, steps in table.items()
    }


def total(tables: Sequence[Mapping[str, Floats]]) -> Steps:
    """Return the sum of several step columns, steps in order of first appearance."""
    result: Steps = {}
    for steps in tables:
        for name, values in steps.items():
            result[name] = result[name] + values if name in result else np.array(values)
    return result
