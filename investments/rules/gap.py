"""Assets against liabilities: cash by bucket of time, values and durations at one rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.columns import Ints, Won

from .days import Floats

EDGES = (12, 24, 36, 60, 120, 240)
"""Last month ahead of each bucket; what comes later is in one more."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """Cash by bucket, won; columns of one row a bucket.

    Args:
        assets: what assets bring.
        liabilities: what liabilities take, net of what comes in for them (negative: they bring).
        gap: assets − liabilities.
        cumulative: the same, added up from the first bucket on.
    """

    assets: Won
    liabilities: Won
    gap: Won
    cumulative: Won


def buckets(
    asset_month: Ints,
    asset_cash: Won,
    liability_month: Ints,
    liability_cash: Won,
    *,
    edges: tuple[int, ...] = EDGES,
) -> Buckets:
    """Return the cash of assets and liabilities by bucket of months ahead.

    Args:
        asset_month: (a,) months ahead, 1 for the next one; not after 0 counts as 1.
        asset_cash: (a,) won.
        liability_month: (l,) months ahead.
        liability_cash: (l,) won, positive goes out.
        edges: last month of each bucket, ascending.
    """

    def added(month: Ints, cash: Won) -> Won:
        out = np.zeros(len(edges) + 1, dtype=np.int64)
        np.add.at(out, np.searchsorted(np.asarray(edges), month, side="left"), cash)
        return out

    assets, liabilities = added(asset_month, asset_cash), added(liability_month, liability_cash)
    difference = assets - liabilities
    return Buckets(assets, liabilities, difference, np.cumsum(difference))


@dataclass(frozen=True, slots=True)
class Present:
    """The present value of cash, won, and the percent of it that one percent more takes."""

    value: float
    modified: float


def present(month: Ints, cash: NDArray[np.int64], *, rate: float) -> Present:
    """Return the worth of cash at a yearly rate, and its modified duration.

    Args:
        month: (n,) months ahead; cash comes at the month's end.
        cash: (n,) won, of either sign.
        rate: yearly, as a ratio.

    Returns:
        The duration is 0 where the value is.
    """
    years: Floats = month / 12.0
    worth: Floats = cash * (1.0 + rate) ** -years
    value = float(worth.sum())
    slope = float((worth * years).sum()) / (1.0 + rate)
    return Present(value, slope / value if value else 0.0)


def duration_gap(assets: Present, liabilities: Present) -> float:
    """Return how many years longer assets react to interest than liabilities, per won of assets.

    Source: Saunders and Cornett, Financial Institutions Management, duration gap
    D(A) − D(L) × L ÷ A.
    """
    if not assets.value:
        return 0.0
    return assets.modified - liabilities.modified * liabilities.value / assets.value
