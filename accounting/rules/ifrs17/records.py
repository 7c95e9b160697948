"""Records of the general model: balances, a period's inputs, a period's result.

Signs: liabilities and outflows positive; income in ``Result.revenue`` positive, expense positive
in its own tables. Every amount is (groups,) in the group's currency.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, Steps, Table, column


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """A liability for remaining coverage at a period end, (groups,) each.

    Args:
        pvfcf: present value of future cash flows, current rates.
        ra: risk adjustment.
        csm: contractual service margin, ≥ 0.
        lc: loss component (a part of pvfcf + ra, not an addition), ≥ 0.
        outflows: present value of the future outflows inside pvfcf: base of the loss ratio.
        acquisition: acquisition cash flows paid and not yet amortised (memorandum, B125).
    """

    pvfcf: Floats
    ra: Floats
    csm: Floats
    lc: Floats
    outflows: Floats
    acquisition: Floats

    @property
    def total(self) -> Floats:
        """The carrying amount: pvfcf + ra + csm."""
        return self.pvfcf + self.ra + self.csm


@dataclass(frozen=True, slots=True, eq=False)
class Period:
    """What happened in a period, (groups,) or one number each; amounts positive unless signed.

    Args:
        new_pvfcf: signed; present value at recognition of contracts added, future premiums
            inside it as inflows.
        new_ra: their risk adjustment.
        new_outflows: present value of their outflows.
        new_assets: assets for acquisition cash flows derecognised with them (28C, 38(c)).
        premiums, premiums_expected: received, and expected for the period.
        premiums_future: share of the premium variance that belongs to future service (B96(a)).
        acquisition, acquisition_expected: acquisition cash flows paid, and expected; their
            variance is treated like that of premiums.
        claims, claims_expected: incurred claims and expenses without investment components, and
            those expected.
        investment, investment_expected: investment components payable, and expected (B96(c)).
        finance_pvfcf: signed; unwinding of the present value at opening (current) rates.
        finance_outflows: finance on outflows, interest and effects of changed rates: what the
            loss component takes its share of (51(c)).
        finance_ra: unwinding inside the risk adjustment, 0 where not disaggregated (81).
        financial: signed; effect of changed discount rates and other financial assumptions on
            pvfcf (B97(a)), outside the margin.
        future_locked: signed; change of pvfcf for future service at locked-in rates (B72(c)).
        future_current: the same at current rates; what it differs by goes to finance (None:
            no difference).
        future_ra: signed; change of the risk adjustment for future service.
        release_ra: risk adjustment released for the risk of the period that has passed.
        locked: rate locked in, effective for the period.
        locked_new: the same from the recognition of new contracts to the period end (None: they
            joined at the start).
        units, units_future: coverage units provided, and expected after the period.
        closing_outflows: present value of outflows at the period end (None: rolled forward).
        acquisition_share: share of acquisition cash flows amortised (None: by coverage units).
    """

    new_pvfcf: ArrayLike = 0.0
    new_ra: ArrayLike = 0.0
    new_outflows: ArrayLike = 0.0
    new_assets: ArrayLike = 0.0
    premiums: ArrayLike = 0.0
    premiums_expected: ArrayLike | None = None
    premiums_future: ArrayLike = 1.0
    acquisition: ArrayLike = 0.0
    acquisition_expected: ArrayLike | None = None
    claims: ArrayLike = 0.0
    claims_expected: ArrayLike | None = None
    investment: ArrayLike = 0.0
    investment_expected: ArrayLike | None = None
    finance_pvfcf: ArrayLike = 0.0
    finance_outflows: ArrayLike = 0.0
    finance_ra: ArrayLike = 0.0
    financial: ArrayLike = 0.0
    future_locked: ArrayLike = 0.0
    future_current: ArrayLike | None = None
    future_ra: ArrayLike = 0.0
    release_ra: ArrayLike = 0.0
    locked: ArrayLike = 0.0
    locked_new: ArrayLike | None = None
    units: ArrayLike = 0.0
    units_future: ArrayLike = 0.0
    closing_outflows: ArrayLike | None = None
    acquisition_share: ArrayLike | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """One period measured.

    Args:
        components: PVFCF, RA, CSM, TOTAL by step OPENING, NEW, CASH_IN, FINANCE, FUTURE, CURRENT,
            CASH_OUT, CLOSING (104): TOTAL is the liability for remaining coverage, with claims
            leaving it as they are incurred.
        loss: loss component by step OPENING, NEW, FINANCE, RELEASE, LOSS, REVERSAL, CLOSING.
        coverage: LRC without loss component, and LC (100): OPENING, CASH_IN, REVENUE, ACQUISITION,
            EXPENSE, INVESTMENT, FINANCE, CLOSING.
        revenue: CLAIMS, RA, CSM, EXPERIENCE, ACQUISITION (B121–B124), income positive.
        expense: CLAIMS (incurred), ACQUISITION, LOSS (new losses less reversals and releases),
            expense positive.
        finance: PVFCF, RA, CSM: insurance finance expense positive.
        closing: balances for the next period.
    """

    components: Table
    loss: Steps
    coverage: Table
    revenue: Steps
    expense: Steps
    finance: Steps
    closing: Balance

    @property
    def service_result(self) -> Floats:
        """Revenue less service expenses."""
        return _sum(self.revenue) - _sum(self.expense)

    @property
    def profit(self) -> Floats:
        """Service result less finance expense (all in profit or loss)."""
        return self.service_result - _sum(self.finance)


def balance(groups: int = 1, **amounts: ArrayLike) -> Balance:
    """Make a balance; what is not given is 0.

    Args:
        groups: how many.
        amounts: fields of `Balance`, (groups,) or one number each.

    Raises:
        TypeError: a field that a balance does not have.
        LengthMismatch: a column fits neither one nor all groups.
    """
    known = {f.name for f in fields(Balance)}
    if unknown := set(amounts) - known:
        raise TypeError(f"unknown balance: {', '.join(sorted(unknown))}")
    return Balance(**{name: column(amounts.get(name, 0.0), groups, name) for name in known})


def _sum(steps: Steps) -> Floats:
    return np.sum(list(steps.values()), axis=0)
