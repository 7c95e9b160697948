"""Monthly statements: clawbacks first, then withholding, the rest is paid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.columns import Won


@dataclass(frozen=True, slots=True)
class Settled:
    """The figures of statements, (n,) won each."""

    recovered: Won
    carried_out: Won
    income_tax: Won
    local_tax: Won
    withheld: Won
    net_paid: Won


def settle(*, carried_in: Won, earned: Won, clawed_back: Won) -> Settled:
    """Compute statements: clawbacks first, then 3.3 % withholding, the rest is paid.

    What the clawbacks, with what was owed from before, leave over what was earned is carried to
    the next month. Income tax is 3 % of what is left after clawbacks, cut to tens of won; the
    local income tax is a tenth of that, cut to tens of won.

    Args:
        carried_in: (n,) won, zero or negative.
        earned: (n,) won.
        clawed_back: (n,) won, positive.

    Source: 소득세법 제129조 제1항 제3호 (3 %), 지방세법 제103조의13 (10 % of it), 국고금 관리법
        제47조 (a remainder under ten won is dropped).
    """
    owed = clawed_back - carried_in
    recovered = np.minimum(earned, owed)
    taxable = earned - recovered
    income_tax = taxable * 3 // 100 // 10 * 10
    local_tax = income_tax // 10 // 10 * 10
    withheld = income_tax + local_tax
    return Settled(
        recovered=recovered,
        carried_out=recovered - owed,
        income_tax=income_tax,
        local_tax=local_tax,
        withheld=withheld,
        net_paid=taxable - withheld,
    )
