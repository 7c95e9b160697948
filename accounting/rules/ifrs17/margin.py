"""What happens to margin and loss component: absorption, release, systematic allocation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats, ratio, units


class LossAllocation(Enum):
    """How finance and releases are split between loss component and the rest (52)."""

    RATIO = "ratio"  # loss component ÷ (present value of outflows + risk adjustment)
    UNITS = "units"  # coverage units, interest at the locked-in rate


@dataclass(frozen=True, slots=True, eq=False)
class Absorbed:
    """What a change of future service did.

    Args:
        csm, lc: balances after the change.
        margin: change of the margin.
        loss: loss recognised, ≥ 0.
        reversed: loss component reversed, ≥ 0.
    """

    csm: Floats
    lc: Floats
    margin: Floats
    loss: Floats
    reversed: Floats


def absorb(csm: ArrayLike, lc: ArrayLike, change: ArrayLike) -> Absorbed:
    """Let a change of future service take the margin, and the loss component beyond it.

    Favourable changes reverse the loss component first and only then build margin; adverse ones
    take the margin first and are a loss beyond it.

    Args:
        csm: margin before, ≥ 0.
        lc: loss component before, ≥ 0.
        change: decrease (+) or increase (−) of fulfilment cash flows for future service.

    Source: IFRS 17.44(c), .48, .50(b).
    """
    before, component, news = floats(csm, "csm"), floats(lc, "lc"), floats(change, "change")
    reversal = np.minimum(component, np.maximum(news, 0.0))
    rest = before + news - reversal
    loss = np.maximum(0.0, -rest)
    after = np.maximum(0.0, rest)
    return Absorbed(after, component - reversal + loss, after - before, loss, reversal)


def released_share(provided: ArrayLike, future: ArrayLike) -> Floats:
    """Return the share of the margin that belongs to the service of the period.

    Args:
        provided: coverage units provided in the period.
        future: coverage units expected after it.

    Returns:
        provided ÷ (provided + future); 1 where nothing is left or expected at all, because a
        margin without future service has been earned.

    Raises:
        NegativeUnits: units below zero.

    Source: IFRS 17.44(e), B119.
    """
    given = units(provided, "coverage units provided")
    left = units(future, "coverage units expected")
    given, left = np.broadcast_arrays(given, left)
    return np.where(given + left > 0, ratio(given, given + left), 1.0)


def coverage_units(
    benefits: ArrayLike, weights: ArrayLike = 1.0, *, in_force: ArrayLike = 1.0
) -> Floats:
    """Return coverage units by period: quantity of benefits and their expected duration.

    Args:
        benefits: (periods,) or (services, periods) benefit per contract that could be claimed, for
            example the sum assured; of investment services the account value.
        weights: (services,) relative weight of insurance coverage, investment-return and
            investment-related service where a contract gives several.
        in_force: (periods,) contracts expected in force: lapses and deaths shorten duration.

    Raises:
        NegativeUnits: a benefit is below zero.

    Source: IFRS 17.44(e), B119–B119B.
    """
    quantity = units(np.atleast_2d(floats(benefits, "benefits")), "benefits")
    weight = np.broadcast_to(floats(weights, "weights"), (len(quantity),))
    return np.asarray((weight[:, None] * quantity).sum(axis=0) * floats(in_force, "in force"))


def loss_ratio(lc: ArrayLike, outflows: ArrayLike, ra: ArrayLike) -> Floats:
    """Return the share of outflows and risk adjustment that the loss component carries.

    Args:
        lc: loss component.
        outflows: present value of the future outflows that will be released.
        ra: risk adjustment.

    Returns:
        lc ÷ (outflows + ra), not negative; above 1 where acquisition cash flows that have been
        paid are not earned back either; 0 where there is nothing to carry.

    Source: IFRS 17.50(a), .51–52; Illustrative Example 8 (39.8 %).
    """
    loss = floats(lc, "loss component")
    base = floats(outflows, "outflows") + floats(ra, "risk adjustment")
    whole = np.where(base > 1e-9 * np.abs(loss), base, 0.0)
    return np.maximum(ratio(loss, whole), 0.0)


def run_off(csm: ArrayLike, coverage_units: ArrayLike, rates: ArrayLike = 0.0) -> Floats:
    """Return the margin released in each coming period if nothing else changes.

    Args:
        csm: margin today, one number.
        coverage_units: (periods,) expected in each period.
        rates: locked-in rate by period, one number or (periods,).

    Returns:
        (periods,) releases; interest accretes before each release.

    Source: IFRS 17.109 (expected recognition of the margin), B119.
    """
    expected = units(coverage_units)
    left = float(np.asarray(csm))
    interest = np.broadcast_to(floats(rates, "rates"), expected.shape)
    result = np.zeros(len(expected))
    for k, provided in enumerate(expected):
        left *= 1.0 + interest[k]
        result[k] = left * float(released_share(provided, expected[k + 1 :].sum()))
        left -= result[k]
    return result
