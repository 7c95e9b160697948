"""Risk adjustment for non-financial risk: confidence level, cost of capital, diversification.

Compensation for bearing the uncertainty of amount and timing: positive, on top of the present
value. For reinsurance held it is what the gross and the net differ by.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats, ratio, series, share
from accounting.rules.ifrs17.discount import factors
from accounting.rules.ifrs17.errors import (
    BadCorrelation,
    BadMeasurement,
    BadShare,
    LengthMismatch,
)

_NORMAL = NormalDist()


class Distribution(Enum):
    """Shape of the present value of outflows, fitted by its moments."""

    NORMAL = "normal"
    LOGNORMAL = "lognormal"
    GAMMA = "gamma"
    CORNISH_FISHER = "cornish_fisher"  # mean, deviation and skewness


@dataclass(frozen=True, slots=True, eq=False)
class CapitalCost:
    """Risk adjustment by cost of capital.

    Args:
        adjustment: (periods + 1,) at each period start; the last is 0.
        release: (periods,) adjustment released in each period before interest.
    """

    adjustment: Floats
    release: Floats


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


def by_samples(samples: ArrayLike, level: float) -> Floats:
    """Return the risk adjustment at a confidence level from simulated present values.

    Args:
        samples: (simulations,) or (simulations, groups).
        level: probability.

    Raises:
        BadShare: the level is not inside 0 to 1.

    Source: IFRS 17.37, B91.
    """
    values = floats(samples, "samples")
    if not 0 < level < 1:
        raise BadShare("A confidence level lies inside 0 to 1.")
    return np.maximum(0.0, np.quantile(values, level, axis=0) - values.mean(axis=0))


def by_tail(mean: ArrayLike, deviation: ArrayLike, level: ArrayLike) -> Floats:
    """Return the conditional tail expectation above a level less the mean, normal shape.

    Args:
        mean: of the present value of outflows.
        deviation: standard deviation, ≥ 0.
        level: probability; the mean of what lies above its quantile is taken.

    Raises:
        BadShare, BadMeasurement: see ``quantile``.

    Source: B91 (no technique is prescribed); E[X | X > q] = μ + σ φ(z) ÷ (1 − level).
    """
    m, s, q = _moments(mean, deviation, level, Distribution.NORMAL)
    density = np.exp(-(_z(q) ** 2) / 2.0) / np.sqrt(2.0 * np.pi)
    return np.asarray(s * density / (1.0 - q) + 0.0 * m)


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


def by_cost_of_capital(
    capital: ArrayLike, *, cost: float, rates: ArrayLike, unwind: bool = True
) -> CapitalCost:
    """Return the risk adjustment as the cost of holding capital until the risk has run off.

    Args:
        capital: (periods,) required at each period start.
        cost: cost of capital above the risk-free rate, per period (for example 0.06 a year).
        rates: forward rates by period, one number or (periods,).
        unwind: discount the cost of each period to its start date; without, costs simply add up.

    Returns:
        adjustment[k] = Σ over j ≥ k of cost × capital[j] × v(k → j + 1).

    Raises:
        BadRate, CurveTooShort: see ``discount``.

    Source: IFRS 17.B91–B92; cost-of-capital technique as in IAA, "Risk Adjustments for Insurance
    Contracts under IFRS 17" (2018), chapter 4.
    """
    needed = floats(capital, "capital")
    if (needed < 0).any():
        raise BadMeasurement("Required capital is not negative.")
    periods = len(needed)
    v = factors(rates, periods) if unwind else np.ones(periods + 1)
    costs = cost * needed
    adjustment = np.zeros(periods + 1)
    for k in range(periods):
        adjustment[k] = (costs[k:] * v[k + 1 :]).sum() / v[k]
    return CapitalCost(adjustment, -np.diff(adjustment))


def diversify(adjustments: ArrayLike, correlation: ArrayLike) -> tuple[float, Floats]:
    """Aggregate adjustments of risks that do not all strike together.

    Args:
        adjustments: (risks,) each by itself.
        correlation: (risks, risks).

    Returns:
        √(a′ C a), and its parts by Euler's rule, (risks,), which sum to it.

    Raises:
        BadCorrelation: not symmetric, not positive semidefinite, no unit diagonal.
        LengthMismatch: the matrix has another size than the risks.

    Source: IFRS 17.B88(b) (the adjustment reflects diversification).
    """
    alone = floats(adjustments, "adjustments")
    matrix = correlation_matrix(correlation)
    if matrix.shape[0] != len(alone):
        raise LengthMismatch(f"{len(alone)} risks, correlation of {matrix.shape[0]}.")
    joint = matrix @ alone
    whole = float(np.sqrt(max(0.0, float(alone @ joint))))
    return whole, alone * ratio(joint, whole)


def correlation_matrix(values: ArrayLike) -> Floats:
    """Check a correlation matrix.

    Raises:
        BadCorrelation: what is wrong with it.
    """
    matrix = floats(values, "correlation")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise BadCorrelation("A correlation matrix is square.")
    if not np.allclose(matrix, matrix.T) or not np.allclose(np.diag(matrix), 1.0):
        raise BadCorrelation("A correlation matrix is symmetric with ones on its diagonal.")
    if np.linalg.eigvalsh(matrix).min() < -1e-9:
        raise BadCorrelation("The correlations contradict each other (not positive semidefinite).")
    return matrix


def run_off(adjustment: float, drivers: ArrayLike) -> Floats:
    """Let an adjustment run off with a driver, for example expected claims still to come.

    Args:
        adjustment: today.
        drivers: (periods + 1,) driver today and at the coming period ends.

    Returns:
        (periods + 1,) adjustment at the same points.

    Source: IFRS 17.B91 (no technique is prescribed), .44(b), B124(b) (release).
    """
    path = floats(drivers, "drivers")
    return adjustment * ratio(path, path[0])


def ceded(gross: ArrayLike, net: ArrayLike) -> Floats:
    """Return the risk that reinsurance held takes over: gross less net adjustment (64).

    Args:
        gross: adjustment before reinsurance held.
        net: adjustment after it.

    Raises:
        BadMeasurement: the net adjustment is larger than the gross one.
    """
    before, after = floats(gross, "gross"), floats(net, "net")
    if (after > before).any():
        raise BadMeasurement("Reinsurance held cannot add non-financial risk.")
    return before - after


def by_group(total: float, weights: ArrayLike) -> Floats:
    """Split an adjustment measured for an entity to its groups in proportion (24, 33).

    Args:
        total: adjustment of all groups together.
        weights: (groups,) for example stand-alone adjustments.

    Source: IFRS 17.24, .33.
    """
    parts = series(weights, np.size(weights), "weights")
    return total * ratio(parts, parts.sum())


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


def _gamma_probability(mean: Floats, deviation: Floats, x: Floats) -> Floats:
    from scipy.special import gammainc  # see _gamma_quantile

    shape = (mean / deviation) ** 2
    return np.asarray(gammainc(shape, x * shape / mean))
