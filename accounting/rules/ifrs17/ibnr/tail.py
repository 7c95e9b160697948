"""Tail factors: what link ratios say of the time after the last development."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats
from accounting.rules.ifrs17.errors import BadTriangle


class Decay(Enum):
    """How the development beyond 1 of link ratios dies out."""

    EXPONENTIAL = "exponential"  # f(k) − 1 = e^(a + b k)
    INVERSE_POWER = "inverse_power"  # f(k) − 1 = e^a k^b
    BONDY = "bondy"  # the last link ratio once more


def tail_factor(
    factors: ArrayLike,
    *,
    decay: Decay = Decay.EXPONENTIAL,
    horizon: int = 100,
    first: int = 0,
) -> float:
    """Return the factor from the last development to ultimate.

    Args:
        factors: (developments,) link ratios; those of 1 or less say nothing of the decay and are
            left out of the line.
        decay: the curve; its logarithm is a straight line, fitted by least squares.
        horizon: developments after the last until which it is followed.
        first: link ratios left out at the beginning.

    Raises:
        BadTriangle: fewer than two link ratios above 1 (Bondy: none at all), or a curve that
            rises.

    Source: Boor (2006), "Estimating tail development factors", CAS Forum Winter 2006; Sherman
    (1984), "Extrapolating, smoothing and interpolating development factors", PCAS 71.
    """
    given = floats(factors, "link ratios")
    if decay is Decay.BONDY:
        if not given.size:
            raise BadTriangle("Bondy's tail repeats the last link ratio: there is none.")
        return float(given[-1])
    place = np.arange(1.0, len(given) + 1.0)
    usable = (given > 1.0) & (place > first)
    if usable.sum() < 2:
        raise BadTriangle("A decay needs two link ratios above 1.")
    axis = _axis(place, decay)
    slope, level = np.polyfit(axis[usable], np.log(given[usable] - 1.0), 1)
    if slope >= 0:
        raise BadTriangle("The link ratios do not die out: no tail can be told from them.")
    beyond = _axis(np.arange(len(given) + 1.0, len(given) + 1.0 + horizon), decay)
    return float(np.prod(1.0 + np.exp(level + slope * beyond)))


def _axis(place: Floats, decay: Decay) -> Floats:
    return place if decay is Decay.EXPONENTIAL else np.log(place)
