"""LightGBM and scikit-learn, loaded on first use: nothing of them is needed to start."""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib.metadata import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SYSTEM_GOMP = "libgomp.so.1"
ROUNDS = 170
PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 15,
    "min_data_in_leaf": 30,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
    "verbosity": -1,
}
Numbers = NDArray[np.float64]
_kept: list[Any] = []


@cache
def lightgbm() -> Any:
    """Import LightGBM; where the system has no OpenMP library, lend it scikit-learn's.

    LightGBM's wheel asks the system for ``libgomp.so.1``, which a bare Debian lacks; the wheel of
    scikit-learn brings one under a name of its own. A copy under the asked name is loaded first.
    """
    try:
        ctypes.CDLL(SYSTEM_GOMP, mode=ctypes.RTLD_GLOBAL)
    except OSError:
        lend_gomp(SYSTEM_GOMP)
    import lightgbm as module

    return module


def lend_gomp(name: str) -> Path:
    """Load a copy of scikit-learn's OpenMP library that answers to ``name``.

    Raises:
        OSError: scikit-learn brings none.
    """
    found = [f for f in files("scikit-learn") or [] if "libgomp" in f.name]
    if not found:
        raise OSError(f"neither the system nor scikit-learn has {name}")
    source = Path(str(found[0].locate()))
    own = source.name.encode() + b"\0"
    answer = name.encode().ljust(len(own), b"\0")
    folder = tempfile.TemporaryDirectory(prefix="gomp")
    copy = Path(folder.name) / name
    copy.write_bytes(source.read_bytes().replace(own, answer))
    _kept.extend([ctypes.CDLL(str(copy), mode=ctypes.RTLD_GLOBAL), folder])
    return copy


def grow(matrix: Numbers, truth: Numbers, words: Sequence[int], rounds: int = ROUNDS) -> str:
    """Learn trees, unweighted, and return the model as text.

    Args:
        matrix: (n, k); NaN is unknown.
        truth: (n,) 1 fraud, 0 none.
        words: the columns that are categories.
        rounds: trees.
    """
    lgb = lightgbm()
    data = lgb.Dataset(
        matrix,
        truth,
        categorical_feature=list(words),
        feature_name=[f"c{i}" for i in range(matrix.shape[1])],
        free_raw_data=False,
    )
    return str(lgb.train(PARAMETERS, data, rounds).model_to_string())


@cache
def booster(text: str) -> Any:
    """Read trees from their text; read ones are kept."""
    return lightgbm().Booster(model_str=text)


def tree_scores(text: str, matrix: Numbers) -> Numbers:
    """Return the raw scores (log odds), (n,)."""
    return np.asarray(booster(text).predict(matrix, raw_score=True, num_threads=1))


def tree_contributions(text: str, matrix: Numbers) -> Numbers:
    """Return what each column adds to the log odds (TreeSHAP), (n, k), without the constant."""
    found = booster(text).predict(matrix, pred_contrib=True, num_threads=1)
    return np.asarray(found)[:, :-1]


def line(matrix: Numbers, truth: Numbers, strength: float = 0.05) -> dict[str, Any]:
    """Learn a logistic regression, unweighted; return coefficients and constant.

    The lasso keeps the few features that carry the most, so that a reader can follow the sum.

    Args:
        matrix: (n, k), standardised.
        truth: (n,) 1 fraud, 0 none.
        strength: inverse of the lasso penalty.

    Source: Tibshirani, J. R. Stat. Soc. B 58 (1996).
    """
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(
        C=strength, l1_ratio=1.0, solver="liblinear", max_iter=1000, random_state=0
    ).fit(matrix, truth)
    return {"coefficients": fitted.coef_[0].tolist(), "constant": float(fitted.intercept_[0])}


def steps(score: Numbers, truth: Numbers) -> dict[str, list[float]]:
    """Learn the isotonic steps from scores to probabilities, and quantiles of the scores."""
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0.0005, y_max=0.995, out_of_bounds="clip").fit(score, truth)
    marks = np.quantile(score, np.linspace(0, 1, 401)[1:-1])
    return {
        "x": [float(v) for v in fitted.X_thresholds_],
        "y": [float(v) for v in fitted.y_thresholds_],
        "quantiles": [float(v) for v in marks],
    }
