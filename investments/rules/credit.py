"""Expected credit losses: stage, probability of default, allowance (IFRS 9 section 5.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.columns import Flags, Ints, Keys, Won
from core.money import round_won_array

from .bonds import Payments
from .days import Floats

GRADES = ("SOV", "AAA", "AA", "A", "BBB", "BB", "B", "CCC", "D")
"""Grades from best to worst; D is in default."""
DEFAULT = GRADES.index("D")


@dataclass(frozen=True, slots=True)
class Parameters:
    """What expected credit losses are worked out with.

    Args:
        pd: grade → probability of default within a year, 0 to 1.
        lgd: kind of asset → loss given default, 0 to 1.
        notches: how many grades worse than at the purchase is a significant increase of risk.
        low_risk: grades up to this one have low credit risk: their risk has not increased
            significantly (5.5.10).
        past_due_days: days past due from which risk counts as increased (5.5.11).
        default_days: days past due from which a debt is in default (B5.5.37).
    """

    pd: Mapping[str, float]
    lgd: Mapping[str, float]
    notches: int
    low_risk: str
    past_due_days: int
    default_days: int

    def faults(self) -> list[str]:
        """Return what forbids to use them, one text for each."""
        found = [f"pd: {g}" for g in GRADES if not 0 <= self.pd.get(g, -1) <= 1]
        found += [f"lgd: {k}" for k, v in self.lgd.items() if not 0 <= v <= 1]
        known = [self.pd[g] for g in GRADES if g in self.pd]
        if known != sorted(known):
            found.append("pd falls")
        if self.notches < 1 or self.past_due_days >= self.default_days:
            found.append("notches, days")
        if self.low_risk not in GRADES:
            found.append("low_risk")
        return found


def stages(now: Ints, then: Ints, past_due: Ints, parameters: Parameters) -> Ints:
    """Return the stage of each debt: 1, 2 (risk increased significantly) or 3 (impaired).

    Args:
        now: (n,) grades today, numbers in ``GRADES``.
        then: (n,) grades at the purchase.
        past_due: (n,) days past due.
        parameters: thresholds.

    Source: IFRS 9.5.5.3, 5.5.5, 5.5.10, 5.5.11, B5.5.37.
    """
    impaired: Flags = (now == DEFAULT) | (past_due >= parameters.default_days)
    low = now <= GRADES.index(parameters.low_risk)
    worse = (now - then >= parameters.notches) & ~low
    increased = worse | (past_due >= parameters.past_due_days)
    return np.where(impaired, 3, np.where(increased, 2, 1))


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected credit losses; columns of one row a debt.

    Args:
        twelve_months: losses of defaults within a year, won.
        lifetime: losses of defaults within the life, won.
        allowance: what stands in the books by the stage, won.
    """

    twelve_months: Won
    lifetime: Won
    allowance: Won


def expected(
    *,
    exposure: Won,
    stage: Ints,
    pd: Floats,
    lgd: Floats,
    rate: Floats,
    years: Floats,
    moment: float = 0.5,
) -> Expected:
    """Return the expected credit losses of debts.

    In each year of the life a debt that has not defaulted defaults with the yearly probability;
    the loss is then ``lgd`` of the exposure, discounted from the middle of the year (or of the
    part of a year) by the effective rate. Twelve months count the first year, a lifetime all. A
    debt in stage 3 has defaulted: it loses ``lgd`` of the exposure.

    Args:
        exposure: (n,) gross carrying amount with accrued interest, won.
        stage: (n,) 1, 2 or 3.
        pd: (n,) probability of default within a year.
        lgd: (n,) loss given default.
        rate: (n,) effective yearly rates, as ratios.
        years: (n,) to maturity, above zero.
        moment: where in a year (or its part) defaults fall: 0 its start, ½ its middle, 1 its end.

    Source: IFRS 9.5.5.17, B5.5.43 (12-month losses), B5.5.44 (effective rate).
    """
    longest = max(int(np.ceil(years.max(initial=1.0))), 1)
    year = np.arange(longest)[None, :]
    part = np.clip(years[:, None] - year, 0.0, 1.0)
    alive = (1.0 - pd)[:, None] ** np.minimum(year, years[:, None])
    dies = alive * (1.0 - (1.0 - pd)[:, None] ** part)
    discount = (1.0 + rate)[:, None] ** -(year + part * moment)
    losses = dies * discount * (lgd * exposure)[:, None]
    twelve, life = losses[:, 0], losses.sum(axis=1)
    impaired = lgd * exposure
    by_stage = np.choose(stage - 1, [twelve, life, impaired])
    return Expected(round_won_array(twelve), round_won_array(life), round_won_array(by_stage))


def suspended(income: Won, *, allowance: Won, exposure: Won) -> Won:
    """Return the part of interest that a debt in stage 3 does not earn, won.

    Interest is earned on the net carrying amount: the effective rate times what the allowance has
    taken away is not income, it stands in the allowance (which grows as its discount unwinds).

    Args:
        income: (n,) interest on the gross carrying amount, won.
        allowance: (n,) before it, won.
        exposure: (n,) gross carrying amount with accrued interest before it, won.

    Source: IFRS 9.5.4.1(b), 5.4.2.
    """
    part = np.divide(allowance, exposure, out=np.zeros(len(income)), where=np.asarray(exposure) > 0)
    return round_won_array(np.maximum(income, 0) * np.minimum(part, 1.0))


def expected_by_year(
    *,
    exposure: ArrayLike,
    marginal_pd: ArrayLike,
    lgd: ArrayLike,
    rate: float,
    moment: float = 1.0,
) -> Floats:
    """Return the expected credit losses of one debt year by year, from its own default curve.

    Args:
        exposure: (years,) or one number, at default in each year.
        marginal_pd: (years,) probability, seen from today, that it defaults in the year; their sum
            is at most 1.
        lgd: (years,) or one number, loss given default.
        rate: effective yearly rate, as a ratio.
        moment: where in the year defaults fall: 0 its start, ½ its middle, 1 its end.

    Returns:
        (years,) discounted losses: the first is the 12-month loss, the sum the lifetime loss.

    Raises:
        ValueError: probabilities outside 0 to 1, or that sum to more than 1.

    Source: IFRS 9.5.5.17, B5.5.28–B5.5.35, B5.5.43.
    """
    odds = np.atleast_1d(np.asarray(marginal_pd, np.float64))
    lost = np.broadcast_to(np.asarray(lgd, np.float64), odds.shape)
    if np.any((odds < 0) | (odds > 1)) or odds.sum() > 1.0 + 1e-12:
        raise ValueError("Marginal probabilities of default lie in 0 to 1 and so does their sum.")
    if np.any((lost < 0) | (lost > 1)):
        raise ValueError("A loss given default lies in 0 to 1.")
    when = np.arange(len(odds)) + moment
    return np.asarray(np.asarray(exposure, np.float64) * odds * lost * (1.0 + rate) ** -when)


def life_of(flows: Payments, on: NDArray[np.datetime64]) -> Floats:
    """Return the years to the last payment of each bond, at least a day."""
    last = np.zeros(flows.bonds, dtype=np.int64)
    days = (flows.day - on[flows.bond]).astype(np.int64)
    np.maximum.at(last, flows.bond, days)
    return np.maximum(last, 1) / 365.0


def grade_numbers(grades: Keys | Sequence[str]) -> Ints:
    """Return the numbers of grades.

    Raises:
        ValueError: an unknown grade, by its name.
    """
    places = {name: number for number, name in enumerate(GRADES)}
    unknown = sorted({str(g) for g in grades} - set(places))
    if unknown:
        raise ValueError(f"Unknown grade: {', '.join(unknown)}.")
    return np.asarray([places[str(g)] for g in grades], dtype=np.int64)
