"""Reinsurance contracts held in a run: what goes in, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np

from accounting.models import FiscalPeriod, MeasurementRun, YieldCurve
from accounting.rules import assumptions
from accounting.rules.assumptions import Reinsurance
from accounting.rules.held import (
    Cover,
    measured_by,
    packed,
    unpacked,
)
from accounting.rules.monthly import Fact
from accounting.rules.monthly.facts import Won
from accounting.rules.monthly.held import (
    HeldOpening,
)
from accounting.selectors import balances, curves
from core.bulk import read_columns
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
