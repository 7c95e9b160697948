"""Risk adjustment from a shape of the outcome: confidence level, tail, and the way back."""

from __future__ import annotations

from enum import Enum
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats, share
from accounting.rules.ifrs17.errors import BadMeasurement, BadShare

_NORMAL = NormalDist()


class Distribution(Enum):
    """Shape of the present value of outflows, fitted by its moments."""

    NORMAL = "normal"
    LOGNORMAL = "lognormal"
    GAMMA = "gamma"
    CORNISH_FISHER = "cornish_fisher"  # mean, deviation and skewness


def quantile(
    mean: ArrayLike,
    deviation: ArrayLike,
    level: ArrayLike,
    distribution: Distribution = Distribution.NORMAL,
    *,
    skewness: ArrayLike = 0.0,
) -> Floats:
    """Return what outflows stay below with a given probability.

    Args:
        mean: of the present value of outflows; positive for lognormal and gamma.
        deviation: standard deviation, ≥ 0.
        level: probability, between 0 and 1, both excluded.
        distribution: shape.
        skewness: for Cornish–Fisher.

    Raises:
        BadShare: the level is not inside 0 to 1.
        BadMeasurement: a deviation is negative, or a mean not positive where it must be.

    Source: IFRS 17.37, B86–B92; Cornish and Fisher (1938) for the third moment.
    """
    m, s, q = _moments(mean, deviation, level, distribution)
    z = _z(q)
    if distribution is Distribution.NORMAL:
        return np.asarray(m + s * z)
    if distribution is Distribution.CORNISH_FISHER:
        return np.asarray(m + s * (z + (z**2 - 1.0) * floats(skewness, "skewness") / 6.0))
    if distribution is Distribution.LOGNORMAL:
        variance = np.log1p((s / m) ** 2)
        return np.asarray(m * np.exp(z * np.sqrt(variance) - variance / 2.0))
    return _gamma_quantile(m, s, q)


def by_confidence(
    mean: ArrayLike,
    deviation: ArrayLike,
    level: ArrayLike,
    distribution: Distribution = Distribution.NORMAL,
    *,
    skewness: ArrayLike = 0.0,
) -> Floats:
    """Return the risk adjustment at a confidence level: quantile less mean, never below 0.

    Args:
        mean: of the present value of outflows.
        deviation: standard deviation, ≥ 0.
        level: probability that outflows stay below mean and adjustment.
        distribution: shape.
        skewness: for Cornish–Fisher.

    Raises:
        BadShare, BadMeasurement: see ``quantile``.

    Source: IFRS 17.37, .119, B91.
    """
    found = quantile(mean, deviation, level, distribution, skewness=skewness)
    return np.maximum(0.0, found - floats(mean, "mean"))


def by_tail(
    mean: ArrayLike,
    deviation: ArrayLike,
    level: ArrayLike,
    distribution: Distribution = Distribution.NORMAL,
) -> Floats:
    """Return the conditional tail expectation (TVaR, CTE) above a level less the mean.

    Args:
        mean: of the present value of outflows; positive for lognormal and gamma.
        deviation: standard deviation, ≥ 0.
        level: probability; the mean of what lies above its quantile is taken.
        distribution: normal, lognormal or gamma.

    Raises:
        BadShare, BadMeasurement: see ``quantile``; also a shape whose tail has no mean here.

    Source: IFRS 17.B91 (no technique is prescribed). E[X | X > q]: normal μ + σ φ(z) ÷ (1 − p);
    lognormal μ Φ(s − z) ÷ (1 − p); gamma μ (1 − G(q; shape + 1)) ÷ (1 − p); Klugman, Panjer and
    Willmot, "Loss Models", section 3.5.
    """
    m, s, q = _moments(mean, deviation, level, distribution)
    z = _z(q)
    if distribution is Distribution.NORMAL:
        density = np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)
        return np.asarray(s * density / (1.0 - q) + 0.0 * m)
    if distribution is Distribution.LOGNORMAL:
        shape = np.sqrt(np.log1p((s / m) ** 2))
        return np.asarray(m * (_phi(shape - z) / (1.0 - q) - 1.0))
    if distribution is Distribution.GAMMA:
        return np.asarray(_gamma_beyond(m, s, q) - m)
    raise BadMeasurement("Cornish–Fisher says nothing of the mean of its tail: use another shape.")


def confidence_of(
    adjustment: ArrayLike,
    mean: ArrayLike,
    deviation: ArrayLike,
    distribution: Distribution = Distribution.NORMAL,
) -> Floats:
    """Return the confidence level that an adjustment corresponds to, as must be disclosed (119).

    Args:
        adjustment: risk adjustment, however measured.
        mean: of the present value of outflows.
        deviation: standard deviation, > 0.
        distribution: normal, lognormal or gamma.

    Raises:
        BadMeasurement: a deviation is not positive, or the distribution has no inverse here.

    Source: IFRS 17.119.
    """
    m, s, _ = _moments(mean, deviation, 0.5, distribution)
    if (s <= 0).any():
        raise BadMeasurement("Without deviation every adjustment is certain.")
    x = m + floats(adjustment, "adjustment")
    if distribution is Distribution.NORMAL:
        return np.asarray(_phi((x - m) / s))
    if distribution is Distribution.LOGNORMAL:
        variance = np.log1p((s / m) ** 2)
        safe = np.maximum(x, np.finfo(np.float64).tiny)
        return np.asarray(_phi((np.log(safe / m) + variance / 2.0) / np.sqrt(variance)))
    if distribution is Distribution.GAMMA:
        return _gamma_probability(m, s, np.maximum(x, 0.0))
    raise BadMeasurement("Cornish–Fisher has no inverse of its own: use another shape.")


def _moments(
    mean: ArrayLike, deviation: ArrayLike, level: ArrayLike, distribution: Distribution
) -> tuple[Floats, Floats, Floats]:
    m, s = floats(mean, "mean"), floats(deviation, "deviation")
    q = share(level, "confidence level")
    if ((q <= 0) | (q >= 1)).any():
        raise BadShare("A confidence level lies inside 0 to 1.")
    if (s < 0).any():
        raise BadMeasurement("A standard deviation is not negative.")
    positive = distribution in (Distribution.LOGNORMAL, Distribution.GAMMA)
    if positive and (m <= 0).any():
        raise BadMeasurement(f"A {distribution.value} shape needs a positive mean.")
    return m, s, q


def _z(level: Floats) -> Floats:
    """Return quantiles of the standard normal distribution."""
    return np.asarray(np.vectorize(_NORMAL.inv_cdf, otypes=[np.float64])(level))


def _phi(x: Floats) -> Floats:
    """Return probabilities of the standard normal distribution."""
    return np.asarray(np.vectorize(_NORMAL.cdf, otypes=[np.float64])(x))


def _gamma_quantile(mean: Floats, deviation: Floats, level: Floats) -> Floats:
    from scipy.special import gammaincinv  # a second of import that only this shape needs

    shape = np.where(deviation > 0, (mean / np.where(deviation > 0, deviation, 1.0)) ** 2, np.inf)
    finite = np.isfinite(shape)
    safe = np.where(finite, shape, 1.0)
    return np.asarray(np.where(finite, gammaincinv(safe, level) * mean / safe, mean))


def _gamma_beyond(mean: Floats, deviation: Floats, level: Floats) -> Floats:
    from scipy.special import gammaincc  # see _gamma_quantile

    safe = np.where(deviation > 0, deviation, 1.0)
    shape = (mean / safe) ** 2
    at = _gamma_quantile(mean, safe, level) * shape / mean
    return np.asarray(
        np.where(deviation > 0, mean * gammaincc(shape + 1.0, at) / (1.0 - level), mean)
    )


def _gamma_probability(mean: Floats, deviation: Floats, x: Floats) -> Floats:
    from scipy.special import gammainc  # see _gamma_quantile

    shape = (mean / deviation) ** 2
    return np.asarray(gammainc(shape, x * shape / mean))
