"""How good a model is and whether the world has moved: AUC, precision at k, calibration, PSI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_TINY = 1e-4


def roc_auc(truth: Numbers, score: Numbers) -> float:
    """Return the chance that a fraud scores above an honest claim (ties count half).

    Args:
        truth: (n,) 1 fraud, 0 none.
        score: (n,) higher is more suspicious.

    Returns:
        0 to 1; NaN if one of the classes is absent.

    Source: Mann and Whitney 1947; Hanley and McNeil, Radiology 143 (1982).
    """
    positives = truth.sum()
    negatives = len(truth) - positives
    if not positives or not negatives:
        return float("nan")
    _values, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    wins = rank[truth == 1].sum() - positives * (positives + 1) / 2
    return float(wins / (positives * negatives))


def pr_auc(truth: Numbers, score: Numbers) -> float:
    """Return the average precision: Σ (recall gained) · precision, over distinct scores.

    Args:
        truth: (n,) 1 fraud, 0 none.
        score: (n,) higher is more suspicious.
    """
    if not truth.sum():
        return float("nan")
    order = np.argsort(-score, kind="stable")
    ranked, hits = score[order], np.cumsum(truth[order])
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    precision = hits[last] / (last + 1)
    gained = np.diff(np.append(0, hits[last])) / truth.sum()
    return float((precision * gained).sum())


def precision_at(truth: Numbers, score: Numbers, k: int) -> float:
    """Return the share of frauds among the k highest scores."""
    top = np.argsort(-score, kind="stable")[: max(k, 1)]
    return float(truth[top].mean()) if len(top) else float("nan")


def recall_at(truth: Numbers, score: Numbers, share: float) -> float:
    """Return the share of all frauds that the highest ``share`` of the scores contains."""
    k = max(1, round(len(score) * share))
    top = np.argsort(-score, kind="stable")[:k]
    return float(truth[top].sum() / truth.sum()) if truth.sum() else float("nan")


def calibration_error(truth: Numbers, probability: Numbers, bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal numbers of claims."""
    if not len(truth):
        return float("nan")
    order = np.argsort(probability, kind="stable")
    parts = np.array_split(order, bins)
    gaps = [
        abs(truth[part].mean() - probability[part].mean()) * len(part)
        for part in parts
        if len(part)
    ]
    return float(sum(gaps) / len(truth))


def judge(truth: Numbers, score: Numbers, probability: Numbers) -> dict[str, float]:
    """Return every mark of a model on claims that it never saw."""
    flagged = max(1, round(len(truth) * 0.02))
    marks = {
        "claims": float(len(truth)),
        "frauds": float(truth.sum()),
        "base": float(truth.mean()) if len(truth) else float("nan"),
        "roc_auc": roc_auc(truth, score),
        "pr_auc": pr_auc(truth, score),
        "precision_top": precision_at(truth, score, flagged),
        "precision_36": precision_at(truth, score, 36),
        "recall_5": recall_at(truth, score, 0.05),
        "recall_10": recall_at(truth, score, 0.10),
        "brier": float(((probability - truth) ** 2).mean()) if len(truth) else float("nan"),
        "ece": calibration_error(truth, probability),
    }
    return {name: round(value, 6) for name, value in marks.items() if not np.isnan(value)}


def quantiles(column: Numbers, bins: int = 10) -> list[float]:
    """Return the distinct inner limits of bins with equal numbers of known values."""
    known = column[~np.isnan(column)]
    if not len(known):
        return []
    return sorted(set(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]).tolist()))


def shares(column: Numbers, limits: Sequence[float]) -> list[float]:
    """Return the share of values in each bin, and last of those that are unknown."""
    known = ~np.isnan(column)
    places = np.searchsorted(np.asarray(limits), column[known], side="right")
    counts = np.bincount(places, minlength=len(limits) + 1).astype(np.float64)
    total = max(len(column), 1)
    return [*(counts / total).tolist(), float((~known).sum() / total)]


def word_shares(column: NDArray[np.object_], kept: Sequence[str]) -> list[float]:
    """Return the share of each category, and last of all others."""
    texts = column.astype(str)
    total = max(len(texts), 1)
    known = [float((texts == value).sum() / total) for value in kept]
    return [*known, max(0.0, 1 - sum(known))]


def psi(before: Sequence[float], now: Sequence[float]) -> float:
    """Return the population stability index Σ (now − before) · ln(now / before).

    Below 0.1 stable, above 0.25 moved. Shares of zero count as 0.0001.
    """
    b, n = np.maximum(before, _TINY), np.maximum(now, _TINY)
    return float(((n - b) * np.log(n / b)).sum())


def isotonic(steps: Mapping[str, Any], score: Numbers) -> Numbers:
    """Turn scores into probabilities by stored isotonic steps, linear between them."""
    return np.interp(score, steps["x"], steps["y"])


def percentile(steps: Mapping[str, Any], score: Numbers) -> Numbers:
    """Return the share of the calibration claims that score lower, 0 to 1."""
    marks = np.asarray(steps["quantiles"])
    return np.searchsorted(marks, score, side="left") / max(len(marks), 1)
