"""Insurance finance income or expenses: profit or loss alone, or split with OCI.

The choice is made by portfolio (88, 89, B129). What profit or loss does not take goes to other
comprehensive income, and comes to nothing over the life of the group (B130(b)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats
from accounting.rules.ifrs17.discount import present_value
from accounting.rules.ifrs17.errors import BadMeasurement, LengthMismatch


class Presentation(Enum):
    """How a portfolio presents insurance finance income or expenses."""

    PROFIT_OR_LOSS = "profit_or_loss"  # 88(a), 89(a)
    LOCKED_IN = "locked_in"  # B131: changes of financial risk do not move what is paid
    EFFECTIVE_YIELD = "effective_yield"  # B132(a)(i)
    CREDITING_RATE = "crediting_rate"  # B132(a)(ii)
    BOOK_YIELD = "book_yield"  # B134: underlying items held, variable fee approach


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Finance expense of a period, positive as a cost.

    Args:
        total: all of it.
        profit_or_loss: the part in profit or loss.
        oci: the rest.
        accumulated: other comprehensive income accumulated at the period end.
    """

    total: Floats
    profit_or_loss: Floats
    oci: Floats
    accumulated: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """What was expected at a point in time.

    Args:
        flows: (periods left,) expected at the ends of the periods to come.
        current: current rate by period, one number or (periods left,).
        crediting: crediting rates expected, (periods left,); for the crediting rate method.
    """

    flows: ArrayLike
    current: ArrayLike
    crediting: ArrayLike | None = None


def split(
    *,
    current_opening: ArrayLike,
    current_closing: ArrayLike,
    allocated_opening: ArrayLike,
    allocated_closing: ArrayLike,
    paid: ArrayLike = 0.0,
) -> Split:
    """Split the finance expense of a period from two measures of the same flows.

    Args:
        current_opening: value at current rates at the period start.
        current_closing: the same at the period end.
        allocated_opening: value at the rates of the systematic allocation at the period start.
        allocated_closing: the same at the period end.
        paid: flows of the period, outflow positive.

    Returns:
        Total = change at current rates plus what was paid; profit or loss the same at allocation
        rates; accumulated OCI = current less allocated value.

    Source: IFRS 17.88(b), B130–B132.
    """
    total = (
        floats(current_closing, "current")
        + floats(paid, "paid")
        - floats(current_opening, "current")
    )
    inside = (
        floats(allocated_closing, "allocated")
        + floats(paid, "paid")
        - floats(allocated_opening, "allocated")
    )
    return Split(
        total,
        inside,
        total - inside,
        floats(current_closing, "current") - floats(allocated_closing, "allocated"),
    )


def effective_yield(carrying: float, flows: ArrayLike) -> float:
    """Return the constant rate at which the flows still expected are worth a carrying amount.

    Args:
        carrying: value under the allocation so far, > 0.
        flows: (periods,) expected at period ends, of one sign in sum.

    Raises:
        BadMeasurement: no rate above −100 % does it.

    Source: IFRS 17.B132(a)(i); Illustrative Example 15A.
    """
    amounts = floats(flows, "flows")
    return _solve(lambda r: float(present_value(amounts, r)) - carrying, -0.99, 10.0)


def crediting_factor(carrying: float, flows: ArrayLike, crediting: ArrayLike) -> float:
    """Return the constant factor on expected crediting rates that makes the flows worth a carrying.

    Args:
        carrying: value under the allocation so far, > 0.
        flows: (periods,) expected at period ends.
        crediting: (periods,) rates expected to be credited.

    Raises:
        LengthMismatch: rates and flows differ in length.
        BadMeasurement: no factor does it, for example because nothing is credited.

    Source: IFRS 17.B132(a)(ii); Illustrative Example 15B.
    """
    amounts, rates = floats(flows, "flows"), floats(crediting, "crediting rates")
    if amounts.shape != rates.shape:
        raise LengthMismatch("One crediting rate for each period with flows.")
    if not rates.any():
        raise BadMeasurement("Nothing is credited: no factor can spread the expense.")
    low = -0.99 / max(float(rates.max()), 1e-12)
    return _solve(lambda k: float(present_value(amounts, k * rates)) - carrying, low, 1e3)


def walk_finance(
    expectations: list[Expectation],
    presentation: Presentation,
    *,
    paid: ArrayLike = 0.0,
    locked: ArrayLike | None = None,
) -> list[Split]:
    """Split the finance expenses of a group over its life.

    Args:
        expectations: at recognition and at each period end, n + 1 of them; the last has no flows.
        presentation: the portfolio's choice.
        paid: (n,) flows of each period, at its end.
        locked: rate locked in by period (locked-in presentation; default: current at recognition).

    Returns:
        n splits; OCI sums to zero.

    Raises:
        LengthMismatch: an expectation has another number of flows than periods left.
        BadMeasurement: see ``effective_yield`` and ``crediting_factor``; book yield needs the
            income of underlying items, see ``book_yield``.

    Source: IFRS 17.88, B130–B132.
    """
    n = len(expectations) - 1
    outgo = np.broadcast_to(floats(paid, "paid"), (n,))
    for k, one in enumerate(expectations):
        if np.size(one.flows) != n - k:
            raise LengthMismatch(f"Expectation {k} has {np.size(one.flows)} flows of {n - k}.")
    first = expectations[0]
    current = [_value(e.flows, e.current) for e in expectations]
    rates = np.broadcast_to(floats(first.current if locked is None else locked, "rate"), (n,))
    allocated = current[0]
    result = []
    for k in range(n):
        before = expectations[k]
        if presentation is Presentation.PROFIT_OR_LOSS:
            after = current[k + 1]
        elif presentation is Presentation.LOCKED_IN:
            after = _value(expectations[k + 1].flows, rates[k + 1 :])
            allocated = _value(before.flows, rates[k:]) if k else allocated
        else:
            after = allocated * (1.0 + _rate(presentation, allocated, before)) - outgo[k]
        result.append(
            split(
                current_opening=current[k],
                current_closing=current[k + 1],
                allocated_opening=allocated,
                allocated_closing=after,
                paid=outgo[k],
            )
        )
        allocated = after
    return result


def book_yield(total: ArrayLike, underlying_income: ArrayLike) -> tuple[Floats, Floats]:
    """Split by the current period book yield: profit or loss mirrors the underlying items held.

    Args:
        total: insurance finance expense of the period, cost positive.
        underlying_income: income of the underlying items in profit or loss, positive.

    Returns:
        Expense in profit or loss (exactly the income), and the rest in OCI.

    Source: IFRS 17.89(b), B134; Illustrative Example 16.
    """
    inside = floats(underlying_income, "income of underlying items")
    return inside, floats(total, "finance expense") - inside


def accumulated(current: ArrayLike, allocated: ArrayLike) -> Floats:
    """Return OCI accumulated: value at current rates less value at allocation rates.

    Args:
        current: value at current rates.
        allocated: value at the rates of the systematic allocation.

    Source: IFRS 17.B131, C18–C19, C24 (at transition).
    """
    return floats(current, "current") - floats(allocated, "allocated")


def reclassify(accumulated_oci: ArrayLike, share_derecognised: ArrayLike = 1.0) -> Floats:
    """Return what goes from OCI to profit or loss when contracts leave by transfer (91(a)).

    Contracts with underlying items held keep it (91(b)): do not call this for them.

    Args:
        accumulated_oci: expense accumulated in OCI.
        share_derecognised: share of the group that leaves.

    Source: IFRS 17.91.
    """
    return floats(accumulated_oci, "oci") * floats(share_derecognised, "share")


def _rate(presentation: Presentation, allocated: float, at: Expectation) -> float:
    if presentation is Presentation.EFFECTIVE_YIELD:
        return effective_yield(allocated, at.flows)
    if presentation is Presentation.CREDITING_RATE:
        if at.crediting is None:
            raise BadMeasurement("The crediting rate method needs expected crediting rates.")
        credited = floats(at.crediting, "crediting")
        return crediting_factor(allocated, at.flows, credited) * float(credited[0])
    raise BadMeasurement("Book yield mirrors underlying items: use book_yield.")


def _value(flows: ArrayLike, rates: ArrayLike) -> float:
    amounts = floats(flows, "flows")
    return float(present_value(amounts, rates)) if amounts.size else 0.0


def _solve(gap: Callable[[float], float], low: float, high: float) -> float:
    """Return where a monotone function is 0, by bisection to the last bit."""
    below = gap(low)
    if below * gap(high) > 0:
        raise BadMeasurement("No constant rate spreads the remaining finance expense.")
    for _ in range(200):
        middle = 0.5 * (low + high)
        value = gap(middle)
        if value == 0 or middle in (low, high):
            return middle
        if value * below > 0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)
