"""Commutation functions for any exits and any benefits, both sexes at once, by absolute age."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

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


class Instalments(StrEnum):
    """How an annuity of k payments a year is valued."""

    SUBTRACT = "SUBTRACT"
    """ä − (k − 1)/(2k), the rule of Korean calculation manuals: 11/24 for months."""
    EXACT = "EXACT"
    """Payment by payment, probabilities constant within the year (even in a last year)."""


@dataclass(frozen=True, eq=False)
class Commutation:
    """Columns of one basis; index [sex, age], sex 0 male and 1 female.

    Where something depends on the years since issue (lapse, selection), every age at issue has
    columns of its own and the index is [sex, age at issue, age].

    Attributes:
        interest: annual effective rate.
        timing: when benefits are discounted.
        lives: l, (2, ages + 1), in force (유지자) at each age; the last column is 0 or the
            survivors.
        d: D = l v^x, (2, ages + 1).
        n: N, reverse sums of D, (2, ages + 1).
        c: C = l q v^(x+½) or l q v^(x+1), (benefits, 2, ages + 1).
        m: M, reverse sums of C, (benefits, 2, ages + 1).
        omega: last age at which somebody is in force, by sex.
        payers: l of those who still pay premiums (납입자); ``lives`` where nothing waives them.
    """

    interest: float
    timing: Timing
    lives: Floats
    d: Floats
    n: Floats
    c: Floats
    m: Floats
    omega: tuple[int, int]
    payers: Floats

    @property
    def end(self) -> int:
        """Index of the last column."""
        return self.d.shape[-1] - 1

    @property
    def by_entry(self) -> bool:
        """Whether every age at issue has columns of its own."""
        return self.lives.ndim == 3

    @cached_property
    def paying(self) -> tuple[Floats, Floats]:
        """D and N of those who still pay premiums."""
        if self.payers is self.lives:
            return self.d, self.n
        d = self.payers * (1.0 + self.interest) ** -np.arange(self.end + 1)
        return d, _sums(d)

    @cached_property
    def s(self) -> Floats:
        """S, reverse sums of N, (2, ages + 1)."""
        return _sums(self.n)

    @cached_property
    def r(self) -> Floats:
        """R, reverse sums of M, (benefits, 2, ages + 1)."""
        return _sums(self.m)

    def at(self, sex: ArrayLike, age: ArrayLike, entry: ArrayLike | None = None) -> Any:
        """Return the index of a column: (sex, age), or (sex, entry, age) where entry counts.

        Args:
            sex: (n,) 0 male, 1 female.
            age: (n,) attained age; ages beyond the last column are brought back to it.
            entry: (n,) age at issue; the attained age where left out.
        """
        s = np.asarray(sex, np.int64)
        x = np.minimum(np.asarray(age, np.int64), self.end)
        if not self.by_entry:
            return s, x
        return s, x if entry is None else np.asarray(entry, np.int64), x

    def often(self, k: int, *, paying: bool) -> Floats:
        """Return N of k payments a year, valued payment by payment, cached by k."""
        known: dict[tuple[int, bool], Floats] = self.__dict__.setdefault("_often", {})
        if (k, paying) not in known:
            lives = self.payers if paying else self.lives
            d = self.paying[0] if paying else self.d
            now, after = lives[..., :-1], lives[..., 1:]
            stay = np.divide(after, now, out=np.zeros_like(now), where=now > 0)[..., None]
            part = np.arange(k) / k
            left = np.where(stay > 0, stay**part, 1.0 - part)
            factor = (left * (1.0 + self.interest) ** -part).mean(axis=-1)
            factor = np.concatenate([factor, np.zeros((*factor.shape[:-1], 1))], axis=-1)
            known[k, paying] = _sums(d * factor)
        return known[k, paying]


def _sums(columns: Floats) -> Floats:
    """Return reverse sums along the ages."""
    return np.cumsum(columns[..., ::-1], axis=-1)[..., ::-1]


def build(
    *,
    exits: Sequence[ArrayLike],
    benefits: Sequence[ArrayLike],
    interest: float,
    timing: Timing = Timing.MID_YEAR,
    waivers: Sequence[ArrayLike] = (),
    lapse: ArrayLike | None = None,
    selection: ArrayLike | None = None,
) -> Commutation:
    """Compute the columns of a basis.

    Args:
        exits: independent annual probabilities, each (2, ages), or (ages,) for both sexes, that
            end the contract.
        benefits: annual probabilities, each (2, ages), of the events that pay.
        interest: annual effective rate.
        timing: discounting of benefits within the year.
        waivers: annual probabilities, each (2, ages), of events after which the contract goes on
            without premiums.
        lapse: (years,) annual rate of lapse by policy year, the last one stays; of those in force
            at the start of the year, besides the exits. None: nobody lapses.
        selection: (years,) multiple of exits and benefits in the first policy years, 1 beyond.

    Returns:
        Columns of ages 0 to ages. Several exits combine as 1 − Π(1 − q); lapses come off in
        addition, l_{t+1} = l_t (1 − q − w).

    Raises:
        BadRates: no exit, a rate that is missing or not a probability, interest of −100 % or less.

    Source: commutation columns with claims at mid-year v^(t+½), streams of 유지자 and 납입자, as
        in Korean 산출방법서.
    """
    if not len(exits):
        msg = "nothing ends the contract: columns need at least one exit."
        raise BadRates(msg)
    exits, benefits, waivers = (
        [_checked(f"{name} {number + 1}", q) for number, q in enumerate(given)]
        for name, given in (("exit", exits), ("benefit", benefits), ("waiver", waivers))
    )
    if not interest > -1:
        msg = f"the interest is {interest}, not above -1."
        raise BadRates(msg)
    base = np.prod([1.0 - q for q in exits], axis=0)
    ages = base.shape[-1]
    one = 1.0 - base
    ill = 1.0 - np.prod([1.0 - q for q in waivers], axis=0) if waivers else None
    spread: tuple[Any, ...] = ()
    if lapse is not None or selection is not None:
        one, out, multiple = _by_entry(one, lapse, selection)
        spread, stay = (None,), np.maximum(0.0, 1.0 - one - out)
    else:
        multiple, stay = np.ones(1), base
    lives = _lives(stay)
    payers = lives
    if ill is not None:
        ill = ill[:, None, :] if spread else ill
        payers = _lives(stay * (1.0 - ill))
    v = (1.0 + interest) ** -np.arange(ages + 1)
    late = 0.5 if timing is Timing.MID_YEAR else 1.0
    c = np.zeros((len(benefits), *lives.shape))
    for index, q in enumerate(benefits):
        rate = np.minimum(1.0, (q[:, None, :] if spread else q) * multiple)
        c[index, ..., :ages] = lives[..., :ages] * rate * v[:ages] * (1.0 + interest) ** -late
    d = lives * v
    oldest = (_lives(base) > 0)[:, : ages + 1]
    omega = tuple(int(np.flatnonzero(oldest[sex])[-1]) for sex in (0, 1))
    return Commutation(
        interest=interest,
        timing=timing,
        lives=lives,
        d=d,
        n=_sums(d),
        c=c,
        m=_sums(c),
        omega=omega,  # type: ignore[arg-type]
        payers=payers,
    )


class BadRates(ValueError):
    """Rates that no columns can be computed from; the text names the rate and the age."""


def _checked(name: str, values: ArrayLike) -> Floats:
    """Return rates of both sexes, (2, ages); refuse gaps and figures that are no probability."""
    given = np.asarray(values, np.float64)
    q: Floats = np.stack([given, given]) if given.ndim == 1 else given
    wrong = ~((q >= 0.0) & (q <= 1.0))
    if np.any(wrong):
        sex, age = (int(one) for one in np.argwhere(wrong)[0])
        found = "missing" if np.isnan(q[sex, age]) else f"{q[sex, age]}, not between 0 and 1"
        msg = f"{name}: the {('male', 'female')[sex]} rate at age {age} is {found}."
        raise BadRates(msg)
    return q


def _lives(stay: Floats) -> Floats:
    """Return l from the shares that stay each year."""
    first = np.ones((*stay.shape[:-1], 1))
    return RADIX * np.concatenate([first, np.cumprod(stay, axis=-1)], axis=-1)


def _by_entry(
    q: Floats, lapse: ArrayLike | None, selection: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """Lay exits, lapses and selection out by age at issue, each (2 or 1, ages, ages).

    Nothing happens before the age at issue, so that every column begins there with the radix.
    """
    ages = q.shape[-1]
    since = np.arange(ages) - np.arange(ages)[:, None]
    after = since >= 0

    def spread(by_year: ArrayLike, beyond: float) -> Floats:
        given = np.asarray(by_year, np.float64)
        row = np.clip(since, 0, len(given) - 1)
        return np.where(since < len(given), given[row], beyond)

    multiple = np.ones((ages, ages)) if selection is None else spread(selection, 1.0)
    exits = np.minimum(1.0, q[:, None, :] * multiple) * after
    if lapse is None:
        return exits, np.zeros((1, ages, ages)), multiple
    rates = _checked("lapse", lapse)[0]
    return exits, (spread(rates, float(rates[-1])) * after)[None], multiple


def annuity_due(
    table: Commutation,
    *,
    sex: ArrayLike,
    age: ArrayLike,
    years: ArrayLike,
    per_year: ArrayLike = 1,
    entry: ArrayLike | None = None,
    paying: bool = True,
    rule: Instalments = Instalments.SUBTRACT,
) -> Floats:
    """Value an annuity of 1 a year in advance, paid ``per_year`` times a year.

    Args:
        table: columns of the basis.
        sex: (n,) 0 male, 1 female.
        age: (n,) insurance age at the start.
        years: (n,) whole years of payment.
        per_year: (n,) payments a year, 1 for annual.
        entry: (n,) age at issue, where columns depend on it; ``age`` where left out.
        paying: paid by those who still pay premiums; False: while the contract is in force.
        rule: how payments within the year are valued.

    Returns:
        (n,) present value: [N_x − N_{x+m} − (k−1)/(2k)·(D_x − D_{x+m})] / D_x.
    """
    start, stop, _ = _ends(table, sex, age, years, entry)
    d, n = table.paying if paying else (table.d, table.n)
    dx, dend = d[start], d[stop]
    k = np.asarray(per_year, np.float64)
    if rule is Instalments.SUBTRACT:
        shift = (k - 1.0) / (2.0 * k)
        whole = n[start] - n[stop] - shift * (dx - dend)
    else:
        whole = n[start] - n[stop] + 0.0 * k
        for often in np.unique(k[k > 1]):
            column = table.often(int(often), paying=paying)
            whole = np.where(k == often, column[start] - column[stop], whole)
    return _over(whole, dx)


def pure_endowment(
    table: Commutation,
    *,
    sex: ArrayLike,
    age: ArrayLike,
    years: ArrayLike,
    entry: ArrayLike | None = None,
) -> Floats:
    """Value 1 paid at the end of ``years`` to those still in force: D_{x+n} / D_x, (n,)."""
    start, stop, _ = _ends(table, sex, age, years, entry)
    return _over(table.d[stop], table.d[start])


def term_benefits(
    table: Commutation,
    *,
    weights: ArrayLike,
    sex: ArrayLike,
    age: ArrayLike,
    years: ArrayLike,
    entry: ArrayLike | None = None,
) -> Floats:
    """Value the benefits of the next ``years``: Σ w (M_x − M_{x+n}) / D_x.

    Args:
        table: columns of the basis.
        weights: (benefits,) or (benefits, n) amount paid by each benefit.
        sex: (n,) 0 male, 1 female.
        age: (n,) age at the valuation.
        years: (n,) remaining whole years.
        entry: (n,) age at issue, where columns depend on it; ``age`` where left out.

    Returns:
        (n,) present value.
    """
    start, stop, _ = _ends(table, sex, age, years, entry)
    span = table.m[(slice(None), *start)] - table.m[(slice(None), *stop)]
    w = _weights(weights, span)
    return _over((w * span).sum(axis=0), table.d[start])


def increasing_benefits(
    table: Commutation,
    *,
    weights: ArrayLike,
    sex: ArrayLike,
    age: ArrayLike,
    years: ArrayLike,
    entry: ArrayLike | None = None,
) -> Floats:
    """Value benefits that are w in the first year, 2w in the second and so on.

    Args:
        table: columns of the basis.
        weights: (benefits,) or (benefits, n) amount paid by each benefit in the first year.
        sex: (n,) 0 male, 1 female.
        age: (n,) age at the valuation.
        years: (n,) remaining whole years.
        entry: (n,) age at issue, where columns depend on it; ``age`` where left out.

    Returns:
        (n,) Σ w [R_x − R_{x+n} − n M_{x+n}] / D_x.
    """
    start, stop, n = _ends(table, sex, age, years, entry)
    span = table.r[(slice(None), *start)] - table.r[(slice(None), *stop)]
    span = span - n * table.m[(slice(None), *stop)]
    w = _weights(weights, span)
    return _over((w * span).sum(axis=0), table.d[start])


def increasing_annuity(
    table: Commutation,
    *,
    sex: ArrayLike,
    age: ArrayLike,
    years: ArrayLike,
    entry: ArrayLike | None = None,
) -> Floats:
    """Value a yearly annuity in advance of 1, 2, 3, …: [S_x − S_{x+n} − n N_{x+n}] / D_x, (n,)."""
    start, stop, n = _ends(table, sex, age, years, entry)
    return _over(table.s[start] - table.s[stop] - n * table.n[stop], table.d[start])


def _weights(weights: ArrayLike, span: Floats) -> Floats:
    """Return amounts by benefit so that they meet the contracts."""
    w = np.asarray(weights, np.float64)
    return w if w.ndim > 1 else w.reshape(-1, *([1] * (span.ndim - 1)))


def _ends(
    table: Commutation, sex: ArrayLike, age: ArrayLike, years: ArrayLike, entry: ArrayLike | None
) -> tuple[Any, Any, Floats]:
    """Return the indices of both ends of a term, and the years that the columns have of it."""
    begun = age if entry is None else entry
    start, stop = table.at(sex, age, entry), table.at(sex, np.asarray(age) + years, begun)
    return start, stop, np.asarray(stop[-1] - start[-1], np.float64)


def _over(top: Floats, dx: Floats) -> Floats:
    nothing = np.zeros(np.broadcast_shapes(np.shape(top), np.shape(dx)))
    return np.divide(top, dx, out=nothing, where=dx > 0)
