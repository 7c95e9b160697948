"""Events: which losses belong together by the hours clause, and what buying back cover costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from core.columns import Won
from core.money import round_won


@dataclass(frozen=True, slots=True)
class Window:
    """A run of hours that counts as one event.

    Args:
        first: number of its first loss in order of time.
        last: number after its last loss.
        start: when it begins.
        amount: of its losses, won.
        paid: what the layer pays for it, won.
    """

    first: int
    last: int
    start: np.datetime64
    amount: int
    paid: int


def windows(
    times: NDArray[np.datetime64],
    amounts: Won,
    *,
    hours: int,
    retention: int,
    limit: int,
    most: int | None = None,
) -> list[Window]:
    """Cut losses into events of at most ``hours`` so that the layer pays most.

    The insurer may choose when an event begins; it begins with a loss, lasts ``hours``, and two
    events do not overlap. Losses in no event stay with the insurer.

    Args:
        times: (n,) instants of the losses, ascending.
        amounts: (n,) won, not negative.
        hours: length of an event (72 for wind and flood and 168 for earthquake are usual).
        retention: of the layer, for each event, won.
        limit: of the layer, for each event, won.
        most: how many events the layer pays (1 + reinstatements); None: any number.

    Returns:
        The events that the layer pays for, in order of time; the largest total recovery, and of
        equal ones the earliest.

    Raises:
        ValueError: times are not in order, the hours are not above zero, or an amount is negative.

    Source: LPO 98 hours clause (Lloyd's), choice of date and time by the reinsured.
    """
    if hours <= 0 or (len(times) > 1 and (np.diff(times) < np.timedelta64(0)).any()):
        raise ValueError("Losses come in order of time; an event lasts at least an hour.")
    amounts = np.asarray(amounts, np.int64)
    if len(amounts) and amounts.min() < 0:
        raise ValueError("A loss is not negative.")
    n = len(times)
    ends = np.searchsorted(times, times + np.timedelta64(hours, "h"), side="left")
    sums = np.concatenate([[0], np.cumsum(amounts)])
    pays = np.clip(sums[ends] - sums[:n] - retention, 0, limit)
    best = _best(ends, pays, n if most is None else most)
    found, at, left = [], 0, len(best) - 1
    while at < n and left:
        taken = int(pays[at]) + int(best[left - 1][ends[at]])
        if pays[at] and taken == best[left][at]:
            last = int(ends[at])
            amount = int(sums[last] - sums[at])
            found.append(Window(at, last, times[at], amount, int(pays[at])))
            at, left = last, left - 1
        else:
            at += 1
    return found


def _best(ends: NDArray[np.int64], pays: Won, most: int) -> list[NDArray[np.int64]]:
    """Return for k = 0, 1, … events the most that losses from each number on can bring."""
    n = len(pays)
    table = [np.zeros(n + 1, dtype=np.int64)]
    for _count in range(most):
        # an event that begins with loss i brings pays[i] and what k − 1 events bring after it
        taken = np.append(pays + table[-1][ends], 0)
        row = np.maximum.accumulate(taken[::-1])[::-1]
        if (row == table[-1]).all():
            break
        table.append(row)
    return table


def reinstatement_premium(
    *,
    before: int,
    recovered: int,
    limit: int,
    percents: Sequence[Decimal],
    premium: int,
    remaining: Decimal = Decimal(1),
) -> int:
    """Return the premium that buys back the cover that a recovery used up.

    The k-th reinstatement restores the k-th limit. It costs its percent of the layer's premium,
    pro rata as to amount (the part of the limit that is restored) and, where agreed, as to time.

    Args:
        before: recovered from the layer in the period before, won.
        recovered: now, won, not negative.
        limit: of one event, won.
        percents: of each reinstatement in order (100 % the usual; 0: free); none: nothing is
            bought back.
        premium: of the layer for the whole period, won.
        remaining: part of the period that remains, 0 to 1; 1 where time does not count.

    Returns:
        Whole won, rounded half up once.

    Raises:
        ValueError: the part of the period does not lie between 0 and 1, or the limit is not above
            zero.

    Source: Swiss Re, Introduction to Reinsurance (2002), reinstatement pro rata amount and time.
    """
    if not 0 <= remaining <= 1:
        raise ValueError("The part of the period that remains lies between 0 and 1.")
    if limit <= 0:
        raise ValueError("Cover is restored of a limit above zero.")
    total = Decimal(0)
    for number, percent in enumerate(percents):
        low, high = number * limit, (number + 1) * limit
        used = max(min(before + recovered, high) - max(before, low), 0)
        total += Decimal(used) * percent
    return int(round_won(total * premium * remaining / 100 / limit))
