"""What treaties are expected to take of a portfolio's premiums and to pay of its claims.

The cash flows are those of the underlying contracts, so that both are measured on consistent
assumptions (IFRS 17.63); what a treaty takes of them follows from its terms and from the sums
insured of the contracts in force.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from accounting.rules.projection import Floats

GMM, PAA = "GMM", "PAA"
FACULTATIVE, SURPLUS, QUOTA_SHARE, EXCESS = "FACULTATIVE", "SURPLUS", "QUOTA_SHARE", "EXCESS"
CATASTROPHE, STOP_LOSS = "CATASTROPHE", "STOP_LOSS"
ORDER = (FACULTATIVE, SURPLUS, QUOTA_SHARE, EXCESS, CATASTROPHE, STOP_LOSS)
SUM_LINES = frozenset({"TERM", "WHOLE"})
"""Portfolios whose claim is the sum insured: a layer's part follows from each sum."""


@dataclass(frozen=True, slots=True)
class Cover:
    """A treaty as its measurement needs it; shares and rates as parts of one, amounts in won.

    Args:
        code, kind, line: of the treaty.
        start, end: loss dates covered, [start, end).
        position: order among treaties of its kind.
        percent: ceded share (quota share, facultative).
        commission: of the ceded premium.
        retention, limit: of a layer or a surplus.
        premium_rate: of the line's premium (layers).
        net_base: premium is taken of what the treaties before it leave.
        inures: later kinds see the loss without what it pays.
        contract: the one contract of a facultative cession.
        measurement: GMM or PAA.
    """

    code: str
    kind: str
    line: str
    start: date
    end: date
    position: int
    percent: float
    commission: float
    retention: int
    limit: int
    premium_rate: float
    net_base: bool
    inures: bool
    contract: str
    measurement: str


class Part(NamedTuple):
    """What a treaty takes of its line.

    Args:
        premium: of each premium, commission taken off.
        claims: of each claim.
        ratio: recoveries per won of the premium, where they are expected by a loss ratio.
    """

    premium: float
    claims: float
    ratio: float


def measured_by(kind: str, start: date, end: date) -> str:
    """Return how a treaty is measured: cover of at most a year is allocated (69(b)).

    Per-risk excess covers keep to the general model: what they pay of long contracts, and the net
    cost that is deferred for it, is to be seen.
    """
    months = 12 * (end.year - start.year) + end.month - start.month
    return GMM if kind == EXCESS or months > 12 else PAA


def parts(
    covers: Sequence[Cover],
    sums: Floats,
    premiums: Floats,
    contracts: Sequence[str],
    loss_ratios: Mapping[str, float],
) -> dict[str, Part]:
    """Return what each treaty of one line in force takes, by its code.

    Args:
        covers: the treaties, in any order.
        sums: (c,) sum insured of each contract in force, won.
        premiums: (c,) premium of each, won.
        contracts: (c,) numbers.
        loss_ratios: kind → expected recoveries per won of the treaty's premium, for layers over
            claims whose size is not the sum insured.

    Source: IFRS 17.63; Clark, Basics of Reinsurance Pricing (CAS 2014) for the exposure curve of
    a layer: each contract's claims in proportion to its sum.
    """
    kept = np.ones(len(sums))  # of each risk's loss, after what inures
    taken = 0.0  # of the line's premium, by treaties before
    found: dict[str, Part] = {}
    whole, income = float(sums.sum()), float(premiums.sum())
    for kind in ORDER:
        here = sorted((c for c in covers if c.kind == kind), key=lambda c: (c.position, c.code))
        paid, gross = np.zeros(len(sums)), 0.0
        for cover in here:
            base = 1.0 - taken if cover.net_base else 1.0
            if kind in (FACULTATIVE, SURPLUS, QUOTA_SHARE):
                risk = _of_risk(cover, sums, contracts)
                ceded = float(risk @ premiums) / income if income > 0 else 0.0
                share, ratio = risk * kept, 0.0
            else:
                ceded = cover.premium_rate * base
                exposed = kind == EXCESS and cover.line in SUM_LINES
                share = _of_layer(cover, sums, kept) if exposed else np.zeros(len(sums))
                ratio = 0.0 if exposed else loss_ratios.get(kind, 0.0)
            claims = float(share @ sums) / whole if whole > 0 else 0.0
            found[cover.code] = Part(ceded * (1.0 - cover.commission), claims, ratio * ceded)
            gross += ceded
            paid += share if cover.inures else 0.0
        kept = np.maximum(kept - paid, 0.0)
        taken = min(1.0, taken + gross)
    return found


def _of_risk(cover: Cover, sums: Floats, contracts: Sequence[str]) -> Floats:
    """Return the share of each risk that a proportional treaty takes, (c,)."""
    if cover.kind == SURPLUS:
        ceded = np.clip(sums - cover.retention, 0, cover.limit)
        return np.asarray(np.where(sums > 0, ceded / np.maximum(sums, 1.0), 0.0), np.float64)
    if cover.kind == FACULTATIVE:
        mine = np.array([one == cover.contract for one in contracts], bool)
        return np.where(mine, cover.percent, 0.0)
    return np.full(len(sums), cover.percent)


def _of_layer(cover: Cover, sums: Floats, kept: Floats) -> Floats:
    """Return what a layer pays of what is kept of each loss, as a share of the sum, (c,)."""
    paid = np.clip(sums * kept - cover.retention, 0, cover.limit)
    return np.asarray(np.where(sums > 0, paid / np.maximum(sums, 1.0), 0.0), np.float64)


def months_left(cover: Cover, day: date) -> int:
    """Return how many whole months of cover come after a month end (0: it is over)."""
    last = 12 * (cover.end.year - day.year) + cover.end.month - day.month - 1
    return max(0, last + (1 if cover.end.day > 1 else 0))


def covers_month(cover: Cover, day: date) -> bool:
    """Say whether a treaty covers any day of the month that ends on a day."""
    return cover.start <= day and cover.end > day.replace(day=1)


def default_factors(rate: float, loss: float, months: int, *, first: float = 0.5) -> Floats:
    """Return what is expected not to be paid of one won due in each coming month, (months,).

    Args:
        rate: probability a year that the reinsurer fails.
        loss: part that is then not paid.
        months: how many.
        first: months from now to the first.

    Source: IFRS 17.63.
    """
    when = (np.arange(months) + first) / 12.0
    return np.asarray((1.0 - (1.0 - rate) ** when) * loss, np.float64)


def packed(cover: Cover) -> dict[str, Any]:
    """Return a treaty as plain values, for the archive of a run."""
    return {
        name: str(value) if isinstance(value, date) else value
        for name in Cover.__slots__
        for value in (getattr(cover, name),)
    }


def unpacked(given: Mapping[str, Any]) -> Cover:
    """Return the treaty of ``packed``."""
    days = {name: date.fromisoformat(given[name]) for name in ("start", "end")}
    return Cover(**{**given, **days})
