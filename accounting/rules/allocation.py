"""How the premium of contracts is earned as their cover passes, by time or as risk is released."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from accounting.rules.ifrs17 import paa
from accounting.rules.projection import Floats

Days = NDArray[np.datetime64]


def earned_until(
    total: Floats, start: Days, end: Days, release: Sequence[float], until: np.datetime64
) -> Floats:
    """Return the premium that contracts have earned before a day, (contracts,) won.

    Args:
        total: (contracts,) all premiums of the contract.
        start: (contracts,) first day of cover.
        end: (contracts,) day after the last one.
        release: weights of the calendar months; empty: by days.
        until: the day, exclusive.

    Source: IFRS 17.B126: by the passage of time, or by the expected timing of incurred service
    expenses where risk is released by another pattern (seasons).
    """
    day = np.clip(np.full(len(start), until), start, end)
    passed = service(day, release) - service(start, release)
    left = service(end, release) - service(day, release)
    return paa.earned(total, passed=passed, left=np.maximum(left, 0.0))


def service(day: Days, release: Sequence[float]) -> Floats:
    """Return the service that a cover without beginning has provided up to days, (n,).

    Args:
        day: days, exclusive.
        release: twelve weights: of a whole January, February …; empty: a day counts 1.
    """
    if not release:
        return day.astype("datetime64[D]").astype(np.float64)
    weights = np.asarray(release, np.float64)
    before = np.concatenate(([0.0], np.cumsum(weights)))
    month = day.astype("datetime64[M]")
    number = month.astype(np.int64)
    first = month.astype("datetime64[D]")
    length = ((month + 1).astype("datetime64[D]") - first).astype(np.float64)
    into = (day.astype("datetime64[D]") - first).astype(np.float64) / length
    of_year = number % 12
    return (number // 12) * before[-1] + before[of_year] + into * weights[of_year]
