"""Commission plans: what a paid instalment earns by tier and rank, and what an early end costs.

A plan is read once from its JSON into dense whole-number tables, so that a batch is one look-up.
Rates are hundredths of a percent of one premium (``250.00 %`` = 25,000).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.columns import Flags, Ints
from sales.rules.rounding import hundredths

FIRST_YEAR = 12
ANY = "*"


@dataclass(frozen=True, slots=True)
class Plan:
    """A product version's commission rule.

    Args:
        instalments: (k,) paid premiums at which a part is earned, ascending.
        rates: (k,) rate at each, hundredths of a percent of that premium.
        first_year_multiple: hundredths of a premium up to which the first twelve instalments
            may earn (12 = the 1,200 % rule, here 1,200); None where the rule has no cap.
    """

    instalments: Ints
    rates: Ints
    first_year_multiple: int | None = None


@dataclass(frozen=True, slots=True)
class ClawbackTable:
    """A clawback rule, by the number of paid instalments.

    Args:
        last: (k,) last number of each band, ascending.
        percents: (k + 1,) hundredths of a percent of each band; zero after the last one.
        always_full: causes for which everything is taken back at any time.
    """

    last: Ints
    percents: Ints
    always_full: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Override:
    """What a superior of a rank gets on each line of the people below.

    Args:
        rank: LEADER, MANAGER, …; the nearest superior of that rank gets it.
        percent: hundredths of a percent of the line.
    """

    rank: str
    percent: int


@dataclass(frozen=True, slots=True)
class Advance:
    """A part of later instalments' commission that is paid with the first one.

    Args:
        percent: hundredths of a percent of what those instalments are expected to earn.
        instalments: (k,) their numbers, ascending.
    """

    percent: int
    instalments: Ints


@dataclass(frozen=True, slots=True)
class Scheme:
    """A commission plan, ready to use.

    Args:
        rates: (tiers, ranks, last + 1) what an instalment earns, hundredths of a percent.
        maintained: (last + 1,) whether an instalment's part is a maintenance fee (유지관리수수료).
        tiers: names along the first axis; the first one stands for every other.
        ranks: names along the second axis; the first one stands for every other.
        overrides: by rank, the lowest first.
        advance: None where nothing is paid in advance.
        clawback: by paid instalments; maintenance fees are never taken back.
        multiple: hundredths of a premium that the first year may earn; None without a cap.
    """

    rates: Ints
    maintained: Flags
    tiers: tuple[str, ...]
    ranks: tuple[str, ...]
    overrides: tuple[Override, ...]
    clawback: ClawbackTable
    advance: Advance | None = None
    multiple: int | None = None

    def tier_of(self, names: Iterable[str]) -> Ints:
        """Return the place of each tier along the first axis; unknown ones are the first."""
        return _places(self.tiers, names)

    def rank_of(self, names: Iterable[str]) -> Ints:
        """Return the place of each rank along the second axis; unknown ones are the first."""
        return _places(self.ranks, names)

    def rate(self, *, instalment: Ints, tier: Ints, rank: Ints) -> Ints:
        """Return each row's rate, hundredths of a percent; zero beyond the schedule."""
        inside = instalment < self.rates.shape[2]
        found: Ints = self.rates[tier, rank, np.where(inside, instalment, 0)]
        return np.where(inside, found, 0)

    def is_maintenance(self, instalment: Ints) -> Flags:
        """Say for each row whether its part is a maintenance fee."""
        inside = instalment < len(self.maintained)
        found: Flags = self.maintained[np.where(inside, instalment, 0)]
        return found & inside


def _places(known: Sequence[str], names: Iterable[str]) -> Ints:
    place = {name: number for number, name in enumerate(known)}
    return np.asarray([place.get(str(name), 0) for name in names], np.int64)


def plan_of(value: Mapping[str, Any]) -> Plan:
    """Read a COMMISSION_RULE; without a list of instalments the first one earns ``comm_rate``.

    Raises:
        UnusableRule: a rate is finer than a hundredth of a percent.
    """
    steps = value.get("instalments") or [{"instalment": 1, "rate": value["comm_rate"]}]
    cap = value.get("cap", {}).get("first_year_multiple")
    return Plan(
        instalments=np.asarray([int(step["instalment"]) for step in steps], np.int64),
        rates=np.asarray([hundredths(step["rate"]) for step in steps], np.int64),
        first_year_multiple=None if cap is None else hundredths(cap),
    )


def clawback_of(value: Mapping[str, Any]) -> ClawbackTable:
    """Read a CLAWBACK rule.

    Raises:
        UnusableRule: a rate is finer than a hundredth of a percent.
    """
    bands = value.get("table", [])
    return ClawbackTable(
        last=np.asarray([int(band["to"]) for band in bands], np.int64),
        percents=np.asarray([*(hundredths(band["percent"]) for band in bands), 0], np.int64),
        always_full=frozenset(value.get("always_full", ())),
    )


def scheme_of(value: Mapping[str, Any], *, multiple: int | None = None) -> Scheme:
    """Read a commission plan's JSON.

    ``schedule`` is a list of ``{tier, rank, steps: [{from, to, rate}]}``, ``*`` for any; the more
    exact entry wins. ``maintenance`` is a list of ``{from, to, rate}`` for everybody.

    Args:
        value: the plan, accepted by its checks.
        multiple: hundredths of a premium that the first year may earn.

    Raises:
        UnusableRule: a rate is finer than a hundredth of a percent.
    """
    entries = value["schedule"]
    maintenance = value.get("maintenance", [])
    last = max(int(s["to"]) for s in [*maintenance, *(s for e in entries for s in e["steps"])])
    tiers = (ANY, *sorted({e["tier"] for e in entries} - {ANY}))
    ranks = (ANY, *sorted({e["rank"] for e in entries} - {ANY}))
    rates = np.zeros((len(tiers), len(ranks), last + 1), np.int64)
    for entry in sorted(entries, key=lambda e: (e["tier"] != ANY, e["rank"] != ANY)):
        row = np.zeros(last + 1, np.int64)
        for step in entry["steps"]:
            row[int(step["from"]) : int(step["to"]) + 1] = hundredths(step["rate"])
        tier = slice(None) if entry["tier"] == ANY else tiers.index(entry["tier"])
        rank = slice(None) if entry["rank"] == ANY else ranks.index(entry["rank"])
        rates[tier, rank] = row
    maintained = np.zeros(last + 1, bool)
    for step in maintenance:
        span = slice(int(step["from"]), int(step["to"]) + 1)
        rates[:, :, span] = hundredths(step["rate"])
        maintained[span] = True
    return Scheme(
        rates=rates,
        maintained=maintained,
        tiers=tiers,
        ranks=ranks,
        overrides=tuple(
            Override(o["rank"], hundredths(o["percent"])) for o in value.get("overrides", [])
        ),
        clawback=clawback_of(value.get("clawback", {})),
        advance=_advance_of(value.get("advance")),
        multiple=multiple,
    )


def _advance_of(value: Mapping[str, Any] | None) -> Advance | None:
    if not value:
        return None
    return Advance(
        percent=hundredths(value["percent"]),
        instalments=np.asarray(sorted(int(n) for n in value["instalments"]), np.int64),
    )
