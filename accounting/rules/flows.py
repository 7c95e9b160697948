"""Expected cash flows of groups by month, from the unit flows of cells.

Unlike present values at one rate, flows by month can be discounted at any curve, kept, and
recalculated by a reviewer. They are kept to the hundredth of a won, and present values are those
of the kept flows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from statistics import NormalDist

import numpy as np

from accounting.rules.assumptions import CAPITAL, Risk
from accounting.rules.curves import middles
from accounting.rules.projection import Book, Cells, Floats, cash_flows


class Kind(IntEnum):
    """What a cash flow is; amounts are positive, premiums come in and all others go out."""

    PREMIUM = 0
    CLAIMS = 1
    EXPENSES = 2
    REPAID = 3
    COMMISSION = 4
    RISK = 5
    UNITS = 6


KINDS = len(Kind)
MONEY = (Kind.PREMIUM, Kind.CLAIMS, Kind.EXPENSES, Kind.REPAID, Kind.COMMISSION)
OUTFLOWS = (Kind.CLAIMS, Kind.EXPENSES, Kind.REPAID, Kind.COMMISSION)
SIGN = np.array([-1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
"""Of PREMIUM to RISK in the liability."""


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """Expected flows of groups.

    Args:
        coming: (groups, KINDS, months) of the months after the month end, all contracts.
        new: (groups, KINDS, months + 1) of the contracts issued in this month, from the month of
            issue on, as they were expected when they were issued.
        fresh: (groups, KINDS, months) of the same contracts, after the month end: a part of
            ``coming``.
    """

    coming: Floats
    new: Floats
    fresh: Floats


def expected(cells: Cells, book: Book, groups: int) -> Expected:
    """Sum the expected flows of contracts by group and month; the risk row is left empty.

    Args:
        cells: the cells.
        book: contracts in force at the month end, in columns.
        groups: number of groups.
    """
    months = months_of(cells, book)
    fresh = book.take(book.elapsed == 0)
    return Expected(
        coming=_flows(cells, book, months, groups),
        new=at_issue(cells, fresh, months=months + 1, groups=groups),
        fresh=_flows(cells, fresh, months, groups),
    )


def months_of(cells: Cells, book: Book) -> int:
    """Return how many months the longest contract of a book may still have flows."""
    left = cells.cover[book.cell] - book.elapsed
    return int(max(1, left.max(initial=0) + 1))


def at_issue(cells: Cells, fresh: Book, *, months: int, groups: int) -> Floats:
    """Expect flows of new contracts from the month of issue on, (groups, KINDS, months)."""
    issued = replace(fresh, elapsed=fresh.elapsed - 1)  # seen from before the month of issue
    return _flows(cells, issued, months, groups)


def _flows(cells: Cells, book: Book, months: int, groups: int) -> Floats:
    """Return the expected flows of the coming months, (groups, KINDS, months)."""
    found = np.zeros((groups, KINDS, months))
    if len(book):
        seen = cash_flows(cells, book, months=months, groups=groups)
        found[:, Kind.PREMIUM] = seen.premium.T
        found[:, Kind.CLAIMS] = (seen.claims + seen.claims_expense).T
        found[:, Kind.EXPENSES] = seen.expense.T
        found[:, Kind.REPAID] = seen.repaid.T
        found[:, Kind.COMMISSION] = seen.commission.T
        found[:, Kind.UNITS] = seen.units.T
    return np.round(found, 2)


def with_risk(given: Expected, risks: Sequence[Risk], *, ahead: Floats, own: Floats) -> Expected:
    """Fill in what the risk adjustment releases in each month.

    Args:
        given: expected flows.
        risks: of each group.
        ahead: (groups, months) rates locked in of the coming months, effective a month.
        own: (groups, months + 1) rates of the month of issue and the months after it, for the
            contracts issued in this month.

    Returns:
        The flows with RISK such that their present value is the risk adjustment: with a
        confidence level z σ of each month's claims; with cost of capital the cost of the month
        on the capital for the claims still to come.

    Source: IFRS 17.37, B86–B92 (no technique is prescribed; these are the two disclosed).
    """
    coming, new, fresh = given.coming.copy(), given.new.copy(), given.fresh.copy()
    for group, risk in enumerate(risks):
        coming[group, Kind.RISK] = _release(coming[group, Kind.CLAIMS], risk, ahead[group])
        new[group, Kind.RISK] = risk_at_issue(new[group, Kind.CLAIMS], risk, own[group])
        fresh[group, Kind.RISK] = _release(fresh[group, Kind.CLAIMS], risk, own[group, 1:])
    return Expected(np.round(coming, 2), np.round(new, 2), np.round(fresh, 2))


def confidence_factor(level: float, volatility: float) -> float:
    """Return the risk adjustment per won of claims: z(level) × σ of a normal loss."""
    return NormalDist().inv_cdf(level) * volatility


def risk_at_issue(claims: Floats, risk: Risk, rates: Floats) -> Floats:
    """Return what the risk adjustment releases: in half the month of issue, then in whole ones.

    Args:
        claims: (months,) expected from the month of issue on.
        risk: how the adjustment is worked out.
        rates: (months,) effective rates of these months.
    """
    if risk.method != CAPITAL:
        return confidence_factor(risk.level, risk.volatility) * claims
    later = _release(claims[1:], risk, rates[1:])
    half = (1.0 + rates[0]) ** -0.5
    held = claims[0] + half * float(_to_come(claims[1:], rates[1:])[0])
    cost = (1.0 + risk.cost) ** (1.0 / 24.0) - 1.0
    return np.concatenate(([cost * risk.capital * held], later))


def _release(claims: Floats, risk: Risk, rates: Floats) -> Floats:
    if risk.method != CAPITAL:
        return confidence_factor(risk.level, risk.volatility) * claims
    cost = (1.0 + risk.cost) ** (1.0 / 12.0) - 1.0
    return cost * risk.capital * _to_come(claims, rates)


def _to_come(flows: Floats, rates: Floats) -> Floats:
    """Return at the start of each month what it and the later ones pay, flows in the middle."""
    worth = flows * middles(rates)
    left = np.cumsum(worth[::-1])[::-1]
    starts = np.cumprod(1.0 + rates) / (1.0 + rates)
    return np.asarray(left * starts, np.float64)
