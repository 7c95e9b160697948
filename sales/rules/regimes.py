"""What the law asks of commissions, side by side by contract cohort, as dated data.

A contract keeps the regime of its contract date. `problems` says, in codes with figures, what in a
plan a regime does not allow, so that it can be refused by name before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from core.columns import Ints, Won
from sales.rules.plans import FIRST_YEAR, Scheme
from sales.rules.rounding import PERCENT, half_up, hundredths


@dataclass(frozen=True, slots=True)
class Regime:
    """The rules for contracts concluded during a period.

    Args:
        code: its name.
        starts: first contract date.
        ends: first contract date of the next regime, None while there is none.
        first_year_multiple: hundredths of a monthly premium that a contract may pay out as
            commission in its first year (1,200 % = 1,200).
        allowance: of it, by channel, hundredths of a monthly premium more (compliance cost, GA).
        counts: kinds of line that count against the cap, by channel.
        arbitrage_months: months over which commission and surrender value may not exceed the
            premiums; None for the whole contract.
        upfront_percent: hundredths of a percent of the acquisition cost (계약체결비용) that the
            first year may pay; None without a limit.
        maintenance_months: how long maintenance fees are spread; 0: not regulated.
        maintenance_percent: hundredths of a percent of the acquisition cost a month.
        long_term_from: instalment from which a long-term fee may come on top; 0: never.
    """

    code: str
    starts: date
    ends: date | None
    first_year_multiple: int
    allowance: Mapping[str, int]
    counts: Mapping[str, frozenset[str]]
    arbitrage_months: int | None
    upfront_percent: int | None = None
    maintenance_months: int = 0
    maintenance_percent: int = 0
    long_term_from: int = 0

    def multiple(self, channel: str) -> int:
        """Return the cap of a channel in hundredths of a monthly premium."""
        return self.first_year_multiple + self.allowance.get(channel, 0)

    def counted(self, channel: str) -> frozenset[str]:
        """Return the kinds of line that count for a channel; none: the cap does not apply."""
        return self.counts.get(channel, frozenset())


def regime_of(value: Mapping[str, Any]) -> Regime:
    """Read a regime from its JSON."""
    limit = value.get("upfront_percent_of_cost")
    ends = value.get("ends")
    return Regime(
        code=value["code"],
        starts=date.fromisoformat(value["starts"]),
        ends=date.fromisoformat(ends) if ends else None,
        first_year_multiple=hundredths(value["first_year_multiple"]),
        allowance={k: hundredths(v) for k, v in value.get("allowance", {}).items()},
        counts={k: frozenset(v) for k, v in value["counts"].items()},
        arbitrage_months=value.get("arbitrage_months"),
        upfront_percent=None if limit is None else hundredths(limit),
        maintenance_months=int(value.get("maintenance_months", 0)),
        maintenance_percent=hundredths(value.get("maintenance_percent_of_cost", 0)),
        long_term_from=int(value.get("long_term_from", 0)),
    )


@dataclass(frozen=True, slots=True)
class Model:
    """Contracts on which a plan is tried, (n,) each.

    Args:
        premium: won of one monthly instalment.
        cost: won of acquisition cost that the premium pays for (계약체결비용).
        pay_months: instalments in all.
    """

    premium: Won
    cost: Won
    pay_months: Ints


@dataclass(frozen=True, slots=True)
class Problem:
    """What a regime does not allow: a code, where, the figure and its limit (percent)."""

    code: str
    where: str
    figure: float
    limit: float


def problems(scheme: Scheme, regime: Regime, model: Model) -> list[Problem]:
    """Return everything in a plan that a regime does not allow, at the agent's factor 1.00.

    Args:
        scheme: the plan.
        regime: of its contract cohort.
        model: contracts of the product on which shares of cost are measured.
    """
    return [
        *_cap(scheme, regime),
        *_upfront(scheme, regime, model),
        *_maintenance(scheme, regime, model),
    ]


def first_year(scheme: Scheme, kinds: frozenset[str]) -> Ints:
    """Return what the first year pays, (tiers, ranks) in hundredths of a percent of a premium.

    The advance counts when it is paid, what it redeems later does not count again; overrides
    count where the regime says so.
    """
    span = scheme.rates[:, :, 1 : FIRST_YEAR + 1]
    paid = span.sum(axis=2)
    if scheme.advance is not None and "ADVANCE" in kinds:
        later = scheme.advance.instalments[scheme.advance.instalments > FIRST_YEAR]
        ahead = scheme.rates[:, :, later].sum(axis=2)
        paid = paid + half_up(ahead * scheme.advance.percent, PERCENT)
    if "OVERRIDE" in kinds:
        above = sum(override.percent for override in scheme.overrides)
        paid = paid + half_up(span.sum(axis=2) * above, PERCENT)
    return np.asarray(paid, np.int64)


def _cap(scheme: Scheme, regime: Regime) -> Iterator[Problem]:
    for channel in sorted(regime.counts):
        kinds = regime.counted(channel)
        if not kinds:
            continue
        limit = regime.multiple(channel)
        paid = first_year(scheme, kinds)
        for tier, rank in zip(*np.nonzero(paid > limit * 100), strict=True):
            yield Problem(
                "CAP",
                f"{channel} {scheme.tiers[tier]}/{scheme.ranks[rank]}",
                paid[tier, rank] / 100,
                float(limit),
            )


def _upfront(scheme: Scheme, regime: Regime, model: Model) -> Iterator[Problem]:
    if regime.upfront_percent is None:
        return
    most = int(first_year(scheme, frozenset({"ADVANCE"})).max())
    won = half_up(model.premium * most, PERCENT)
    allowed = half_up(model.cost * regime.upfront_percent, PERCENT)
    worst = np.flatnonzero(won > allowed)
    if len(worst):
        row = worst[np.argmax(won[worst] / np.maximum(model.cost[worst], 1))]
        share = 100 * won[row] / max(int(model.cost[row]), 1)
        yield Problem("UPFRONT", _terms(model, row), share, regime.upfront_percent / 100)


def _maintenance(scheme: Scheme, regime: Regime, model: Model) -> Iterator[Problem]:
    if not regime.maintenance_months:
        return
    numbers = np.flatnonzero(scheme.maintained)
    if not len(numbers):
        yield Problem("MAINTENANCE_MISSING", "", 0, regime.maintenance_months)
        return
    if numbers[-1] > regime.maintenance_months:
        yield Problem(
            "MAINTENANCE_TOO_LONG", "", float(numbers[-1]), float(regime.maintenance_months)
        )
    usual = numbers[(regime.long_term_from == 0) | (numbers < regime.long_term_from)]
    most = int(scheme.rates[:, :, usual].max(initial=0))
    won = half_up(model.premium * most, PERCENT)
    allowed = half_up(model.cost * regime.maintenance_percent, PERCENT)
    worst = np.flatnonzero(won > allowed)
    if len(worst):
        row = worst[np.argmax(won[worst] / np.maximum(model.cost[worst], 1))]
        share = 100 * won[row] / max(int(model.cost[row]), 1)
        yield Problem("MAINTENANCE", _terms(model, row), share, regime.maintenance_percent / 100)


def _terms(model: Model, row: int) -> str:
    return f"{int(model.pay_months[row])}"
