"""Probabilities of lives: laws, select tables, survival to any moment, two lives together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class BadLife(ValueError):
    """Probabilities, terms or rates that no life can follow; the text says where."""


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

    def force(self, ages: ArrayLike) -> Floats:
        """Return the ultimate force of mortality at ages, (…,): A + B c^x."""
        return self.a + self.b * self.c ** np.asarray(ages, np.float64)

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


def select_path(*, select: ArrayLike, ultimate: ArrayLike, first_age: int, age: int) -> Floats:
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
    early, late = np.asarray(select, np.float64), np.asarray(ultimate, np.float64)
    row, period = age - first_age, early.shape[1]
    if not 0 <= row < len(early) or row + period > len(late):
        msg = f"The select table has no age {age}."
        raise BadLife(msg)
    return np.concatenate([early[row], late[row + period :]])


def checked(q: ArrayLike) -> Floats:
    """Return annual probabilities as float64.

    Raises:
        BadLife: a rate that is missing or not between 0 and 1.
    """
    given = np.asarray(q, np.float64)
    if not np.all((given >= 0) & (given <= 1)):
        at = int(np.argwhere(~((given >= 0) & (given <= 1)))[0][-1])
        msg = f"The probability {at} years ahead is missing or not between 0 and 1."
        raise BadLife(msg)
    return given


def until(q: ArrayLike, years: int | None) -> Floats:
    """Return the probabilities of the first years of a life, (…, years).

    Args:
        q: (…, all years) annual probabilities.
        years: how many; None for all.

    Raises:
        BadLife: a negative number of years, or more than the table has although somebody is left
            at its end.
    """
    given = checked(q)
    if years is None:
        return given
    if years < 0:
        msg = f"A term of {years} years: it is not negative."
        raise BadLife(msg)
    more = years - given.shape[-1]
    if more <= 0:
        return given[..., :years]
    if not given.shape[-1] or np.any(given[..., -1] < 1):
        msg = f"The table ends after {given.shape[-1]} years, {years} are asked for."
        raise BadLife(msg)
    return np.concatenate([given, np.ones((*given.shape[:-1], more))], axis=-1)


def survival(q: ArrayLike) -> Floats:
    """Return t_p of a life: (…, years + 1) from 1 on.

    Raises:
        BadLife: a rate that is missing or not between 0 and 1.
    """
    given = checked(q)
    ones = np.ones((*given.shape[:-1], 1))
    return np.concatenate([ones, np.cumprod(1.0 - given, axis=-1)], axis=-1)


def survival_at(q: ArrayLike, years: ArrayLike, *, rule: str = "UDD") -> Floats:
    """Return the probability that a life lives for any time, parts of years included.

    Args:
        q: (all years,) annual probabilities of one life.
        years: (…,) times, not negative.
        rule: within a year of age. ``UDD``: deaths uniform, 1 − s q; ``FORCE``: a constant force,
            (1 − q)^s; ``BALDUCCI``: hyperbolic, (1 − q) / (1 − (1 − s) q).

    Returns:
        (…,) t_p.

    Raises:
        BadLife: times below zero or beyond the table, or no such rule.

    Source: Actuarial Mathematics for Life Contingent Risks, section 3.3; Bowers et al.,
        Actuarial Mathematics, section 3.6.
    """
    t = np.asarray(years, np.float64)
    if np.any(t < 0):
        msg = "A time to live is not negative."
        raise BadLife(msg)
    given = until(q, int(np.ceil(t.max(initial=0.0))))
    whole = np.floor(t).astype(np.int64)
    s = t - whole
    rate = np.append(given, 0.0)[np.minimum(whole, len(given))]
    return survival(given)[whole] * within(rate, s, rule)


def within(q: Floats, s: Floats | float, rule: str) -> Floats:
    """Return s_p within a year of age whose probability of death is q; 0 ≤ s ≤ 1.

    Raises:
        BadLife: no such rule.
    """
    match rule:
        case "UDD":
            return 1.0 - s * q
        case "FORCE":  # a certain death lies evenly over its year
            return np.where(q < 1.0, (1.0 - np.minimum(q, 1.0 - 1e-16)) ** s, 1.0 - s)
        case "BALDUCCI":
            left = 1.0 - (1.0 - np.asarray(s)) * q
            return np.divide(1.0 - q, left, out=np.ones_like(left), where=left > 0)
        case _:
            msg = f"There is no rule named {rule}."
            raise BadLife(msg)


def joint(*lives: ArrayLike) -> Floats:
    """Return q of the joint-life status of independent lives: it ends with the first death.

    Args:
        lives: two or more, (all years,) each; the shortest decides.

    Source: Actuarial Mathematics for Life Contingent Risks, chapter 10: p_xy = p_x p_y.
    """
    paths = [checked(q) for q in lives]
    years = min(q.shape[-1] for q in paths)
    return 1.0 - np.prod([1.0 - q[..., :years] for q in paths], axis=0)


def last_survivor(*lives: ArrayLike) -> Floats:
    """Return q of the last-survivor status of independent lives: it ends with the last death.

    Args:
        lives: two or more, (all years,) each; a shorter one must end with a certain death.

    Raises:
        BadLife: a shorter table that does not end.

    Source: Actuarial Mathematics for Life Contingent Risks, chapter 10:
        t_p = 1 − Π (1 − t_p of each).
    """
    paths = [checked(q) for q in lives]
    years = max(q.shape[-1] for q in paths)
    alive = 1.0 - np.prod([1.0 - survival(until(q, years)) for q in paths], axis=0)
    now, after = alive[..., :-1], alive[..., 1:]
    return 1.0 - np.divide(after, now, out=np.zeros_like(now), where=now > 0)
