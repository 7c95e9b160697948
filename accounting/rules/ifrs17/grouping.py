"""Groups of contracts: portfolio × annual cohort × profitability, told at issue, never moved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accounting.rules.ifrs17.arrays import floats
from accounting.rules.ifrs17.errors import BadMeasurement, LengthMismatch, MixedCurrencies


class Profitability(IntEnum):
    """What was known at issue (16)."""

    ONEROUS = 0
    NO_SIGNIFICANT_POSSIBILITY = 1  # of becoming onerous
    OTHER = 2


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """Contracts in groups: c contracts, g groups.

    Args:
        portfolio, cohort, profitability, currency: (g,) of each group, in order.
        group: (c,) index of each contract's group.
        count: (g,) contracts.
    """

    portfolio: NDArray[np.object_]
    cohort: NDArray[np.int64]
    profitability: NDArray[np.int64]
    currency: NDArray[np.object_]
    group: NDArray[np.int64]
    count: NDArray[np.int64]


def profitability(
    fcf: ArrayLike,
    *,
    stressed: ArrayLike | None = None,
    margin: ArrayLike | None = None,
    significant: float = 0.05,
    held: bool = False,
) -> NDArray[np.int64]:
    """Tell contracts or sets of contracts apart by profitability at recognition.

    Args:
        fcf: (c,) fulfilment cash flows, acquisition in, outflow positive; above 0 is onerous.
        stressed: (c,) or (scenarios, c) the same under the changes of assumptions that would make
            contracts onerous; those still not onerous in every scenario have no significant
            possibility.
        margin: (c,) present value of premiums: without stresses, a gain of more than
            ``significant`` of it has no significant possibility.
        significant: see ``margin``.
        held: reinsurance held: net gain at recognition stands where onerous stands (61).

    Returns:
        (c,) of ``Profitability``.

    Raises:
        BadMeasurement: neither stresses nor premiums are given.

    Source: IFRS 17.16–19, .47, .61.
    """
    today = np.atleast_1d(floats(fcf, "fcf"))
    today = -today if held else today
    if stressed is not None:
        worst = np.atleast_2d(floats(stressed, "stressed")).max(axis=0)
        safe = (worst if not held else -np.atleast_2d(floats(stressed, "s")).min(axis=0)) <= 0
    elif margin is not None:
        safe = -today > significant * np.abs(floats(margin, "margin"))
    else:
        raise BadMeasurement("Say how contracts may become onerous: stresses, or premiums.")
    return np.where(
        today > 0,
        int(Profitability.ONEROUS),
        np.where(safe, int(Profitability.NO_SIGNIFICANT_POSSIBILITY), int(Profitability.OTHER)),
    ).astype(np.int64)


def cohorts(issued: ArrayLike, *, first_month: int = 1) -> NDArray[np.int64]:
    """Return annual cohorts of issue dates: no two contracts more than a year apart (22).

    Args:
        issued: (c,) days as ``datetime64[D]`` or what converts to it.
        first_month: month in which cohorts begin (1: calendar years).

    Returns:
        (c,) year in which the cohort began.

    Raises:
        BadMeasurement: the month is not 1 to 12.

    Source: IFRS 17.22.
    """
    if not 1 <= first_month <= 12:
        raise BadMeasurement("Cohorts begin in a month from 1 to 12.")
    months = np.asarray(issued, "datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return (months - (first_month - 1)) // 12 + 1970


def group(
    *,
    portfolio: ArrayLike,
    cohort: ArrayLike,
    profitable: ArrayLike,
    currency: ArrayLike,
) -> Grouped:
    """Put contracts into groups.

    Args:
        portfolio: (c,) contracts of similar risk, managed together (14).
        cohort: (c,) see ``cohorts``.
        profitable: (c,) of ``Profitability``; contracts that are onerous only because law limits
            pricing by characteristics may be given OTHER (20).
        currency: (c,).

    Raises:
        LengthMismatch: columns differ in length.
        MixedCurrencies: contracts of one group are in different currencies.

    Source: IFRS 17.14–24; .24: groups are not reassessed.
    """
    columns = [np.asarray(v) for v in (portfolio, cohort, profitable, currency)]
    if len({c.shape for c in columns}) != 1 or columns[0].ndim != 1:
        raise LengthMismatch("Portfolio, cohort, profitability and currency: one row a contract.")
    names, portfolios = np.unique(columns[0].astype(str), return_inverse=True)
    money, currencies = np.unique(columns[3].astype(str), return_inverse=True)
    years, kinds = columns[1].astype(np.int64), columns[2].astype(np.int64)
    cohort_of, cohort = np.unique(years, return_inverse=True)
    kind_of, kind = np.unique(kinds, return_inverse=True)
    key = (portfolios * len(cohort_of) + cohort) * len(kind_of) + kind
    _, first, groups = np.unique(key, return_index=True, return_inverse=True)
    held = np.unique(groups * len(money) + currencies)
    holder = held // max(len(money), 1)
    mixed = holder[1:][np.diff(holder) == 0]
    if mixed.size:
        at = int(first[mixed[0]])
        found = ", ".join(money[held[holder == mixed[0]] % len(money)].tolist())
        raise MixedCurrencies(
            f"Group {names[portfolios[at]]}-{years[at]} holds {found}: "
            "make a portfolio of each currency."
        )
    return Grouped(
        portfolio=names[portfolios[first]].astype(object),
        cohort=years[first],
        profitability=kinds[first],
        currency=money[held % max(len(money), 1)].astype(object),
        group=groups.astype(np.int64),
        count=np.bincount(groups, minlength=len(first)),
    )
