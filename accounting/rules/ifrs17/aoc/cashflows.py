"""Present values by step: what a projection of nominal monthly flows becomes in a period.

Nominal flows follow the projection's sign (inflow positive); facts follow the reserve's (outflow
positive): values are turned here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.aoc.steps import (
    AFTER_CASH,
    Basis,
    Estimate,
    Fact,
    Novelty,
    Step,
    ordered,
)
from accounting.rules.ifrs17.arrays import Floats, floats, units
from accounting.rules.ifrs17.discount import Timing, path, periodic
from accounting.rules.ifrs17.errors import BadMeasurement


@dataclass(frozen=True, slots=True, eq=False)
class Projected:
    """Nominal flows of one amount type, month by month from the start of the period.

    Args:
        amount_type: see ``Fact``.
        flows: (months,) inflow positive.
        timing: where in the month they fall.
        estimate: best estimate or risk adjustment.
    """

    amount_type: str
    flows: ArrayLike
    timing: Timing = Timing.END
    estimate: Estimate = Estimate.BE


@dataclass(frozen=True, slots=True, eq=False)
class Updates:
    """What changed in the period, in order of the steps; each replaces the projection before it.

    The order after the period's cash is the caller's (``value_steps(order=…)``): flows are what
    stands after their own step and all before it.

    Args:
        corrected: flows from the start of the period after model correction (MC).
        coverage: the same after the reinsurance coverage update (RCU).
        assumptions: flows after the period, by new assumptions (AU).
        curve: (months,) monthly forward rates, or annual effective rate, at the period end (YCU).
        credit: flows after the period, after the credit risk update (CRU).
        experience: flows after the period, for contracts as they really are (EV).
        combined: flows after the period of old and new contracts together (CL).
    """

    corrected: ArrayLike | None = None
    coverage: ArrayLike | None = None
    assumptions: ArrayLike | None = None
    curve: ArrayLike | None = None
    credit: ArrayLike | None = None
    experience: ArrayLike | None = None
    combined: ArrayLike | None = None


NONE = Updates()


def monthly(annual: ArrayLike, months: int) -> Floats:
    """Return monthly forward rates of an annual effective forward curve by year, (months,).

    Args:
        annual: one rate, or one a year (the last holds on).
        months: how many.
    """
    rates = np.atleast_1d(periodic(annual, 12))
    return rates[np.minimum(np.arange(months) // 12, len(rates) - 1)]


def interest(
    flows: ArrayLike, rates: ArrayLike, months: int, *, timing: Timing = Timing.END
) -> float:
    """Return the interest that a present value earns over the first months of its flows.

    Args:
        flows: (n,) by month.
        rates: monthly, one number or (n,).
        months: length of the period.
        timing: where in the month flows fall.

    Returns:
        Σ over months of what opening value plus flows of the month make the closing value:
        value[end] = value[start] + interest − flows.

    Source: IFRS 17.87(a), B72.
    """
    amounts = floats(flows, "flows")
    value = path(amounts, rates, timing=timing)
    stop = min(months, len(amounts))
    return float(value[stop] - value[0] + amounts[:stop].sum())


def value_steps(
    projected: Projected,
    *,
    rates: ArrayLike,
    months: int,
    novelty: Novelty = Novelty.NEW,
    basis: Basis = Basis.CURRENT,
    updates: Updates = NONE,
    order: Sequence[Step] = AFTER_CASH,
) -> list[Fact]:
    """Walk one amount type through the steps of a period.

    Args:
        projected: nominal flows at the start of the period (at recognition for new contracts).
        rates: monthly forward rates at its start, one number or (n,).
        months: length of the period.
        novelty: which contracts.
        basis: of the rates; nominal values are walked with rates of 0 by the caller.
        updates: what changed.
        order: AU, YCU, CRU and EV in the order in which they are applied; the total is the same,
            the steps differ (experience before assumptions: EV, AU, YCU, CRU).

    Returns:
        Facts BOP, MC, RCU, CF, IA, then ``order``, CL where they are not zero, and EOP.

    Raises:
        BadMeasurement: the period is not at least one month long, or ``order`` lacks a step.
        BadRate, CurveTooShort: see ``discount``.

    Source: IFRS 17.44, .101–105 (what a reconciliation must show), B72 (rates).
    """
    if months < 1:
        raise BadMeasurement("A period has at least one month.")
    walk = _Walk(projected, novelty, basis)
    flows = floats(projected.flows, projected.amount_type)
    walk.move(Step.BOP, _value(flows, rates, projected.timing))
    for step, given in ((Step.MC, updates.corrected), (Step.RCU, updates.coverage)):
        if given is not None:
            flows = floats(given, step)
            walk.reach(step, _value(flows, rates, projected.timing))
    walk.move(Step.CF, -float(flows[:months].sum()))
    walk.move(Step.IA, interest(flows, rates, months, timing=projected.timing))
    left, curve = flows[months:], _later(rates, months)
    after = {
        Step.AU: updates.assumptions,
        Step.CRU: updates.credit,
        Step.EV: updates.experience,
        Step.CL: updates.combined,
    }
    for step in (*ordered(order, AFTER_CASH), Step.CL):
        if step is Step.YCU and updates.curve is not None:
            curve = floats(updates.curve, "curve")
        given = after.get(step)
        left = left if given is None else floats(given, step)
        walk.reach(step, _value(left, curve, projected.timing))
    return [*walk.facts, walk.fact(Step.EOP, walk.total, Novelty.COMBINED)]


@dataclass(slots=True, eq=False)
class _Walk:
    """Facts so far and the value they add up to, in the projection's sign."""

    projected: Projected
    novelty: Novelty
    basis: Basis
    total: float = 0.0
    facts: list[Fact] = field(default_factory=list)

    def fact(self, step: Step, value: float, novelty: Novelty) -> Fact:
        kind, estimate = self.projected.amount_type, self.projected.estimate
        return Fact(step, novelty, kind, estimate, self.basis, -value)

    def move(self, step: Step, value: float) -> None:
        self.total += value
        if value:
            novelty = Novelty.COMBINED if step is Step.CL else self.novelty
            self.facts.append(self.fact(step, value, novelty))

    def reach(self, step: Step, value: float) -> None:
        """Add what separates the value so far from a new one; dust of rounding is no step."""
        gap = value - self.total
        self.move(step, 0.0 if abs(gap) < 1e-9 * max(1.0, abs(value)) else gap)


def _value(flows: Floats, rates: ArrayLike, timing: Timing) -> float:
    return float(path(flows, rates, timing=timing)[0])


def _later(rates: ArrayLike, months: int) -> Floats:
    array = floats(rates, "rates")
    return array if array.ndim == 0 else array[months:]


def release_factor(
    coverage_units: ArrayLike,
    rates: ArrayLike,
    months: int,
    *,
    timing: Timing = Timing.END,
) -> float:
    """Return the share of a margin that the service of the period earns, units discounted.

    Args:
        coverage_units: (n,) by month, of either sign as long as it is one sign.
        rates: monthly, one number or (n,); 0 for undiscounted units.
        months: length of the period.
        timing: where in the month they count.

    Returns:
        1 − Π over the months of (1 − units ÷ value of units from there on), between 0 and 1.

    Raises:
        NegativeUnits: units of both signs.

    Source: IFRS 17.B119, BC282 (discounting of coverage units is a judgement).
    """
    amounts = floats(coverage_units, "coverage units")
    amounts = units(-amounts if amounts.sum() < 0 else amounts)
    value = path(amounts, rates, timing=timing)
    left = 1.0
    for k in range(min(months, len(amounts))):
        left *= max(0.0, 1.0 - amounts[k] / value[k]) if value[k] > 0 else 0.0
    return 1.0 - left


def premium_experience(
    actual: Mapping[str, float],
    expected: Mapping[str, float],
    *,
    premium_share: float = 1.0,
    premiums: Sequence[str] = ("PR",),
    acquisition: Sequence[str] = ("DAE",),
) -> float:
    """Return the experience adjustment of the margin (EA), favourable positive.

    Args:
        actual: cash by amount type, inflow positive (premium +400, expense −140).
        expected: the same as projected for the period.
        premium_share: share of premium variances that belongs to future service.
        premiums: amount types that are premiums.
        acquisition: amount types that are acquisition cash flows, in future service in full.

    Source: IFRS 17.B96(a).
    """

    def gap(kinds: Sequence[str]) -> float:
        return sum(actual.get(k, 0.0) - expected.get(k, 0.0) for k in kinds)

    return premium_share * gap(premiums) + gap(acquisition)
