"""Methods that lean on an expectation: loss ratio, Bornhuetter–Ferguson, Benktander, Cape Cod."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, floats, series
from accounting.rules.ifrs17.errors import BadMeasurement
from accounting.rules.ifrs17.ibnr.chain_ladder import Average, Developed, chain_ladder
from accounting.rules.ifrs17.ibnr.triangle import ages, triangle


@dataclass(frozen=True, slots=True, eq=False)
class Estimated:
    """Ultimates by origin, (o,) each.

    Args:
        prior: expected ultimate before any claim was seen.
        developed: share of the ultimate that has emerged by now.
        latest, ultimate, ibnr: amounts; ibnr = ultimate − latest.
    """

    prior: Floats
    developed: Floats
    latest: Floats
    ultimate: Floats
    ibnr: Floats

    @property
    def total(self) -> float:
        """IBNR of all origins."""
        return float(self.ibnr.sum())


def expected_loss(values: ArrayLike, exposure: ArrayLike, loss_ratio: ArrayLike) -> Estimated:
    """Estimate ultimates as loss ratio × exposure, whatever has been seen.

    Args:
        values: (origins, developments) cumulative triangle.
        exposure: (origins,) earned premium or another measure.
        loss_ratio: expected claims per unit of exposure, one number or (origins,).

    Source: expected claims technique (Friedland, "Estimating Unpaid Claims", chapter 8).
    """
    known = triangle(values)
    prior = series(exposure, len(known), "exposure") * floats(loss_ratio, "loss ratio")
    last = known[np.arange(len(known)), ages(known) - 1]
    emerged = np.divide(last, prior, out=np.zeros(len(known)), where=prior != 0)
    return Estimated(prior, emerged, last, prior, prior - last)


def bornhuetter_ferguson(
    values: ArrayLike,
    exposure: ArrayLike,
    loss_ratio: ArrayLike,
    *,
    excluded: ArrayLike | None = None,
    tail: float = 1.0,
    average: Average = Average.VOLUME,
    pattern: ArrayLike | None = None,
) -> Estimated:
    """Estimate what is to come as prior × the share that has not emerged.

    Args:
        values: (origins, developments) cumulative triangle.
        exposure: (origins,).
        loss_ratio: prior claims per unit of exposure, one number or (origins,).
        excluded: links left out of the chain ladder that gives the pattern.
        tail: its factor from the last development to ultimate.
        average: its weights.
        pattern: (developments,) factors to ultimate instead of the chain ladder's.

    Returns:
        ibnr = prior × (1 − 1 ÷ factor to ultimate).

    Source: Bornhuetter and Ferguson (1972), "The actuary and IBNR", PCAS 59.
    """
    known = triangle(values)
    developed = _emerged(known, pattern, excluded, tail, average)
    prior = series(exposure, len(known), "exposure") * floats(loss_ratio, "loss ratio")
    last = known[np.arange(len(known)), ages(known) - 1]
    coming = prior * (1.0 - developed)
    return Estimated(prior, developed, last, last + coming, coming)


def benktander(
    values: ArrayLike,
    exposure: ArrayLike,
    loss_ratio: ArrayLike,
    *,
    rounds: int = 2,
    excluded: ArrayLike | None = None,
    tail: float = 1.0,
    average: Average = Average.VOLUME,
    pattern: ArrayLike | None = None,
) -> Estimated:
    """Estimate by Bornhuetter–Ferguson with its own answer as the next prior.

    Args:
        values: (origins, developments) cumulative triangle.
        exposure: (origins,).
        loss_ratio: first prior, claims per unit of exposure, one number or (origins,).
        rounds: 1 is Bornhuetter–Ferguson, 2 Benktander's method, many the chain ladder.
        excluded: links left out of the chain ladder that gives the pattern.
        tail: its factor from the last development to ultimate.
        average: its weights.
        pattern: (developments,) factors to ultimate instead of the chain ladder's.

    Raises:
        BadMeasurement: fewer than one round.

    Source: Benktander (1976); Mack (2000), "Credible claims reserves: the Benktander method",
    ASTIN Bulletin 30.
    """
    if rounds < 1:
        raise BadMeasurement("The method takes at least one round.")
    known = triangle(values)
    factors = _factors(known, pattern, excluded, tail, average)
    prior = series(exposure, len(known), "exposure") * floats(loss_ratio, "loss ratio")
    found = bornhuetter_ferguson(known, prior, 1.0, pattern=factors)
    for _ in range(rounds - 1):
        found = bornhuetter_ferguson(known, found.ultimate, 1.0, pattern=factors)
    return found


def cape_cod(
    values: ArrayLike,
    exposure: ArrayLike,
    *,
    trend: float = 0.0,
    decay: float = 1.0,
    excluded: ArrayLike | None = None,
    tail: float = 1.0,
    average: Average = Average.VOLUME,
    pattern: ArrayLike | None = None,
) -> tuple[Estimated, Floats]:
    """Estimate the prior loss ratio from the triangle itself, then Bornhuetter–Ferguson.

    Args:
        values: (origins, developments) cumulative triangle.
        exposure: (origins,).
        trend: annual growth of claims per exposure; amounts are trended to the last origin.
        decay: weight of an origin one period away (1: all alike, the classic method).
        excluded: links left out of the chain ladder that gives the pattern.
        tail: its factor from the last development to ultimate.
        average: its weights.
        pattern: (developments,) factors to ultimate instead of the chain ladder's.

    Returns:
        The estimate, and the loss ratio of each origin at its own level, (origins,).

    Raises:
        BadMeasurement: nothing has emerged, so that no ratio can be told.

    Source: Bühlmann and Straub (1983); Gluck (1997), "Balancing development and trend in loss
    reserve analysis", PCAS 84 (trend and decay).
    """
    known = triangle(values)
    origins = len(known)
    developed = _emerged(known, pattern, excluded, tail, average)
    weight = series(exposure, origins, "exposure")
    last = known[np.arange(origins), ages(known) - 1]
    level = (1.0 + trend) ** np.arange(origins - 1, -1, -1.0)
    used = weight * developed
    if used.sum() <= 0:
        raise BadMeasurement("Cape Cod needs exposure of which something has emerged.")
    near = float(decay) ** np.abs(np.subtract.outer(np.arange(origins), np.arange(origins)))
    ratio = (near * (last * level)).sum(axis=1) / (near * used).sum(axis=1) / level
    return (
        bornhuetter_ferguson(
            known, weight, ratio, pattern=_factors(known, pattern, excluded, tail, average)
        ),
        ratio,
    )


def _factors(
    known: Floats,
    pattern: ArrayLike | None,
    excluded: ArrayLike | None,
    tail: float,
    average: Average,
) -> Floats:
    if pattern is not None:
        return series(pattern, known.shape[1], "pattern")
    developed: Developed = chain_ladder(known, excluded=excluded, tail=tail, average=average)
    return developed.to_ultimate


def _emerged(
    known: Floats,
    pattern: ArrayLike | None,
    excluded: ArrayLike | None,
    tail: float,
    average: Average,
) -> Floats:
    """Return the share of the ultimate that each origin has reached."""
    return 1.0 / _factors(known, pattern, excluded, tail, average)[ages(known) - 1]
