"""How profitable alike contracts are on the day of issue, and under stress."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounting.models import AssumptionSet, YieldCurve
from accounting.rules import assumptions
from accounting.rules.assumptions import LineAssumptions
from accounting.rules.curves import flat_forwards, middles, month_forwards
from accounting.rules.flows import SIGN, Kind, at_issue, months_of, risk_at_issue
from accounting.rules.groups import ONEROUS, OTHER, SAFE
from accounting.rules.ifrs17.grouping import Profitability, profitability
from accounting.rules.projection import Book, Cells, Floats
from accounting.selectors import book, curves

SET = (
    "version_id",
    "sex",
    "insurance_age",
    "term_months",
    "total_instalments",
    "loading_percent",
    "sum_assured",
    "premium",
)
"""What contracts of one set have in common."""
_NAMES = {
    Profitability.ONEROUS: ONEROUS,
    Profitability.NO_SIGNIFICANT_POSSIBILITY: SAFE,
    Profitability.OTHER: OTHER,
}
_PIECE = 256
"""Sets projected at a time, so that memory does not grow with the batch."""
_MONEY = int(Kind.RISK)
_WORST = "scenarios"


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """On which estimates sets are tested."""

    chosen: AssumptionSet
    curve: YieldCurve | None

    def key(self, row: Mapping[str, Any]) -> str:
        """Return the name of a set's test on this basis."""
        about = {
            "assumptions": self.chosen.version,
            "curve": self.curve.version if self.curve else None,
            **{name: row[name] for name in SET},
        }
        text = json.dumps(about, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What sets of contracts are worth at issue, (s,) each; won of one contract.

    Args:
        premiums, outflows, risk: present values.
        fulfilment: outflows and risk less premiums; above 0 is a loss.
        worst: the same in the worst scenario.
        result: ONEROUS, SAFE or OTHER.
    """

    premiums: Floats
    outflows: Floats
    risk: Floats
    fulfilment: Floats
    worst: Floats
    result: NDArray[np.object_]


def basis(day: date) -> Basis | None:
    """Return the estimates of a day; None while no assumptions are in force.

    Rates are those of the latest checked curve of the day or before, and the assumed ones of the
    cohort while there is no curve (IFRS 17.36, B72(a)).
    """
    chosen = AssumptionSet.objects.filter(status="ACTIVE", period__contains=day).first()
    if chosen is None:
        return None
    try:
        return Basis(chosen, curves.for_day(day))
    except curves.NoCurve:
        return Basis(chosen, None)


def assess(sets: Mapping[str, NDArray[Any]], day: date, on: Basis) -> Found:
    """Test sets of contracts on the day of issue.

    Args:
        sets: the columns of ``SET``, ``line`` and ``cohort_year``, (s,) each.
        day: of issue.
        on: the estimates.

    Raises:
        accounting.rules.assumptions.MissingPortfolio: a portfolio is not assumed.

    Source: IFRS 17.16–19, .32, .47; the cash flows are those of the measurement.
    """
    pieces = [
        _assess({name: column[at : at + _PIECE] for name, column in sets.items()}, day, on)
        for at in range(0, len(sets["line"]), _PIECE)
    ]
    fulfilment = np.concatenate([piece["fulfilment"] for piece in pieces])
    scenarios = np.concatenate([piece[_WORST] for piece in pieces], axis=1)
    kinds = profitability(np.round(fulfilment, 2), stressed=np.round(scenarios, 2))
    result = np.empty(len(kinds), dtype=object)
    result[:] = [_NAMES[Profitability(kind)] for kind in kinds.tolist()]
    first = {
        name: np.concatenate([p[name] for p in pieces]) for name in pieces[0] if name != _WORST
    }
    return Found(
        premiums=first["premiums"],
        outflows=first["outflows"],
        risk=first["risk"],
        fulfilment=fulfilment,
        worst=scenarios.max(axis=0),
        result=result,
    )


def _assess(sets: Mapping[str, NDArray[Any]], day: date, on: Basis) -> dict[str, Floats]:
    n = len(sets["line"])
    assumed = assumptions.read(on.chosen.values)
    read = {
        **sets,
        "contract_date": np.full(n, np.datetime64(day)),
        "coverage_end": np.full(n, np.datetime64("NaT"), "datetime64[D]"),
    }
    cells, sold, _points = book.booked(read, day, np.arange(n), assumed)
    months = months_of(cells, sold) + 1
    if on.curve is None:
        flat = np.array([assumed.rate(int(year)) for year in sets["cohort_year"]])
        rates = flat_forwards(flat, months)
    else:
        rates = np.tile(month_forwards(curves.drawn(on.curve), months), (n, 1))
    lines = [assumed.line(str(line)) for line in sets["line"]]
    stress = {
        name: np.array([getattr(one.stress, name) for one in lines])
        for name in ("claims", "expenses", "lapse")
    }
    move = stress["lapse"][_owner(sold, cells)]
    base, more, fewer = _values(cells, sold, rates, lines, (0.0 * move, move, -move))
    severe = (
        base.sum(axis=1)
        + stress["claims"] * (base[:, Kind.CLAIMS] + base[:, Kind.RISK])
        + stress["expenses"] * base[:, Kind.EXPENSES]
    )
    return {
        "premiums": -base[:, Kind.PREMIUM],
        "outflows": base[:, Kind.CLAIMS : Kind.RISK].sum(axis=1),
        "risk": base[:, Kind.RISK],
        "fulfilment": base.sum(axis=1),
        _WORST: np.stack([severe, more.sum(axis=1), fewer.sum(axis=1)]),
    }


def _values(
    cells: Cells,
    sold: Book,
    rates: Floats,
    lines: list[LineAssumptions],
    moves: Sequence[Floats],
) -> Floats:
    """Return present values by kind in the middle of the month of issue, signed.

    Args:
        cells: n.
        sold: one contract of each set.
        rates: (s, months) forward rates, effective a month.
        lines: of each set.
        moves: by how much the lapse of each cell, (n,), moves in each scenario; all scenarios are
            walked through their months at once.

    Returns:
        (scenarios, s, 6).
    """
    times, n, sets = len(moves), len(cells), len(lines)
    every = cells.take(np.tile(np.arange(n), times))
    moved = every.lapse * (1.0 + np.concatenate(moves))[:, None]
    every = replace(every, lapse=np.clip(moved, 0.0, 1.0))
    rows = sold.take(np.tile(np.arange(len(sold)), times))
    copy = np.repeat(np.arange(times), len(sold))
    rows = replace(rows, cell=rows.cell + copy * n, group=rows.group + copy * sets)
    flows = at_issue(every, rows, months=rates.shape[1], groups=times * sets)
    for number in range(times * sets):
        flows[number, Kind.RISK] = np.round(
            risk_at_issue(
                flows[number, Kind.CLAIMS], lines[number % sets].risk, rates[number % sets]
            ),
            2,
        )
    factors = middles(rates)
    factors /= factors[:, :1]
    shaped = flows[:, : _MONEY + 1].reshape(times, sets, _MONEY + 1, -1)
    return SIGN * np.einsum("tgkm,gm->tgk", shaped, factors)


def _owner(sold: Book, cells: Cells) -> NDArray[np.int64]:
    """Return for each cell the row of a contract in it (all of one portfolio)."""
    owner = np.zeros(len(cells), np.int64)
    owner[sold.cell] = np.arange(len(sold.cell))
    return owner
