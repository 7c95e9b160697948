"""Clawback as a target: what should be recovered, less what is recovered already.

The same call serves the end of a contract, its reinstatement, an end that is dated back, and a
changed rule: a positive difference is taken back, a negative one restored, and none at all when
the target is reached. Whatever came before, the sum ends at the target.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.columns import Ints, Keys, Won
from sales.rules.plans import ClawbackTable
from sales.rules.rounding import PERCENT, half_up

CLAWBACK_KINDS = ("LAPSE", "SURRENDER", "WITHDRAWAL")
IN_FORCE = ""
_ALWAYS_FULL = {"WITHDRAWAL": "COOLING_OFF"}


@dataclass(frozen=True, slots=True)
class Recovered:
    """How a recovery moves to its target.

    Args:
        change: (n,) won; positive is taken back, negative is restored.
        target: (n,) won that are recovered in all afterwards.
        percent: (n,) hundredths of a percent applied.
    """

    change: Won
    target: Won
    percent: Ints


def recovery(
    *, earned: Won, recovered: Won, paid_instalments: Ints, kind: Keys, table: ClawbackTable
) -> Recovered:
    """Compute how recoveries move to their targets; doing it again moves nothing.

    Args:
        earned: (n,) won, what a recipient earned on a contract so far.
        recovered: (n,) won, taken back so far less restored so far, not negative.
        paid_instalments: (n,) instalments paid; none counts as the first band.
        kind: (n,) LAPSE, SURRENDER or WITHDRAWAL; "" for a contract in force (again) and any
            other end have the target zero.
        table: the clawback rule.
    """
    band = np.searchsorted(table.last, np.maximum(paid_instalments, 1))
    percent = table.percents[band]
    full = [name for name, cause in _ALWAYS_FULL.items() if cause in table.always_full]
    percent = np.where(np.isin(kind, full), PERCENT, percent)
    percent = np.where(np.isin(kind, CLAWBACK_KINDS), percent, 0)
    target = half_up(earned * percent, PERCENT)
    return Recovered(change=target - recovered, target=target, percent=percent)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What is taken back now.

    Args:
        amount: (n,) won, positive: target less what was taken back before, never negative.
        percent: (n,) hundredths of a percent applied.
    """

    amount: Won
    percent: Ints


def clawback(
    *, earned: Won, recovered: Won, paid_instalments: Ints, kind: Keys, table: ClawbackTable
) -> TakenBack:
    """Compute what an early end takes back: the target less what was already taken back.

    Doing it twice takes back nothing more. See `recovery` for the arguments.
    """
    moved = recovery(
        earned=earned,
        recovered=recovered,
        paid_instalments=paid_instalments,
        kind=kind,
        table=table,
    )
    return TakenBack(amount=np.maximum(moved.change, 0), percent=moved.percent)
