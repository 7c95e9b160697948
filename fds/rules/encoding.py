"""From a feature table to the matrices of trees and of logistic regression, and back to reasons.

An encoder is plain JSON made from the training claims alone; scoring needs nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.columns import Keys

from .features import Features, Numbers

RARE = 20
Encoder = dict[str, Any]
Matrix = NDArray[np.float64]


def fit(features: Features, *, without: Collection[str] = ()) -> Encoder:
    """Learn what scoring needs: which features vary, usual values, limits, categories.

    Args:
        features: training claims.
        without: names to leave out.

    Returns:
        ``numbers``: name → median, low and high percentile, whether its logarithm is less
        skewed, mean and deviation after all this, whether values are missing often enough to say
        so; ``words``: name → categories that occur at least 20 times; ``order``: the names as the
        columns have them (a database may store the keys of an object in another order).
    """
    numbers = {}
    for name, column in features.numbers.items():
        known = column[~np.isnan(column)]
        if name in without or len(known) < RARE or known.min() == known.max():
            continue
        low, median, high = np.percentile(known, [0.5, 50, 99.5])
        log = bool(known.min() >= 0 and _skewness(np.log1p(known)) < _skewness(known))
        filled = _levelled(column, {"low": low, "median": median, "high": high, "log": log})
        missing = float(np.isnan(column).mean())
        numbers[name] = {
            "median": float(median),
            "low": float(low),
            "high": float(high),
            "log": log,
            "mean": float(filled.mean()),
            "sd": float(filled.std()) or 1.0,
            "missing": 0.01 < missing < 0.99,
        }
    words = {}
    for name, texts in features.words.items():
        values, counts = np.unique(texts.astype(str), return_counts=True)
        kept = [v for v, n in zip(values.tolist(), counts.tolist(), strict=True) if n >= RARE]
        if name not in without and len(kept) > 1:
            words[name] = kept
    order = {"numbers": list(numbers), "words": list(words)}
    return {"numbers": numbers, "words": words, "order": order}


def columns(encoder: Encoder, *, linear: bool) -> list[str]:
    """Return the feature behind each column of a matrix."""
    if not linear:
        return [*encoder["order"]["numbers"], *encoder["order"]["words"]]
    hot = [name for name, kept in _words(encoder) for _ in kept]
    return [*encoder["order"]["numbers"], *_missing(encoder), *hot]


def for_trees(encoder: Encoder, features: Features) -> Matrix:
    """Return (n, k): numbers as they are (NaN: unknown), words as codes (NaN: unknown or rare)."""
    parts = [features.numbers[name] for name in encoder["order"]["numbers"]]
    parts += [_codes(features.words[name], kept) for name, kept in _words(encoder)]
    return np.column_stack(parts) if parts else np.empty((len(features), 0))


def for_line(encoder: Encoder, features: Features) -> Matrix:
    """Return (n, k): numbers clipped and standardised, missing flags, one column a category."""
    parts: list[Numbers] = []
    for name in encoder["order"]["numbers"]:
        how = encoder["numbers"][name]
        parts.append((_levelled(features.numbers[name], how) - how["mean"]) / how["sd"])
    parts += [np.isnan(features.numbers[name]).astype(np.float64) for name in _missing(encoder)]
    for name, kept in _words(encoder):
        texts = features.words[name].astype(str)
        parts += [(texts == value).astype(np.float64) for value in kept]
    return np.column_stack(parts) if parts else np.empty((len(features), 0))


def _words(encoder: Encoder) -> list[tuple[str, list[str]]]:
    return [(name, encoder["words"][name]) for name in encoder["order"]["words"]]


def _missing(encoder: Encoder) -> list[str]:
    numbers = encoder["numbers"]
    return [name for name in encoder["order"]["numbers"] if numbers[name]["missing"]]


def _levelled(column: Numbers, how: Mapping[str, Any]) -> Numbers:
    filled = np.where(np.isnan(column), how["median"], column)
    clipped = np.clip(filled, how["low"], how["high"])
    return np.log1p(np.maximum(clipped, 0)) if how["log"] else clipped


def _skewness(column: Numbers) -> float:
    spread = column.std()
    return abs(float(((column - column.mean()) ** 3).mean() / spread**3)) if spread else 0.0


def _codes(column: Keys, kept: list[str]) -> Numbers:
    place = {value: float(code) for code, value in enumerate(kept)}
    return np.asarray([place.get(str(value), np.nan) for value in column], dtype=np.float64)


def by_feature(names: list[str], contributions: Matrix) -> tuple[list[str], Matrix]:
    """Add the contributions of the columns of one feature.

    Args:
        names: the feature behind each column.
        contributions: (n, k).

    Returns:
        features in order, and (n, features).
    """
    order = list(dict.fromkeys(names))
    place = {name: i for i, name in enumerate(order)}
    total = np.zeros((len(contributions), len(order)))
    for column, name in enumerate(names):
        total[:, place[name]] += contributions[:, column]
    return order, total


def usual(encoder: Encoder, name: str) -> float | None:
    """Return the middle value of a number among the training claims, or None for a word."""
    how: Mapping[str, float] | None = encoder["numbers"].get(name)
    return None if how is None else float(how["median"])
