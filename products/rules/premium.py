"""Net and gross premiums per won of sum assured, vectorised over contracts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from products.rules import commutation
from products.rules.basis import Basis, Floats, Ints

STANDARD_YEARS = 20
"""Years over which the standard annual premium of the surrender charge is paid at most."""


@dataclass(frozen=True)
class NetPremium:
    """Net premiums of contracts; every array is (n,).

    Attributes:
        single: present value of the benefits at issue.
        annuity: annuity-due of 1 a year while premiums are paid.
        annuity_instalment: the same, paid k times a year (1 for a single premium).
        annual: net annual premium.
        instalment: net premium of one instalment.
        standard: net annual premium if paid over min(n, 20) years (P_std).
    """

    single: Floats
    annuity: Floats
    annuity_instalment: Floats
    annual: Floats
    instalment: Floats
    standard: Floats


@dataclass(frozen=True)
class UnitPremium:
    """Premium of one instalment before it meets the sum assured; every array is (n,).

    Attributes:
        per_sum: gross premium per won of sum assured.
        constant: gross premium in won of benefits that do not depend on the sum assured.
        net: net premiums per won of sum assured, risk factors included.
        net_constant: net premiums in won of the fixed benefits, risk factors included.
        years: whole years of cover.
        pay_years: whole years of payment.
    """

    per_sum: Floats
    constant: Floats
    net: NetPremium
    net_constant: NetPremium
    years: Ints
    pay_years: Ints


def _ratio(top: Floats, bottom: Floats) -> Floats:
    """Divide, with 0 where nothing is left to divide by."""
    return np.divide(top, bottom, out=np.zeros_like(top, dtype=np.float64), where=bottom > 0)


def issue_benefits(
    basis: Basis, *, weights: Floats, sex: ArrayLike, age: ArrayLike, years: ArrayLike
) -> Floats:
    """Value all benefits at issue, with waiting period and first-year reduction.

    Args:
        basis: technical basis.
        weights: (coverages,) or (coverages, n) benefit amounts.
        sex: (n,) 0 male, 1 female.
        age: (n,) insurance age.
        years: (n,) years of cover.

    Returns:
        (n,) Σ w [M_x − M_{x+n} − (1 − s) C_x] / D_x, s the share of the first year that pays.
    """
    table = basis.table
    full = commutation.term_benefits(table, weights=weights, sex=sex, age=age, years=years)
    if np.all(basis.first_year_shares == 1.0):
        return full
    here = table.at(sex, age)
    missing = 1.0 - basis.first_year_shares
    spread = (-1, *([1] * np.ndim(age)))
    w = weights if weights.ndim > 1 else weights.reshape(spread)
    cut = (w * missing.reshape(spread) * table.c[(slice(None), *here)]).sum(axis=0)
    return full - _ratio(cut, table.d[here])


def net_premium(
    basis: Basis,
    *,
    weights: Floats,
    maturity: float,
    sex: ArrayLike,
    age: ArrayLike,
    term_months: ArrayLike,
    pay_months: ArrayLike,
    per_year: ArrayLike,
) -> NetPremium:
    """Compute net premiums.

    Args:
        basis: technical basis.
        weights: (coverages,) or (coverages, n) benefit amounts.
        maturity: amount paid at the end of the term to those still in force.
        sex: (n,) 0 male, 1 female.
        age: (n,) insurance age at issue.
        term_months: (n,) months of cover, 0 whole of life.
        pay_months: (n,) months of payment, 0 the whole term.
        per_year: (n,) instalments a year, 0 for a single premium.

    Returns:
        Net premiums for the benefit amounts given.

    Raises:
        BadRates: an age at issue that the tables do not have; cover or payment that is not of
            whole years.

    Source: P^(k) = (M_x − M_{x+n}) / (k [N_x − N_{x+m} − (k−1)/(2k) (D_x − D_{x+m})]).
    """
    table = basis.table
    basis.check(sex=sex, age=age, term_months=term_months, pay_months=pay_months)
    n, m = basis.years(sex=sex, age=age, term_months=term_months, pay_months=pay_months)
    k = np.asarray(per_year, np.float64)
    once = k == 0
    k_safe = np.where(once, 1.0, k)
    single = issue_benefits(basis, weights=weights, sex=sex, age=age, years=n)
    if maturity:
        single = single + maturity * commutation.pure_endowment(table, sex=sex, age=age, years=n)
    annuity = commutation.annuity_due(table, sex=sex, age=age, years=m)
    often = commutation.annuity_due(
        table, sex=sex, age=age, years=m, per_year=k_safe, rule=basis.instalments
    )
    longest = np.minimum(n, STANDARD_YEARS)
    standard = commutation.annuity_due(table, sex=sex, age=age, years=longest)
    return NetPremium(
        single=single,
        annuity=annuity,
        annuity_instalment=np.where(once, 1.0, often),
        annual=np.where(once, 0.0, _ratio(single, annuity)),
        instalment=np.where(once, single, _ratio(single, k_safe * often)),
        standard=_ratio(single, standard),
    )


def waiver_premium(
    basis: Basis,
    *,
    sex: ArrayLike,
    age: ArrayLike,
    term_months: ArrayLike,
    pay_months: ArrayLike,
    per_year: ArrayLike = 1,
) -> Floats:
    """Price the waiver of premiums (납입면제) per won of the premium that is waived.

    Args:
        basis: technical basis whose ``waivers`` name the events.
        sex: (n,) 0 male, 1 female.
        age: (n,) insurance age at issue.
        term_months: (n,) months of cover, 0 whole of life.
        pay_months: (n,) months of payment, 0 the whole term.
        per_year: (n,) instalments a year.

    Returns:
        (n,) net premium of the rider for each instalment of 1.

    Source: P = (N^유지 − N^납입) / N^납입, the difference of the annuities of those in force and
        of those who pay.
    """
    table = basis.table
    m = basis.years(sex=sex, age=age, term_months=term_months, pay_months=pay_months)[1]
    how: dict[str, Any] = {"sex": sex, "age": age, "years": m, "per_year": per_year}
    in_force = commutation.annuity_due(table, paying=False, rule=basis.instalments, **how)
    payers = commutation.annuity_due(table, paying=True, rule=basis.instalments, **how)
    return _ratio(in_force - payers, payers)


def unit_premium(
    basis: Basis,
    *,
    sex: ArrayLike,
    age: ArrayLike,
    term_months: ArrayLike,
    pay_months: ArrayLike,
    per_year: ArrayLike,
    risk_factor: NDArray[np.float64] | None = None,
) -> UnitPremium:
    """Compute the gross premium of one instalment per won of sum assured.

    Args:
        basis: technical basis with loadings.
        sex: (n,) 0 male, 1 female.
        age: (n,) insurance age at issue.
        term_months: (n,) months of cover, 0 whole of life.
        pay_months: (n,) months of payment, 0 the whole term.
        per_year: (n,) instalments a year, 0 for a single premium.
        risk_factor: (coverages, n) multiplier on the cost of each coverage, or None for 1.

    Returns:
        The unit premium and the net premiums behind it. Nothing is rounded.

    Source: G^(k) = [P^(k) + (α_S + α P_std)/(k ä) + β_S/k] / (1 − α_P/ä − α2 − β_P − γ − ce),
        ä the annuity of k instalments a year; a single premium is loaded once and takes for ä in
        α_P/ä the annuity of min(n, 20) years.
    """
    who = {"sex": sex, "age": age, "term_months": term_months, "pay_months": pay_months}
    plain = basis.ratios
    weights, fixed = plain, basis.fixed
    if risk_factor is not None:
        weights, fixed = plain[:, None] * risk_factor, fixed[:, None] * risk_factor
    net = net_premium(
        basis, weights=weights, maturity=basis.maturity_ratio, per_year=per_year, **who
    )
    other = net_premium(basis, weights=fixed, maturity=0.0, per_year=per_year, **who)
    standard = net.standard if risk_factor is None else None
    if standard is None:
        standard = net_premium(
            basis, weights=plain, maturity=basis.maturity_ratio, per_year=per_year, **who
        ).standard
    n, m = basis.years(**who)
    per_sum, constant = _load(basis, net, other, standard, who=who, per_year=per_year, years=(n, m))
    return UnitPremium(
        per_sum=per_sum, constant=constant, net=net, net_constant=other, years=n, pay_years=m
    )


def _load(
    basis: Basis,
    net: NetPremium,
    other: NetPremium,
    standard: Floats,
    *,
    who: dict[str, ArrayLike],
    per_year: ArrayLike,
    years: tuple[Ints, Ints],
) -> tuple[Floats, Floats]:
    """Load net premiums for expenses; return gross per won of sum assured and gross of the rest."""
    loading = basis.loadings
    k = np.asarray(per_year, np.float64)
    once = k == 0
    k_safe = np.where(once, 1.0, k)
    annuity = np.where(once, 1.0, net.annuity_instalment)
    begun: dict[str, Any] = {"sex": who["sex"], "age": who["age"], "paying": False}
    whole = commutation.annuity_due(basis.table, years=years[0], **begun)
    paid = commutation.annuity_due(basis.table, years=years[1], **begun)
    paid_up = np.maximum(0.0, whole - np.where(once, 0.0, paid))
    acquisition = loading.alpha_sum + loading.alpha_standard * standard
    upkeep = np.where(once, 0.0, loading.beta_sum / k_safe)
    later = loading.beta_paid_up * paid_up
    per_sum = net.instalment + _ratio(acquisition + later, k_safe * annuity) + upkeep
    longest = np.minimum(years[0], STANDARD_YEARS)
    usual = commutation.annuity_due(basis.table, sex=who["sex"], age=who["age"], years=longest)
    spread = np.where(once, usual, annuity)
    left = 1.0 - _ratio(np.broadcast_to(loading.alpha_premium, spread.shape), spread)
    left = left - loading.share_of_premium
    return per_sum / left, other.instalment / left
