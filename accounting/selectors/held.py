"""Reinsurance contracts held in a run: what goes in, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

import numpy as np

from accounting.models import FiscalPeriod, MeasurementRun, YieldCurve
from accounting.rules import assumptions
from accounting.rules.assumptions import Assumptions, Reinsurance
from accounting.rules.curves import middles, month_forwards
from accounting.rules.flows import Kind
from accounting.rules.held import (
    GMM,
    Cover,
    Part,
    covers_month,
    default_factors,
    measured_by,
    months_left,
    packed,
    parts,
    unpacked,
)
from accounting.rules.monthly import Fact, Facts, Measured
from accounting.rules.monthly.facts import Won
from accounting.rules.monthly.held import (
    HeldNow,
    HeldOpening,
    cut_held,
    held_allocated,
    held_general,
    held_incurred,
)
from accounting.rules.monthly.state import cut
from accounting.rules.projection import Floats
from accounting.selectors import balances, curves
from core.bulk import read_columns
from core.money import round_won_array
from reinsurance import api as reinsurance
from reinsurance.events import PremiumsCeded

ARC, AIC = ("1340", "1342", "1343", "1344"), ("1350", "1351")
_NAMES = {
    "csm": ("RI_CSM", ""),
    "recovery": ("RI_LR", ""),
    "prepaid": ("RI_UPR", ""),
    "case": ("RI_LIC", "CASE"),
    "ibnr": ("RI_LIC", "IBNR"),
    "discount": ("RI_LIC", "DISCOUNT"),
    "risk": ("RI_LIC", "RISK"),
    "default": ("RI_LIC", "DEFAULT"),
}


@dataclass(frozen=True, slots=True, eq=False)
class HeldInputs:
    """What the treaties of a run are calculated from.

    Args:
        covers: the treaties, in the order of every array.
        known: codes that the run before measured.
        curves: code → what the curve locked in is drawn from.
        default: probability and loss of default that the run before assumed.
        opening: balances of the run before.
        paid: (treaties,) premium less commission booked in the month, won.
        case: (treaties,) reinsurers' share of case reserves at the month end, won.
    """

    covers: list[Cover]
    known: list[str]
    curves: dict[str, dict[str, Any]]
    default: tuple[float, float]
    opening: HeldOpening
    paid: Won
    case: Won

    @property
    def codes(self) -> list[str]:
        """Codes of the treaties, which are the codes of their groups."""
        return [cover.code for cover in self.covers]


_EMPTY, _PAIR = np.zeros(0, np.int64), np.zeros((0, 2), np.int64)
NONE = HeldInputs(
    [],
    [],
    {},
    (0.0, 0.0),
    HeldOpening(
        **{f.name: _EMPTY for f in fields(HeldOpening)} | {"locked": _PAIR, "current": _PAIR}
    ),
    _EMPTY,
    _EMPTY,
)
"""Of a run before treaties were measured."""


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


def treaties(on: date) -> list[Cover]:
    """Return the treaties that began by a day, as they are measured."""
    return [
        Cover(
            code=t.code,
            kind=t.kind,
            line=t.line,
            start=t.start,
            end=t.end,
            position=t.position,
            percent=float(t.percent / 100),
            commission=float(t.commission_percent / 100),
            retention=t.retention,
            limit=t.limit,
            premium_rate=float(t.premium_percent / 100),
            net_base=t.net_base,
            inures=t.inures,
            contract=t.contract,
            measurement=measured_by(t.kind, t.start, t.end),
        )
        for t in reinsurance.held_treaties(on)
    ]


def gather(
    period: FiscalPeriod,
    last: MeasurementRun | None,
    facts: Mapping[tuple[str, Fact], int],
    curve: YieldCurve,
) -> HeldInputs:
    """Read what the treaties of a month are calculated from.

    Args:
        period: the month.
        last: the run that the close before posted.
        facts: its closings.
        curve: of the run, where none is older than a treaty.
    """
    covers = treaties(period.ends_on)
    codes = [cover.code for cover in covers]
    case = balances.closing_at(period.ends_on)
    paid = _paid(period)
    before = Reinsurance()
    if last is not None and last.assumption_set is not None:
        before = assumptions.read(last.assumption_set.values).reinsurance
    return HeldInputs(
        covers=covers,
        known=list(last.assumptions.get("treaties", [])) if last else [],
        curves={cover.code: curves.inputs(_curve(cover.start, curve)) for cover in covers},
        default=(before.default_rate, before.loss_given_default),
        opening=_opening(codes, facts),
        paid=np.array([paid.get(code, 0) for code in codes], np.int64),
        case=np.array([case.get(("1350", code), 0) for code in codes], np.int64),
    )


def _curve(day: date, otherwise: YieldCurve) -> YieldCurve:
    """Return the curve of the day of recognition, or the first one that there is."""
    active = YieldCurve.objects.filter(status="ACTIVE", currency=otherwise.currency)
    found = active.filter(base_date__lte=day).order_by("-base_date", "-version").first()
    return found or active.order_by("base_date", "version").first() or otherwise


def _opening(codes: Sequence[str], facts: Mapping[tuple[str, Fact], int]) -> HeldOpening:
    def column(estimate: str, kind: str = "", basis: str = "C") -> Won:
        fact = Fact(estimate, kind, basis, "CLOSING")
        return np.array([facts.get((code, fact), 0) for code in codes], np.int64)

    def both(basis: str) -> Won:
        pair = [column("RI_PVFCF", basis=basis), column("RI_RA", basis=basis)]
        return np.stack(pair, axis=1).astype(np.int64)

    named = {name: column(*of) for name, of in _NAMES.items()}
    return HeldOpening(
        locked=both("L"), current=both("C"), **{**named, "prepaid": -named["prepaid"]}
    )


def _paid(period: FiscalPeriod) -> dict[str, int]:
    found = read_columns(
        """
        SELECT l.group_code, sum(l.debit_amount - l.credit_amount)::bigint
        FROM general_ledger l JOIN journal_entries e ON e.entry_id = l.entry_id
        WHERE l.transaction_date BETWEEN %(start)s AND %(end)s AND l.account_code = '1340'
            AND l.group_code <> '' AND e.event_name = %(ceded)s
        GROUP BY 1
        """,
        {"start": period.starts_on, "end": period.ends_on, "ceded": PremiumsCeded.name},
        group="keys",
        amount="won",
    )
    return dict(zip(found["group"].tolist(), found["amount"].tolist(), strict=True))


def columns(given: HeldInputs) -> dict[str, np.ndarray]:
    """Return the arrays of the inputs by name, for the archive."""
    kept = {f"opening.{f.name}": getattr(given.opening, f.name) for f in fields(HeldOpening)}
    return {**kept, "paid": given.paid, "case": given.case}


def document(given: HeldInputs) -> dict[str, Any]:
    """Return the rest of the inputs as plain values, for the archive."""
    return {
        "covers": [packed(cover) for cover in given.covers],
        "known": given.known,
        "curves": given.curves,
        "default": list(given.default),
    }


def unpack(kept: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> HeldInputs:
    """Return the inputs that ``document`` and ``columns`` kept."""
    opening = {f.name: arrays[f"opening.{f.name}"] for f in fields(HeldOpening)}
    return HeldInputs(
        covers=[unpacked(cover) for cover in kept["covers"]],
        known=kept["known"],
        curves=kept["curves"],
        default=(kept["default"][0], kept["default"][1]),
        opening=HeldOpening(**opening),
        paid=arrays["paid"],
        case=arrays["case"],
    )


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
