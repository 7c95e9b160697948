"""Rates locked in: those of initial recognition, averaged over the contracts of a group.

A contract is recognised on the curve of its day. A group takes the average of its contracts' rates
until no more join it, month by month of the calendar and weighted by what they were expected to
pay, so that it has one full curve: for interest on the margin, for changes of future service, and
for the part of finance income or expense that stands in profit or loss.

Source: IFRS 17.44(b)–(c), .B72(b)–(c), .B73, .B131.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from accounting.rules.curves import middles
from accounting.rules.projection import Floats

FLAT = 0
"""Number of a curve that is none: the flat rate assumed for the cohort."""


class Recognised(NamedTuple):
    """Contracts of a group that were recognised in one month on one curve.

    Args:
        month: months since January 1970.
        curve: version of the curve; ``FLAT``: none.
        weight: present value of their outflows at issue, won, above 0.
    """

    month: int
    curve: int
    weight: int


@dataclass(frozen=True, slots=True, eq=False)
class Locked:
    """Rates locked in, effective a month.

    Args:
        month: (groups,) of the month that ends, for what was there before it.
        own: (groups, months + 1) of the month that ends and those after it, for the contracts
            recognised in it.
        before: (groups, months) of the coming months, averaged before these contracts joined.
        ahead: (groups, months) of the coming months, averaged with them.
    """

    month: Floats
    own: Floats
    before: Floats
    ahead: Floats

    @property
    def factors(self) -> Floats:
        """Value of 1 paid in the middle of each coming month, (groups, months)."""
        return middles(self.ahead)


def locked_rates(
    groups: Sequence[tuple[Sequence[Recognised], Sequence[Recognised]]],
    curves: Sequence[Mapping[int, Floats]],
    *,
    month: int,
    months: int,
) -> Locked:
    """Average the rates of groups.

    Args:
        groups: of each group what joined it before this month, and what joined it in it.
        curves: of each group version → (…,) forward rates of month 1, 2 … from the month of
            recognition on, effective a month; as long as any month asked.
        month: the month that ends, months since January 1970.
        months: how many coming months are asked.
    """
    n, ahead = len(groups), months + 1
    found = Locked(
        month=np.zeros(n),
        own=np.zeros((n, ahead)),
        before=np.zeros((n, months)),
        ahead=np.zeros((n, months)),
    )
    for row, ((old, new), known) in enumerate(zip(groups, curves, strict=True)):
        whole = _average([*old, *new], known, month, ahead)
        fresh = _average(new, known, month, ahead) if new else whole
        earlier = _average(old, known, month, ahead) if old else fresh
        found.month[row] = earlier[0]
        found.own[row] = fresh
        found.before[row] = earlier[1:]
        found.ahead[row] = whole[1:]
    return found


def _average(
    parts: Sequence[Recognised], known: Mapping[int, Floats], month: int, ahead: int
) -> Floats:
    """Return the rates of the month and the months after it, weighted; flat without any part."""
    if not parts:
        return np.asarray(known[FLAT][:ahead], np.float64)
    total = sum(part.weight for part in parts)
    rates = np.zeros(ahead)
    for part in parts:
        since = max(0, month - part.month)
        rates += part.weight / total * known[part.curve][since : since + ahead]
    return rates


def annual(rates: Floats, *, years: int = 10) -> Floats:
    """Return the annual rate that the first years of a locked-in curve come to, (groups,)."""
    seen = rates[:, : 12 * years]
    return np.asarray(np.expm1(12.0 * np.log1p(seen).mean(axis=1)), np.float64)


def joined(
    now: Sequence[Recognised], before: Sequence[Recognised]
) -> tuple[list[Recognised], list[Recognised]]:
    """Tell what joined a group by now from what had joined it before.

    Args:
        now: all parts of the group.
        before: those that the run before knew.
    """
    known = {(part.month, part.curve): part.weight for part in before}
    new = [
        part._replace(weight=part.weight - known.get((part.month, part.curve), 0)) for part in now
    ]
    return list(before), [part for part in new if part.weight > 0]
