"""Net premium reserves, vectorised over contracts, exact to the won."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from products.rules import commutation, premium, rounding
from products.rules.alike import alike
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

    def take(self, rows: Ints) -> "Contracts":
        """Return some rows."""
        return Contracts(**{one.name: getattr(self, one.name)[rows] for one in fields(self)})

    def kinds(self, *more: Ints) -> tuple["Contracts", Ints]:
        """Return one contract of each kind, alike in everything but size, and the kind of each.

        Args:
            more: (n,) further columns that make a difference.
        """
        basis = (self.sex, self.age, self.term_months, self.pay_months, self.per_year)
        first, index = alike(*basis, *more)
        return self.take(first), index


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
    """Return the net premiums of the reserve.

    They are annual whatever the instalments, unless the basis reserves on instalments; single
    where there are none.
    """
    often = contracts.per_year
    return premium.net_premium(
        basis,
        weights=weights,
        maturity=maturity,
        sex=contracts.sex,
        age=contracts.age,
        term_months=contracts.term_months,
        pay_months=contracts.pay_months,
        per_year=np.minimum(often, 1) if basis.annual_reserve else often,
    )


def yearly(net: premium.NetPremium, often: ArrayLike) -> Floats:
    """Return the net premiums of a year, (n,): ``often`` times the instalment, or the annual."""
    k = np.asarray(often, np.float64)
    return np.where(k == 1, net.annual, net.instalment * k)


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
    at: dict[str, Any] = {"sex": c.sex, "age": c.age + t, "entry": c.age}
    left = np.maximum(0, n - t)
    paid = commutation.term_benefits(table, weights=weights, years=left, **at)
    if maturity:
        paid = paid + maturity * commutation.pure_endowment(table, years=left, **at)
    often = np.ones_like(c.per_year) if basis.annual_reserve else np.maximum(1, c.per_year)
    due = commutation.annuity_due(
        table, years=np.maximum(0, m - t), per_year=often, rule=basis.instalments, **at
    )
    value = paid - np.where(c.per_year == 0, 0.0, yearly(net, often)) * due
    value = np.where((t == 0) & (c.per_year > 0), 0.0, value)
    value = np.where((t == 0) & (c.per_year == 0), net.single, value)
    left_over = table.lives[table.at(c.sex, c.age + n, c.age)] > 0
    ended = np.where((c.term_months == 0) | ~left_over, 0.0, maturity)
    return np.where(t < n, value, np.where(t == n, ended, 0.0))


def _within(
    basis: Basis, weights: Floats, maturity: float, contracts: Contracts, paid_months: Ints | None
) -> Floats:
    """Interpolate between policy years by completed months and add premium paid ahead."""
    months = contracts.elapsed_months
    if len(months) and int(months.min()) < 0:
        msg = f"{int(months.min())} completed months: a contract is not valued before it begins."
        raise commutation.BadRates(msg)
    past = months // 12
    some, index = contracts.kinds(past)
    t = some.elapsed_months // 12
    net = net_of(basis, weights, maturity, some)
    below = _terminal(basis, weights, maturity, some, t, net)
    above = _terminal(basis, weights, maturity, some, t + 1, net)
    part = (months - 12 * past) / 12.0
    value = below[index] + (above - below)[index] * part
    if paid_months is not None:
        ahead = np.maximum(0, paid_months - months)
        often = 1 if basis.annual_reserve else np.maximum(1, some.per_year)
        each = np.where(some.per_year == 0, 0.0, yearly(net, often))
        value = value + each[index] * ahead / 12.0
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

    Raises:
        BadRates: completed months below zero; ages, cover or payment that cannot be priced.
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


def zillmer(
    basis: Basis, contracts: Contracts, *, alpha: ArrayLike, period: int | None = None
) -> Floats:
    """Compute Zillmer reserves: net premium reserves less acquisition cost yet to be recovered.

    Args:
        basis: technical basis.
        contracts: the contracts with completed months.
        alpha: (n,) or a scalar, acquisition cost of each contract in won.
        period: years h of premiums that recover it, at most those of payment; None: all of them
            (전기질멜).

    Returns:
        (n,) won, unrounded: −α at issue, the net premium reserve from the last premium (or the
        end of the period) on. Contracts with a single premium have nothing to recover.

    Raises:
        BadRates: a period of no year, or an age at issue that the tables do not have.

    Source: tV^Z = tV − α ä_{x+t:h−t} / ä_{x:h}.
    """
    if period is not None and period < 1:
        msg = "acquisition cost is recovered over one year of premiums at least."
        raise commutation.BadRates(msg)
    months = contracts.elapsed_months
    past = months // 12
    some, index = contracts.kinds(past)
    t = some.elapsed_months // 12
    m = basis.years(
        sex=some.sex, age=some.age, term_months=some.term_months, pay_months=some.pay_months
    )[1]
    m = m if period is None else np.minimum(m, period)

    def left(years: Ints) -> Floats:
        return commutation.annuity_due(
            basis.table,
            sex=some.sex,
            age=some.age + years,
            years=np.maximum(0, m - years),
            entry=some.age,
        )

    whole, now, later = left(np.zeros_like(t)), left(t), left(t + 1)
    part = (months - 12 * past) / 12.0
    due = (now[index] + (later - now)[index] * part) / whole[index]
    held = net_premium_reserve(basis, contracts)
    return held - np.asarray(alpha, np.float64) * np.where(contracts.per_year == 0, 0.0, due)


def natural_risk_premium(basis: Basis, contracts: Contracts, *, lapse: ArrayLike = 0.0) -> Floats:
    """Compute the risk premium of a month of the contract's current year (자연식위험보험료).

    Args:
        basis: technical basis.
        contracts: the contracts; the year is that of their completed months.
        lapse: (n,) or a scalar, annual rate of lapse that the reserve supposes.

    Returns:
        (n,) won a month, unrounded: [P − (v V_{t+1} − V_t) − w v V_{t+1}] / 12, P while premiums
        are paid.

    Source: calculation manuals of Korean products; without lapses it is v^½ q (S) − q v V_{t+1}.
    """
    c = contracts
    some, index = c.kinds(c.elapsed_months // 12)
    t = some.elapsed_months // 12
    m = basis.years(
        sex=some.sex, age=some.age, term_months=some.term_months, pay_months=some.pay_months
    )[1]
    v = 1.0 / (1.0 + basis.interest)
    saved, later = np.zeros(len(t)), np.zeros(len(t))
    parts = ((basis.ratios, basis.maturity_ratio, c.sum_assured), (basis.fixed, 0.0, 1))
    out = np.zeros(len(index))
    for weights, maturity, size in parts:
        if not np.any(weights):
            continue
        net = net_of(basis, weights, maturity, some)
        paid = np.where((t < m) & (some.per_year > 0), net.annual, 0.0)
        saved = _terminal(basis, weights, maturity, some, t, net)
        later = _terminal(basis, weights, maturity, some, t + 1, net)
        year = (paid + saved)[index] - (1.0 + np.asarray(lapse)) * v * later[index]
        out = out + year * size / 12.0
    return out


def retrospective(basis: Basis, *, sex: int, age: int, term_months: int, pay_months: int) -> Floats:
    """Roll the reserve of one contract forward from 0, year by year (Fackler).

    Args:
        basis: technical basis without waivers.
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
        lives = table.lives[table.at(sex, age + t, age)]
        after = table.lives[table.at(sex, age + t + 1, age)]
        share = basis.first_year_shares if t == 0 else 1.0
        v_end = (1.0 + table.interest) ** -(age + t + (0.5 if late else 1.0))
        rate = table.c[(slice(None), *table.at(sex, age + t, age))] / (lives * v_end)
        cost = float((basis.ratios * share * rate).sum()) * (1.0 + table.interest) ** late
        grown = (values[t] + (annual if t < m[0] else 0.0)) * (1.0 + table.interest)
        values[t + 1] = (grown - cost) * lives / after if after > 0 else 0.0
    return values
