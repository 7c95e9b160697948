"""What is payable: loss × (1 − own fault) − deductible, within what the coverage still gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.columns import Ints, Won

PERILS: dict[str, tuple[str, ...]] = {
    "DEATH": ("DEATH", "ACCIDENT_DEATH"),
    "DIAGNOSIS": ("DIAGNOSIS",),
    "HOSPITAL": ("EXPENSE", "DISABILITY"),
    "INJURY": ("DISABILITY", "EXPENSE"),
    "VEHICLE": ("LIABILITY", "EXPENSE"),
    "OTHER": ("EXPENSE", "LIABILITY", "DISABILITY", "DIAGNOSIS"),
}
_YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Coverage:
    """A coverage of a product version, as its COVERAGE_LIMIT rule has it.

    Args:
        code: the product's code of it.
        name: display name in the reader's language.
        peril: what it pays for.
        sum_ratio: share of the contract's sum assured, in millionths; used when ``fixed`` is 0.
        fixed: sum in won that does not depend on the contract, or 0.
        waiting_days: days from the start of cover without benefit.
        first_year_percent: share of the benefit paid in the first year, %.
        ends_contract: its benefit ends the contract.
        once: the sum is given once in the contract's life, not for each event.
        rule_id: the rule that it was read from.
        automatic_max: won up to which a clear claim is decided by the rule itself; 0: never.
    """

    code: str
    name: str
    peril: str
    sum_ratio: int
    fixed: int
    waiting_days: int
    first_year_percent: int
    ends_contract: bool
    once: bool
    rule_id: int
    automatic_max: int = 0


@dataclass(frozen=True, slots=True)
class Limit:
    """What a coverage still gives on the day of the accident, won, with the way there.

    Args:
        amount: what is left, won.
        granted: its sum before anything was granted out of it, won.
        trace: for the explanation.
    """

    amount: int
    granted: int
    trace: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Payable:
    """What is payable, won, with the way there."""

    amount: int
    trace: dict[str, Any]


def sum_of(coverage: Coverage, sum_assured: int) -> int:
    """Return the full sum of a coverage of a contract, won (a fraction is cut)."""
    return coverage.fixed or sum_assured * coverage.sum_ratio // 1_000_000


def limit(coverage: Coverage, *, sum_assured: int, days_covered: int, paid_before: int) -> Limit:
    """Return what the coverage still gives.

    Args:
        coverage: which.
        sum_assured: of the contract, won.
        days_covered: days from the start of cover to the accident (0: the same day).
        paid_before: granted earlier out of the same sum, won: of the contract where the sum is
            given once, of the accident where it is given for each.
    """
    full = sum_of(coverage, sum_assured)
    waits = days_covered < coverage.waiting_days
    reduced = days_covered < _YEAR_DAYS and coverage.first_year_percent < 100
    percent = 0 if waits else coverage.first_year_percent if reduced else 100
    granted = full * percent // 100
    amount = max(granted - paid_before, 0)
    return Limit(
        amount,
        granted,
        {
            "coverage": coverage.code,
            "coverage_name": coverage.name,
            "rule_id": coverage.rule_id,
            "sum_assured": sum_assured,
            "full_sum": full,
            "days_covered": days_covered,
            "waiting_days": coverage.waiting_days,
            "percent": percent,
            "granted": granted,
            "paid_before": paid_before,
            "limit": amount,
        },
    )


def payable(*, loss: int, fault_bp: int, deductible: int, limit: Limit) -> Payable:
    """Compute one payable amount; ``payable_column`` does it for a batch.

    Args:
        loss: assessed loss, won.
        fault_bp: own fault in hundredths of a percent (2,000 is 20 %).
        deductible: borne by the insured, won.
        limit: what the coverage still gives.
    """
    after_fault, after_deductible, amount = (
        int(column[0])
        for column in payable_column(
            loss=np.asarray([loss]),
            fault_bp=np.asarray([fault_bp]),
            deductible=np.asarray([deductible]),
            limit=np.asarray([limit.amount]),
        )
    )
    return Payable(
        amount,
        limit.trace
        | {
            "loss": loss,
            "fault_percent": f"{fault_bp / 100:.2f}",
            "after_fault": after_fault,
            "deductible": deductible,
            "after_deductible": after_deductible,
            "capped": after_deductible > limit.amount,
            "payable": amount,
        },
    )


def payable_column(*, loss: Won, fault_bp: Ints, deductible: Won, limit: Won) -> tuple[Won, ...]:
    """Compute payable amounts of a batch, in whole won throughout.

    Args:
        loss: (n,) assessed losses.
        fault_bp: (n,) own fault in hundredths of a percent, 0 to 10,000.
        deductible: (n,) borne by the insured.
        limit: (n,) what the coverages still give.

    Returns:
        (n,) after fault (a fraction of a won is cut), after the deductible, and payable.
    """
    after_fault: NDArray[np.int64] = loss * (10_000 - fault_bp) // 10_000
    after_deductible = np.maximum(after_fault - deductible, 0)
    return after_fault, after_deductible, np.minimum(after_deductible, limit)


def first_reserve(claimed: Won, ceiling: Won) -> Won:
    """Estimate the first case reserve: what is claimed, within the cover; unknown is all of it.

    Args:
        claimed: (n,) claimed amounts, 0 where not known yet.
        ceiling: (n,) highest sum that the contract's coverages give for such a claim.
    """
    return np.where(claimed > 0, np.minimum(claimed, ceiling), ceiling)
