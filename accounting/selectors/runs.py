"""Runs by their keys, side by side, and what one group of a run is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _t

from accounting.models import ContractGroup, MeasurementRun
from accounting.rules import archive, assumptions
from accounting.rules.curves import middle_factors
from accounting.rules.flows import SIGN, Kind, expected, with_risk
from accounting.rules.ifrs17.margin import run_off
from accounting.rules.projection import Floats
from accounting.selectors import book, curves, inputs, locking, measured
from core.errors import NotFound

SHOWN = ("PVFCF", "RA", "CSM", "LC", "LRC", "LIC")
Shares = list[tuple[str, list[int], int]]


@dataclass(frozen=True, slots=True)
class GroupOfRun:
    """A group as a run measured it: estimate → closing, won."""

    code: str
    measurement: str
    contracts: int
    closing: dict[str, int]


@dataclass(frozen=True, slots=True)
class ContractShare:
    """What a contract brings to its group at current rates, won; liabilities positive."""

    contract_id: str
    age: int
    elapsed: int
    sum_assured: int
    premium: int
    pv_premiums: int
    pv_outflows: int
    risk: int

    @property
    def fulfilment(self) -> int:
        """Fulfilment cash flows: outflows and risk less premiums."""
        return self.pv_outflows + self.risk - self.pv_premiums


def by_key(key: str) -> MeasurementRun:
    """Return a run by its key.

    Raises:
        NotFound: there is none.
    """
    period, _sep, number = key.rpartition("-")
    if not number.isdigit():
        raise NotFound(_t("There is no measurement run %(key)s.") % {"key": key})
    return measured.run_of(period, int(number))


def groups_of(run: MeasurementRun) -> list[GroupOfRun]:
    """Return the groups of a run with their closing balances."""
    found = measured.facts(run)
    counts = dict(
        run.facts.filter(estimate="EXPECTED", amount_type="CONTRACTS").values_list(
            "group_id", "amount"
        )
    )
    models = dict(ContractGroup.objects.values_list("pk", "measurement"))
    return [
        GroupOfRun(
            code,
            models[code],
            int(count),
            {name: found.get((name, "CLOSING", code), 0) for name in SHOWN},
        )
        for code, count in sorted(counts.items())
    ]


def treaties_of(run: MeasurementRun) -> list[ContractGroup]:
    """Return the groups of reinsurance held that a run measured, in order of their codes."""
    codes = run.facts.filter(estimate="RI_LIC").values("group_id")
    return list(ContractGroup.objects.filter(kind="HELD", pk__in=codes).order_by("pk"))


def margin_by_year(run: MeasurementRun) -> Shares:
    """Return how each group's margin is expected to be released: (group, by year, total).

    Source: IFRS 17.109.
    """
    found = measured.facts(run)
    units = {
        flow.group_id: np.array(flow.amounts, np.float64)
        for flow in run.flows.filter(amount_type="UNITS")
    }
    shares: Shares = []
    if run.inputs is None:
        return shares
    given = inputs.unpack(archive.restored(run.inputs.data))
    locked = locking.of(given, max((len(one) for one in units.values()), default=1))
    place = {code: number for number, code in enumerate(given.codes)}
    for code in sorted(units):
        csm = found.get(("CSM", "CLOSING", code), 0)
        if not csm or not len(units[code]):
            continue
        rates = locked.ahead[place[code], : len(units[code])]
        monthly = run_off(csm, units[code], rates)
        years = [round(monthly[at : at + 12].sum()) for at in range(0, len(monthly), 12)]
        shares.append((code, years, sum(years)))
    return shares


def flows_of(run: MeasurementRun, group: str) -> dict[str, list[float]]:
    """Return the expected flows of a group by kind and month, won.

    Raises:
        NotFound: the run does not have the group.
    """
    rows = {f.amount_type: [float(a) for a in f.amounts] for f in run.flows.filter(group=group)}
    if not rows:
        raise NotFound(_t("%(run)s did not measure %(group)s.") % {"run": run, "group": group})
    return rows


def contracts_of(run: MeasurementRun, group: str, *, most: int = 50) -> list[ContractShare]:
    """Return the largest contracts of a group with their own present values.

    Args:
        run: a run with inputs.
        group: code.
        most: how many, by sum assured.
    """
    if run.inputs is None:
        return []
    given = inputs.unpack(archive.restored(run.inputs.data))
    line = next(g[1] for g in given.groups if g[0] == group)
    rows = np.flatnonzero(given.contracts["group"] == group)
    sums = given.contracts["sum_assured"][rows]
    rows = rows[np.lexsort((rows, -sums))][:most]
    if not len(rows):
        return []
    read = {name: column[rows] for name, column in given.contracts.items()}
    assumed = assumptions.read(given.values)
    each = np.arange(len(rows))
    cells, booked, points = book.booked(read, given.day, each, assumed)
    flows = expected(cells, booked, len(rows))
    locked, at = locking.of(given, flows.coming.shape[2]), given.codes.index(group)
    flows = with_risk(
        flows,
        [assumed.line(line).risk] * len(rows),
        ahead=np.tile(locked.ahead[at], (len(rows), 1)),
        own=np.tile(locked.own[at], (len(rows), 1)),
    )
    months = flows.coming.shape[2]
    current = middle_factors(curves.from_inputs(given.curve), months)
    worth = (flows.coming[:, : Kind.RISK + 1] @ current) * np.abs(SIGN)
    return [
        ContractShare(
            contract_id=str(read["contract_id"][n]),
            age=int(read["insurance_age"][n]),
            elapsed=int(points.elapsed[n]),
            sum_assured=int(read["sum_assured"][n]),
            premium=int(read["premium"][n]),
            pv_premiums=round(worth[n, Kind.PREMIUM]),
            pv_outflows=round(worth[n, Kind.CLAIMS : Kind.RISK].sum()),
            risk=round(worth[n, Kind.RISK]),
        )
        for n in each
    ]


def rates_of(run: MeasurementRun, group: str, months: int) -> tuple[float, float, Floats]:
    """Return the rates locked in of a group, effective a month.

    Returns:
        (of the month that ended, of the contracts issued in it, (months,) of the coming months).

    Raises:
        NotFound: the run was made before inputs were kept.
    """
    if run.inputs is None:
        raise NotFound(_t("%(run)s was made before inputs were kept.") % {"run": run})
    given = inputs.unpack(archive.restored(run.inputs.data))
    locked, at = locking.of(given, months), given.codes.index(group)
    return float(locked.month[at]), float(locked.own[at, 0]), locked.ahead[at]


def current_factors(run: MeasurementRun, months: int) -> Floats:
    """Return the discount factors of a run's curve, (months,).

    Raises:
        NotFound: the run was made without a curve.
    """
    if run.curve is None:
        raise NotFound(_t("%(run)s was made without a curve.") % {"run": run})
    return middle_factors(curves.drawn(run.curve), months)


def compared(
    first: MeasurementRun, second: MeasurementRun
) -> tuple[list[tuple[str, str, int, int]], list[tuple[str, int, int]]]:
    """Return what two runs found: closings by group and estimate, and the steps of the margin.

    Returns:
        ([(group, estimate, first, second)] where one is not zero, [(step, first, second)]).
    """
    one, two = measured.facts(first), measured.facts(second)
    groups: Sequence[str] = sorted({g for _e, _s, g in (*one, *two)})
    closings = [
        (group, name, a, b)
        for group in groups
        for name in SHOWN
        for a, b in [
            (one.get((name, "CLOSING", group), 0), two.get((name, "CLOSING", group), 0)),
        ]
        if a or b
    ]
    left, right = measured.roll_forward(first, "CSM"), measured.roll_forward(second, "CSM")
    steps = [(step, left.total(step), right.total(step)) for step in measured.STEPS]
    return closings, [row for row in steps if row[1] or row[2]]
