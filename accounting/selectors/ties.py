"""The ledger beside the measurement, group by group."""

from __future__ import annotations

from accounting.models import MeasurementRun
from accounting.selectors import balances

TIES = {
    "LRC": ("2110", "2120", "2130", "2140", "2150", "2160", "2170"),
    "CSM": ("2130",),
    "RA": ("2170",),
    "LC": ("2140",),
    "LIC": ("2210", "2220", "2230", "2240"),
    "IBNR": ("2220",),
    "COST": ("2340",),
    "RI_ARC": ("1340", "1342", "1343", "1344"),
    "RI_RA": ("1342",),
    "RI_CSM": ("1343",),
    "RI_LIC": ("1350", "1351"),
}
"""Estimate → the accounts that hold it."""


def differences(run: MeasurementRun) -> list[tuple[str, str, int, int]]:
    """Return (group, estimate, booked, measured) where ledger and run differ."""
    held = balances.closing_at(run.period.ends_on)
    rows = run.facts.filter(
        step="CLOSING", basis="C", amount_type="", estimate__in=TIES
    ).values_list("group_id", "group__measurement", "estimate", "amount")
    found = []
    for group, measurement, estimate, amount in rows:
        if measurement == "PAA" and estimate == "RA":
            continue  # of the onerous test only: not booked
        booked = -sum(held.get((code, group), 0) for code in TIES[estimate])
        if booked != int(amount):
            found.append((group, estimate, booked, int(amount)))
    return found
