"""Rules R04 to R23: predicates over operands that were read as known at a moment.

Each rule is data in ``fds_rules`` (points, parameters, whether it counts); what stands here is how
its code is decided. An operand that is unknown (NaN) never hits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.columns import Flags

Operands = Mapping[str, NDArray[Any]]
Decide = Callable[[Operands, Mapping[str, Any]], Flags]


@dataclass(frozen=True, slots=True)
class Definition:
    """How a rule is decided.

    Args:
        operands: what it looks at, in the order in which it is shown.
        params: the parameters that it needs, with the defaults of the research.
        decide: (operands, params) → (n,) hits.
    """

    operands: tuple[str, ...]
    params: Mapping[str, int]
    decide: Decide


def _least(operand: str, name: str) -> Decide:
    """Hit from a parameter on."""

    def decide(o: Operands, p: Mapping[str, Any]) -> Flags:
        return _flags(o[operand] >= int(p[name]))

    return decide


def _flags(found: Any) -> Flags:
    return np.asarray(found, dtype=np.bool_)


def _within(o: Operands, operand: str, most: int) -> Flags:
    return _flags((o[operand] >= 0) & (o[operand] <= most))


def _hopping(o: Operands, p: Mapping[str, Any]) -> Flags:
    return _flags(
        (o["admissions_365"] >= int(p["admissions"]))
        & (o["hospitals_365"] >= int(p["hospitals"]))
        & (o["days_in_hospital_365"] >= int(p["days"]))
    )


def _long_stay(o: Operands, p: Mapping[str, Any]) -> Flags:
    return _flags((o["stay_peers"] >= int(p["peers"])) & (o["stay_days"] > o["stay_p95"]))


def _pair(o: Operands, p: Mapping[str, Any]) -> Flags:
    return _flags(
        (o["pair_180"] >= int(p["claims"]))
        & (o["pair_lift"] >= int(p["lift"]))
        & (o["pair_people"] >= int(p["people"]))
    )


def _staged(o: Operands, p: Mapping[str, Any]) -> Flags:
    typical = np.isin(o["accident_type"], ("LANE_CHANGE", "CROSSING", "REVERSING"))
    return _flags(
        typical
        & (o["accidents_365"] >= int(p["accidents"]))
        & (o["fault_percent"] >= int(p["fault_percent"]))
        & (o["claimed"] <= int(p["most_won"]))
    )


def _shared(o: Operands, p: Mapping[str, Any]) -> Flags:
    return _flags(
        (o["sharing_people"] >= int(p["people"])) & (o["sharing_degree"] <= int(p["degree"]))
    )


def _ring(o: Operands, p: Mapping[str, Any]) -> Flags:
    """Hit a component of enough people and frauds or, where asked, the top of the ranks."""
    component = (o["ring_people"] >= int(p["people"])) & (o["ring_frauds"] >= int(p["frauds"]))
    top = int(p.get("top_percent", 0))
    return _flags(component | ((top > 0) & (o["party_rank"] >= 1 - top / 100)))


def _late(o: Operands, p: Mapping[str, Any]) -> Flags:
    report = o["bodily"] & (o["report_gap_days"] >= int(p["report_days"]))
    return _flags(report | (o["treatment_gap_days"] >= int(p["treatment_days"])))


def _disguised(o: Operands, p: Mapping[str, Any]) -> Flags:
    share = (o["share_peers"] >= int(p["peers"])) & (o["non_benefit_percent"] > o["share_p99"])
    return _flags(share | (o["same_day_bills"] >= int(p["bills"])))


def _heir(o: Operands, p: Mapping[str, Any]) -> Flags:
    return _flags(o["death"] & _within(o, "beneficiary_days", int(p["days"])))


DEFINITIONS: dict[str, Definition] = {
    "R04": Definition(("days",), {}, lambda o, p: _flags(o["days"] < 0)),
    "R05": Definition(("contracts_180",), {"at_least": 5}, _least("contracts_180", "at_least")),
    "R06": Definition(("daily_benefit",), {"won": 200_000}, _least("daily_benefit", "won")),
    "R07": Definition(
        ("admissions_365", "hospitals_365", "days_in_hospital_365"),
        {"admissions": 3, "hospitals": 3, "days": 90},
        _hopping,
    ),
    "R08": Definition(("overlaps",), {"at_least": 1}, _least("overlaps", "at_least")),
    "R09": Definition(("stay_days", "stay_p95", "stay_peers"), {"peers": 30}, _long_stay),
    "R10": Definition(("companions",), {"at_least": 1}, _least("companions", "at_least")),
    "R11": Definition(
        ("pair_180", "pair_lift", "pair_people"), {"claims": 5, "lift": 5, "people": 3}, _pair
    ),
    "R12": Definition(("provider_volume_z",), {"z": 3}, _least("provider_volume_z", "z")),
    "R13": Definition(
        ("accidents_365", "fault_percent", "accident_type", "claimed"),
        {"accidents": 3, "fault_percent": 70, "most_won": 2_000_000},
        _staged,
    ),
    "R14": Definition(("met_again",), {"at_least": 1}, _least("met_again", "at_least")),
    "R15": Definition(("sharing_people", "sharing_degree"), {"people": 3, "degree": 20}, _shared),
    "R16": Definition(
        ("ring_people", "ring_frauds", "party_rank"), {"people": 5, "frauds": 2}, _ring
    ),
    "R17": Definition(
        ("report_gap_days", "treatment_gap_days"), {"report_days": 30, "treatment_days": 7}, _late
    ),
    "R18": Definition(
        ("non_benefit_percent", "share_p99", "share_peers", "same_day_bills"),
        {"peers": 30, "bills": 5},
        _disguised,
    ),
    "R19": Definition(
        ("documents_elsewhere",), {"at_least": 1}, _least("documents_elsewhere", "at_least")
    ),
    "R20": Definition(("near_limit_365",), {"at_least": 3}, _least("near_limit_365", "at_least")),
    "R21": Definition(
        ("overdue_days",), {"days": 14}, lambda o, p: _within(o, "overdue_days", int(p["days"]))
    ),
    "R22": Definition(("beneficiary_days",), {"days": 90}, _heir),
    "R23": Definition(
        ("suspected_before",), {"at_least": 1}, _least("suspected_before", "at_least")
    ),
}


def shown(code: str, operands: Operands, row: int) -> dict[str, Any]:
    """Return a rule's operands of one claim, as they are kept in its report."""
    found: dict[str, Any] = {}
    for name in DEFINITIONS[code].operands:
        value = operands[name][row]
        if isinstance(value, str):
            found[name] = value or None
        elif isinstance(value, np.floating):
            found[name] = None if np.isnan(value) else round(float(value), 4)
        else:
            found[name] = int(value)
    return found
