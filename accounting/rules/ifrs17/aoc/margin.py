"""The technical margin, step by step: each step adjusts margin or loss by the running balance.

Technical margin: positive is a loss. Every novelty runs by itself and switches between margin and
loss component; the combined step (CL) nets old and new contracts, then experience, amortisation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounting.rules.ifrs17.aoc.steps import (
    AFTER_CASH,
    Basis,
    Estimate,
    Fact,
    Novelty,
    Step,
    ordered,
)
from accounting.rules.ifrs17.arrays import share

BEFORE_CASH = (Step.BOP, Step.MC, Step.RCU, Step.IA)
COMBINED_STEPS = (Step.CL, Step.EA, Step.AM)
StepOf = tuple[Step, Novelty]


@dataclass(frozen=True, slots=True)
class Move:
    """What a step did: changes of margin and loss component (at EOP: their balances)."""

    csm: float
    loss: float


@dataclass(frozen=True, slots=True)
class Opening:
    """Balances of the contracts in force at the start: margin, loss component or recovery."""

    csm: float = 0.0
    loss: float = 0.0


def technical_margin(
    steps: Mapping[StepOf, float],
    *,
    opening: Opening | None = None,
    rate: float = 0.0,
    factor: float = 0.0,
    experience: float = 0.0,
    reinsurance: bool = False,
    order: Sequence[Step] = AFTER_CASH,
    loss_factor: float | None = None,
) -> dict[StepOf, Move]:
    """Run a group's technical margin through the steps.

    Args:
        steps: change of fulfilment cash flows for future service by (step, novelty), increase
            positive, at locked-in rates; cash flows (CF) and interest (IA) among them are left
            out: interest is computed on the running balance.
        opening: margin and loss component of the contracts in force.
        rate: locked-in rate of the whole period (12 months at 0.2 % a year: 0.002).
        factor: share released by coverage units.
        experience: premium experience (EA), favourable positive.
        reinsurance: reinsurance held: the margin takes either sign, nothing switches (65, 66).
        order: of the steps after interest, see ``value_steps``; it decides what switches where.
        loss_factor: share of the loss component released (None: ``factor``), for example the part
            of outflows and risk adjustment that the period releases (52).

    Returns:
        Moves by step and novelty in order, zero moves left out, and EOP.

    Raises:
        BadShare: a factor is not between 0 and 1.
        BadMeasurement: ``order`` lacks a step.

    Source: IFRS 17.44, .48–52, .66.
    """
    released = float(share(factor, "factor"))
    lost = released if loss_factor is None else float(share(loss_factor, "loss factor"))
    start = opening or Opening()
    own_steps = (*BEFORE_CASH, *ordered(order, AFTER_CASH))
    moves: dict[StepOf, Move] = {}
    csm, loss = 0.0, 0.0
    for novelty in (Novelty.IN_FORCE, Novelty.NEW):
        own = _Running(reinsurance)
        if novelty is Novelty.IN_FORCE:
            own.open(start, moves)
        own.walk(steps, own_steps, novelty, rate, moves)
        csm, loss = csm + own.csm, loss + own.loss
    both = _Running(reinsurance, csm, loss)
    both.change(Step.CL, Novelty.COMBINED, steps.get((Step.CL, Novelty.COMBINED), 0.0), moves)
    both.change(Step.EA, Novelty.COMBINED, -experience, moves)
    both.add(Step.AM, Novelty.COMBINED, -released * both.csm, -lost * both.loss, moves)
    moves[Step.EOP, Novelty.COMBINED] = Move(both.csm, both.loss)
    return moves


def loss_recovery(
    gross: Mapping[StepOf, Move],
    held: Mapping[StepOf, Move],
    *,
    recovered: float,
    factor: float = 0.0,
    opening: float = 0.0,
    order: Sequence[Step] = AFTER_CASH,
) -> dict[StepOf, float]:
    """Run the loss-recovery component of reinsurance held along its underlying group.

    At recognition it is the recovered share of the underlying loss. Afterwards it moves with the
    reinsurance's own technical margin, never beyond the recovered share of the underlying loss
    component and never past zero; amortisation follows the reinsurance's coverage units within
    the same bound.

    Args:
        gross: moves of the underlying group.
        held: moves of the reinsurance, see ``technical_margin`` with ``reinsurance``.
        recovered: share of claims that the reinsurance pays.
        factor: share released by the reinsurance's coverage units.
        opening: loss-recovery component of the contracts in force, ≤ 0 (an asset).
        order: of the steps after interest, that of both groups' moves.

    Returns:
        Changes by step and novelty, negative: more to recover; and EOP.

    Raises:
        BadShare: a share is not between 0 and 1.
        BadMeasurement: ``order`` lacks a step.

    Source: IFRS 17.66A–66B, B119C–B119F.
    """
    weight, released = float(share(recovered, "recovered")), float(share(factor, "factor"))
    own_steps = (*BEFORE_CASH, *ordered(order, AFTER_CASH))
    result: dict[StepOf, float] = {}
    total = 0.0
    for novelty in (Novelty.IN_FORCE, Novelty.NEW):
        running, cap = 0.0, 0.0
        for step in own_steps:
            key = (step, novelty)
            cap += gross.get(key, Move(0.0, 0.0)).loss
            change = -held.get(key, Move(0.0, 0.0)).csm
            if step is Step.BOP:
                after = opening if novelty is Novelty.IN_FORCE else -weight * cap
            else:
                after = min(0.0, max(running + change, -weight * cap))
            _note(result, key, after - running)
            running = after
        total += running
    cap = sum(m.loss for k, m in gross.items() if k[1] is not Novelty.COMBINED)
    for step in COMBINED_STEPS:
        key = (step, Novelty.COMBINED)
        cap += gross.get(key, Move(0.0, 0.0)).loss
        moved = -held.get(key, Move(0.0, 0.0)).csm
        wanted = total * (1.0 - released) if step is Step.AM else total + moved
        after = min(0.0, max(wanted, -weight * cap))
        _note(result, key, after - total)
        total = after
    result[Step.EOP, Novelty.COMBINED] = total
    return result


def deferral(
    opening: float,
    *,
    rate: float = 0.0,
    experience: float = 0.0,
    factor: float = 0.0,
    new: float = 0.0,
) -> dict[Step, float]:
    """Run deferred acquisition cash flows through a period.

    Args:
        opening: not yet amortised.
        rate: interest of the period.
        experience: paid more (+) or less (−) than expected.
        factor: share amortised by coverage units.
        new: acquisition cash flows of contracts added.

    Returns:
        BOP, IA, EA, AM and EOP; positive as an asset that revenue recovers.

    Source: IFRS 17.B125.
    """
    begun = opening + new
    accreted = begun * rate
    amortised = -float(share(factor, "factor")) * (begun + accreted + experience)
    return {
        Step.BOP: begun,
        Step.IA: accreted,
        Step.EA: experience,
        Step.AM: amortised,
        Step.EOP: begun + accreted + experience + amortised,
    }


def margin_facts(
    moves: Mapping[StepOf, Move], recovery: Mapping[StepOf, float] | None = None
) -> list[Fact]:
    """Return moves as facts on the locked-in basis (CSM, loss component, loss recovery).

    Args:
        moves: of margin and loss component by step, see ``technical_margin``.
        recovery: of the loss-recovery component, see ``loss_recovery``.
    """
    facts = [
        Fact(step, novelty, "", estimate, Basis.LOCKED, value)
        for (step, novelty), move in moves.items()
        for estimate, value in ((Estimate.CSM, move.csm), (Estimate.LOSS, move.loss))
        if value or step is Step.EOP
    ]
    return facts + [
        Fact(step, novelty, "", Estimate.LOSS_RECOVERY, Basis.LOCKED, value)
        for (step, novelty), value in (recovery or {}).items()
    ]


@dataclass(slots=True)
class _Running:
    """Running balances of one novelty."""

    reinsurance: bool
    csm: float = 0.0
    loss: float = 0.0

    def open(self, start: Opening, moves: dict[StepOf, Move]) -> None:
        self.add(Step.BOP, Novelty.IN_FORCE, start.csm, start.loss, moves)

    def walk(
        self,
        steps: Mapping[StepOf, float],
        order: Sequence[Step],
        novelty: Novelty,
        rate: float,
        moves: dict[StepOf, Move],
    ) -> None:
        for step in order:
            if step is Step.IA:
                self.add(step, novelty, rate * self.csm, rate * self.loss, moves)
            elif value := steps.get((step, novelty), 0.0):
                self.change(step, novelty, value, moves)

    def change(self, step: Step, novelty: Novelty, value: float, moves: dict[StepOf, Move]) -> None:
        """Let a change (increase positive) reach margin or loss; both are netted on the way."""
        margin = self.loss - self.csm + value
        if self.reinsurance:
            csm, loss = -margin, 0.0
        else:
            csm, loss = max(0.0, -margin), max(0.0, margin)
        self.add(step, novelty, csm - self.csm, loss - self.loss, moves)

    def add(
        self, step: Step, novelty: Novelty, csm: float, loss: float, moves: dict[StepOf, Move]
    ) -> None:
        self.csm, self.loss = self.csm + csm, self.loss + loss
        if csm or loss:
            before = moves.get((step, novelty), Move(0.0, 0.0))
            moves[step, novelty] = Move(before.csm + csm, before.loss + loss)


def _note(result: dict[StepOf, float], key: StepOf, value: float) -> None:
    if value:
        result[key] = value
