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
    PROTECTION_NO_DEATH = "PROTECTION_NO_DEATH"
    SAVINGS = "SAVINGS"


@dataclass(frozen=True)
class SurrenderBasis:
    """How surrender values follow from reserves.

    Attributes:
        kind: formula of the standard deduction.
        cap_multiple: multiple of the standard deduction that expenses may reach (1.4 whole life).
        runoff_years: years over which acquisition cost is written off at most.
        guarantee_ratio: share of the standard surrender value paid while premiums are due.
    """

    kind: Deduction = Deduction.PROTECTION
    cap_multiple: float = 1.0
    runoff_years: int = 7
    guarantee_ratio: float = 1.0


def standard_deduction(
    basis: Basis, contracts: Contracts, *, kind: Deduction = Deduction.PROTECTION
) -> Floats:
    """Compute the standard surrender deduction in won (표준해약공제액), unrounded.

    Args:
        basis: technical basis.
        contracts: the contracts.
        kind: PROTECTION 5 % × min(n, 20) × P_std + 1 % × S; PROTECTION_NO_DEATH
            (5 % × min(n, 20) + 45 %) × P_std; SAVINGS 5 % × min(m, 12) × P.

    Returns:
        (n,) won.

    Source: 보험업감독업무시행세칙 별표 14.
    """
    c = contracts
    n, m = basis.years(sex=c.sex, age=c.age, term_months=c.term_months, pay_months=c.pay_months)
    net = net_of(basis, basis.ratios, basis.maturity_ratio, c)
    capped = np.minimum(n, premium.STANDARD_YEARS)
    match kind:
        case Deduction.PROTECTION:
            unit = 0.05 * capped * net.standard + 0.01
        case Deduction.PROTECTION_NO_DEATH:
            unit = (0.05 * capped + 0.45) * net.standard
        case Deduction.SAVINGS:
            single = 0.05 * net.single
            unit = np.where(c.per_year == 0, single, 0.05 * np.minimum(m, 12) * net.annual)
    return unit * c.sum_assured


def unamortised_cost(basis: Basis, contracts: Contracts, *, surrender: SurrenderBasis) -> Floats:
    """Compute acquisition cost not yet written off, in won, unrounded.

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
    cap = surrender.cap_multiple * standard_deduction(basis, c, kind=surrender.kind)
    expected = (
        np.maximum(1, c.per_year) * c.premium * loading.alpha_premium
        + loading.alpha_sum * c.sum_assured
    )
    cost = np.where(expected > 0, np.minimum(expected, cap), cap)
    _, m = basis.years(sex=c.sex, age=c.age, term_months=c.term_months, pay_months=c.pay_months)
    runoff = 12 * np.maximum(1, np.minimum(m, surrender.runoff_years))
    return cost * np.maximum(0, runoff - c.elapsed_months) / runoff


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
    _, m = basis.years(sex=c.sex, age=c.age, term_months=c.term_months, pay_months=c.pay_months)
    paying = c.elapsed_months < 12 * m
    return np.where(paying, rounding.whole(value * surrender.guarantee_ratio), value)
