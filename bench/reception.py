"""How long one claim takes to be received and scored, in a portfolio of size."""

from __future__ import annotations

import time
from itertools import count

import numpy as np

from bench import portfolio
from bench.harness import Contest

CONTRACTS = 100_000
CLAIMS = 50_000
CALLS = 200  # a round; five rounds make a thousand
_seed = count(1)


def contests() -> list[Contest]:
    """Return the contest of reception: one by one, and the same claims in one batch."""
    return [
        Contest(
            name="reception",
            unit="claims",
            contestants={"one claim a call": one_by_one, "one batch": one_batch},
            prepare=prepare,
            target="p95 ≤ 50 ms a call with 100,000 contracts and 50,000 claims",
        )
    ]


def prepare() -> None:
    """Make the portfolio; warm the caches."""
    portfolio.grow(CONTRACTS, CLAIMS)
    one_by_one()


def one_by_one() -> list[float]:
    """Receive claims call by call; return the seconds of each."""
    from claims import services

    rng = np.random.default_rng([5, next(_seed)])
    seconds = []
    for number in rng.choice(portfolio.motorists(), CALLS):
        claim = portfolio.accident(rng, str(number))
        begun = time.perf_counter()
        services.receive(claim, business_date=portfolio.CLAIMS_DAY, confirmed=True)
        seconds.append(time.perf_counter() - begun)
    return seconds


def one_batch() -> int:
    """Receive as many in one batch."""
    return portfolio.receive_batch(1_000_000 + next(_seed), CALLS)
