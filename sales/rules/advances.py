"""Advance commission (선지급) and its redemption (상각): advance = redeemed + outstanding."""

from __future__ import annotations

import numpy as np

from core.columns import Ints, Won
from sales.rules.plans import Advance
from sales.rules.rounding import FACTOR, PERCENT, half_up


def granted(*, premium: Won, rates: Ints, factor: Ints, share: Ints, advance: Advance) -> Won:
    """Compute the advance that a first instalment brings.

    Args:
        premium: (n,) won of one instalment.
        rates: (n, k) hundredths of a percent at each of the advance's instalments.
        factor: (n,) the recipient's factor, hundredths.
        share: (n,) the recipient's share, hundredths of a percent.
        advance: the plan's rule.

    Returns:
        (n,) won: the advance's percent of what those instalments are expected to earn, rounded
        half away from zero once.
    """
    each = half_up(premium[:, None] * (rates * factor[:, None]), PERCENT * FACTOR)
    mine = half_up(each * share[:, None], PERCENT)
    return half_up(mine.sum(axis=1) * advance.percent, PERCENT)


def redeemed(*, earned: Won, outstanding: Won, instalment: Ints, advance: Advance) -> Won:
    """Compute how much of an advance the commission of an instalment redeems.

    Each of the advance's instalments redeems the advance's percent of what it earns, the last one
    all that is outstanding; never more than it earns, never more than is outstanding.

    Args:
        earned: (n,) won that the instalment earns.
        outstanding: (n,) won of the advance not yet redeemed.
        instalment: (n,) number.
        advance: the plan's rule.
    """
    mine = np.isin(instalment, advance.instalments)
    last = instalment == advance.instalments[-1]
    wanted = np.where(last, outstanding, half_up(earned * advance.percent, PERCENT))
    return np.where(mine, np.minimum(np.minimum(wanted, earned), outstanding), 0)
