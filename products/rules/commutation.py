"""Commutation functions for any exits and any benefits, both sexes at once, by absolute age."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RADIX = 100_000.0
OLDEST = 120
"""Highest age for which a column is kept when no exit closes the table earlier."""


class Timing(StrEnum):
    """When within the year of the event a benefit is discounted."""

    MID_YEAR = "MID_YEAR"
    YEAR_END = "YEAR_END"


@dataclass(frozen=True)
class Commutation:
    """Columns of one basis; index [sex, age], sex 0 male and 1 female.

    Attributes:
        interest: annual effective rate.
        timing: when benefits are discounted.
        lives: l, (2, ages + 1), in force at each age; the last column is 0 or the survivors.
        d: D = l v^x, (2, ages + 1).
        n: N, reverse sums of D, (2, ages + 1).
        c: C = l q v^(x+½) or l q v^(x+1), (benefits, 2, ages + 1).
        m: M, reverse sums of C, (benefits, 2, ages + 1).
        omega: last age at which somebody is in force, by sex.
    """

    interest: float
    timing: Timing
    lives: Floats
    d: Floats
    n: Floats
    c: Floats
    m: Floats
    omega: tuple[int, int]

    @property
    def end(self) -> int:
        """Index of the last column."""
        return self.d.shape[1] - 1

    def at(self, sex: ArrayLike, age: ArrayLike) -> tuple[Ints, Ints]:
        """Return index arrays, ages beyond the last column brought back to it."""
        return np.asarray(sex, np.int64), np.minimum(np.asarray(age, np.int64), self.end)


def build(
    *,
    exits: Sequence[Floats],
    benefits: Sequence[Floats],
    interest: float,
    timing: Timing = Timing.MID_YEAR,
) -> Commutation:
    """Compute the columns of a basis.

    Args:
        exits: independent annual probabilities, each (2, ages), that end the contract.
        benefits: annual probabilities, each (2, ages), of the events that pay.
        interest: annual effective rate.
        timing: discounting of benefits within the year.

    Returns:
        Columns of ages 0 to ages. Several exits combine as 1 − Π(1 − q).

    Source: commutation columns with claims at mid-year v^(t+½), as in Korean 산출방법서.
    """
    stay = np.prod([1.0 - q for q in exits], axis=0)
    ages = stay.shape[1]
    lives = RADIX * np.concatenate([np.ones((2, 1)), np.cumprod(stay, axis=1)], axis=1)
    v = (1.0 + interest) ** -np.arange(ages + 1)
    d = lives * v
    late = 0.5 if timing is Timing.MID_YEAR else 1.0
    c = np.zeros((len(benefits), 2, ages + 1))
    for index, q in enumerate(benefits):
        c[index, :, :ages] = lives[:, :ages] * q * v[:ages] * (1.0 + interest) ** -late
    omega = tuple(int(np.flatnonzero(lives[sex] > 0)[-1]) for sex in (0, 1))
    return Commutation(
        interest=interest,
        timing=timing,
        lives=lives,
        d=d,
        n=np.cumsum(d[:, ::-1], axis=1)[:, ::-1],
        c=c,
        m=np.cumsum(c[:, :, ::-1], axis=2)[:, :, ::-1],
        omega=omega,  # type: ignore[arg-type]
    )


def annuity_due(
    table: Commutation, *, sex: ArrayLike, age: ArrayLike, years: ArrayLike, per_year: ArrayLike = 1
) -> Floats:
    """Value an annuity of 1 a year in advance, paid ``per_year`` times a year.

    Args:
        table: columns of the basis.
        sex: (n,) 0 male, 1 female.
        age: (n,) insurance age at the start.
        years: (n,) whole years of payment.
        per_year: (n,) payments a year, 1 for annual.

    Returns:
        (n,) present value: [N_x − N_{x+m} − (k−1)/(2k)·(D_x − D_{x+m})] / D_x.
    """
    s, x = table.at(sex, age)
    _, end = table.at(sex, np.asarray(age) + np.asarray(years))
    k = np.asarray(per_year, np.float64)
    shift = (k - 1.0) / (2.0 * k)
    dx, dend = table.d[s, x], table.d[s, end]
    whole = table.n[s, x] - table.n[s, end] - shift * (dx - dend)
    return np.divide(whole, dx, out=np.zeros_like(whole), where=dx > 0)


def pure_endowment(
    table: Commutation, *, sex: ArrayLike, age: ArrayLike, years: ArrayLike
) -> Floats:
    """Value 1 paid at the end of ``years`` to those still in force: D_{x+n} / D_x, (n,)."""
    s, x = table.at(sex, age)
    _, end = table.at(sex, np.asarray(age) + np.asarray(years))
    dx, dend = table.d[s, x], table.d[s, end]
    return np.divide(dend, dx, out=np.zeros_like(dx), where=dx > 0)


def term_benefits(
    table: Commutation,
    *,
    weights: Floats,
    sex: ArrayLike,
    age: ArrayLike,
    years: ArrayLike,
) -> Floats:
    """Value the benefits of the next ``years``: Σ w (M_x − M_{x+n}) / D_x.

    Args:
        table: columns of the basis.
        weights: (benefits,) or (benefits, n) amount paid by each benefit.
        sex: (n,) 0 male, 1 female.
        age: (n,) age at the valuation.
        years: (n,) remaining whole years.

    Returns:
        (n,) present value.
    """
    s, x = table.at(sex, age)
    _, end = table.at(sex, np.asarray(age) + np.asarray(years))
    span = table.m[:, s, x] - table.m[:, s, end]
    w = weights if weights.ndim > 1 else weights.reshape(-1, *([1] * (span.ndim - 1)))
    paid = (w * span).sum(axis=0)
    dx = table.d[s, x]
    return np.divide(paid, dx, out=np.zeros_like(paid), where=dx > 0)
