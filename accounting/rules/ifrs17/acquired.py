"""Contracts acquired: by a transfer of contracts, or in a business combination."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats


@dataclass(frozen=True, slots=True, eq=False)
class Acquired:
    """Contracts on the day they are taken over, (groups,) or 0-d each.

    Args:
        fcf: fulfilment cash flows, outflow positive.
        csm: margin; of reinsurance held of either sign.
        loss: expense at once (transfer); negative: income, where reinsurance recovers losses.
        goodwill: added to goodwill or taken from a bargain gain (business combination); negative
            where reinsurance recovers losses.
        liability: fcf + csm.
    """

    fcf: Floats
    csm: Floats
    loss: Floats
    goodwill: Floats
    liability: Floats


def acquire(
    *,
    consideration: ArrayLike,
    fcf: ArrayLike,
    business_combination: bool = False,
    reinsurance: bool = False,
    recovery: ArrayLike = 0.0,
    assets: ArrayLike = 0.0,
) -> Acquired:
    """Recognise contracts taken over, as if written on that day for the consideration.

    Args:
        consideration: received for taking over issued contracts (in a business combination their
            fair value), liabilities positive; for reinsurance held what was paid or its fair
            value is negative.
        fcf: fulfilment cash flows of the day.
        business_combination: IFRS 3: a loss is goodwill, not expense.
        reinsurance: reinsurance held: neither loss nor goodwill, the margin takes either sign.
        recovery: loss-recovery component of reinsurance held, for underlying contracts onerous at
            that day (B95B–B95D), ≥ 0: part of goodwill, or income of a transfer.
        assets: asset for acquisition cash flows of renewals, at fair value, recognised beside the
            contracts (B95E–B95F): what was paid for it has reduced ``consideration``.

    Returns:
        Margin = consideration − fcf where that is a gain; otherwise a loss or goodwill.

    Source: IFRS 17.39, B93–B95F; Illustrative Examples 13 and 14.
    """
    price = floats(consideration, "consideration") + floats(assets, "assets")
    due = floats(fcf, "fcf")
    gain = price - due
    if reinsurance:
        short = -floats(recovery, "recovery")
        csm = gain + short
    else:
        csm, short = np.maximum(gain, 0.0), np.maximum(-gain, 0.0)
    nothing = np.zeros_like(short)
    loss, goodwill = (nothing, short) if business_combination else (short, nothing)
    return Acquired(due, csm, loss, goodwill, due + csm)


def recovery_on_acquisition(underlying_loss: ArrayLike, recovered: ArrayLike) -> Floats:
    """Return the loss-recovery component on the day of the transaction (B95B).

    Args:
        underlying_loss: loss component of the underlying contracts at the transaction.
        recovered: share of claims that the reinsurance held pays.

    Source: IFRS 17.B95B.
    """
    return floats(underlying_loss, "loss") * floats(recovered, "recovered")
