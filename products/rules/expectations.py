"""What a version's contracts are expected to cost by attained age, as its premium supposes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from products.rules.basis import Floats
from products.rules.ruleset import RuleSet


@dataclass(frozen=True)
class Expected:
    """Annual rates by sex (0 male, 1 female) and attained age, and what else cash flows need.

    Attributes:
        exit_rate: (2, ages) probability that an event ends the contract.
        claims_sum: (2, ages) claims per won of sum assured.
        claims_fixed: (2, ages) claims in won that do not depend on the sum assured.
        first_claims_sum, first_claims_fixed: the same in the first policy year (waiting periods,
            reduced benefits).
        last_age: (2,) last age of the basis; whole life ends after it.
        maturity_ratio: share of the sum assured paid at the end of the term.
        commission: share of one premium by instalment, from the first on, before the agent's rate.
    """

    exit_rate: Floats
    claims_sum: Floats
    claims_fixed: Floats
    first_claims_sum: Floats
    first_claims_fixed: Floats
    last_age: tuple[int, int]
    maturity_ratio: float
    commission: Floats


def expected_of(rules: RuleSet) -> Expected:
    """Read the expectations of a version from the basis of its premium."""
    basis = rules.basis
    ages = basis.length
    rates = np.array([basis.rates(coverage, ages) for coverage in basis.coverages])
    first = rates * basis.first_year_shares[:, None, None]
    plan = rules.commission
    commission = np.zeros(max(plan.instalments, default=0))
    for instalment, rate in zip(plan.instalments, plan.rates, strict=True):
        commission[instalment - 1] = float(rate) / 100.0
    return Expected(
        exit_rate=basis.exit_rates,
        claims_sum=np.tensordot(basis.ratios, rates, axes=1),
        claims_fixed=np.tensordot(basis.fixed, rates, axes=1),
        first_claims_sum=np.tensordot(basis.ratios, first, axes=1),
        first_claims_fixed=np.tensordot(basis.fixed, first, axes=1),
        last_age=basis.table.omega,
        maturity_ratio=basis.maturity_ratio,
        commission=commission,
    )
