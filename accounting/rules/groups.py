"""How portfolios are cut into groups.

Source: IFRS 17.14–24: portfolio of similar risks managed together, at most one year between the
issue of contracts in one group, and at least three groups by what was known of their
profitability at issue.
"""

from __future__ import annotations

ONEROUS, SAFE, OTHER = "ONEROUS", "SAFE", "OTHER"
"""Profitability at issue: (a), (b) and (c) of IFRS 17.16."""
_MARK = {ONEROUS: "-A", SAFE: "-B", OTHER: ""}
PAA_LINES = frozenset({"ACCIDENT", "MOTOR", "PARCEL"})
"""Portfolios of one-year cover, measured by premium allocation (IFRS 17.53(b))."""


def code_of(line: str, cohort_year: int, profitability: str = OTHER) -> str:
    """Return the code of a group.

    ``TERM-2026-A`` is onerous, ``TERM-2026-B`` has no significant possibility of becoming it, and
    ``TERM-2026`` holds the remaining contracts: the paragraphs of IFRS 17.16.
    """
    return f"{line}-{cohort_year}{_MARK[profitability]}"


def measurement_of(line: str) -> str:
    """Return how a portfolio is measured when no contract says so: GMM or PAA."""
    return "PAA" if line in PAA_LINES else "GMM"
