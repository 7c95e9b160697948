"""Chain ladder with Mack's standard errors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from accounting.rules.ifrs17.arrays import Floats
from accounting.rules.ifrs17.errors import BadTriangle
from accounting.rules.ifrs17.ibnr.triangle import Mask, ages, latest, links, mask_of, triangle


class Average(IntEnum):
    """How links of a development are averaged: weights are amounts to this power."""

    SIMPLE = 0
    VOLUME = 1
    REGRESSION = 2


class Variance(Enum):
    """How the variance of a development with a single link is extrapolated."""

    MACK = "mack"  # min(σ⁴ₙ₋₂ ÷ σ²ₙ₋₃, σ²ₙ₋₃, σ²ₙ₋₂)
    LOG_LINEAR = "log_linear"  # ln σ by least squares over the developments


@dataclass(frozen=True, slots=True, eq=False)
class Developed:
    """A triangle developed to ultimate: o origins, d developments.

    Args:
        factors: (d − 1,) link ratios, development to development.
        tail: factor from the last development to ultimate.
        to_ultimate: (d,) cumulative factors from each development to ultimate.
        full: (o, d) the triangle with its future filled in.
        ages: (o,) developments known of each origin.
        latest, ultimate, ibnr: (o,); ibnr = ultimate − latest.
    """

    factors: Floats
    tail: float
    to_ultimate: Floats
    full: Floats
    ages: NDArray[np.int64]
    latest: Floats
    ultimate: Floats
    ibnr: Floats

    @property
    def total(self) -> float:
        """IBNR of all origins."""
        return float(self.ibnr.sum())

    def payments(self) -> Floats:
        """Return the expected amounts of the coming periods, (d,): the pattern to discount.

        Entry k is what all origins together develop in the k-th period from now; the tail falls
        in the period after the last development.
        """
        grown = np.concatenate((self.full, self.ultimate[:, None]), axis=1)
        steps = np.diff(grown, axis=1)
        result = np.zeros(steps.shape[1])
        for row, age in enumerate(self.ages):
            coming = steps[row, age - 1 :]
            result[: len(coming)] += coming
        return result


@dataclass(frozen=True, slots=True, eq=False)
class MackErrors:
    """Mack's model of a triangle: o origins, d developments.

    Args:
        developed: the chain ladder it belongs to.
        sigma: (d − 1,) σ of each development (square root of Mack's σ²).
        factor_errors: (d − 1,) standard errors of the link ratios.
        process, parameter, errors: (o,) standard errors of the ultimates: of the process, of the
            estimated factors, and of both together.
        total_process, total_parameter, total: the same for all origins together.
    """

    developed: Developed
    sigma: Floats
    factor_errors: Floats
    process: Floats
    parameter: Floats
    errors: Floats
    total_process: float
    total_parameter: float
    total: float


def chain_ladder(
    values: ArrayLike,
    *,
    excluded: ArrayLike | None = None,
    tail: float = 1.0,
    average: Average = Average.VOLUME,
) -> Developed:
    """Develop a cumulative triangle to ultimate.

    Args:
        values: (origins, developments) cumulative, None or NaN in the future.
        excluded: links to leave out of the averages: a mask, or pairs (origin, development).
        tail: factor from the last development to ultimate.
        average: how links are weighted.

    Raises:
        BadTriangle: see ``triangle``; also a development all of whose links are left out.

    Source: Mack (1993), "Distribution-free calculation of the standard error of chain ladder
    reserve estimates", ASTIN Bulletin 23; weights as in Mack (1999), ASTIN Bulletin 29.
    """
    known = triangle(values)
    used = mask_of(known, excluded)
    return _develop(known, _factors(known, used, average), tail)


def mack(
    values: ArrayLike,
    *,
    excluded: ArrayLike | None = None,
    tail: float = 1.0,
    tail_sigma: float = 0.0,
    tail_error: float = 0.0,
    average: Average = Average.VOLUME,
    variance: Variance | float = Variance.MACK,
) -> MackErrors:
    """Develop a triangle and say how uncertain the outcome is.

    Args:
        values: cumulative triangle.
        excluded: links to leave out, see ``chain_ladder``.
        tail: factor from the last development to ultimate.
        average: how links are weighted.
        tail_sigma: σ of the tail development.
        tail_error: standard error of the tail factor.
        variance: what a development with a single link is given; a number is its σ.

    Returns:
        Errors by origin and in total.

    Raises:
        BadTriangle: see ``chain_ladder``; also fewer than two links in every development.

    Source: Mack (1993) theorem 3 and its corollary; Mack (1999) for the recursion, weights and
    tail.
    """
    known = triangle(values)
    used = mask_of(known, excluded)
    factors = _factors(known, used, average)
    developed = _develop(known, factors, tail)
    sigma2 = _sigma2(known, used, factors, average, variance)
    weights = np.where(used, np.nan_to_num(known[:, :-1]) ** average, 0.0).sum(axis=0)
    error2 = sigma2 / weights
    process, parameter, total = _recursion(
        developed,
        np.append(sigma2, tail_sigma**2),
        np.append(error2, tail_error**2),
        average,
    )
    return MackErrors(
        developed=developed,
        sigma=np.sqrt(sigma2),
        factor_errors=np.sqrt(error2),
        process=np.sqrt(process),
        parameter=np.sqrt(parameter),
        errors=np.sqrt(process + parameter),
        total_process=float(np.sqrt(process.sum())),
        total_parameter=float(np.sqrt(total)),
        total=float(np.sqrt(process.sum() + total)),
    )


def _factors(known: Floats, used: Mask, average: Average) -> Floats:
    if not (some := used.any(axis=0)).all():
        raise BadTriangle(f"No link is left for development {int(np.argmin(some))}.")
    weights = np.where(used, np.nan_to_num(known[:, :-1]) ** average, 0.0)
    sums = weights.sum(axis=0)
    if (sums <= 0).any():
        raise BadTriangle(f"The links of development {int(np.argmin(sums))} have no weight.")
    return (weights * np.where(used, links(known), 0.0)).sum(axis=0) / sums


def _develop(known: Floats, factors: Floats, tail: float) -> Developed:
    full = known.copy()
    for k, factor in enumerate(factors):
        future = ~np.isfinite(full[:, k + 1])
        full[future, k + 1] = full[future, k] * factor
    last, ultimate = latest(known), full[:, -1] * tail
    to_ultimate = np.append(np.cumprod(factors[::-1])[::-1], 1.0) * tail
    return Developed(factors, tail, to_ultimate, full, ages(known), last, ultimate, ultimate - last)


def _sigma2(
    known: Floats, used: Mask, factors: Floats, average: Average, variance: Variance | float
) -> Floats:
    """Return the variance parameters; a development with one link is extrapolated."""
    weights = np.where(used, np.nan_to_num(known[:, :-1]) ** average, 0.0)
    spread = (weights * np.where(used, links(known) - factors, 0.0) ** 2).sum(axis=0)
    count = used.sum(axis=0)
    result = np.full(len(factors), np.nan)
    np.divide(spread, count - 1, out=result, where=count > 1)
    if not np.isfinite(result).any() and isinstance(variance, Variance):
        raise BadTriangle("A variance needs at least one development with two links.")
    for k in np.flatnonzero(count == 1):
        if not isinstance(variance, Variance):
            result[k] = float(variance) ** 2
        elif variance is Variance.LOG_LINEAR:
            result[k] = _log_linear(result, int(k))
        else:
            result[k] = _extrapolated(result[:k][np.isfinite(result[:k])])
    return result


def _extrapolated(before: Floats) -> float:
    """Return Mack's choice after the variances of the developments before."""
    if len(before) == 0:
        raise BadTriangle("No development with two links comes before the one without.")
    if len(before) == 1:
        return float(before[-1])
    if before[-2] == 0:
        return 0.0
    return float(min(before[-1] ** 2 / before[-2], before[-2], before[-1]))


def _log_linear(sigma2: Floats, at: int) -> float:
    """Return σ² on the line through ln σ² of the developments with two links or more."""
    usable = np.isfinite(sigma2) & (sigma2 > 0)
    if usable.sum() < 2:
        return _extrapolated(sigma2[:at][np.isfinite(sigma2[:at])])
    where = np.flatnonzero(usable).astype(np.float64)
    logs = np.log(sigma2[usable])
    slope = ((where - where.mean()) * (logs - logs.mean())).sum()
    slope /= ((where - where.mean()) ** 2).sum()
    return float(np.exp(logs.mean() + slope * (at - where.mean())))


def _recursion(
    developed: Developed, sigma2: Floats, error2: Floats, average: Average
) -> tuple[Floats, Floats, float]:
    """Return process and parameter variance by origin, and parameter variance in total."""
    grown = np.concatenate((developed.full, developed.ultimate[:, None]), axis=1)
    factors = np.append(developed.factors, developed.tail)
    process, parameter = np.zeros(len(grown)), np.zeros(len(grown))
    total = 0.0
    for k, factor in enumerate(factors):
        future = developed.ages <= k + 1
        amount = np.where(future, grown[:, k], 0.0)
        process = np.where(
            future, factor**2 * process + sigma2[k] * np.abs(amount) ** (2 - average), process
        )
        parameter = np.where(future, factor**2 * parameter + error2[k] * amount**2, parameter)
        total = factor**2 * total + error2[k] * amount.sum() ** 2
    return process, parameter, float(total)
