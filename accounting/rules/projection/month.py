"""What happens to a cell in one month: the one place that says it."""

from __future__ import annotations

import numpy as np

from .model import FLOWS, Cells, Floats, Flow, Grid, Inflation, Spread


def step(cells: Cells, m: int) -> tuple[Floats, Floats]:
    """Return the expected flows of a month and who is left after it.

    Order within the month: whoever reached the end of the term is paid and leaves; premiums,
    expenses and commission of those in force; then events; then lapses of those left by events.

    Args:
        cells: n cells.
        m: the month, from 0, as the cells' grid counts it.

    Returns:
        ``(flow, survival)``: (FLOWS, n) flows per contract in force at the month's start, and
        (n,) the share of contracts that survive it. Beyond the cover everything is 0.

    Source: multiple decrements in the order death, lapse; IFRS 17.33 (expected value of the
        cash flows within the boundary).
    """
    conventions = cells.conventions
    calendar = conventions.grid is Grid.CALENDAR
    year = min(m // 12, cells.exit_rate.shape[1] - 1)
    if calendar:
        whole = np.where(m < cells.cover, 0.5 if m == 0 else 1.0, 0.5 * (m == cells.cover))
    else:
        whole = (m < cells.cover).astype(np.float64)
    leaving, claims_sum, claims_fixed = _events(cells, m, whole)
    lapsing = (1.0 - (1.0 - cells.lapse[:, year]) ** (1.0 / 12.0)) * whole
    left = 1.0 - leaving
    due = (m < cells.instalments).astype(np.float64)
    ends = cells.maturity * (m == cells.cover)
    flow = np.zeros((FLOWS, len(cells)))
    flow[Flow.PREMIUM] = due
    flow[Flow.CLAIMS_SUM] = claims_sum
    flow[Flow.CLAIMS_FIXED] = claims_fixed
    flow[Flow.REPAID] = left * lapsing * _surrender(cells, m if calendar else m + 1)
    flow[Flow.EXPENSE] = whole * cells.expense
    if conventions.inflation is Inflation.ISSUE:
        flow[Flow.EXPENSE] *= (1.0 + cells.inflation) ** (m / 12.0)
    flow[Flow.EXPENSE_PREMIUM] = due * cells.expense_premium
    if m < cells.commission.shape[1]:
        flow[Flow.COMMISSION] = due * cells.commission[:, m]
    flow[Flow.UNITS] = whole
    flow[Flow.MATURITY] = left * (1.0 - lapsing) * ends if calendar else ends
    if m == 0 and cells.expense_issue is not None:
        flow[Flow.EXPENSE_ISSUE] = cells.expense_issue
    return flow, left * (1.0 - lapsing) * (whole > 0)


def unroll(cells: Cells, months: int) -> tuple[Floats, Floats]:
    """Return flows and survival of the first months of the cells' lives.

    Returns:
        ``(flow, survival)``: (months, FLOWS, n) and (months, n).
    """
    flow = np.zeros((months, FLOWS, len(cells)))
    survival = np.zeros((months, len(cells)))
    for m in range(months):
        flow[m], survival[m] = step(cells, m)
    return flow, survival


def _events(cells: Cells, m: int, whole: Floats) -> tuple[Floats, Floats, Floats]:
    """Return exits and claims of month m per contract at its start; whole: its share with cover.

    A calendar month reaches from the middle of one policy month to the middle of the next, so
    every twelfth one lies half in the old policy year and half in the new.
    """
    if cells.conventions.grid is Grid.CONTRACT:
        return _spell(cells, m // 12, m % 12, whole)
    if m == 0 or m % 12:
        return _spell(cells, m // 12, max(0.0, m % 12 - 0.5), whole)
    gone, claims_sum, claims_fixed = _spell(cells, m // 12 - 1, 11.5, np.minimum(whole, 0.5))
    after = _spell(cells, m // 12, 0.0, np.maximum(whole - 0.5, 0.0))
    left = 1.0 - gone
    return gone + left * after[0], claims_sum + left * after[1], claims_fixed + left * after[2]


def _spell(cells: Cells, year: int, past: float, months: Floats) -> tuple[Floats, Floats, Floats]:
    """Return exits and claims of some months of a policy year, ``past`` months of it being over.

    Claims keep their proportion to exits within the year.
    """
    year = min(year, cells.exit_rate.shape[1] - 1)
    q = cells.exit_rate[:, year]
    part = months / 12.0 / np.maximum(1.0 - q * past / 12.0, 1e-12)
    if cells.conventions.spread is Spread.CONSTANT:
        gone = 1.0 - (1.0 - q) ** (months / 12.0)
        steady = np.divide(gone, q, out=months / 12.0, where=q > 0)
        part = np.where(q < 1.0, steady, part)
    return (
        np.minimum(1.0, q * part),
        cells.claims_sum[:, year] * part,
        cells.claims_fixed[:, year] * part,
    )


def _surrender(cells: Cells, m: int) -> Floats:
    """Return surrender values m months after issue, linear between policy years, (n,)."""
    if (exact := cells.surrender_monthly) is not None:
        return np.where(m < cells.cover, exact[:, min(m, exact.shape[1] - 1)], 0.0)
    last = cells.surrender.shape[1] - 1
    year, part = min(m // 12, last), (m % 12) / 12.0
    below, above = cells.surrender[:, year], cells.surrender[:, min(year + 1, last)]
    return np.where(m < cells.cover, below + (above - below) * part, 0.0)
