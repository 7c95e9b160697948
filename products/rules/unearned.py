"""Unearned premium of non-life contracts (미경과보험료)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from products.rules import rounding

Ints = NDArray[np.int64]


def daily(*, premium: ArrayLike, start: ArrayLike, end: ArrayLike, as_of: ArrayLike) -> Ints:
    """Compute unearned premium by days.

    Args:
        premium: (n,) won paid for the period.
        start: (n,) datetime64[D], first day of the period.
        end: (n,) datetime64[D], day after the last, so the period is [start, end).
        as_of: datetime64[D] or (n,), the day whose end is the base date; it counts as earned.

    Returns:
        (n,) int64 won, the whole premium before the start and 0 from the last day on.
    """
    first = np.asarray(start, "datetime64[D]").astype(np.int64)
    last = np.asarray(end, "datetime64[D]").astype(np.int64)
    day = np.asarray(as_of, "datetime64[D]").astype(np.int64) + 1
    total = np.maximum(1, last - first)
    left = np.clip(last - day, 0, total)
    return rounding.whole(np.asarray(premium, np.float64) * left / total)


def eighths(*, premium: ArrayLike, quarters: ArrayLike, quarter_ends_past: ArrayLike) -> Ints:
    """Compute unearned premium by half-quarters (1/8 for an annual premium).

    Args:
        premium: (n,) won paid for the period.
        quarters: (n,) quarters that the premium covers.
        quarter_ends_past: (n,) quarter ends after the one of the starting quarter.

    Returns:
        (n,) int64 won: premium × (2p − 2k − 1) / 2p, 7/8 at the end of the starting quarter of an
        annual premium; 0 when nothing is left, or the premium covers no quarter.
    """
    return _fractions(premium, quarters, quarter_ends_past)


def twenty_fourths(*, premium: ArrayLike, months: ArrayLike, month_ends_past: ArrayLike) -> Ints:
    """Compute unearned premium by half-months (1/24 for an annual premium).

    Args:
        premium: (n,) won paid for the period.
        months: (n,) months that the premium covers.
        month_ends_past: (n,) month ends after the one of the starting month.

    Returns:
        (n,) int64 won: premium × (2p − 2k − 1) / 2p, 23/24 at the end of the starting month of an
        annual premium; 0 when nothing is left, or the premium covers no month.
    """
    return _fractions(premium, months, month_ends_past)


def _fractions(premium: ArrayLike, parts: ArrayLike, past: ArrayLike) -> Ints:
    """Earn a premium over equal parts, as if it began in the middle of the first."""
    p = np.asarray(parts, np.int64)
    k = np.asarray(past, np.int64)
    left = np.where(p > 0, np.clip(2 * p - 2 * k - 1, 0, np.maximum(2 * p, 0)), 0)
    return rounding.whole(np.asarray(premium, np.float64) * left / np.maximum(2 * p, 1))
