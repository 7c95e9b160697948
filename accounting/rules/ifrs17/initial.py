"""Initial recognition of a group: fulfilment cash flows, margin or loss.

Sign: outflows and liabilities positive, inflows negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats
from accounting.rules.ifrs17.discount import Timing, present_value


@dataclass(frozen=True, slots=True, eq=False)
class Recognition:
    """A group on the day it is recognised, (groups,) or 0-d each.

    Args:
        inflows: present value of future inflows, ≤ 0.
        outflows: present value of future outflows, acquisition cash flows included, ≥ 0.
        pvfcf: inflows + outflows.
        ra: risk adjustment for non-financial risk.
        fcf: fulfilment cash flows = pvfcf + ra.
        csm: contractual service margin, ≥ 0.
        loss: loss recognised at once, the loss component, ≥ 0.
        liability: fcf + csm, what the balance sheet shows before any cash moves.
        expense: acquisition cost that is not attributable to a portfolio: profit or loss.
    """

    inflows: Floats
    outflows: Floats
    pvfcf: Floats
    ra: Floats
    fcf: Floats
    csm: Floats
    loss: Floats
    liability: Floats
    expense: Floats


def recognise(
    *,
    inflows: ArrayLike,
    outflows: ArrayLike,
    ra: ArrayLike = 0.0,
    assets_derecognised: ArrayLike = 0.0,
    flows_today: ArrayLike = 0.0,
    expense: ArrayLike = 0.0,
) -> Recognition:
    """Recognise groups from present values.

    Args:
        inflows: present value of future inflows, given positive.
        outflows: present value of future outflows, given positive.
        ra: risk adjustment.
        assets_derecognised: carrying amount of an asset for acquisition cash flows paid before
            recognition (28C), or of another asset for cash flows of the group (B66A); a
            liability is negative.
        flows_today: cash received (+) or paid (−) from the contracts on this very day that
            ``inflows`` and ``outflows`` leave out.
        expense: acquisition cost not attributable to the portfolio, positive.

    Returns:
        Margin = −(fcf + assets − flows) where that is a gain, else a loss.

    Raises:
        BadMeasurement: a value is not a number.

    Source: IFRS 17.32, .38 (margin: no income or expense at recognition), .47 (onerous).
    """
    pv_in = -floats(inflows, "inflows")
    pv_out = floats(outflows, "outflows")
    adjustment = floats(ra, "risk adjustment")
    pvfcf = pv_in + pv_out
    fcf = pvfcf + adjustment
    asset = floats(assets_derecognised, "assets derecognised")
    gain = -(fcf + asset - floats(flows_today, "flows of today"))
    csm, loss = np.maximum(gain, 0.0), np.maximum(-gain, 0.0)
    return Recognition(
        inflows=pv_in,
        outflows=pv_out,
        pvfcf=pvfcf,
        ra=adjustment,
        fcf=fcf,
        csm=csm,
        loss=loss,
        liability=fcf + csm,
        expense=floats(expense, "expense"),
    )


def recognise_flows(
    *,
    premiums: ArrayLike,
    outflows: ArrayLike,
    rates: ArrayLike,
    ra: ArrayLike = 0.0,
    premium_timing: Timing = Timing.BEGIN,
    outflow_timing: Timing = Timing.END,
    acquisition: ArrayLike = 0.0,
    acquisition_attributable: ArrayLike = 1.0,
    assets_derecognised: ArrayLike = 0.0,
) -> Recognition:
    """Recognise groups from their cash flows by period.

    Args:
        premiums: (periods,) or (periods, groups), positive.
        outflows: like ``premiums``: claims, expenses and investment components, positive.
        rates: flat rate or forward rates of the day.
        ra: risk adjustment.
        premium_timing: where in their period premiums fall.
        outflow_timing: where in their period outflows fall.
        acquisition: acquisition cash flows due at recognition, positive.
        acquisition_attributable: share of them that is directly attributable to the portfolio;
            the rest is an expense at once.
        assets_derecognised: see ``recognise``.

    Raises:
        BadRate, CurveTooShort: see ``discount.factors``.

    Source: IFRS 17.32–38, B65(e) (acquisition cash flows).
    """
    paid = floats(acquisition, "acquisition")
    attributable = paid * floats(acquisition_attributable, "share")
    return recognise(
        inflows=present_value(premiums, rates, timing=premium_timing),
        outflows=present_value(outflows, rates, timing=outflow_timing) + attributable,
        ra=ra,
        assets_derecognised=assets_derecognised,
        expense=paid - attributable,
    )
