"""Returns of assets, kinds and the fund: money-weighted within a month, then linked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .days import Floats, sum_by


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
    return float(np.prod(1.0 + np.asarray(returns, np.float64)) - 1.0)


def by_valuations(values: Floats, flows: Floats) -> float:
    """Link returns between external flows, each with a valuation just before it.

    Args:
        values: (n + 1,) at the beginning, just before each flow, and at the end.
        flows: (n − 1,) put in (+) or taken out (−) right after ``values[1]`` … ``values[n − 1]``.

    Raises:
        ValueError: lengths that do not fit, or a period that begins with nothing.

    Source: GIPS 2020, provision 2.A.22 (time-weighted return, sub-periods linked).
    """
    worth, moved = np.asarray(values, np.float64), np.asarray(flows, np.float64)
    if worth.ndim != 1 or len(worth) < 2 or moved.shape != (len(worth) - 2,):
        raise ValueError("Two valuations at least, and one flow at each between first and last.")
    begin = worth[:-1] + np.concatenate(([0.0], moved))
    if np.any(begin <= 0):
        raise ValueError("A return needs capital at the beginning of each period.")
    return time_weighted(worth[1:] / begin - 1.0)


def modified_dietz(begin: float, end: float, flows: Floats, remaining: Floats) -> float:
    """Return the modified Dietz return of one period.

    Args:
        begin: value at the beginning.
        end: value at the end.
        flows: (n,) put in (+) or taken out (−).
        remaining: (n,) part of the period that remained after each flow, 0 to 1.

    Raises:
        ValueError: a part outside 0 to 1, or no capital at work.

    Source: GIPS 2020, provision 2.A.27; Dietz (1966).
    """
    moved, left = np.asarray(flows, np.float64), np.asarray(remaining, np.float64)
    if moved.shape != left.shape or np.any((left < 0) | (left > 1)):
        raise ValueError("Each flow has its part of the period that remained, between 0 and 1.")
    capital = begin + float((moved * left).sum())
    if capital <= 0:
        raise ValueError("A return needs capital at work.")
    return (end - begin - float(moved.sum())) / capital


def annualised(total: float, months: int) -> float:
    """Return a total return as a yearly rate; shorter than a year it is left as it is.

    Source: GIPS 2020, provision 5.A.4: returns of less than a year are not annualised.
    """
    if months < 12 or total <= -1.0:
        return total
    return float((1.0 + total) ** (12.0 / months) - 1.0)


def money_weighted(parts: Months, group: NDArray[np.int64], groups: int) -> Floats:
    """Return the money-weighted return of each group over successive months, as a yearly rate.

    It is the rate at which what was there at the beginning and what went in grow to what came
    out and what is there at the end. Trades stand in the month at their average day, which their
    weights give; income stands at the month's end.

    Args:
        parts: (groups × months) rows, group by group, months ascending.
        group: (groups × months,) number of each row's group.
        groups: how many.

    Returns:
        (groups,) yearly rates between −99 % and 1,000 %; NaN where no rate explains the flows.

    Source: GIPS 2020, provision 2.A.29 (money-weighted return, since inception internal rate).
    """
    months = len(parts.begin) // max(groups, 1)
    at = np.tile(np.arange(months, dtype=np.float64), groups)

    def moment(amount: NDArray[np.int64], weighted: Floats) -> Floats:
        remained = np.divide(weighted, amount, out=np.zeros(len(at)), where=amount != 0)
        return at + 1.0 - np.clip(remained, 0.0, 1.0)

    first, last = at == 0, at == months - 1
    when = [at, moment(parts.bought, parts.bought_weighted)]
    when += [moment(parts.sold, parts.sold_weighted), at + 1.0, at + 1.0]
    what = [
        np.where(first, -parts.begin, 0),
        -parts.bought,
        parts.sold,
        parts.received,
        np.where(last, parts.end, 0),
    ]
    times = np.concatenate(when) / 12.0
    flows = np.concatenate(what).astype(np.float64)
    owner = np.tile(group, len(when))
    return _internal_rate(times, flows, owner, groups)


def _internal_rate(times: Floats, flows: Floats, owner: NDArray[np.int64], groups: int) -> Floats:
    low, high = np.full(groups, -0.99), np.full(groups, 10.0)

    def worth(rate: Floats) -> Floats:
        return sum_by(owner, flows * (1.0 + rate[owner]) ** -times, groups)

    at_low, at_high = worth(low), worth(high)
    known = (at_low > 0) & (at_high <= 0)
    for _step in range(60):
        middle = (low + high) / 2
        above = worth(middle) > 0
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where(known, (low + high) / 2, np.nan)


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
