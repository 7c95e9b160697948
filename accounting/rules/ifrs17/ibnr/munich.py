"""Munich chain ladder: paid and incurred triangles developed together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from accounting.rules.ifrs17.arrays import Floats, ratio
from accounting.rules.ifrs17.errors import BadTriangle, LengthMismatch
from accounting.rules.ifrs17.ibnr.chain_ladder import MackErrors, Variance, mack
from accounting.rules.ifrs17.ibnr.triangle import ages, triangle


@dataclass(frozen=True, slots=True, eq=False)
class Munich:
    """Two triangles that know of each other: o origins, d developments.

    Args:
        paid, incurred: (o, d) full, the future filled in.
        paid_ultimate, incurred_ultimate: (o,) last columns.
        lambda_paid, lambda_incurred: how strongly each follows the other, 0: not at all.
        ibnr: (o,) incurred ultimate less what is reported; what remains to be paid is
            ``paid_ultimate`` less what is paid.
    """

    paid: Floats
    incurred: Floats
    paid_ultimate: Floats
    incurred_ultimate: Floats
    lambda_paid: float
    lambda_incurred: float
    ibnr: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    """One triangle and how it hangs on the other; other ÷ own by development."""

    known: Floats
    model: MackErrors
    level: Floats
    spread: Floats
    follows: float


def munich(
    paid: ArrayLike, incurred: ArrayLike, *, variance: Variance | float = Variance.LOG_LINEAR
) -> Munich:
    """Develop paid and incurred claims so that their ultimates draw near each other.

    Where more is outstanding than usual at an age, payments will grow faster and reports slower
    than the chain ladder says; how much, residuals over the whole triangle tell.

    Args:
        paid: (origins, developments) cumulative payments, positive.
        incurred: (origins, developments) cumulative reports, positive, known where payments are.
        variance: what a development with a single link is given, see ``mack``.

    Raises:
        LengthMismatch: the triangles know different cells.
        BadTriangle: see ``mack``; also an amount that is not positive.

    Source: Quarg and Mack (2004), "Munich chain ladder", Blätter der DGVFM 26.
    """
    given, reported = triangle(paid), triangle(incurred)
    if given.shape != reported.shape or (np.isfinite(given) != np.isfinite(reported)).any():
        raise LengthMismatch("Paid and incurred triangles know the same cells.")
    if (given <= 0).any() or (reported <= 0).any():
        raise BadTriangle("Munich chain ladder asks for amounts above zero.")
    first, second = _side(given, reported, variance), _side(reported, given, variance)
    full, other = given.copy(), reported.copy()
    for k in range(given.shape[1] - 1):
        future = ~np.isfinite(full[:, k + 1])
        a, b = full[future, k], other[future, k]
        full[future, k + 1] = a * _factor(first, k, b / a)
        other[future, k + 1] = b * _factor(second, k, a / b)
    latest = reported[np.arange(len(reported)), ages(reported) - 1]
    return Munich(
        full, other, full[:, -1], other[:, -1], first.follows, second.follows,
        other[:, -1] - latest,
    )  # fmt: skip


def _side(own: Floats, other: Floats, variance: Variance | float) -> _Side:
    """Measure one triangle: its factors, the usual ratio to the other, and what links them."""
    model = mack(own, variance=variance)
    width = own.shape[1] - 1
    known = np.isfinite(own)
    level = np.nansum(other, axis=0) / np.nansum(own, axis=0)
    apart = np.where(known, np.sqrt(own) * (other / own - level), 0.0)
    count = known.sum(axis=0)
    spread = np.sqrt(ratio((apart**2).sum(axis=0), np.maximum(count - 1, 1)))
    linked = known[:, 1:]
    grown = np.divide(own[:, 1:], own[:, :-1], out=np.zeros_like(own[:, 1:]), where=linked)
    root = np.where(linked, np.sqrt(np.where(known, own, 0.0))[:, :-1], 0.0)
    links = linked.sum(axis=0) > 1
    moved = ratio(root * (grown - model.developed.factors), model.sigma) * links
    stood = ratio(apart[:, :-1] * linked, spread[:width]) * links
    weight = float((stood**2).sum())
    follows = float((stood * moved).sum()) / weight if weight else 0.0
    return _Side(own, model, level, spread, follows)


def _factor(side: _Side, k: int, quotient: Floats) -> Floats:
    """Return the growth of a development for cells whose other ÷ own is ``quotient``."""
    pull = float(ratio(side.model.sigma[k], side.spread[k])) * side.follows
    return np.asarray(side.model.developed.factors[k] + pull * (quotient - side.level[k]))
