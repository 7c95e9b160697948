"""Net premium reserves, vectorised over contracts, exact to the won."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from products.rules import commutation, premium, rounding
from products.rules.basis import Basis, Floats, Ints
from products.rules.commutation import Timing


@dataclass(frozen=True)
class Contracts:
    """Contracts in columns, all (n,).

    Attributes:
        sex: 0 male, 1 female.
        age: insurance age at issue.
        term_months: months of cover, 0 whole of life.
        pay_months: months of payment, 0 the whole term.
        elapsed_months: completed months since the start of cover.
        sum_assured: won.
        premium: won, gross premium of one instalment.
        per_year: instalments a year, 0 for a single premium.
    """

    sex: Ints
    age: Ints
    term_months: Ints
    pay_months: Ints
    elapsed_months: Ints
    sum_assured: Ints
    premium: Ints
    per_year: Ints

    @classmethod
    def of(cls, **columns: ArrayLike) -> "Contracts":
        """Build from anything array-like; scalars spread over the longest column."""
        filled = {"premium": 0, "per_year": 12, **columns}
        arrays = np.broadcast_arrays(*[np.asarray(v, np.int64) for v in filled.values()])
        flat = [np.atleast_1d(array) for array in arrays]
        return cls(**dict(zip(filled, flat, strict=True)))


def terminal(
    basis: Basis,
    *,
    weights: Floats,
    maturity: float,
    contracts: Contracts,
    years_past: Ints,
) -> Floats:
    """Compute net premium reserves at the end of whole policy years, prospectively.

    Args:
        basis: technical basis; the annual premium is used whatever the instalments.
        weights: (coverages,) benefit amounts.
        maturity: amount paid at the end of the term.
        contracts: the contracts; ``elapsed_months`` is not read.
        years_past: (n,) whole years since issue.

    Returns:
        (n,) tV before any payment of the day: 0 at issue, the maturity benefit at the end,
        0 beyond.

    Source: tV = (M_{x+t} − M_{x+n} − P (N_{x+t} − N_{x+m}) 1{t<m}) / D_{x+t}.
    """
    return _terminal(
        basis, weights, maturity, contracts, years_past, net_of(basis, weights, maturity, contracts)
    )


def net_of(
    basis: Basis, weights: Floats, maturity: float, contracts: Contracts
) -> premium.NetPremium:
    """Return the net premiums of the reserve: annual, or single where there are no instalments."""
    return premium.net_premium(
        basis,
        weights=weights,
        maturity=maturity,
        sex=contracts.sex,
        age=contracts.age,
        term_months=contracts.term_months,
        pay_months=contracts.pay_months,
        per_year=np.minimum(contracts.per_year, 1),
    )


def _terminal(
    basis: Basis,
    weights: Floats,
    maturity: float,
    contracts: Contracts,
    t: Ints,
    net: premium.NetPremium,
) -> Floats:
    """Compute tV with the premium already known."""
    table, c = basis.table, contracts
    n, m = basis.years(sex=c.sex, age=c.age, term_months=c.term_months, pay_months=c.pay_months)
    now = c.age + t
    left = np.maximum(0, n - t)
    paid = commutation.term_benefits(table, weights=weights, sex=c.sex, age=now, years=left)
    if maturity:
        paid = paid + maturity * commutation.pure_endowment(table, sex=c.sex, age=now, years=left)
    due = commutation.annuity_due(table, sex=c.sex, age=now, years=np.maximum(0, m - t))
    value = paid - np.where(c.per_year == 0, 0.0, net.annual) * due
    value = np.where((t == 0) & (c.per_year > 0), 0.0, value)
    value = np.where((t == 0) & (c.per_year == 0), net.single, value)
    ended = np.where(c.term_months == 0, 0.0, maturity)
    return np.where(t < n, value, np.where(t == n, ended, 0.0))


def _within(
    basis: Basis, weights: Floats, maturity: float, contracts: Contracts, paid_months: Ints | None
) -> Floats:
    """Interpolate between policy years by completed months and add premium paid ahead."""
    months = contracts.elapsed_months
    t, part = months // 12, (months % 12) / 12.0
    net = net_of(basis, weights, maturity, contracts)
    below = _terminal(basis, weights, maturity, contracts, t, net)
    above = _terminal(basis, weights, maturity, contracts, t + 1, net)
    value = below + (above - below) * part
    if paid_months is not None:
        ahead = np.maximum(0, paid_months - months)
        value = value + np.where(contracts.per_year == 0, 0.0, net.annual * ahead / 12.0)
    return value


def net_premium_reserve(
    basis: Basis, contracts: Contracts, *, paid_months: ArrayLike | None = None
) -> Floats:
    """Compute unrounded net premium reserves in won (계약자적립액).

    Args:
        basis: technical basis.
        contracts: the contracts with completed months.
        paid_months: (n,) months for which premiums are paid; months beyond the elapsed ones add
            their share of the net annual premium. None adds nothing.

    Returns:
        (n,) won. Linear between policy years.
    """
    ahead = None if paid_months is None else np.asarray(paid_months, np.int64)
    value = contracts.sum_assured * _within(
        basis, basis.ratios, basis.maturity_ratio, contracts, ahead
    )
    if np.any(basis.fixed):
        value = value + _within(basis, basis.fixed, 0.0, contracts, ahead)
    return value


def policy_reserve(
    basis: Basis, contracts: Contracts, *, paid_months: ArrayLike | None = None
) -> Ints:
    """Compute reserves in whole won: never negative, half a won rounded away from zero."""
    value = net_premium_reserve(basis, contracts, paid_months=paid_months)
    return rounding.whole(np.maximum(0.0, value))


def retrospective(basis: Basis, *, sex: int, age: int, term_months: int, pay_months: int) -> Floats:
    """Roll the reserve of one contract forward from 0, year by year (Fackler).

    Args:
        basis: technical basis.
        sex: 0 male, 1 female.
        age: insurance age at issue.
        term_months: months of cover, 0 whole of life.
        pay_months: months of payment, 0 the whole term.

    Returns:
        (years + 1,) reserve per won of sum assured, before the maturity payment. The last year of
        a whole life contract, in which nobody survives, is 0.

    Source: (V_t + P)(1 + i) = Σ b q (1 + i)^½ + (1 − q_exit) V_{t+1}; without ½ at year end.
    """
    c = Contracts.of(
        sex=sex,
        age=age,
        term_months=term_months,
        pay_months=pay_months,
        elapsed_months=0,
        sum_assured=1,
        per_year=1,
    )
    n, m = basis.years(sex=c.sex, age=c.age, term_months=c.term_months, pay_months=c.pay_months)
    annual = float(net_of(basis, basis.ratios, basis.maturity_ratio, c).annual[0])
    table = basis.table
    late = 0.5 if basis.timing is Timing.MID_YEAR else 0.0
    values = np.zeros(int(n[0]) + 1)
    for t in range(int(n[0])):
        lives, after = table.lives[sex, age + t], table.lives[sex, age + t + 1]
        share = basis.first_year_shares if t == 0 else 1.0
        v_end = (1.0 + table.interest) ** -(age + t + (0.5 if late else 1.0))
        rate = table.c[:, sex, age + t] / (lives * v_end)
        cost = float((basis.ratios * share * rate).sum()) * (1.0 + table.interest) ** late
        grown = (values[t] + (annual if t < m[0] else 0.0)) * (1.0 + table.interest)
        values[t + 1] = (grown - cost) * lives / after if after > 0 else 0.0
    return values
