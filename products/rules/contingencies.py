"""Life contingencies of any table, ultimate or select: insurances, annuities, premiums, variance.

Everything is read off one array: the annual probabilities q of a life from its age now on, by
years ahead, (…, years). The last column ends the table; where its q is 1 nobody is left. This is
the textbook's direct sum; commutation columns give the same and are quicker for a whole book.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class BadLife(ValueError):
    """Probabilities that no life can follow; the text says where."""


@dataclass(frozen=True)
class Makeham:
    """Makeham's law: the force of mortality at age x is A + B c^x.

    Attributes:
        a, b, c: the parameters, c above 1.
        select: a newly selected life's force is ``select``^(years of selection left) of that.
        select_years: length of the selection, 0 for none.
    """

    a: float
    b: float
    c: float
    select: float = 0.9
    select_years: int = 0

    def rates(self, ages: ArrayLike) -> Floats:
        """Return ultimate q of ages, (…,): 1 − exp(−A − B c^x (c − 1)/ln c)."""
        x = np.asarray(ages, np.float64)
        return -np.expm1(-(self.a + self.b / np.log(self.c) * self.c**x * (self.c - 1.0)))

    def path(self, age: float, years: int) -> Floats:
        """Return q of a life selected at ``age``, (years,), selection first.

        Source: Dickson, Hardy and Waters, Actuarial Mathematics for Life Contingent Risks,
            section 3.9: μ_[x]+s = 0.9^(2−s) μ_{x+s} while s is below the select period.
        """
        x = age + np.arange(years)
        found = self.rates(x)
        log_select = np.log(self.select)
        for s in range(min(self.select_years, years)):
            left = self.select_years - s
            level = self.a * np.expm1(-log_select) / -log_select
            slope = np.log(self.c) - log_select
            growing = self.b * self.c ** (age + s) * np.expm1(slope) / slope
            found[s] = -np.expm1(-(self.select**left) * (level + growing))
        return found


def select_path(*, select: Floats, ultimate: Floats, first_age: int, age: int) -> Floats:
    """Return q of a life selected at ``age`` from a select and ultimate table.

    Args:
        select: (ages, s) q_[x]+t, t below the select period s, by age at selection.
        ultimate: (more ages,) q_x by attained age; both begin at ``first_age``.
        first_age: age of the first row.
        age: age at selection.

    Returns:
        (years,) to the end of the ultimate table.

    Raises:
        BadLife: an age outside the table.
    """
    row, period = age - first_age, select.shape[1]
    if not 0 <= row < len(select) or row + period > len(ultimate):
        msg = f"The select table has no age {age}."
        raise BadLife(msg)
    return np.concatenate([select[row], ultimate[row + period :]])


def survival(q: Floats) -> Floats:
    """Return t_p of a life: (…, years + 1) from 1 on.

    Raises:
        BadLife: a rate that is missing or not between 0 and 1.
    """
    given = np.asarray(q, np.float64)
    if not np.all((given >= 0) & (given <= 1)):
        at = int(np.argwhere(~((given >= 0) & (given <= 1)))[0][-1])
        msg = f"The probability {at} years ahead is missing or not between 0 and 1."
        raise BadLife(msg)
    ones = np.ones((*given.shape[:-1], 1))
    return np.concatenate([ones, np.cumprod(1.0 - given, axis=-1)], axis=-1)


def insurance(
    q: Floats, *, interest: float, years: int | None = None, mid_year: bool = False, moment: int = 1
) -> Floats:
    """Value 1 paid at the end of the year of death.

    Args:
        q: (…, all years) annual probabilities.
        interest: annual effective rate.
        years: term of cover; None for whole of life.
        mid_year: paid in the middle of the year of death instead.
        moment: 2 gives the second moment (twice the force of interest).

    Returns:
        (…,) Σ v^(t+1) t_p q, or with v^(t+½).
    """
    p = survival(q)[..., :-1]
    t = np.arange(q.shape[-1])
    v = (1.0 + interest) ** -(moment * (t + (0.5 if mid_year else 1.0)))
    return (p * q * v)[..., :years].sum(axis=-1)


def pure_endowment(q: Floats, *, interest: float, years: int, moment: int = 1) -> Floats:
    """Value 1 paid after ``years`` to a life then alive: v^n n_p, (…,)."""
    return survival(q)[..., years] * (1.0 + interest) ** (-moment * years)


def endowment(
    q: Floats, *, interest: float, years: int, mid_year: bool = False, moment: int = 1
) -> Floats:
    """Value 1 paid at death within ``years`` or at their end, (…,)."""
    risk = insurance(q, interest=interest, years=years, mid_year=mid_year, moment=moment)
    return risk + pure_endowment(q, interest=interest, years=years, moment=moment)


def annuity_due(
    q: Floats, *, interest: float, years: int | None = None, per_year: int = 1, rule: str = "UDD"
) -> Floats:
    """Value an annuity of 1 a year in advance while the life lives.

    Args:
        q: (…, all years) annual probabilities.
        interest: annual effective rate.
        years: at most so long; None for life.
        per_year: payments a year, k.
        rule: between ages, for k above 1. ``UDD``: deaths uniform over the year; ``FORCE``: a
            constant force; ``WOOLHOUSE``: ä − (k−1)/2k (1 − E); ``WOOLHOUSE3``: less
            (k²−1)/12k² (δ + μ_x − E (δ + μ_{x+n})), the forces read off the next two years.

    Returns:
        (…,) Σ v^t t_p for k = 1.

    Raises:
        ValueError: no such rule.

    Source: Actuarial Mathematics for Life Contingent Risks, chapter 5.
    """
    alive = survival(q)
    n = q.shape[-1] if years is None else years
    t = np.arange(n)
    due = (alive[..., :n] * (1.0 + interest) ** -t).sum(axis=-1)
    if per_year == 1:
        return due
    k, end = float(per_year), pure_endowment(q, interest=interest, years=n)
    if rule == "UDD":
        d = interest / (1.0 + interest)
        i_k = k * ((1.0 + interest) ** (1.0 / k) - 1.0)
        d_k = k * (1.0 - (1.0 + interest) ** (-1.0 / k))
        return interest * d / (i_k * d_k) * due - (interest - i_k) / (i_k * d_k) * (1.0 - end)
    if rule == "FORCE":
        part = np.arange(per_year) / k
        within = ((1.0 - q[..., :n, None]) ** part * (1.0 + interest) ** -part).mean(axis=-1)
        return (alive[..., :n] * (1.0 + interest) ** -t * within).sum(axis=-1)
    shorter = due - (k - 1.0) / (2.0 * k) * (1.0 - end)
    if rule == "WOOLHOUSE":
        return shorter
    if rule == "WOOLHOUSE3":
        delta = np.log1p(interest)
        first = delta + _force(q, 0)
        rest = end * (delta + _force(q, n)) if n < q.shape[-1] else 0.0
        return shorter - (k**2 - 1.0) / (12.0 * k**2) * (first - rest)
    msg = f"There is no rule named {rule}."
    raise ValueError(msg)


def _force(q: Floats, t: int) -> Floats:
    """Return the force of mortality t years ahead, from the two years that follow, (…,)."""
    now, after = q[..., t], q[..., min(t + 1, q.shape[-1] - 1)]
    mean = -np.log1p(-np.minimum(now, 1.0 - 1e-12))
    later = -np.log1p(-np.minimum(after, 1.0 - 1e-12))
    return np.where(after < 1.0, 1.5 * mean - 0.5 * later, mean)


def annuity_immediate(q: Floats, *, interest: float, years: int | None = None) -> Floats:
    """Value an annuity of 1 a year in arrear: ä − 1 + E, (…,)."""
    n = q.shape[-1] if years is None else years
    due = annuity_due(q, interest=interest, years=n)
    return due - 1.0 + pure_endowment(q, interest=interest, years=n)


def increasing_insurance(q: Floats, *, interest: float, years: int | None = None) -> Floats:
    """Value t + 1 paid at the end of the year of death t: (IA), (…,)."""
    p = survival(q)[..., :-1]
    t = np.arange(q.shape[-1])
    return (p * q * (t + 1) * (1.0 + interest) ** -(t + 1))[..., :years].sum(axis=-1)


def variance(
    q: Floats, *, interest: float, years: int | None = None, maturity: bool = False
) -> Floats:
    """Return the variance of the present value of 1 at death (or at the end, with maturity).

    Args:
        q: (…, all years) annual probabilities.
        interest: annual effective rate.
        years: term; None for whole of life.
        maturity: whether survivors are paid too.

    Returns:
        (…,) ²A − A².
    """
    if maturity and years is not None:
        first = endowment(q, interest=interest, years=years)
        return endowment(q, interest=interest, years=years, moment=2) - first**2
    first = insurance(q, interest=interest, years=years)
    return insurance(q, interest=interest, years=years, moment=2) - first**2


def loss_variance(q: Floats, *, interest: float, years: int | None, premium: ArrayLike) -> Floats:
    """Return the variance of the loss at issue of an endowment (None: whole of life) of 1.

    Args:
        q: (…, all years) annual probabilities.
        interest: annual effective rate.
        years: term, premiums paid throughout.
        premium: annual premium.

    Returns:
        (…,) (1 + P/d)² (²A − A²).
    """
    d = interest / (1.0 + interest)
    spread = variance(q, interest=interest, years=years, maturity=years is not None)
    return (1.0 + np.asarray(premium, np.float64) / d) ** 2 * spread


@dataclass(frozen=True)
class Policy:
    """A policy of 1: what is paid at death and at the end, and for how long.

    Attributes:
        years: of cover; None for whole of life.
        pay_years: of premiums; None for as long as the cover.
        death: benefit at the end of the year of death.
        maturity: benefit to survivors of the term.
    """

    years: int | None = None
    pay_years: int | None = None
    death: float = 1.0
    maturity: float = 0.0


def benefits(q: Floats, policy: Policy, *, interest: float) -> Floats:
    """Value the benefits of a policy, (…,)."""
    value = policy.death * insurance(q, interest=interest, years=policy.years)
    if policy.maturity and policy.years is not None:
        value = value + policy.maturity * pure_endowment(q, interest=interest, years=policy.years)
    return value


def net_premium(q: Floats, policy: Policy, *, interest: float) -> Floats:
    """Return the net annual premium: benefits over the annuity, (…,)."""
    pay = policy.years if policy.pay_years is None else policy.pay_years
    return benefits(q, policy, interest=interest) / annuity_due(q, interest=interest, years=pay)


def reserves(q: Floats, policy: Policy, *, interest: float) -> Floats:
    """Return net premium reserves at the end of every policy year, prospectively.

    Args:
        q: (all years,) annual probabilities from issue.
        policy: the policy.
        interest: annual effective rate.

    Returns:
        (years + 1,) per 1: 0 at issue, the maturity benefit at the end.
    """
    n = q.shape[-1] if policy.years is None else policy.years
    m = n if policy.pay_years is None else policy.pay_years
    level = net_premium(q, policy, interest=interest)
    v = 1.0 / (1.0 + interest)
    value = np.zeros(n + 1)
    value[n] = policy.maturity
    for t in range(n - 1, -1, -1):
        ahead = q[t] * policy.death + (1.0 - q[t]) * value[t + 1]
        value[t] = v * ahead - (level if t < m else 0.0)
    return value
