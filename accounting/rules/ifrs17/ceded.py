"""Reinsurance held by premium allocation: premiums ceded earned by service, losses recovered.

Signs: the asset for remaining coverage is negative, like everything that will be received.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, Steps, Table, closed, column, share
from accounting.rules.ifrs17.errors import NegativeBalance


@dataclass(frozen=True, slots=True, eq=False)
class CededBalance:
    """An asset for remaining coverage, (groups,) each.

    Args:
        prepaid: premiums paid to the reinsurer (commission taken off) whose cover is still to
            come, ≤ 0 as an asset.
        recovery: loss-recovery component, ≥ 0 (it adds to the asset).
    """

    prepaid: Floats
    recovery: Floats

    @property
    def total(self) -> Floats:
        """The carrying amount, asset negative."""
        return self.prepaid - self.recovery


@dataclass(frozen=True, slots=True, eq=False)
class CededPeriod:
    """What happened in a period, (groups,) or one number each, amounts positive.

    Args:
        premiums: paid to the reinsurer.
        commission: ceding commission that does not depend on claims: a reduction of premiums (86).
        allocated: premium (after such commission) of the cover received in the period, see
            ``paa.earned``.
        fixed: received whatever happens: neither cost nor recovery.
        finance: interest on a significant financing component, income positive.
        recovered: share of underlying claims that the reinsurance pays.
        underlying_lc: loss component of the underlying group at the period end.
    """

    premiums: ArrayLike = 0.0
    commission: ArrayLike = 0.0
    allocated: ArrayLike = 0.0
    fixed: ArrayLike = 0.0
    finance: ArrayLike = 0.0
    recovered: ArrayLike = 0.0
    underlying_lc: ArrayLike = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class CededResult:
    """One period of ceded cover.

    Args:
        coverage: ARC without loss-recovery component (OPENING, PREMIUMS, ALLOCATION, FIXED,
            FINANCE, CLOSING) and LR (OPENING, INCOME, CLOSING), assets negative.
        allocation: premiums allocated, an expense.
        income: change of the loss-recovery component, income positive.
        finance: income positive.
        closing: balances for the next period.
    """

    coverage: Table
    allocation: Floats
    income: Floats
    finance: Floats
    closing: CededBalance


def ceded(groups: int = 1, *, prepaid: ArrayLike = 0.0, recovery: ArrayLike = 0.0) -> CededBalance:
    """Make a balance; what is not given is 0.

    Args:
        groups: how many.
        prepaid: (groups,) or one number, ≤ 0 as an asset.
        recovery: (groups,) or one number, loss-recovery component, ≥ 0.

    Raises:
        LengthMismatch: a column fits neither one nor all groups.
    """
    return CededBalance(column(prepaid, groups, "prepaid"), column(recovery, groups, "recovery"))


def roll_ceded(opening: CededBalance, period: CededPeriod) -> CededResult:
    """Measure one period of reinsurance held by premium allocation.

    The loss-recovery component stands at the recovered share of the underlying loss component and
    adjusts the asset, as there is no margin to adjust.

    Args:
        opening: balances at the period start, (groups,).
        period: what happened.

    Raises:
        NegativeBalance: the opening loss-recovery component, or the underlying loss, is below 0.
        BadShare: the recovered share is not between 0 and 1.
        LengthMismatch: a column fits neither one nor all groups.

    Source: IFRS 17.69–70A, .86, B119C–B119F.
    """
    groups = len(opening.prepaid)
    loss = column(period.underlying_lc, groups, "underlying loss component")
    if (opening.recovery < 0).any() or (loss < 0).any():
        raise NegativeBalance("Losses and their recoveries are never below 0.")
    part = column(share(period.recovered, "recovered"), groups, "recovered")
    allocated = column(period.allocated, groups, "allocated")
    finance = column(period.finance, groups, "finance")
    paid = column(period.premiums, groups, "premiums") - column(
        period.commission, groups, "commission"
    )
    arc = closed(
        {
            "OPENING": opening.prepaid,
            "PREMIUMS": -paid,
            "ALLOCATION": allocated,
            "FIXED": column(period.fixed, groups, "fixed"),
            "FINANCE": -finance,
        },
        groups,
    )
    recovery = part * loss
    income = recovery - opening.recovery
    lr: Steps = closed({"OPENING": -opening.recovery, "INCOME": -income}, groups)
    return CededResult(
        coverage={"ARC": arc, "LR": lr},
        allocation=allocated,
        income=np.asarray(income),
        finance=finance,
        closing=CededBalance(arc["CLOSING"], recovery),
    )
