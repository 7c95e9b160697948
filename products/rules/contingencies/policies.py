"""Policies of one life: premiums, reserves, expenses, values on any day, Thiele's equation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from products.rules.contingencies.lives import BadLife, Floats, until, within
from products.rules.contingencies.values import annuity_due, insurance, pure_endowment


@dataclass(frozen=True)
class Policy:
    """A policy of 1: what is paid at death and at the end, and for how long.

    Attributes:
        years: of cover; None for whole of life.
        pay_years: of premiums; None for as long as the cover, and never longer than it.
        death: benefit at the end of the year of death.
        maturity: benefit to survivors of the term.
    """

    years: int | None = None
    pay_years: int | None = None
    death: float = 1.0
    maturity: float = 0.0

    def terms(self, q: Floats) -> tuple[int, int]:
        """Return years of cover and of premiums."""
        n = q.shape[-1] if self.years is None else self.years
        return n, n if self.pay_years is None else min(self.pay_years, n)


@dataclass(frozen=True)
class Expenses:
    """What a policy costs besides its benefits; parts of the sum assured and of premiums.

    Attributes:
        initial: at issue, once.
        initial_premium: share of the first premium, at issue, once.
        each: at the start of every year of cover, the first included.
        each_premium: share of every premium, the first included.
        claim: with every benefit paid.
    """

    initial: float = 0.0
    initial_premium: float = 0.0
    each: float = 0.0
    each_premium: float = 0.0
    claim: float = 0.0


NO_EXPENSES = Expenses()


def benefits(q: ArrayLike, policy: Policy, *, interest: float) -> Floats:
    """Value the benefits of a policy, (…,)."""
    value = policy.death * insurance(q, interest=interest, years=policy.years)
    if policy.maturity and policy.years is not None:
        value = value + policy.maturity * pure_endowment(q, interest=interest, years=policy.years)
    return value


def net_premium(q: ArrayLike, policy: Policy, *, interest: float) -> Floats:
    """Return the net annual premium: benefits over the annuity, (…,).

    Raises:
        BadLife: no premium is ever paid, or the table ends before the term.
    """
    return gross_premium(q, policy, NO_EXPENSES, interest=interest)


def gross_premium(q: ArrayLike, policy: Policy, expenses: Expenses, *, interest: float) -> Floats:
    """Return the annual premium that pays for benefits and expenses, (…,).

    Args:
        q: (…, all years) annual probabilities.
        policy: the policy.
        expenses: its expenses.
        interest: annual effective rate.

    Raises:
        BadLife: premiums that do not even pay for what is a share of them, or none at all.

    Source: Actuarial Mathematics for Life Contingent Risks, section 6.6 (equivalence).
    """
    n, m = policy.terms(np.asarray(q))
    paid = annuity_due(q, interest=interest, years=m)
    cost = (1.0 + expenses.claim) * benefits(q, policy, interest=interest) + expenses.initial
    if expenses.each:
        cost = cost + expenses.each * annuity_due(q, interest=interest, years=n)
    left = (1.0 - expenses.each_premium) * paid - expenses.initial_premium
    if np.any(left <= 0):
        msg = "No premium is left after expenses that are a share of it."
        raise BadLife(msg)
    return cost / left


def reserves(q: ArrayLike, policy: Policy, *, interest: float) -> Floats:
    """Return net premium reserves at the end of every policy year, prospectively.

    Args:
        q: (all years,) annual probabilities from issue.
        policy: the policy.
        interest: annual effective rate.

    Returns:
        (years + 1,) per 1: 0 at issue, the maturity benefit at the end.

    Raises:
        BadLife: see `net_premium`.
    """
    return gross_reserves(q, policy, NO_EXPENSES, interest=interest)


def gross_reserves(
    q: ArrayLike,
    policy: Policy,
    expenses: Expenses,
    *,
    interest: float,
    premium: float | None = None,
) -> Floats:
    """Return policy values at the end of every policy year, expenses and premiums in.

    Args:
        q: (all years,) annual probabilities from issue, those of the valuation.
        policy: the policy.
        expenses: those of the valuation.
        interest: annual effective rate of the valuation.
        premium: annual premium charged; None: that of this very basis, so that the value at issue
            is 0.

    Returns:
        (years + 1,) expected outgo less income, just before the premium of the day.

    Source: Actuarial Mathematics for Life Contingent Risks, sections 7.2 and 7.3.
    """
    n, m = policy.terms(np.asarray(q))
    given = until(q, n)
    balanced = premium is None
    if premium is None:
        premium = float(gross_premium(given, replace(policy, years=n), expenses, interest=interest))
    v = 1.0 / (1.0 + interest)
    value = np.zeros(n + 1)
    value[n] = policy.maturity
    for t in range(n - 1, -1, -1):
        death = policy.death * (1.0 + expenses.claim)
        end = value[t + 1] + (policy.maturity * expenses.claim if t + 1 == n else 0.0)
        ahead = given[t] * death + (1.0 - given[t]) * end
        income = premium * (1.0 - expenses.each_premium) if t < m else 0.0
        value[t] = v * ahead + expenses.each - income
    value[0] += expenses.initial + expenses.initial_premium * premium
    if balanced:
        value[0] = 0.0  # exact where the sums leave dust
    return value


def preliminary_term(q: ArrayLike, policy: Policy, *, interest: float) -> Floats:
    """Return reserves by full preliminary term (초년도정기식): the first year pays for itself.

    Args:
        q: (all years,) annual probabilities from issue.
        policy: the policy, at least two years of premiums.
        interest: annual effective rate.

    Returns:
        (years + 1,): 0 at issue and after the first year, then the net premium reserves of the
        same policy taken out a year later.

    Raises:
        BadLife: fewer than two years of premiums.

    Source: Actuarial Mathematics for Life Contingent Risks, section 7.9 (modified policy values).
    """
    n, m = policy.terms(np.asarray(q))
    if m < 2:
        msg = "Full preliminary term needs premiums of two years at least."
        raise BadLife(msg)
    later = replace(policy, years=n - 1, pay_years=m - 1)
    return np.concatenate([[0.0], reserves(until(q, n)[1:], later, interest=interest)])


def reserve_between(
    q: ArrayLike,
    policy: Policy,
    *,
    interest: float,
    at: float,
    rule: str = "UDD",
) -> float:
    """Return the net premium reserve on any day between two premiums.

    Args:
        q: (all years,) annual probabilities from issue.
        policy: the policy; benefits at the year's end.
        interest: annual effective rate.
        at: years since issue; the premium of a whole year has been paid a moment after it.
        rule: deaths within the year: ``UDD``, ``FORCE`` or ``BALDUCCI``; ``LINEAR``: on the line
            from the value with its premium to that of the next year.

    Returns:
        The value at ``at``; at whole years before the premium of the day.

    Raises:
        BadLife: a time outside the cover, or no such rule.

    Source: Actuarial Mathematics for Life Contingent Risks, section 7.3.4.
    """
    value = reserves(q, policy, interest=interest)
    n, m = policy.terms(np.asarray(q))
    if not 0 <= at <= n:
        msg = f"The cover runs for {n} years, not {at:g}."
        raise BadLife(msg)
    t = int(at)
    s = at - t
    if s == 0:
        return float(value[t])
    if rule == "LINEAR":
        level = float(net_premium(q, policy, interest=interest)) if t < m else 0.0
        return float((value[t] + level) * (1.0 - s) + value[t + 1] * s)
    rate = until(q, n)[t]
    alive = float(within(rate, 1.0, rule) / within(rate, s, rule))
    discount = (1.0 + interest) ** (s - 1.0)
    return float(discount * ((1.0 - alive) * policy.death + alive * value[t + 1]))


def thiele(
    force: Callable[[float], float],
    *,
    years: float,
    interest: float,
    premium: float,
    death: float,
    maturity: float = 0.0,
    steps: int = 200,
    euler: bool = False,
) -> Floats:
    """Return policy values of continuous premiums and benefits by Thiele's differential equation.

    Args:
        force: force of mortality t years after issue.
        years: of cover.
        interest: annual effective rate.
        premium: rate a year, paid without pause while the policy is in force.
        death: benefit at the moment of death.
        maturity: benefit to survivors of the term.
        steps: equal steps of the grid, walked backward from the end.
        euler: Euler's method instead of Runge and Kutta's of the fourth order.

    Returns:
        (steps + 1,) values from issue to the end.

    Raises:
        BadLife: no step, no time, or interest of −100 % or less.

    Source: Actuarial Mathematics for Life Contingent Risks, section 7.5:
        d/dt V = δ V + P − μ (S − V).
    """
    if steps < 1 or not years > 0 or not interest > -1:
        msg = "Thiele's equation is walked over some time in at least one step, with interest > -1."
        raise BadLife(msg)
    delta, h = float(np.log1p(interest)), years / steps

    def slope(t: float, value: float) -> float:
        return delta * value + premium - force(t) * (death - value)

    value = np.zeros(steps + 1)
    value[steps] = maturity
    for k in range(steps, 0, -1):
        t, v = k * h, float(value[k])
        if euler:
            # the value a step before grows into this one at the rates of its own time
            mu = force(t - h)
            value[k - 1] = (v - h * (premium - mu * death)) / (1.0 + h * (delta + mu))
            continue
        k1 = slope(t, v)
        k2 = slope(t - h / 2, v - h / 2 * k1)
        k3 = slope(t - h / 2, v - h / 2 * k2)
        k4 = slope(t - h, v - h * k3)
        value[k - 1] = v - h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return value
