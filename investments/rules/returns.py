"""Returns of assets, kinds and the fund: money-weighted within a month, then linked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .days import Floats


@dataclass(frozen=True, slots=True)
class Months:
    """What a month's return is made of; columns of one row per asset (or group) and month.

    Args:
        begin: carrying amount and accrued interest at the beginning, won.
        end: the same at the end, won.
        bought: paid for purchases, won.
        bought_weighted: the same times the part of the month that remained.
        sold: received for sales, won.
        sold_weighted: the same times the part of the month that remained.
        received: income that came in as cash, won.
    """

    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    bought: NDArray[np.int64]
    bought_weighted: Floats
    sold: NDArray[np.int64]
    sold_weighted: Floats
    received: NDArray[np.int64]


def earned(months: Months) -> NDArray[np.int64]:
    """Return what was earned in the month: change of value plus cash out of the asset, won."""
    return months.end - months.begin - months.bought + months.sold + months.received


def month_return(months: Months) -> Floats:
    """Return the modified Dietz return of each row; 0 where no capital was at work.

    Income counts as paid out at the month's end, so it carries no weight.

    Source: GIPS 2020, provision 2.A.27 (external cash flows weighted by day); Dietz (1966).
    """
    capital = months.begin + months.bought_weighted - months.sold_weighted
    return np.divide(earned(months), capital, out=np.zeros(len(capital)), where=capital > 0)


def time_weighted(returns: Floats) -> float:
    """Link returns of successive periods: Π(1 + r) − 1.

    Args:
        returns: (months,) as ratios.
    """
    return float(np.prod(1.0 + returns) - 1.0)


def annualised(total: float, months: int) -> float:
    """Return a total return as a yearly rate; shorter than a year it is left as it is.

    Source: GIPS 2020, provision 5.A.4: returns of less than a year are not annualised.
    """
    if months < 12 or total <= -1.0:
        return total
    return float((1.0 + total) ** (12.0 / months) - 1.0)


def together(months: Months, group: NDArray[np.int64], groups: int) -> Months:
    """Add up rows by group.

    Args:
        months: (n,) rows.
        group: (n,) number of each row's group, 0 to ``groups`` − 1.
        groups: how many.
    """

    def added(column: NDArray[np.generic]) -> NDArray[np.generic]:
        out = np.zeros(groups, dtype=column.dtype)
        np.add.at(out, group, column)
        return out

    return Months(
        *(added(getattr(months, name)) for name in Months.__dataclass_fields__)  # type: ignore[arg-type]
    )
