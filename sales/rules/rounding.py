"""Exact whole-number arithmetic: rounding and splitting without a binary fraction."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.columns import Ints, Won

PERCENT = 10_000
"""A rate of 100 % in hundredths of a percent; also the sum of all shares of a contract."""
FACTOR = 100
"""An agent's factor of 1.00 in hundredths."""


class UnusableRule(ValueError):
    """A commission or clawback rule has a rate finer than a hundredth of a percent."""


def hundredths(value: Any) -> int:
    """Return a number in hundredths.

    Raises:
        UnusableRule: it is finer than a hundredth.
    """
    exact = Decimal(str(value)) * 100
    if exact != exact.to_integral_value():
        raise UnusableRule(f"{value} is finer than a hundredth.")
    return int(exact)


def half_up(numerator: NDArray[np.int64], divisor: int) -> Won:
    """Divide and round half away from zero, exactly; numerators are not negative."""
    return (numerator + divisor // 2) // divisor


def shared_out(exact: Ints, divisor: int, group: Ints) -> Won:
    """Round the rows of each group so that they sum to the group's rounded sum.

    Each row gets its whole won; what is missing to the rounded sum goes, a won each, to the rows
    with the largest remainders, the first of equal ones first (largest remainder).

    Args:
        exact: (n,) numerators, not negative.
        divisor: of all of them.
        group: (n,) number of the group, from 0.

    Returns:
        (n,) won.
    """
    if not len(exact):
        return exact.astype(np.int64)
    whole, rest = exact // divisor, exact % divisor
    groups = int(group.max()) + 1
    missing = half_up(np.bincount(group, rest, groups).astype(np.int64), divisor)
    order = np.lexsort((np.arange(len(exact)), -rest, group))
    first = np.searchsorted(group[order], np.arange(groups))
    place = np.empty(len(exact), np.int64)
    place[order] = np.arange(len(exact)) - first[group[order]]
    return whole + (place < missing[group])
