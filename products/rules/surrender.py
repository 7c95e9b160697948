"""Surrender values: the reserve less acquisition cost not yet written off."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from products.rules import premium, rounding
from products.rules.basis import Basis, Floats, Ints
from products.rules.reserve import Contracts, net_of, net_premium_reserve


class Deduction(StrEnum):
    """Kind of product for the standard surrender deduction (표준해약공제액)."""

    PROTECTION = "PROTECTION"
    """보장성: 5 % × min(n, 20) × P_std + 1 % × S."""
    PROTECTION_NO_DEATH = "PROTECTION_NO_DEATH"
    """No death benefit (질병·상해): 45 % of P_std for the 1 %; of its risk part where something is
    paid at the end."""
    INDEMNITY = "INDEMNITY"
    """실손의료비: 15 % of P_std for the 1 %."""
    SAVINGS = "SAVINGS"
    """저축성: 5 % × min(m, 12) × P; 5 % of a single premium."""
    LIFE_ANNUITY = "LIFE_ANNUITY"
    """종신연금: 6 % × m × P, at most 5 % × 12 × P."""
    PENSION_SAVINGS = "PENSION_SAVINGS"
    """연금저축: 4 % × min(m, 12) × P."""
    PENSION_SAVINGS_NON_PAR = "PENSION_SAVINGS_NON_PAR"
    """연금저축 (무배당): 3 % × min(m, 12) × P."""


NOT_FACE_TO_FACE = 0.7
"""Share of the standard deduction for contracts sold without a meeting (비대면채널)."""


@dataclass(frozen=True)
class SurrenderBasis:
    """How surrender values follow from reserves.

    Attributes:
        kind: formula of the standard deduction.
        cap_multiple: multiple of the standard deduction that expenses may reach (1.4 whole life).
        runoff_years: years over which acquisition cost is written off at most.
        guarantee_ratio: share of the standard surrender value paid while premiums are due: 1 for
            the standard type (표준형), 0.5 for example for the low (저해지), 0 for none (무해지).
        channel_factor: share of the standard deduction of the channel, 0.7 without a meeting.
    """

    kind: Deduction = Deduction.PROTECTION
    cap_multiple: float = 1.0
    runoff_years: int = 7
    guarantee_ratio: float = 1.0
    channel_factor: float = 1.0


def standard_deduction(
    basis: Basis,
    contracts: Contracts,
    *,
    kind: Deduction = Deduction.PROTECTION,
    channel_factor: float = 1.0,
) -> Floats:
    """Compute the standard surrender deduction in won (표준해약공제액), unrounded.

    Args:
        basis: technical basis.
        contracts: the contracts.
        kind: which formula; see `Deduction`. P_std is the annual net premium paid over
            min(n, 20) years.
        channel_factor: 1, or 0.7 for contracts sold without a meeting.

    Returns:
        (n,) won.

    Source: 보험업감독업무시행세칙 별표 14.
    """
    some, index = contracts.kinds()
    unit = channel_factor * _deduction_of_one(basis, some, kind)
    return unit[index] * contracts.sum_assured


def _deduction_of_one(basis: Basis, c: Contracts, kind: Deduction) -> Floats:
    """Return the deduction per won of sum assured."""
    n, m = basis.years(sex=c.sex, age=c.age, term_months=c.term_months, pay_months=c.pay_months)
    net = net_of(basis, basis.ratios, basis.maturity_ratio, c)
    capped = np.minimum(n, premium.STANDARD_YEARS)
    years = np.where(c.per_year == 0, 1, np.minimum(m, 12))
    paid = np.where(c.per_year == 0, net.single, net.annual)
    match kind:
        case Deduction.PROTECTION:
            return 0.05 * capped * net.standard + 0.01
        case Deduction.PROTECTION_NO_DEATH:
            risk = net_of(basis, basis.ratios, 0.0, c).standard
            return 0.05 * capped * net.standard + 0.45 * risk
        case Deduction.INDEMNITY:
            return (0.05 * capped + 0.15) * net.standard
        case Deduction.SAVINGS:
            return 0.05 * years * paid
        case Deduction.LIFE_ANNUITY:
            whole = np.where(c.per_year == 0, 1, m)
            return np.minimum(0.06 * whole, 0.05 * 12) * paid
        case Deduction.PENSION_SAVINGS:
            return 0.04 * years * paid
        case Deduction.PENSION_SAVINGS_NON_PAR:
            return 0.03 * years * paid


def unamortised_cost(basis: Basis, contracts: Contracts, *, surrender: SurrenderBasis) -> Floats:
    """Compute acquisition cost not yet written off (미상각신계약비), in won, unrounded.

    Args:
        basis: technical basis; its α loadings are the expected acquisition cost.
        contracts: the contracts; ``premium`` is the gross premium of one instalment.
        surrender: kind, cap and run-off.

    Returns:
        (n,) min(α expected, α* × multiple) × (k − t)/k, k = min(7, m) years, by completed months.
        Where no α is loaded the standard deduction stands for the expected cost.

    Source: 보험업감독규정 7-66조.
    """
    c, loading = contracts, basis.loadings
    cap = surrender.cap_multiple * standard_deduction(
        basis, c, kind=surrender.kind, channel_factor=surrender.channel_factor
    )
    expected = (
        np.maximum(1, c.per_year) * c.premium * loading.alpha_premium
        + loading.alpha_sum * c.sum_assured
    )
    cost = np.where(expected > 0, np.minimum(expected, cap), cap)
    some, index = contracts.kinds()
    m = basis.years(
        sex=some.sex, age=some.age, term_months=some.term_months, pay_months=some.pay_months
    )[1]
    runoff = (12 * np.maximum(1, np.minimum(m, surrender.runoff_years)))[index]
    return cost * np.maximum(0, runoff - c.elapsed_months) / runoff


def standard_value(held: ArrayLike, owed: ArrayLike) -> Floats:
    """Return the surrender value of the standard type, unrounded: max(0, reserve − cost), (n,)."""
    return np.maximum(0.0, np.asarray(held, np.float64) - np.asarray(owed, np.float64))


def surrender_value(
    basis: Basis,
    contracts: Contracts,
    *,
    surrender: SurrenderBasis,
    paid_months: ArrayLike | None = None,
) -> Ints:
    """Compute surrender values in whole won (해약환급금).

    Args:
        basis: technical basis.
        contracts: the contracts.
        surrender: kind, cap, run-off and guarantee.
        paid_months: as for `net_premium_reserve`.

    Returns:
        (n,) max(0, round(reserve) − round(unamortised cost)), both rounded before they are
        subtracted, times the guarantee ratio until premiums end.
    """
    c = contracts
    held = rounding.whole(net_premium_reserve(basis, c, paid_months=paid_months))
    owed = rounding.whole(unamortised_cost(basis, c, surrender=surrender))
    value = np.maximum(0, held - owed)
    if surrender.guarantee_ratio == 1.0:
        return value
    some, index = contracts.kinds()
    m = basis.years(
        sex=some.sex, age=some.age, term_months=some.term_months, pay_months=some.pay_months
    )[1]
    paying = c.elapsed_months < 12 * m[index]
    return np.where(paying, rounding.whole(value * surrender.guarantee_ratio), value)
