"""Whether a model still holds: drift of what it reads and says, marks on outcomes since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import measures
from .features import Features, Numbers

MOVED = 0.25
WORSE = 0.05
UNCERTAIN = 0.05
HALF = 0.5
FEWEST_CLAIMS = 200
FEWEST_FRAUDS = 10
TENTHS = np.linspace(0, 1, 11)[1:-1].tolist()


@dataclass(frozen=True, slots=True)
class Drift:
    """How the inputs and scores of claims differ from those a model was made from.

    Args:
        by_feature: population stability index of each feature.
        score: of the scores.
    """

    by_feature: dict[str, float]
    score: float

    @property
    def worst(self) -> float:
        """The largest index of a feature."""
        return max(self.by_feature.values(), default=0.0)


def drift(encoder: Mapping[str, Any], table: Features, percentile: Numbers) -> Drift:
    """Compare claims with those that a model learned from.

    Args:
        encoder: of the model, with the shares of its learned claims.
        table: (n,) features of the claims, as they were used.
        percentile: (n,) of each by the model, 0 to 1; evenly spread when nothing has moved.
    """
    kept = encoder["shares"]
    numbers = {
        name: measures.psi(how["shares"], measures.shares(table.numbers[name], how["limits"]))
        for name, how in kept["numbers"].items()
    }
    words = {
        name: measures.psi(shares, measures.word_shares(table.words[name], encoder["words"][name]))
        for name, shares in kept["words"].items()
    }
    even = [0.1] * 10
    now = measures.shares(percentile, TENTHS)[:-1]
    return Drift(numbers | words, measures.psi(even, now))


def marks(truth: Numbers, score: Numbers, probability: Numbers) -> dict[str, float]:
    """Return the marks of a model on claims whose outcome is known by now.

    Args:
        truth: (n,) 1 fraud, 0 none.
        score: (n,) of the model.
        probability: (n,) of fraud.
    """
    return measures.judge(truth, score, probability) if len(truth) else {}


def alarms(
    found: Drift | None, marked: Mapping[str, float], promised: Mapping[str, float]
) -> list[str]:
    """Name what has passed its limit.

    Inputs or scores moved: index above 0.25. Worse: ROC-AUC 0.05 below what the model promised,
    or half of its precision at the top. Uncertain: calibration off by more than 0.05. Marks count
    from 10 frauds on.

    Args:
        found: None where there are too few claims.
        marked: on outcomes since.
        promised: when it was judged out of time.
    """
    names = []
    if found is not None:
        names += ["inputs"] if found.worst > MOVED else []
        names += ["scores"] if found.score > MOVED else []
    if marked.get("frauds", 0) >= FEWEST_FRAUDS:
        names += ["auc"] if marked["roc_auc"] < promised.get("roc_auc", 0) - WORSE else []
        least = promised.get("precision_top", 0) * HALF
        names += ["precision"] if marked["precision_top"] < least else []
        names += ["calibration"] if marked["ece"] > UNCERTAIN else []
    return names


@dataclass(frozen=True, slots=True)
class Recall:
    """What share of all fraud is found, by what a random audit found among the rest.

    Args:
        share: found / (found + missed), 0 to 1; NaN where nothing is known.
        low, high: by the 95 % interval of the audited share of fraud.
        missed: estimated frauds among the unflagged.
        audited: decided audits.
    """

    share: float
    low: float
    high: float
    missed: float
    audited: int


def recall(found: int, population: int, audited: int, frauds: int) -> Recall:
    """Estimate the recall without the bias of looking only where one suspects.

    Args:
        found: frauds established among the flagged claims.
        population: unflagged claims from which was drawn.
        audited: of those, drawn at random and decided.
        frauds: of the decided, established.

    Source: Horvitz and Thompson, JASA 47 (1952); Wilson, JASA 22 (1927) for the interval.
    """
    if not audited:
        return Recall(float("nan"), float("nan"), float("nan"), float("nan"), 0)
    low, high = wilson(frauds, audited)
    rate = frauds / audited

    def share(of: float) -> float:
        missed = of * population
        return found / (found + missed) if found + missed else float("nan")

    return Recall(share(rate), share(high), share(low), rate * population, audited)


def wilson(hits: int, of: int, z: float = 1.959964) -> tuple[float, float]:
    """Return the Wilson interval of a share.

    Args:
        hits: counted.
        of: trials, at least one.
        z: normal quantile of the level.
    """
    share, square = hits / of, z * z / of
    middle = (share + square / 2) / (1 + square)
    half = z / (1 + square) * float(np.sqrt(share * (1 - share) / of + square / (4 * of)))
    return max(0.0, middle - half), min(1.0, middle + half)
