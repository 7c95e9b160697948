"""How portfolios are cut into groups.

Source: IFRS 17.14–24: portfolio of similar risks managed together, at most one year between the
issue of contracts in one group.
"""

from __future__ import annotations

PAA_LINES = frozenset({"ACCIDENT", "MOTOR"})
"""Portfolios of one-year cover, measured by premium allocation (IFRS 17.53(b))."""


def code_of(line: str, cohort_year: int) -> str:
    """Return the code of a group, for example ``TERM-2026``."""
    return f"{line}-{cohort_year}"


def measurement_of(line: str) -> str:
    """Return how a portfolio is measured when no contract says so: GMM or PAA."""
    return "PAA" if line in PAA_LINES else "GMM"
