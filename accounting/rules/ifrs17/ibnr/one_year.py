"""How far the estimate may move within the coming year: claims development result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accounting.rules.ifrs17.arrays import Floats, ratio
from accounting.rules.ifrs17.errors import BadMeasurement
from accounting.rules.ifrs17.ibnr.chain_ladder import MackErrors


@dataclass(frozen=True, slots=True, eq=False)
class OneYear:
    """Standard errors of the claims development result of the coming year; its mean is 0.

    Args:
        errors: (origins,).
        total: of all origins together.
    """

    errors: Floats
    total: float


def one_year(found: MackErrors) -> OneYear:
    """Return how far the ultimates may be re-estimated within the coming period.

    The next diagonal is all that is new: its own variance, and that it re-estimates the factors.
    A tail scales the result and adds no error of its own. The run-off to the end is
    ``mack(…).total``; this is the part of it that shows within a year.

    Args:
        found: Mack's model of a triangle, volume-weighted, without excluded links.

    Raises:
        BadMeasurement: a development has no amounts to weigh it by, or an amount is not positive.

    Source: Merz and Wüthrich (2008), "Modelling the claims development result for solvency
    purposes", CAS E-Forum Fall 2008, results 3.2 and 3.3 in their linear approximation.
    """
    developed = found.developed
    known = developed.ages
    at = np.arange(len(found.sigma))
    amounts = np.where(np.arange(developed.full.shape[1]) < known[:, None], developed.full, 0.0)
    before = np.where(known[:, None] > at + 1, amounts[:, :-1], 0.0).sum(axis=0)
    joining = np.where(known[:, None] == at + 1, amounts[:, :-1], 0.0).sum(axis=0)
    if (before <= 0).any():
        raise BadMeasurement("Every development needs positive amounts that have passed it.")
    spread = ratio(found.sigma**2, developed.factors**2)
    later = spread * joining / ((before + joining) * before)
    after = np.concatenate((np.cumsum(later[::-1])[::-1], [0.0]))
    shared, own = np.zeros(len(known)), np.zeros(len(known))
    open_ = np.flatnonzero(known <= len(at))
    row = known[open_] - 1
    if (developed.latest[open_] <= 0).any():
        raise BadMeasurement("The latest amounts of open origins are positive.")
    shared[open_] = spread[row] / before[row] + after[row + 1]
    own[open_] = spread[row] / developed.latest[open_]
    oldest_first = np.argsort(-known, kind="stable")
    size, common = developed.ultimate[oldest_first], shared[oldest_first]
    younger = np.concatenate((np.cumsum(size[::-1])[::-1][1:], [0.0]))
    single = developed.ultimate**2 * (own + shared)
    total = float(single.sum() + 2.0 * (size * common * younger).sum())
    return OneYear(np.sqrt(single), float(np.sqrt(max(total, 0.0))))
