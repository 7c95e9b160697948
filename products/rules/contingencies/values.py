"""Present values of insurances and annuities, by years or parts of years, and their spread.

Everything is read off one array: the annual probabilities q of a life from its age now on, by
years ahead, (…, years). Benefits and payments are 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from products.rules.contingencies.lives import BadLife, Floats, survival, until, within

CONTINUOUS = 0
"""``per_year`` of what is paid at the moment of death, or without pause."""


def _growth(interest: float) -> float:
    """Return 1 + i.

    Raises:
        BadLife: a rate of −100 % or less.
    """
    if not interest > -1.0:
        msg = f"The interest is {interest}, not above -1."
        raise BadLife(msg)
    return 1.0 + interest


def insurance(
    q: ArrayLike,
    *,
    interest: float,
    years: int | None = None,
    mid_year: bool = False,
    moment: int = 1,
    per_year: int = 1,
    rule: str = "UDD",
    deferred: int = 0,
) -> Floats:
    """Value 1 paid at the end of the year of death, or of the part of the year.

    Args:
        q: (…, all years) annual probabilities.
        interest: annual effective rate.
        years: term of cover; None for whole of life.
        mid_year: paid in the middle of the year of death instead.
        moment: 2 gives the second moment (twice the force of interest).
        per_year: the benefit is paid at the end of the 1/k year of death; ``CONTINUOUS``: at the
            moment of death.
        rule: how deaths lie over a year for k other than 1: ``UDD``, ``FORCE`` (a constant force;
            a certain death lies evenly), or ``ACCELERATION``, (1 + i)^((k − 1)/2k).
        deferred: years before cover begins; ``years`` count from then.

    Returns:
        (…,) Σ v^(t+1) t_p q, or with v^(t+½).

    Raises:
        BadLife: interest of −100 % or less, a term beyond the table, or no such rule.

    Source: Actuarial Mathematics for Life Contingent Risks, chapter 4.
    """
    given = until(q, None if years is None else years + deferred)
    growth = _growth(interest) ** moment
    p = survival(given)[..., :-1]
    t = np.arange(given.shape[-1])
    worth = _at_death(given, growth, per_year, rule)
    if mid_year:
        worth = given * growth**-0.5
    paid = p * worth * growth ** -t.astype(np.float64)
    return paid[..., deferred:].sum(axis=-1)


def _at_death(q: Floats, growth: float, per_year: int, rule: str) -> Floats:
    """Return at a year's start what 1 at death within it is worth, (…, years)."""
    v, delta = 1.0 / growth, float(np.log(growth))
    if per_year == 1:
        return q * v
    if rule == "ACCELERATION":
        k = per_year or np.inf
        return q * growth ** (-1.0 + 0.5 * (1.0 - 1.0 / k))
    even = (1.0 - v) / delta if delta else 1.0
    if per_year > 1:
        ends = v ** (np.arange(1, per_year + 1) / per_year)
        parts = np.arange(per_year + 1) / per_year
        if rule == "FORCE":
            alive = within(q[..., None], parts, rule)
            return (-np.diff(alive, axis=-1) * ends).sum(axis=-1)
        even = float(ends.mean())
    if rule == "FORCE":
        force = -np.log1p(-np.minimum(q, 1.0 - 1e-16))
        sum_ = np.where(force + delta != 0, force + delta, 1.0)
        constant = np.where(q > 0, force / sum_ * (1.0 - (1.0 - q) * v), 0.0)
        return np.where(q < 1.0, constant, even)
    within(q[..., :1], 0.5, rule)  # refuses what it does not know
    return q * even


def pure_endowment(q: ArrayLike, *, interest: float, years: int, moment: int = 1) -> Floats:
    """Value 1 paid after ``years`` to a life then alive: v^n n_p, (…,).

    Raises:
        BadLife: interest of −100 % or less, or a term beyond the table.
    """
    alive = survival(until(q, years))[..., years]
    return alive * _growth(interest) ** float(-moment * years)


def endowment(
    q: ArrayLike,
    *,
    interest: float,
    years: int,
    mid_year: bool = False,
    moment: int = 1,
    per_year: int = 1,
    rule: str = "UDD",
) -> Floats:
    """Value 1 paid at death within ``years`` or at their end, (…,). See `insurance`."""
    risk = insurance(
        q, interest=interest, years=years, mid_year=mid_year, moment=moment,
        per_year=per_year, rule=rule,
    )  # fmt: skip
    return risk + pure_endowment(q, interest=interest, years=years, moment=moment)


def annuity_due(
    q: ArrayLike,
    *,
    interest: float,
    years: int | None = None,
    per_year: int = 1,
    rule: str = "UDD",
    deferred: int = 0,
    guaranteed: int = 0,
    force: tuple[ArrayLike, ArrayLike] | None = None,
) -> Floats:
    """Value an annuity of 1 a year in advance while the life lives.

    Args:
        q: (…, all years) annual probabilities.
        interest: annual effective rate.
        years: at most so long; None for life.
        per_year: payments a year, k; ``CONTINUOUS``: paid without pause.
        rule: between ages, for k other than 1. ``UDD``: deaths uniform over the year; ``FORCE``:
            a constant force; ``WOOLHOUSE``: ä − (k−1)/2k (1 − E); ``WOOLHOUSE3``: less
            (k²−1)/12k² (δ + μ_x − E (δ + μ_{x+n})).
        deferred: years before the first payment; ``years`` count from then.
        guaranteed: of the years of payment those that are paid whether the life lives or not.
        force: (μ_x, μ_{x+n}) for the third term of Woolhouse, at the start and the end of the
            payments; None: read off the probabilities around those ages.

    Returns:
        (…,) Σ v^t t_p for k = 1.

    Raises:
        BadLife: interest of −100 % or less, a term beyond the table, or no such rule.

    Source: Actuarial Mathematics for Life Contingent Risks, chapter 5.
    """
    growth = _growth(interest)
    if deferred or guaranteed:
        sure = np.arange(guaranteed * max(per_year, 1)) / max(per_year, 1)
        certain = (growth**-sure).sum() / max(per_year, 1)
        if per_year == CONTINUOUS:
            delta = float(np.log(growth))
            certain = (1.0 - growth**-guaranteed) / delta if delta else float(guaranteed)
        left = None if years is None else years - guaranteed
        if left is not None and left < 0:
            msg = f"{guaranteed} of {years} years cannot be guaranteed."
            raise BadLife(msg)
        begin = deferred + guaranteed
        later = annuity_due(
            until(q, None if left is None else begin + left)[..., begin:],
            interest=interest, years=left, per_year=per_year, rule=rule, force=force,
        )  # fmt: skip
        before = pure_endowment(q, interest=interest, years=deferred)
        return before * certain + pure_endowment(q, interest=interest, years=begin) * later
    given = until(q, years)
    t = np.arange(given.shape[-1], dtype=np.float64)
    shown = survival(given)[..., :-1] * growth**-t
    if rule in ("UDD", "FORCE") or per_year == 1:
        return (shown * _year_of_payments(given, growth, per_year, rule)).sum(axis=-1)
    due, end = shown.sum(axis=-1), survival(given)[..., -1] * growth ** -float(given.shape[-1])
    k = float(per_year) or np.inf
    shorter = due - 0.5 * (1.0 - 1.0 / k) * (1.0 - end)
    if rule == "WOOLHOUSE":
        return shorter
    if rule == "WOOLHOUSE3":
        delta = np.log(growth)
        first, last = force or (_force(q, 0), _force(q, given.shape[-1]))
        gone = (delta + np.asarray(first)) - end * (delta + np.asarray(last))
        return shorter - (1.0 - 1.0 / k**2) / 12.0 * gone
    msg = f"There is no rule named {rule}."
    raise BadLife(msg)


def _year_of_payments(q: Floats, growth: float, per_year: int, rule: str) -> Floats:
    """Return at a year's start what payments of 1 within it are worth, (…, years)."""
    if per_year >= 1:
        part = np.arange(per_year) / per_year
        return (within(q[..., None], part, rule) * growth**-part).mean(axis=-1)
    v, delta = 1.0 / growth, float(np.log(growth))
    sure = (1.0 - v) / delta if delta else 1.0
    small = abs(delta) < 1e-4
    lost = 0.5 - delta / 3.0 + delta**2 / 8.0 if small else (1.0 - v * (1.0 + delta)) / delta**2
    even = sure - q * lost
    if rule == "UDD":
        return even
    force = -np.log1p(-np.minimum(q, 1.0 - 1e-16)) + delta
    flat = np.abs(force) < 1e-12
    constant = (1.0 - (1.0 - q) * v) / np.where(flat, 1.0, force)
    return np.where(q < 1.0, np.where(flat, 1.0, constant), even)


def _force(q: ArrayLike, t: int) -> Floats:
    """Return the force of mortality t years ahead, (…,): −½ (ln p before + ln p after).

    Where one side is missing or certain death the line through the two years on the other.
    """
    given = np.asarray(q, np.float64)
    mean = -np.log1p(-np.minimum(given, 1.0 - 1e-16))
    years = given.shape[-1]

    def at(k: int) -> Floats:
        return mean[..., min(max(k, 0), years - 1)] if years else np.zeros(given.shape[:-1])

    def known(k: int) -> NDArray[np.bool_]:
        if not 0 <= k < years:
            return np.zeros(given.shape[:-1], np.bool_)
        return np.asarray(given[..., k] < 1.0)

    ahead = np.where(known(t + 1), 1.5 * at(t) - 0.5 * at(t + 1), at(t))
    behind = np.where(known(t - 2), 1.5 * at(t - 1) - 0.5 * at(t - 2), at(t - 1))
    both = 0.5 * (at(t - 1) + at(t))
    found = np.where(known(t - 1), np.where(known(t), both, behind), ahead)
    return np.where(known(t - 1) | known(t), found, 0.0)


def annuity_immediate(q: ArrayLike, *, interest: float, years: int | None = None) -> Floats:
    """Value an annuity of 1 a year in arrear: ä − 1 + E, (…,)."""
    n = np.shape(q)[-1] if years is None else years
    due = annuity_due(q, interest=interest, years=n)
    return due - 1.0 + pure_endowment(q, interest=interest, years=n)


def increasing_insurance(q: ArrayLike, *, interest: float, years: int | None = None) -> Floats:
    """Value t + 1 paid at the end of the year of death t: (IA), (…,)."""
    given = until(q, years)
    p = survival(given)[..., :-1]
    t = np.arange(given.shape[-1])
    return (p * given * (t + 1) * _growth(interest) ** -(t + 1.0)).sum(axis=-1)


def increasing_annuity(q: ArrayLike, *, interest: float, years: int | None = None) -> Floats:
    """Value t + 1 paid after t years while the life lives: (Iä), (…,)."""
    given = until(q, years)
    t = np.arange(given.shape[-1])
    return (survival(given)[..., :-1] * (t + 1) * _growth(interest) ** -t.astype(float)).sum(-1)


def variance(
    q: ArrayLike, *, interest: float, years: int | None = None, maturity: bool = False
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


def loss_variance(
    q: ArrayLike, *, interest: float, years: int | None, premium: ArrayLike
) -> Floats:
    """Return the variance of the loss at issue of an endowment (None: whole of life) of 1.

    Args:
        q: (…, all years) annual probabilities.
        interest: annual effective rate.
        years: term, premiums paid throughout.
        premium: annual premium.

    Returns:
        (…,) (1 + P/d)² (²A − A²); without interest that of P × the years paid.
    """
    growth, level = _growth(interest), np.asarray(premium, np.float64)
    if interest == 0:
        given = until(q, years)
        t = np.arange(given.shape[-1])
        alive = survival(given)[..., :-1]
        mean, second = alive.sum(axis=-1), (alive * (2 * t + 1)).sum(axis=-1)
        return level**2 * (second - mean**2)
    spread = variance(q, interest=interest, years=years, maturity=years is not None)
    return (1.0 + level * growth / interest) ** 2 * spread
