"""A run, calculated from its inputs alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accounting.rules import assumptions, triangles
from accounting.rules.assumptions import TRIANGLE, Assumptions
from accounting.rules.curves import middle_factors
from accounting.rules.flows import Expected, Kind, confidence_factor
from accounting.rules.monthly import (
    Claims,
    Fact,
    Facts,
    Measured,
    Policy,
    Valued,
    allocated,
    gmm,
    incurred,
    paa,
    present_value_of_payments,
    unreported,
    value,
)
from accounting.rules.monthly.facts import Won, digest
from accounting.rules.monthly.state import cut
from accounting.rules.projection import Ints
from accounting.selectors import book, curves
from accounting.selectors.inputs import Inputs
from core.money import round_won_array

Progress = Callable[[str], None]
"""Told what is being done."""


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a run found.

    Args:
        facts: fact → (groups,) won.
        moves: movement → (groups,) won, what the ledger posts.
        flows: expected flows by group.
        contracts: (groups,) how many.
        cells: how many sets of alike contracts.
        surrender: (groups,) surrender values at the month end, won.
    """

    facts: Facts
    moves: dict[str, Won]
    flows: Expected
    contracts: Ints
    cells: int
    surrender: Won


def calculate(inputs: Inputs, progress: Progress = lambda _what: None) -> Outcome:
    """Measure all groups; the same inputs always give the same figures.

    Args:
        inputs: everything that goes in.
        progress: told of each stage: PROJECT, DISCOUNT, ROLL, INCURRED.
    """
    assumed = assumptions.read(inputs.values)
    progress("PROJECT")
    projected = book.project(inputs.contracts, inputs.day, inputs.codes, inputs.rates, assumed)
    progress("DISCOUNT")
    months = projected.flows.coming.shape[2]
    current = middle_factors(curves.from_inputs(inputs.curve), max(months, 120))
    valued = value(
        projected.flows,
        rate=np.array([inputs.rates[code] for code in inputs.codes], np.float64),
        current=current,
        unearned=projected.unearned,
        earned=projected.earned,
        contracts=projected.contracts,
    )
    progress("ROLL")
    parts = list(_by_policy(inputs, assumed, valued))
    progress("INCURRED")
    claims, of_month = _claims(inputs, assumed, valued, current)
    everything = np.arange(len(inputs.groups))
    parts.append((everything, incurred(inputs.opening, claims)))
    parts.append((everything, allocated(inputs.opening, _costs(inputs, assumed, valued))))
    facts, moves = _together(parts, len(inputs.groups))
    facts[Fact("EXPECTED", "CLAIMS", "N", "MONTH")] = of_month
    return Outcome(
        facts,
        moves,
        projected.flows,
        projected.contracts,
        projected.cells,
        round_won_array(projected.surrender),
    )


def rows_of(codes: list[str], facts: Facts) -> Iterator[tuple[str, Fact, int]]:
    """Return (group, fact, won) of every fact and group."""
    for fact, values in facts.items():
        for number, code in enumerate(codes):
            yield code, fact, int(values[number])


def facts_hash(codes: list[str], facts: Facts) -> str:
    """Return the hash of a run's facts."""
    return digest(rows_of(codes, facts))


def _by_policy(
    inputs: Inputs, assumed: Assumptions, valued: Valued
) -> Iterator[tuple[Ints, Measured]]:
    """Measure groups of the same policy together."""
    policies = [
        (measurement, assumed.line(line).finance, assumed.line(line).loss)
        for _code, line, _year, measurement in inputs.groups
    ]
    for policy in sorted(set(policies)):
        rows = np.flatnonzero([one == policy for one in policies])
        opening, cash, now = (
            cut(inputs.opening, rows),
            cut(inputs.cash, rows),
            cut(valued, rows),
        )
        chosen = Policy(*policy)
        if chosen.measurement == "GMM":
            yield rows, gmm(opening, cash, now, chosen)
        else:
            yield rows, paa(opening, cash, now)


def _together(parts: list[tuple[Ints, Measured]], groups: int) -> tuple[Facts, dict[str, Won]]:
    """Put the groups of all policies back in order; what a policy does not have is zero."""
    facts: Facts = {}
    moves: dict[str, Won] = {}
    for rows, part in parts:
        for fact, values in part.facts.items():
            facts.setdefault(fact, np.zeros(groups, np.int64))[rows] = values
        for name, values in part.moves.items():
            moves.setdefault(name, np.zeros(groups, np.int64))[rows] = values
    return facts, moves


def _claims(
    inputs: Inputs, assumed: Assumptions, valued: Valued, current: NDArray[np.float64]
) -> tuple[Claims, Won]:
    """Return incurred claims, and the claims expected in this month."""
    of_month = inputs.opening.coming[:, Kind.CLAIMS] + round_won_array(valued.first[:, Kind.CLAIMS])
    history = np.vstack([of_month[None, :], inputs.claims]).astype(np.float64)
    reported = np.ones(history.shape)
    lines = [assumed.line(group[1]) for group in inputs.groups]
    patterns = {group[1]: _pattern(inputs, assumed, group[1]) for group in inputs.groups}
    for number, group in enumerate(inputs.groups):
        shares = patterns[group[1]][: len(reported)]
        reported[: len(shares), number] = shares
    monthly = 1.0 / current[1] * current[0] - 1.0
    return (
        Claims(
            case=inputs.case,
            ibnr=unreported(history, reported),
            factor=np.array([present_value_of_payments(one.paid, current) for one in lines]),
            unwind=np.full(len(lines), monthly),
            risk=np.array([confidence_factor(o.risk.level, o.risk.incurred) for o in lines]),
        ),
        of_month,
    )


def _pattern(inputs: Inputs, assumed: Assumptions, line: str) -> NDArray[np.float64]:
    """Return the share of claims reported by development: by triangle, or as assumed."""
    one = assumed.line(line)
    mine = inputs.seen["line"] == line
    if one.ibnr.method == TRIANGLE and mine.any():
        seen = inputs.seen
        found = triangles.of(
            seen["origin"][mine], seen["month"][mine], seen["amount"][mine], inputs.period
        )
        shares = triangles.reported_shares(found, one.ibnr.excluded) if found else None
        if shares is not None:
            return shares
    return np.array(one.reported, np.float64)


def _costs(inputs: Inputs, assumed: Assumptions, valued: Valued) -> Won:
    """Return the maintenance expenses allocated to groups for the month."""
    lines = [assumed.line(group[1]) for group in inputs.groups]
    each = np.array(
        [o.expense_per_month if o.cost_per_month is None else o.cost_per_month for o in lines]
    )
    share = np.array(
        [o.expense_of_premium if o.cost_of_premium is None else o.cost_of_premium for o in lines]
    )
    return round_won_array(each * valued.contracts + share * inputs.cash.premiums)
