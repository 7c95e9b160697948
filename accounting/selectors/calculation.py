"""A run, calculated from its inputs alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounting.rules import assumptions, triangles
from accounting.rules.assumptions import OCI, TRIANGLE, Assumptions
from accounting.rules.curves import KoreanCurve, middle_factors, month_forwards
from accounting.rules.flows import Expected, Kind
from accounting.rules.ifrs17.risk import by_confidence
from accounting.rules.locked import annual
from accounting.rules.monthly import (
    Claims,
    Fact,
    Facts,
    Measured,
    Policy,
    Valued,
    allocated,
    ask,
    gmm,
    incurred,
    paa,
    present_value_of_payments,
    require,
    unreported,
    value,
)
from accounting.rules.monthly.facts import Won, digest
from accounting.rules.monthly.state import cut
from accounting.rules.projection import Floats, Ints
from accounting.selectors import book, curves, held_run, locking
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
        evidence: ``eligibility`` (premium allocation, by group that contracts were added to) and
            ``ibnr`` (method by portfolio).
        rates: (groups,) annual rate that the next ten years of the locked-in curves come to.
        held: facts and movements of reinsurance contracts held, (treaties,) won.
    """

    facts: Facts
    moves: dict[str, Won]
    flows: Expected
    contracts: Ints
    cells: int
    surrender: Won
    evidence: dict[str, Any]
    rates: NDArray[np.float64]
    held: Measured


def calculate(inputs: Inputs, progress: Progress = lambda _what: None) -> Outcome:
    """Measure all groups; the same inputs always give the same figures.

    Args:
        inputs: everything that goes in.
        progress: told of each stage: PROJECT, DISCOUNT, ROLL, INCURRED.

    Raises:
        accounting.rules.monthly.NotAllocable: premium allocation must not measure new contracts.
    """
    assumed = assumptions.read(inputs.values)
    progress("PROJECT")
    projected = book.project(
        inputs.contracts,
        inputs.day,
        inputs.groups,
        lambda months: locking.of(inputs, months),
        assumed,
    )
    progress("DISCOUNT")
    months = projected.flows.coming.shape[2]
    curve = curves.from_inputs(inputs.curve)
    current = middle_factors(curve, max(months, 120))
    valued = value(
        projected.flows,
        locked=projected.locked,
        current=current,
        unearned=projected.unearned,
        earned=projected.earned,
        left=projected.left,
        contracts=projected.contracts,
    )
    progress("ROLL")
    asked = _allocable(inputs, assumed, projected)
    parts = list(_by_policy(inputs, assumed, valued))
    progress("INCURRED")
    claims, of_month, unseen, methods = _claims(inputs, assumed, valued, curve)
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
        {"eligibility": asked, "ibnr": methods},
        annual(projected.locked.ahead),
        held_run.calculate(
            inputs.held,
            held_run.Underlying(
                groups=inputs.groups,
                coming=projected.flows.coming,
                of_month=inputs.opening.coming + valued.first,
                current=current,
                losses=_moved(moves, "LOSS_NEW", len(inputs.groups))
                + _moved(moves, "LOSS_FUTURE", len(inputs.groups)),
                lc=facts[Fact("LC", "", "C", "CLOSING")],
                unreported=unseen,
                factor=claims.factor,
                unwind=claims.interest,
                risk=claims.risk,
            ),
            inputs.contracts,
            assumed,
            inputs.day,
        ),
    )


def _moved(moves: dict[str, Won], name: str, groups: int) -> Won:
    return moves.get(name, np.zeros(groups, np.int64))


def rows_of(codes: list[str], facts: Facts) -> Iterator[tuple[str, Fact, int]]:
    """Return (group, fact, won) of every fact and group."""
    for fact, values in facts.items():
        for number, code in enumerate(codes):
            yield code, fact, int(values[number])


def facts_hash(inputs: Inputs, outcome: Outcome) -> str:
    """Return the hash of a run's facts, of contracts issued and of reinsurance held."""
    issued = rows_of(inputs.codes, outcome.facts)
    return digest(chain(issued, rows_of(inputs.held.codes, outcome.held.facts)))


def _by_policy(
    inputs: Inputs, assumed: Assumptions, valued: Valued
) -> Iterator[tuple[Ints, Measured]]:
    """Measure groups of the same policy together."""
    policies = [
        (measurement, one.finance, one.loss, one.paa.acquisition, one.paa.financing)
        for _code, line, _year, measurement in inputs.groups
        for one in (assumed.line(line),)
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
            yield rows, paa(opening, cash, now, chosen)


def _allocable(inputs: Inputs, assumed: Assumptions, projected: book.Projected) -> dict[str, Any]:
    """Ask of the contracts issued in the month whether premium allocation may measure them."""
    found: dict[str, Any] = {}
    rates = annual(projected.locked.own)
    for number, (code, line, _year, measurement) in enumerate(inputs.groups):
        months = int(projected.cover[number])
        if measurement != "PAA" or not months:
            continue
        options = assumed.line(line).paa
        asked = ask(months, projected.flows.new[number], float(rates[number]), options)
        require(code, asked, options)
        found[code] = {
            "months": months,
            "short": asked.answer.short,
            "difference": round(asked.answer.difference, 6),
            "tolerance": options.tolerance,
        }
    return found


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
    inputs: Inputs, assumed: Assumptions, valued: Valued, curve: KoreanCurve
) -> tuple[Claims, Won, Floats, dict[str, str]]:
    """Return incurred claims, those expected in this month, IBNR by month, method by portfolio."""
    of_month = inputs.opening.coming[:, Kind.CLAIMS] + round_won_array(valued.first[:, Kind.CLAIMS])
    expected = np.zeros((triangles.MONTHS, len(of_month)))
    known = np.vstack([of_month[None, :], inputs.claims])[: triangles.MONTHS]
    expected[-len(known) :] = known[::-1]
    names = np.array([group[1] for group in inputs.groups], object)
    found = np.zeros(expected.shape)
    methods: dict[str, str] = {}
    for line in sorted(set(names.tolist())):
        mine = names == line
        found[:, mine], methods[line] = _unreported(inputs, assumed, line, expected[:, mine])
    this_month = round_won_array(found[-1])
    lines = [assumed.line(line) for line in names]
    locked = valued.month
    ahead = month_forwards(curve, max(len(one.paid) for one in lines) + 1)
    factor = [present_value_of_payments(one.paid, ahead) for one in lines]
    own = [
        present_value_of_payments(one.paid, np.full(len(one.paid) + 1, rate))
        for one, rate in zip(lines, locked, strict=True)
    ]
    return (
        Claims(
            case=inputs.case,
            ibnr_month=this_month,
            ibnr_earlier=round_won_array(found.sum(axis=0)) - this_month,
            factor=np.array(factor),
            factor_locked=np.array(own),
            interest=np.full(len(lines), ahead[0]),
            interest_locked=locked,
            risk=np.array(
                [float(by_confidence(1.0, o.risk.incurred, o.risk.level)) for o in lines]
            ),
            oci=np.array([one.finance == OCI for one in lines]),
        ),
        of_month,
        found[::-1],
        methods,
    )


def _unreported(
    inputs: Inputs, assumed: Assumptions, line: str, expected: Floats
) -> tuple[Floats, str]:
    """Return IBNR of a portfolio by month of accident and group, and how it was estimated."""
    mine = inputs.seen["line"] == line
    origin, month, amount = (inputs.seen[name][mine] for name in ("origin", "month", "amount"))
    pattern = _pattern(inputs, assumed, line)
    reported = np.ones(len(expected))
    reported[: len(pattern)] = pattern[: len(reported)]
    triangle = triangles.grid(origin, month, amount, inputs.period)
    return unreported(expected, triangle, reported, assumed.line(line).ibnr.estimate)


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
