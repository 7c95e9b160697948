"""A whole group in one period: every fact from projections, actuals and opening balances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from numpy.typing import ArrayLike

from accounting.rules.ifrs17.aoc.cashflows import (
    NONE,
    Projected,
    Updates,
    premium_experience,
    release_factor,
    value_steps,
)
from accounting.rules.ifrs17.aoc.margin import (
    Move,
    Opening,
    StepOf,
    deferral,
    loss_recovery,
    margin_facts,
    technical_margin,
)
from accounting.rules.ifrs17.aoc.steps import (
    AFTER_CASH,
    Basis,
    Estimate,
    Fact,
    Novelty,
    Step,
)
from accounting.rules.ifrs17.arrays import floats

MARGIN_STEPS = frozenset({Step.MC, Step.RCU, Step.AU, Step.EV, Step.CL})
"""Steps whose change of fulfilment cash flows is future service; CF, IA and YCU are not, CRU is
profit or loss (67)."""


@dataclass(frozen=True, slots=True, eq=False)
class Contracts:
    """Contracts of one novelty.

    Args:
        projected: nominal flows by amount type, from the start of the period.
        updates: what changed, by amount type.
    """

    projected: Sequence[Projected]
    updates: Mapping[str, Updates] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class GroupPeriod:
    """Inputs of a group in a period.

    Args:
        months: length of the period.
        locked: monthly forward rates locked in, one number or by month.
        current: monthly forward rates at the start (for the curve at the end see ``Updates``).
        in_force: contracts of the period before; None: there are none.
        new: contracts recognised in the period; None: there are none.
        coverage_units: by month from the start of the period, expected.
        unit_rates: monthly rates that discount coverage units (0: not discounted).
        opening: margin and loss component of the contracts in force.
        opening_deferral: acquisition cash flows not yet amortised.
        actual: cash of the period by amount type, inflow positive.
        premium_share: share of premium variances that belongs to future service.
        premiums: amount types that are premiums.
        acquisition: amount types that are acquisition cash flows.
        reinsurance: the group is reinsurance held.
        order: of the steps after the period's cash, see ``value_steps``.
    """

    months: int
    locked: ArrayLike
    current: ArrayLike
    in_force: Contracts | None = None
    new: Contracts | None = None
    coverage_units: ArrayLike = 0.0
    unit_rates: ArrayLike = 0.0
    opening: Opening = field(default_factory=Opening)
    opening_deferral: float = 0.0
    actual: Mapping[str, float] = field(default_factory=dict)
    premium_share: float = 1.0
    premiums: Sequence[str] = ("PR",)
    acquisition: Sequence[str] = ("DAE",)
    reinsurance: bool = False
    order: Sequence[Step] = AFTER_CASH


@dataclass(frozen=True, slots=True, eq=False)
class GroupFacts:
    """What a period made of a group.

    Args:
        facts: everything, closings included.
        moves: margin and loss component by step.
        factor: share released by coverage units.
    """

    facts: list[Fact]
    moves: dict[StepOf, Move]
    factor: float


def run_group(period: GroupPeriod) -> GroupFacts:
    """Make every fact of a group's period.

    Present values at current and locked-in rates, risk adjustment likewise, technical margin run
    step by step, deferred acquisition cash flows, the coverage-unit factor and the actual cash.

    Args:
        period: projections, updates, rates, actual cash and opening balances of one group.

    Raises:
        BadMeasurement, BadRate, CurveTooShort, NegativeUnits: see the parts.

    Source: IFRS 17.44, .48–52, .66, .100–105, B96–B97, B119, B125.
    """
    facts: list[Fact] = []
    locked: list[Fact] = []
    expected: dict[str, float] = {}
    for novelty, contracts in ((Novelty.IN_FORCE, period.in_force), (Novelty.NEW, period.new)):
        if contracts is None:
            continue
        for one in contracts.projected:
            flows = floats(one.flows, one.amount_type)[: period.months]
            expected[one.amount_type] = expected.get(one.amount_type, 0.0) + float(flows.sum())
            updates = contracts.updates.get(one.amount_type, NONE)
            facts += _values(one, novelty, Basis.CURRENT, period, updates)
            locked += _values(one, novelty, Basis.LOCKED, period, _without_curve(updates))
    factor = release_factor(period.coverage_units, period.unit_rates, period.months)
    experience = premium_experience(
        period.actual,
        {k: v for k, v in expected.items() if k in period.actual},
        premium_share=period.premium_share,
        premiums=period.premiums,
        acquisition=period.acquisition,
    )
    rate = _over(period.locked, period.months)
    moves = technical_margin(
        _margin_steps(locked),
        opening=period.opening,
        rate=rate,
        factor=factor,
        experience=experience,
        reinsurance=period.reinsurance,
        order=period.order,
    )
    facts += locked + margin_facts(moves) + _deferred(period, locked, expected, factor, rate)
    facts.append(Fact(Step.AM, Novelty.COMBINED, "CU", Estimate.FACTOR, Basis.LOCKED, factor))
    facts += [
        Fact(Step.CF, Novelty.COMBINED, kind, Estimate.ACTUAL, Basis.NOMINAL, -value)
        for kind, value in period.actual.items()
    ]
    return GroupFacts(facts, moves, factor)


def recover_group(
    gross: GroupFacts,
    held: GroupFacts,
    *,
    recovered: float,
    opening: float = 0.0,
    order: Sequence[Step] = AFTER_CASH,
) -> list[Fact]:
    """Return the loss-recovery facts of reinsurance held along its underlying group.

    Args:
        gross: the underlying group's period.
        held: the reinsurance's period.
        recovered: share of claims that the reinsurance pays.
        opening: loss-recovery component of the contracts in force, ≤ 0.
        order: of the steps, that of both periods.

    Source: IFRS 17.66A–66B, B119C–B119F.
    """
    moves = loss_recovery(
        gross.moves,
        held.moves,
        recovered=recovered,
        factor=held.factor,
        opening=opening,
        order=order,
    )
    return margin_facts({}, moves)


def _values(
    one: Projected, novelty: Novelty, basis: Basis, period: GroupPeriod, updates: Updates
) -> list[Fact]:
    return value_steps(
        one,
        rates=period.current if basis is Basis.CURRENT else period.locked,
        months=period.months,
        novelty=novelty,
        basis=basis,
        updates=updates,
        order=period.order,
    )


def _without_curve(updates: Updates) -> Updates:
    """Return updates as the locked-in basis sees them: the curve never changes."""
    return Updates(
        corrected=updates.corrected,
        coverage=updates.coverage,
        assumptions=updates.assumptions,
        credit=updates.credit,
        experience=updates.experience,
        combined=updates.combined,
    )


def _margin_steps(locked: Sequence[Fact]) -> dict[StepOf, float]:
    """Return the changes of future service by step: new contracts, corrections, estimates."""
    steps: dict[StepOf, float] = {}
    for fact in locked:
        recognised = fact.step is Step.BOP and fact.novelty is Novelty.NEW
        if recognised or fact.step in MARGIN_STEPS:
            key = (fact.step, fact.novelty)
            steps[key] = steps.get(key, 0.0) + fact.value
    return steps


def _deferred(
    period: GroupPeriod,
    locked: Sequence[Fact],
    expected: Mapping[str, float],
    factor: float,
    rate: float,
) -> list[Fact]:
    """Return the roll-forward of deferred acquisition cash flows."""
    new = sum(
        f.value
        for f in locked
        if f.step is Step.BOP and f.novelty is Novelty.NEW and f.amount_type in period.acquisition
    )
    more = sum(
        expected.get(kind, 0.0) - period.actual[kind]
        for kind in period.acquisition
        if kind in period.actual
    )
    steps = deferral(period.opening_deferral, rate=rate, experience=more, factor=factor, new=new)
    return [
        Fact(step, Novelty.COMBINED, "", Estimate.DEFERRAL, Basis.LOCKED, value)
        for step, value in steps.items()
        if value or step is Step.EOP
    ]


def _over(rates: ArrayLike, months: int) -> float:
    """Return the effective rate of a period from monthly forward rates."""
    monthly = floats(rates, "rates")
    if monthly.ndim == 0:
        return float((1.0 + monthly) ** months - 1.0)
    return float((1.0 + monthly[:months]).prod() - 1.0)
