"""How near a party stands to established fraud: a walk that starts again at the known frauds.

Source: He et al., BiRank, IEEE TKDE 29 (2017); Óskarsdóttir et al., Risk Analysis 42(8) (2022);
Van Vlasselaer et al., GOTCHA, Management Science 63 (2017) for the walk from known frauds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.columns import Flags, Ints

Numbers = NDArray[np.float64]
STAY = 0.85
CLOSE = 1e-10
MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class Ranks:
    """What the walk found for k parties.

    Args:
        value: (k,) numbers of the parties, ascending.
        score: (k,) at least zero; zero where no known fraud can be reached.
        rank: (k,) share of parties below it, 0 to 1.
    """

    value: Ints
    score: Numbers
    rank: Numbers


def rank(claim: Ints, value: Ints, fraud: Flags) -> Ranks:
    """Rank the parties of a bipartite graph of claims and parties by known frauds.

    With S = D_c^-½ W D_p^-½ the walk repeats c ← 0.85 · S p + 0.15 · q and p ← Sᵀ c, where q is
    spread evenly over the claims whose fraud is established, until nothing moves any more.

    Args:
        claim: (m,) row of the claim of each link.
        value: (m,) number of its party.
        fraud: (n,) whether a claim's fraud is established.
    """
    from scipy.sparse import csr_matrix, diags_array

    values, code = np.unique(value, return_inverse=True)
    if not fraud.any() or not len(values):
        zero = np.zeros(len(values))
        return Ranks(values, zero, zero)
    shape = (len(fraud), len(values))
    links = csr_matrix((np.ones(len(claim)), (claim, code)), shape=shape)
    links.data[:] = 1.0
    by_claim, by_party = (np.asarray(links.sum(axis=axis)).ravel() for axis in (1, 0))
    spread = diags_array(_root(by_claim)) @ links @ diags_array(_root(by_party))
    start = fraud / fraud.sum()
    claims, back = start.copy(), spread.T.tocsr()
    parties = back @ claims
    for _step in range(MOST_STEPS):
        claims = STAY * (spread @ parties) + (1 - STAY) * start
        before, parties = parties, back @ claims
        if np.abs(parties - before).sum() < CLOSE:
            break
    score = np.where(parties > CLOSE, parties, 0.0)
    return Ranks(values, score, np.searchsorted(np.sort(score), score) / len(score))


def _root(degree: Numbers) -> Numbers:
    return np.asarray(1 / np.sqrt(np.maximum(degree, 1.0)), dtype=np.float64)
