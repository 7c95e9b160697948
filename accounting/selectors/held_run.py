"""Reinsurance contracts held, measured in a run: from the treaties and what they cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

import numpy as np

from accounting.rules.assumptions import Assumptions, Reinsurance
from accounting.rules.curves import middles, month_forwards
from accounting.rules.flows import Kind
from accounting.rules.held import (
    GMM,
    Cover,
    Part,
    covers_month,
    default_factors,
    months_left,
    parts,
)
from accounting.rules.monthly import Facts, Measured
from accounting.rules.monthly.facts import Won
from accounting.rules.monthly.held import (
    HeldNow,
    cut_held,
    held_allocated,
    held_general,
    held_incurred,
)
from accounting.rules.monthly.state import cut
from accounting.rules.projection import Floats
from accounting.selectors import curves
from accounting.selectors.held import HeldInputs
from core.money import round_won_array


@dataclass(frozen=True, slots=True, eq=False)
class Underlying:
    """What the underlying contracts of a run were measured at.

    Args:
        groups: (code, line, cohort, measurement) of each.
        coming: (groups, KINDS, months) expected flows.
        of_month: (groups, KINDS) expected of the month that ends.
        current: (months,) discount factors.
        losses: (groups,) losses recognised and reversed in the month, won.
        lc: (groups,) loss components, won.
        unreported: (months, groups) claims not reported by month of accident, latest first.
        factor, unwind, risk: (groups,) of incurred claims.
    """

    groups: Sequence[tuple[str, str, int, str]]
    coming: Floats
    of_month: Floats
    current: Floats
    losses: Won
    lc: Won
    unreported: Floats
    factor: Floats
    unwind: Floats
    risk: Floats


def calculate(
    given: HeldInputs,
    under: Underlying,
    contracts: Mapping[str, np.ndarray],
    assumed: Assumptions,
    day: date,
) -> Measured:
    """Measure the treaties; the same inputs always give the same figures.

    Args:
        given: the treaties.
        under: the underlying contracts as the same run measured them.
        contracts: columns of the contracts in force.
        assumed: the assumptions.
        day: the month end.
    """
    now = _now(given, under, contracts, assumed, day)
    facts: Facts = {}
    moves: dict[str, Won] = {}
    n = len(given.covers)
    general = np.array([cover.measurement == GMM for cover in given.covers], bool)
    for mask, measure in ((general, held_general), (~general, held_allocated)):
        rows = np.flatnonzero(mask)
        if not len(rows):
            continue
        found = measure(cut(given.opening, rows), cut_held(now, rows))
        for fact, values in found.facts.items():
            facts.setdefault(fact, np.zeros(n, np.int64))[rows] = values
        for name, values in found.moves.items():
            moves.setdefault(name, np.zeros(n, np.int64))[rows] = values
    if n:
        last = held_incurred(given.opening, now)
        facts |= last.facts
        moves |= last.moves
    return Measured(facts, moves)


def _now(
    given: HeldInputs,
    under: Underlying,
    contracts: Mapping[str, np.ndarray],
    assumed: Assumptions,
    day: date,
) -> HeldNow:
    taken = _parts(given, contracts, assumed.reinsurance, day)
    rows = [_one(given, n, under, taken, assumed, day) for n in range(len(given.covers))]
    made = {f.name: np.array([row[f.name] for row in rows]) for f in fields(HeldNow)}
    for name in ("locked", "current"):
        made[name] = made[name].reshape(-1, 2).astype(np.float64)
    for name in _WHOLE:
        made[name] = round_won_array(made[name].astype(np.float64))
    return HeldNow(**made)


_WHOLE = (
    "paid",
    "paid_expected",
    "recovered_expected",
    "risk_expected",
    "loss_change",
    "loss_left",
    "case",
    "ibnr",
)


def _parts(
    given: HeldInputs, contracts: Mapping[str, np.ndarray], assumed: Reinsurance, day: date
) -> dict[str, Part]:
    """Return what each treaty takes, those of a line and of the same days together."""
    found: dict[str, Part] = {}
    for line in sorted({cover.line for cover in given.covers}):
        mine = contracts["line"] == line
        for start in sorted({c.start for c in given.covers if c.line == line}):
            found |= parts(
                [c for c in given.covers if (c.line, c.start) == (line, start)],
                contracts["sum_assured"][mine].astype(np.float64),
                contracts["premium"][mine].astype(np.float64),
                contracts["contract_id"][mine].tolist(),
                assumed.loss_ratios,
            )
    return found


def _one(
    given: HeldInputs,
    number: int,
    under: Underlying,
    taken: Mapping[str, Part],
    assumed: Assumptions,
    day: date,
) -> dict[str, Any]:
    """Return a treaty's part of the underlying flows at a month end."""
    cover = given.covers[number]
    part, now = taken[cover.code], covers_month(cover, day)
    rows = [n for n, group in enumerate(under.groups) if group[1] == cover.line]
    coming, month = under.coming[rows].sum(axis=0), under.of_month[rows].sum(axis=0)
    left = min(months_left(cover, day), coming.shape[1])
    handling = 1.0 + (assumed.line(cover.line).expense_of_claims if rows else 0.0)
    premium = part.premium * coming[Kind.PREMIUM, :left]
    claims = coming[Kind.CLAIMS, :left]
    recovered = part.claims * claims / handling + part.ratio * coming[Kind.PREMIUM, :left]
    share = np.divide(recovered, claims, out=np.zeros(left), where=claims > 0)
    rates = _rates(given.curves[cover.code], cover.start, day, left + 1)
    locked, current = middles(rates[1:]), under.current[:left]
    failing = [
        default_factors(rate, loss, left)
        for rate, loss in (
            (assumed.reinsurance.default_rate, assumed.reinsurance.loss_given_default),
            given.default,
        )
    ]
    net = premium - recovered * (1.0 - failing[0])
    risk = -share * coming[Kind.RISK, :left]
    back = part.claims * month[Kind.CLAIMS] / handling + part.ratio * month[Kind.PREMIUM]
    seen = float(back / month[Kind.CLAIMS]) if month[Kind.CLAIMS] > 0 else 0.0
    return {
        "begins": now and cover.code not in given.known,
        "paid": given.paid[number],
        "paid_expected": part.premium * month[Kind.PREMIUM] if now else 0.0,
        "recovered_expected": back if now else 0.0,
        "risk_expected": seen * month[Kind.RISK] if now else 0.0,
        "locked": [net @ locked, risk @ locked],
        "current": [net @ current, risk @ current],
        "non_performance": (recovered * (failing[0] - failing[1])) @ locked,
        "month": rates[0],
        "units": month[Kind.UNITS] if now else 0.0,
        "units_future": coming[Kind.UNITS, :left].sum(),
        "share": _recovered(recovered, current, coming[Kind.CLAIMS], under.current),
        "loss_change": under.losses[rows].sum() if now else 0,
        "loss_left": under.lc[rows].sum() if left else 0,
        "to_come": premium.sum(),
        "left": left,
        "case": given.case[number],
        "ibnr": seen * _unreported(cover, under.unreported[:, rows].sum(axis=1), day),
        **_incurred(under, rows),
        "default": default_factors(
            assumed.reinsurance.default_rate, assumed.reinsurance.loss_given_default, 1, first=12.0
        )[0],
    }


def _recovered(recovered: Floats, current: Floats, claims: Floats, factors: Floats) -> float:
    """Return the share of all underlying claims to come that is recovered (B119D)."""
    whole = float(claims @ factors[: len(claims)])
    return min(1.0, float(recovered @ current) / whole) if whole > 0 else 0.0


def _incurred(under: Underlying, rows: Sequence[int]) -> dict[str, float]:
    if not rows:
        return {"factor": 1.0, "unwind": 0.0, "risk": 0.0}
    return {name: float(getattr(under, name)[rows[0]]) for name in ("factor", "unwind", "risk")}


def _unreported(cover: Cover, by_month: Floats, day: date) -> float:
    """Return the claims not reported of accidents that a treaty covers."""
    end, total = day, 0.0
    for amount in by_month.tolist():
        total += amount if covers_month(cover, end) else 0.0
        end = end.replace(day=1) - timedelta(days=1)
    return total


def _rates(given: Mapping[str, Any], start: date, day: date, months: int) -> Floats:
    """Return the rates locked in of the month that ends and of those after it."""
    since = 12 * (day.year - start.year) + day.month - start.month
    forwards = month_forwards(curves.from_inputs(given), max(0, since) + months)
    return forwards[max(0, since) :]
