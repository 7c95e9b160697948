"""The words of the analysis of change, and the fact table that they span.

A run is a set of facts: step × novelty × amount type × estimate × basis → amount. Opening plus
steps equals closing, for every estimate and basis.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from accounting.rules.ifrs17.errors import BadMeasurement


class Step(StrEnum):
    """Steps of the analysis of change, in their order."""

    BOP = "BOP"  # balance at the beginning of the period, or at recognition
    MC = "MC"  # model correction
    RCU = "RCU"  # reinsurance coverage update
    CF = "CF"  # expected cash flows of the period fall due
    IA = "IA"  # interest accretion
    AU = "AU"  # assumption update
    YCU = "YCU"  # yield curve update: current basis only
    CRU = "CRU"  # credit risk update: non-performance of reinsurers
    EV = "EV"  # experience variance
    CL = "CL"  # combined liability: old and new contracts are one group from here
    EA = "EA"  # experience adjustment on premiums and acquisition cash flows
    AM = "AM"  # amortisation by coverage units
    EOP = "EOP"  # balance at the end of the period


AFTER_CASH = (Step.AU, Step.YCU, Step.CRU, Step.EV)
"""Steps whose order an entity chooses, in the order of the engine."""


def ordered(order: Sequence[Step], steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return an order of steps.

    Args:
        order: as it was chosen.
        steps: which it must hold, each once.

    Raises:
        BadMeasurement: a step is missing, stands twice or does not belong there.
    """
    if sorted(order) != sorted(steps):
        raise BadMeasurement(
            f"An order holds each of {', '.join(steps)} once, not {', '.join(order) or 'nothing'}."
        )
    return tuple(order)


class Novelty(StrEnum):
    """Which contracts a fact is about."""

    IN_FORCE = "I"
    NEW = "N"
    COMBINED = "C"


class Estimate(StrEnum):
    """What is estimated."""

    BE = "BE"  # best estimate
    RA = "RA"  # risk adjustment
    CSM = "C"
    LOSS = "L"
    LOSS_RECOVERY = "LR"
    DEFERRAL = "DA"  # deferred acquisition cash flows
    ACTUAL = "A"
    FACTOR = "F"  # share released by coverage units
    PREMIUM = "P"


class Basis(StrEnum):
    """At which rates a fact is measured."""

    CURRENT = "C"
    LOCKED = "L"
    NOMINAL = "N"


@dataclass(frozen=True, slots=True)
class Fact:
    """One amount of a run.

    Args:
        step, novelty: where in the analysis of change.
        amount_type: kind of cash flow (PR premium, NIC claims, ICO investment component, CDR
            credit default risk, AE and DAE expenses, AC commission, CU coverage units), or "".
        estimate, basis: what, at which rates.
        value: liability positive; CSM and deferrals positive as balances.
    """

    step: Step
    novelty: Novelty
    amount_type: str
    estimate: Estimate
    basis: Basis
    value: float


def ends(facts: Iterable[Fact]) -> list[Fact]:
    """Return the closing facts (EOP, combined) that opening and steps add up to.

    One for each amount type, estimate and basis; facts that are EOP already, factors and actuals
    are left out.
    """
    sums: dict[tuple[str, Estimate, Basis], float] = {}
    for fact in facts:
        if fact.step is Step.EOP or fact.estimate in (Estimate.FACTOR, Estimate.ACTUAL):
            continue
        key = (fact.amount_type, fact.estimate, fact.basis)
        sums[key] = sums.get(key, 0.0) + fact.value
    return [Fact(Step.EOP, Novelty.COMBINED, a, e, b, v) for (a, e, b), v in sums.items()]


def by_step(facts: Iterable[Fact], estimate: Estimate, basis: Basis) -> dict[Step, float]:
    """Return the roll-forward of one estimate, amount types and novelties together."""
    result = dict.fromkeys(Step, 0.0)
    for fact in facts:
        if fact.estimate is estimate and fact.basis is basis:
            result[fact.step] += fact.value
    return result


def check(facts: Iterable[Fact], *, tolerance: float = 1e-6) -> None:
    """Refuse facts whose steps do not add up to their closing.

    Raises:
        BadMeasurement: names the first estimate that does not foot.
    """
    table = list(facts)
    for estimate in {f.estimate for f in table} - {Estimate.FACTOR, Estimate.ACTUAL}:
        for basis in {f.basis for f in table if f.estimate is estimate}:
            steps = by_step(table, estimate, basis)
            closing = steps.pop(Step.EOP)
            if abs(closing - sum(steps.values())) > tolerance:
                raise BadMeasurement(
                    f"{estimate}/{basis}: steps add up to {sum(steps.values())}, closing {closing}."
                )
