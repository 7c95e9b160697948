"""Contracts that leave the insurer a choice of what to credit: commitment and discretion.

What changed because rates changed is finance; what changed because the insurer chose otherwise is
future service and adjusts the margin, at the locked-in rate.
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats
from accounting.rules.ifrs17.discount import Timing, present_value


@dataclass(frozen=True, slots=True, eq=False)
class Discretion:
    """A change of estimates taken apart, increases positive, 0-d or (groups,).

    Args:
        financial: effect of financial assumptions on the commitment, and of changed discount
            rates (``Period.financial``).
        future_locked: effect of the changed choice at the locked-in rate
            (``Period.future_locked``): the margin.
        future_current: the same at the current rate (``Period.future_current``).
        total: change of the present value at current rates.
    """

    financial: Floats
    future_locked: Floats
    future_current: Floats
    total: Floats


def split_change(
    *,
    before: ArrayLike,
    committed: ArrayLike,
    revised: ArrayLike,
    old_rates: ArrayLike,
    locked: ArrayLike,
    current: ArrayLike,
    timing: Timing = Timing.END,
) -> Discretion:
    """Take a change of expected flows apart.

    Args:
        before: (periods,) or (periods, groups) flows expected before, from today on.
        committed: flows by the commitment as specified at inception (for example the return on a
            pool less a spread of 2 %), under today's financial assumptions.
        revised: flows expected now, by what the insurer chooses.
        old_rates: current rates before the change, one number or by period.
        locked: locked-in rates.
        current: current rates now.
        timing: where in their period flows fall.

    Returns:
        financial + future_current = total.

    Raises:
        BadRate, CurveTooShort: see ``discount``.

    Source: IFRS 17.B98–B100; Illustrative Example 6.
    """
    old = present_value(before, old_rates, timing=timing)
    promised = present_value(committed, current, timing=timing)
    now = present_value(revised, current, timing=timing)
    at_locked = present_value(revised, locked, timing=timing) - present_value(
        committed, locked, timing=timing
    )
    return Discretion(promised - old, at_locked, now - promised, now - old)
