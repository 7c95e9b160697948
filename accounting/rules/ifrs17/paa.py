"""Premium allocation approach: eligibility, revenue, liability, onerous groups.

Also for reinsurance held (69–70A): then amounts are what the reinsurer owes service for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import (
    Floats,
    Steps,
    Table,
    closed,
    column,
    floats,
    ratio,
    share,
    units,
)
from accounting.rules.ifrs17.errors import LengthMismatch, NegativeBalance, NotEligible


@dataclass(frozen=True, slots=True, eq=False)
class Eligibility:
    """Whether premium allocation may be used.

    Args:
        eligible: the answer.
        short: every contract covers at most a year (53(b)): nothing else is asked.
        difference: largest |LRC by allocation − LRC by the general model| in any scenario and at
            any reporting date, as a share of the largest LRC of the general model.
        scenario, date: where it is, −1 if it was not asked.
    """

    eligible: bool
    short: bool
    difference: float
    scenario: int = -1
    date: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Unearned:
    """A liability for remaining coverage by premium allocation, (groups,) each.

    Args:
        premium: premiums received and not yet revenue, interest included.
        acquisition: acquisition cash flows deferred (0 where they are expensed).
        lc: loss component, ≥ 0.
    """

    premium: Floats
    acquisition: Floats
    lc: Floats

    @property
    def total(self) -> Floats:
        """The carrying amount, loss component included."""
        return self.premium - self.acquisition + self.lc


@dataclass(frozen=True, slots=True, eq=False)
class AllocationPeriod:
    """What happened in a period, (groups,) or one number each, amounts positive.

    Args:
        premiums: received.
        revenue: premium earned by service, see ``earned``.
        acquisition: acquisition cash flows paid (or taken over from an asset of 28B).
        acquisition_share: share of deferred acquisition cash flows amortised in the period.
        acquisition_expensed: expense them as incurred (59(a)).
        investment: investment components paid or payable.
        finance: interest on a significant financing component (56).
        fcf: fulfilment cash flows of the remaining coverage, where facts indicate that the group
            is onerous (57); None: no indication, the loss component runs off to ``lc_kept``.
        lc_kept: share of an earlier loss component still needed if no ``fcf`` is given.
    """

    premiums: ArrayLike = 0.0
    revenue: ArrayLike = 0.0
    acquisition: ArrayLike = 0.0
    acquisition_share: ArrayLike = 0.0
    acquisition_expensed: bool = False
    investment: ArrayLike = 0.0
    finance: ArrayLike = 0.0
    fcf: ArrayLike | None = None
    lc_kept: ArrayLike = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class AllocationResult:
    """One period measured.

    Args:
        coverage: LRC without loss component (OPENING, CASH_IN, REVENUE, ACQUISITION, INVESTMENT,
            FINANCE, CLOSING) and LC (OPENING, EXPENSE, CLOSING).
        revenue: insurance revenue.
        expense: ACQUISITION, LOSS.
        finance: interest expense.
        closing: balances for the next period.
    """

    coverage: Table
    revenue: Floats
    expense: Steps
    finance: Floats
    closing: Unearned


def unearned(
    groups: int = 1,
    *,
    premium: ArrayLike = 0.0,
    acquisition: ArrayLike = 0.0,
    lc: ArrayLike = 0.0,
) -> Unearned:
    """Make a balance; what is not given is 0.

    Args:
        groups: how many.
        premium: (groups,) or one number, received and not yet revenue.
        acquisition: (groups,) or one number, deferred acquisition cash flows.
        lc: (groups,) or one number, loss component, ≥ 0.

    Raises:
        LengthMismatch: a column fits neither one nor all groups.
    """
    return Unearned(
        column(premium, groups, "premium"),
        column(acquisition, groups, "acquisition"),
        column(lc, groups, "lc"),
    )


def eligible(
    *,
    coverage_months: ArrayLike,
    general: ArrayLike | None = None,
    allocation: ArrayLike | None = None,
    tolerance: float = 0.05,
) -> Eligibility:
    """Say whether premium allocation reasonably approximates the general model.

    Args:
        coverage_months: longest coverage of any contract, contract boundary included.
        general: (scenarios, dates) liability for remaining coverage by the general model.
        allocation: the same by premium allocation.
        tolerance: difference that is still not material, of the largest liability.

    Raises:
        NotEligible: no contract is given; or cover is longer than a year and no scenarios were
            projected: the question cannot be answered.
        LengthMismatch: the two projections differ in scenarios or dates.

    Source: IFRS 17.53–54 (reasonably expected scenarios; variability of fulfilment cash flows).
    """
    months = floats(coverage_months, "coverage months")
    if not months.size or (months <= 0).any():
        raise NotEligible("Without a contract, or with cover of no month, nothing is asked.")
    if float(months.max()) <= 12:
        return Eligibility(True, True, 0.0)
    if general is None or allocation is None:
        raise NotEligible("Cover of more than a year: project both liabilities by scenario first.")
    by_model = np.atleast_2d(floats(general, "general"))
    other = np.atleast_2d(floats(allocation, "allocation"))
    if other.shape != by_model.shape:
        raise LengthMismatch(f"Scenarios and dates: {by_model.shape} and {other.shape}.")
    gap = np.abs(other - by_model)
    scale = float(np.abs(by_model).max())
    worst = np.unravel_index(int(np.argmax(gap)), gap.shape)
    difference = float(gap[worst]) / scale if scale else 0.0
    return Eligibility(difference <= tolerance, False, difference, int(worst[0]), int(worst[1]))


def earned(
    premium: ArrayLike,
    *,
    passed: ArrayLike,
    left: ArrayLike,
    recognised: ArrayLike = 0.0,
) -> Floats:
    """Return the revenue of a period: expected premium receipts by service, caught up.

    Args:
        premium: all premium receipts expected of the group, interest in, investment components
            out.
        passed: service provided up to now: days or months, or expected claims where the release
            of risk differs significantly from the passage of time (B126(b)).
        left: service still to come, in the same measure.
        recognised: revenue of the periods before.

    Raises:
        NegativeUnits: a measure of service is below zero.

    Source: IFRS 17.B126–B127.
    """
    given, coming = units(passed, "service passed"), units(left, "service left")
    whole = np.asarray(given + coming)
    so_far = np.where(whole > 0, ratio(given, whole), 1.0)
    return floats(premium, "premium") * so_far - floats(recognised, "recognised")


def financing(
    opening: ArrayLike,
    received: ArrayLike,
    rate: ArrayLike,
    *,
    received_share: ArrayLike = 1.0,
    significant: bool = True,
) -> Floats:
    """Return interest on the liability for a significant financing component.

    Args:
        opening: liability for remaining coverage without loss component at the period start.
        received: premiums less acquisition cash flows of the period.
        rate: locked-in rate, effective for the period.
        received_share: part of the period that ``received`` has stood (1: from its start).
        significant: False where premium and service are at most a year apart and the entity
            chooses not to adjust: no interest.

    Source: IFRS 17.56, B72(d).
    """
    if not significant:
        return np.zeros(np.broadcast(opening, received, rate).shape)
    r = floats(rate, "rate")
    late = (1.0 + r) ** floats(received_share, "received share") - 1.0
    return np.asarray(floats(opening, "opening") * r + floats(received, "received") * late)


def roll_allocation(opening: Unearned, period: AllocationPeriod) -> AllocationResult:
    """Measure one period by premium allocation.

    Args:
        opening: balances at the period start, (groups,).
        period: what happened.

    Raises:
        NegativeBalance: the opening loss component is below zero.
        BadShare: a share is not between 0 and 1.
        LengthMismatch: a column fits neither one nor all groups.

    Source: IFRS 17.55–59, B125–B127; Illustrative Example 10.
    """
    groups = len(opening.premium)
    if (opening.lc < 0).any():
        raise NegativeBalance("A loss component is never below 0.")
    paid = column(period.acquisition, groups, "acquisition")
    deferred = np.zeros(groups) if period.acquisition_expensed else paid
    released = column(share(period.acquisition_share, "acquisition share"), groups, "share")
    amortised = released * (opening.acquisition + deferred)
    revenue = column(period.revenue, groups, "revenue")
    finance = column(period.finance, groups, "finance")
    premiums = column(period.premiums, groups, "premiums")
    investment = column(period.investment, groups, "investment")
    premium = opening.premium + premiums - revenue - investment + finance
    acquisition = opening.acquisition + deferred - amortised
    lc = _loss(opening, period, premium - acquisition)
    expensed = amortised + (paid if period.acquisition_expensed else 0.0)
    coverage: Table = {
        "LRC": closed(
            {
                "OPENING": opening.premium - opening.acquisition,
                "CASH_IN": premiums - paid,
                "REVENUE": -revenue,
                "ACQUISITION": expensed,
                "INVESTMENT": -investment,
                "FINANCE": finance,
            },
            groups,
        ),
        "LC": closed({"OPENING": opening.lc, "EXPENSE": lc - opening.lc}, groups),
    }
    return AllocationResult(
        coverage,
        revenue,
        {"ACQUISITION": expensed, "LOSS": lc - opening.lc},
        finance,
        Unearned(premium, acquisition, lc),
    )


def onerous(fcf: ArrayLike, carrying: ArrayLike) -> Floats:
    """Return the loss component: what fulfilment costs more than the liability carries (58).

    Args:
        fcf: fulfilment cash flows of the remaining coverage; without discounting where incurred
            claims are not discounted.
        carrying: liability for remaining coverage without loss component.

    Returns:
        The loss component, ≥ 0.

    Source: IFRS 17.57–58.
    """
    return np.maximum(0.0, floats(fcf, "fcf") - floats(carrying, "carrying"))


def _loss(opening: Unearned, period: AllocationPeriod, carrying: Floats) -> Floats:
    groups = len(carrying)
    if period.fcf is None:
        return opening.lc * column(share(period.lc_kept, "lc kept"), groups, "lc kept")
    return onerous(column(period.fcf, groups, "fcf"), carrying)
