"""What risks owe to each other: diversification, the groups' parts, what reinsurance takes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats, ratio, series
from accounting.rules.ifrs17.errors import (
    BadCorrelation,
    BadMeasurement,
    BadShare,
    LengthMismatch,
)


def diversify(adjustments: ArrayLike, correlation: ArrayLike) -> tuple[float, Floats]:
    """Aggregate adjustments of risks that do not all strike together.

    Args:
        adjustments: (risks,) each by itself.
        correlation: (risks, risks).

    Returns:
        √(a′ C a), and its parts by Euler's rule, (risks,), which sum to it.

    Raises:
        BadCorrelation: not symmetric, not positive semidefinite, no unit diagonal.
        LengthMismatch: no risk, or the matrix has another size than the risks.

    Source: IFRS 17.B88(b) (the adjustment reflects diversification).
    """
    alone = np.atleast_1d(floats(adjustments, "adjustments"))
    if not alone.size:
        raise LengthMismatch("There is no risk to diversify.")
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

    Raises:
        BadShare: the weights sum to nothing although there is something to split.

    Source: IFRS 17.24, .33.
    """
    parts = series(weights, np.size(weights), "weights")
    if total and not parts.sum() > 0:
        raise BadShare("No group has a weight: nothing says to whom the adjustment belongs.")
    return total * ratio(parts, parts.sum())
