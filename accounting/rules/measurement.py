"""IFRS 17 measurement of groups at a month end: a first honest one.

General model (GMM): best estimate as the present value of expected cash flows at the rate locked in
for the cohort, contractual service margin (CSM), loss component (LC). Premium allocation (PAA):
premium earned by time. No risk adjustment, no discounting of incurred claims, and all finance in
profit or loss: functions over arrays leave room for them.

All amounts are won by group, (groups,). Steps are whole won, so that they foot exactly; what
rounding leaves stands in a step of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accounting.rules.projection import Amounts, Floats
from core.money import round_won_array

Won = NDArray[np.int64]
Steps = dict[str, Won]


@dataclass(frozen=True, slots=True, eq=False)
class Opening:
    """What the previous run left: closing balances, and what it expected of this month.

    Args:
        pvfcf: present value of fulfilment cash flows (best estimate).
        csm: contractual service margin.
        lc: loss component.
        acq: acquisition cash flows not yet amortised.
        upr: PAA: liability for remaining coverage before acquisition cash flows.
        ibnr: incurred but not reported.
        outflows: present value of future outflows.
        services: claims and expenses expected in this month.
        claims: claims expected in this month.
        units: coverage units expected in this month.
    """

    pvfcf: Won
    csm: Won
    lc: Won
    acq: Won
    upr: Won
    ibnr: Won
    outflows: Won
    services: Won
    claims: Won
    units: Won


@dataclass(frozen=True, slots=True, eq=False)
class Cash:
    """What the ledger booked in this month: premiums due, acquisition cost, refunds (all ≥ 0)."""

    premiums: Won
    acquisition: Won
    refunds: Won


@dataclass(frozen=True, slots=True, eq=False)
class Present:
    """The contracts at this month end, and those issued in this month.

    Args:
        value: present values at the month end.
        coming: flows expected in the coming month.
        new: present values at issue of the contracts issued in this month.
        first: flows expected of them in the month of issue.
        unearned: PAA: premiums due so far less premium earned by time.
        earned: PAA: premium earned by time in this month.
        rate: annual effective rate locked in for the cohort.
    """

    value: Amounts
    coming: Amounts
    new: Amounts
    first: Amounts
    unearned: Floats
    earned: Floats
    rate: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Facts of a run: component → step → won by group, and the movements that are posted."""

    facts: dict[str, Steps]
    movements: Steps = field(default_factory=dict)


def gmm(opening: Opening, cash: Cash, now: Present, ibnr: Won) -> Measured:
    """Measure groups by the general model.

    Args:
        opening: balances and expectations of the previous run.
        cash: what was booked in the month.
        now: present values.
        ibnr: claims incurred but not reported at the month end.

    Returns:
        Roll-forwards of PVFCF, CSM, LC, ACQ, LRC and IBNR, and the movements to post.

    Source: IFRS 17.38 (CSM at initial recognition), .44 (roll-forward), .47–52 (onerous groups),
    B119 (coverage units), B125 (acquisition cash flows).
    """
    month, half = _interest(now.rate)
    services = opening.services + round_won_array(now.first.services)
    new = round_won_array(now.new.fulfilment)
    flows = cash.premiums - cash.acquisition - cash.refunds
    finance = round_won_array(month * opening.pvfcf + half * (flows - services + new))
    exact = now.value.fulfilment
    unrounded = exact - (opening.pvfcf + new + finance + flows - services)
    estimates = round_won_array(unrounded)
    closing = round_won_array(exact)
    pvfcf = {
        "OPENING": opening.pvfcf,
        "NEW": new,
        "FINANCE": finance,
        "PREMIUMS": cash.premiums,
        "ACQUISITION": -cash.acquisition,
        "REFUNDS": -cash.refunds,
        "RELEASE": -services,
        "ESTIMATES": estimates,
    }
    pvfcf["ROUNDING"] = closing - _sum(pvfcf)
    pvfcf["CLOSING"] = closing

    share = _ratio(opening.lc, opening.outflows)
    lc_finance = round_won_array(month * opening.lc)
    lc_released = np.minimum(round_won_array(share * services), opening.lc + lc_finance)
    csm, lc = opening.csm.copy(), opening.lc + lc_finance - lc_released
    csm, lc, csm_new, loss_new = _absorb(csm, lc, -new)
    accreted = round_won_array(month * opening.csm + half * csm_new)
    csm_finance = np.where(lc > 0, 0, accreted)  # an onerous group has no margin to accrete on
    csm = csm + csm_finance
    csm, lc, csm_future, loss_future = _absorb(csm, lc, -estimates)
    passed = opening.units + round_won_array(now.first.units)
    served = _served(passed, now.value.units)
    ended = now.value.units < 0.5
    transferred = np.where(ended, lc, 0)  # nothing is left that it could be released with
    lc = lc - transferred
    released = np.where(ended, csm, round_won_array(served * csm))
    csm = csm - released
    acq_before = opening.acq + cash.acquisition
    amortised = np.where(ended, acq_before, round_won_array(served * acq_before))
    loss = loss_new + loss_future
    facts = {
        "PVFCF": pvfcf,
        "CSM": {
            "OPENING": opening.csm,
            "NEW": csm_new,
            "FINANCE": csm_finance,
            "ESTIMATES": csm_future,
            "RELEASE": -released,
            "CLOSING": csm,
        },
        "LC": {
            "OPENING": opening.lc,
            "FINANCE": lc_finance,
            "RELEASE": -lc_released,
            "NEW": loss_new,
            "ESTIMATES": loss_future,
            "TRANSFER": -transferred,
            "CLOSING": lc,
        },
        "ACQ": {
            "OPENING": opening.acq,
            "PAID": cash.acquisition,
            "AMORTISED": -amortised,
            "CLOSING": acq_before - amortised,
        },
        "LRC": {
            "OPENING": opening.pvfcf + opening.csm,
            "PREMIUMS": cash.premiums,
            "ACQUISITION": -cash.acquisition,
            "REFUNDS": -cash.refunds,
            "FINANCE": finance + csm_finance,
            "REVENUE": -(services - lc_released) - released,
            "LOSS": loss - lc_released,
            "ROUNDING": pvfcf["ROUNDING"],
            "CLOSING": closing + csm,
        },
        "IBNR": {
            "OPENING": opening.ibnr,
            "CHANGE": ibnr - opening.ibnr,
            "CLOSING": ibnr,
        },
        "EXPECTED": _expected(now, served),
    }
    return Measured(
        facts,
        {
            "revenue_claims": services - lc_released,
            "revenue_csm": released,
            "revenue_acquisition": amortised,
            "revenue_paa": np.zeros_like(new),
            "acquisition_amortised": amortised,
            "finance": finance - lc_finance,
            "csm_finance": csm_finance,
            "csm_future": csm_new + csm_future,
            "loss_finance": lc_finance,
            "loss": loss,
            "loss_released": lc_released,
            "loss_transferred": transferred,
            "ibnr": ibnr - opening.ibnr,
            "rounding": pvfcf["ROUNDING"],
        },
    )


def paa(opening: Opening, cash: Cash, now: Present, ibnr: Won) -> Measured:
    """Measure groups by premium allocation.

    Args:
        opening: balances and expectations of the previous run.
        cash: what was booked in the month.
        now: present values (for the onerous test) and premium earned by time.
        ibnr: claims incurred but not reported at the month end.

    Source: IFRS 17.55 (liability), .57 (onerous test), B126 (revenue by time).
    """
    unearned = round_won_array(now.unearned)
    earned = opening.upr + cash.premiums - cash.refunds - unearned
    ended = now.value.units < 0.5
    served = np.where(ended, 1.0, _ratio(now.earned, now.earned + now.value.premium + unearned))
    acq_before = opening.acq + cash.acquisition
    amortised = np.where(ended, acq_before, round_won_array(np.clip(served, 0, 1) * acq_before))
    acq = acq_before - amortised
    lc = np.where(ended, 0, np.maximum(0, round_won_array(now.value.fulfilment) - (unearned - acq)))
    loss = lc - opening.lc
    zero = np.zeros_like(unearned)
    facts = {
        "UPR": {
            "OPENING": opening.upr,
            "PREMIUMS": cash.premiums,
            "REFUNDS": -cash.refunds,
            "EARNED": -earned,
            "CLOSING": unearned,
        },
        "ACQ": {
            "OPENING": opening.acq,
            "PAID": cash.acquisition,
            "AMORTISED": -amortised,
            "CLOSING": acq,
        },
        "LC": {"OPENING": opening.lc, "ESTIMATES": loss, "CLOSING": lc},
        "LRC": {
            "OPENING": opening.upr - opening.acq + opening.lc,
            "PREMIUMS": cash.premiums,
            "ACQUISITION": -cash.acquisition,
            "REFUNDS": -cash.refunds,
            "REVENUE": -earned,
            "AMORTISED": amortised,
            "LOSS": loss,
            "CLOSING": unearned - acq + lc,
        },
        "IBNR": {
            "OPENING": opening.ibnr,
            "CHANGE": ibnr - opening.ibnr,
            "CLOSING": ibnr,
        },
        "EXPECTED": _expected(now, np.clip(served, 0, 1)),
    }
    return Measured(
        facts,
        {
            "revenue_claims": zero,
            "revenue_csm": zero,
            "revenue_acquisition": zero,
            "revenue_paa": earned,
            "acquisition_amortised": amortised,
            "finance": zero,
            "csm_finance": zero,
            "csm_future": zero,
            "loss_finance": zero,
            "loss": loss,
            "loss_released": zero,
            "loss_transferred": zero,
            "ibnr": ibnr - opening.ibnr,
            "rounding": zero,
        },
    )


def ibnr(claims: Floats, reported: Floats) -> Won:
    """Estimate claims incurred but not reported from expected claims and reporting delays.

    Args:
        claims: (months, groups) expected claims of this month (row 0) and the months before.
        reported: (months, groups) share reported by the end of this month, row by row.

    Returns:
        (groups,) won.

    Source: Bornhuetter–Ferguson with the expected claims as prior: Σ claims × (1 − reported).
    """
    return round_won_array((claims * (1.0 - reported)).sum(axis=0))


def footing(facts: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return by component how far opening plus steps misses closing (all zeros: it foots).

    Args:
        facts: component → step → won, arrays by group or the figures of one group.
    """
    return {
        component: steps["CLOSING"] - sum(v for k, v in steps.items() if k != "CLOSING")
        for component, steps in facts.items()
        if "CLOSING" in steps
    }


def _expected(now: Present, served: Floats) -> Steps:
    """Return what the next run needs to know, and the share of service rendered (millionths)."""
    return {
        "OUTFLOWS": round_won_array(now.value.outflows),
        "SERVICES": round_won_array(now.coming.services),
        "CLAIMS": round_won_array(now.coming.claims),
        "UNITS": round_won_array(now.coming.units),
        "FUTURE_UNITS": round_won_array(now.value.units),
        "SERVED_PPM": round_won_array(served * 1e6),
    }


def _absorb(csm: Won, lc: Won, change: Won) -> tuple[Won, Won, Won, Won]:
    """Let a change of future service adjust the margin first and the loss component beyond it.

    Args:
        csm: margin, ≥ 0.
        lc: loss component, ≥ 0.
        change: favourable positive.

    Returns:
        New margin, new loss component, change of the margin, loss (negative: reversal).
    """
    reversed_ = np.minimum(lc, np.maximum(change, 0))
    lost = np.maximum(0, -(csm + np.minimum(change, 0)))
    moved = change - reversed_ + lost
    return csm + moved, lc - reversed_ + lost, moved, lost - reversed_


def _interest(rate: Floats) -> tuple[Floats, Floats]:
    """Return interest of a month and of half a month for annual effective rates."""
    return (1.0 + rate) ** (1.0 / 12.0) - 1.0, (1.0 + rate) ** (1.0 / 24.0) - 1.0


def _served(passed: NDArray[np.int64] | Floats, future: Floats) -> Floats:
    """Return the share of service rendered in the month: units passed of passed and future."""
    return _ratio(np.asarray(passed, np.float64), passed + np.maximum(future, 0.0))


def _ratio(part: NDArray[np.int64] | Floats, whole: NDArray[np.int64] | Floats) -> Floats:
    whole = np.asarray(whole, np.float64)
    safe = np.where(np.abs(whole) < 0.5, 1.0, whole)
    return np.where(np.abs(whole) < 0.5, 0.0, np.asarray(part, np.float64) / safe)


def _sum(steps: Steps) -> Won:
    return np.sum(list(steps.values()), axis=0, dtype=np.int64)
