"""Risk adjustment from outcomes themselves: simulations, and scenarios with probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats, share
from accounting.rules.ifrs17.errors import BadMeasurement, BadShare, LengthMismatch


def by_samples(
    samples: ArrayLike, level: float, *, tail: bool = False, method: str = "linear"
) -> Floats:
    """Return the risk adjustment at a confidence level from simulated present values.

    Args:
        samples: (simulations,) or (simulations, groups).
        level: probability.
        tail: take the mean of what lies beyond the level (TVaR, CTE) instead of the level itself.
        method: how a quantile lies between two simulations: any name that NumPy's ``quantile``
            knows, ``linear`` or ``inverted_cdf`` for example. Not asked for the tail.

    Raises:
        BadShare: the level is not inside 0 to 1.
        BadMeasurement: there is no simulation, or no such method.

    Source: IFRS 17.37, B91; Acerbi and Tasche (2002), "On the coherence of expected shortfall".
    """
    values = floats(samples, "samples")
    if values.ndim == 0 or not len(values):
        raise BadMeasurement("A level cannot be told from no simulation.")
    if not 0 < level < 1:
        raise BadShare("A confidence level lies inside 0 to 1.")
    if tail:
        even = np.full(len(values), 1.0 / len(values))
        found = np.apply_along_axis(_beyond, 0, values, even, level)
    else:
        try:
            found = np.quantile(values, level, axis=0, method=method)  # type: ignore[call-overload]
        except ValueError as error:
            raise BadMeasurement(f"{method}: {error}") from None
    return np.maximum(0.0, found - values.mean(axis=0))


def by_scenarios(
    outcomes: ArrayLike, probabilities: ArrayLike, level: float, *, tail: bool = False
) -> tuple[float, float]:
    """Return the expected value of scenarios and the risk adjustment at a confidence level.

    Args:
        outcomes: (scenarios,) present values of outflows.
        probabilities: (scenarios,) that sum to 1.
        level: probability that outflows stay at or below expectation and adjustment.
        tail: take the mean of what lies beyond the level instead.

    Returns:
        Probability-weighted mean, and the smallest outcome that suffices at the level (or the
        tail's mean) less that mean, never below 0.

    Raises:
        LengthMismatch: not one probability a scenario.
        BadShare: probabilities do not sum to 1, or the level is not inside 0 to 1.

    Source: IFRS 17.33(a), .37, B37–B39.
    """
    values, weight = floats(outcomes, "outcomes"), share(probabilities, "probabilities")
    if values.shape != weight.shape or values.ndim != 1:
        raise LengthMismatch("One probability for each scenario.")
    if abs(float(weight.sum()) - 1.0) > 1e-9:
        raise BadShare(f"The probabilities sum to {float(weight.sum()):g}, not to 1.")
    if not 0 < level < 1:
        raise BadShare("A confidence level lies inside 0 to 1.")
    mean = float(values @ weight)
    found = _beyond(values, weight, level) if tail else _suffices(values, weight, level)
    return mean, max(0.0, found - mean)


def _suffices(values: Floats, weight: Floats, level: float) -> float:
    """Return the smallest value whose cumulative probability reaches the level."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) >= level - 1e-12
    return float(values[order][int(np.argmax(reached))])


def _beyond(values: Floats, weight: Floats, level: float) -> float:
    """Return the mean of the worst 1 − level of outcomes, the one at the level in part."""
    order = np.argsort(values, kind="stable")
    below = np.concatenate(([0.0], np.cumsum(weight[order])))
    part = np.clip(below[1:], level, 1.0) - np.clip(below[:-1], level, 1.0)
    return float(values[order] @ part / part.sum())
