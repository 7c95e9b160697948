"""The arbitrage test (차익거래): nobody gains by selling a contract and ending it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.columns import Ints, Won
from sales.rules.plans import Scheme
from sales.rules.rounding import FACTOR, PERCENT, half_up


@dataclass(frozen=True, slots=True)
class Arbitrage:
    """Month by month, (n, months) won; month t stands after its t-th instalment is paid.

    Args:
        premiums: paid so far.
        paid: commission paid so far, advance and overrides included.
        kept: of it, what stays when the contract ends now: less the clawback of this month.
        value: surrender value.
        gain: kept + value − premiums; positive is an arbitrage.
    """

    premiums: Won
    paid: Won
    kept: Won
    value: Won
    gain: Won

    @property
    def breaches(self) -> NDArray[Any]:
        """(k, 2) row and month (from 1) where something could be gained by a commission."""
        rows, months = np.nonzero((self.gain > 0) & (self.kept > 0))
        return np.stack([rows, months + 1], axis=1)


def arbitrage(
    *,
    premium: Won,
    pay_months: Ints,
    value: Won,
    scheme: Scheme,
    factor: Ints,
    tier: Ints,
    rank: Ints,
    months: int | None = None,
) -> Arbitrage:
    """Compare commission and surrender value with the premiums in every month of contracts.

    Args:
        premium: (n,) won of one monthly instalment.
        pay_months: (n,) instalments in all.
        value: (n, months) surrender value after each month, won.
        scheme: the plan.
        factor: (n,) agent's factor, hundredths.
        tier: (n,) place in the plan.
        rank: (n,) place in the plan.
        months: only so many months; None takes all columns of ``value``.

    Source: 보험업감독규정 제4-32조 (commission and surrender value at most the premiums paid).
    """
    span = value.shape[1] if months is None else min(months, value.shape[1])
    number = np.arange(1, span + 1)
    due = number[None, :] <= pay_months[:, None]
    premiums = np.cumsum(np.where(due, premium[:, None], 0), axis=1)
    rate = _rates(scheme, tier, rank, span)
    earned = half_up(premium[:, None] * (rate * factor[:, None]), PERCENT * FACTOR)
    earned = np.where(due, earned, 0)
    above = sum(override.percent for override in scheme.overrides)
    earned += half_up(earned * above, PERCENT)
    upkeep = np.zeros(span, bool)
    inside = min(span, len(scheme.maintained) - 1)
    upkeep[:inside] = scheme.maintained[1 : inside + 1]
    total = np.cumsum(earned, axis=1)
    at_stake = np.cumsum(np.where(upkeep, 0, earned), axis=1)
    ahead = _outstanding(scheme, earned, span)
    band = np.searchsorted(scheme.clawback.last, np.minimum(number[None, :], pay_months[:, None]))
    back = half_up(at_stake * scheme.clawback.percents[band], PERCENT)
    kept = total - back
    held = value[:, :span]
    return Arbitrage(premiums, total + ahead, kept, held, kept + held - premiums)


def _rates(scheme: Scheme, tier: Ints, rank: Ints, span: int) -> Ints:
    rates = np.zeros((len(tier), span), np.int64)
    last = min(span, scheme.rates.shape[2] - 1)
    rates[:, :last] = scheme.rates[tier, rank, 1 : last + 1]
    return rates


def _outstanding(scheme: Scheme, earned: Won, span: int) -> Won:
    """Return what of the advance is not redeemed after each month; an end takes it all back."""
    if scheme.advance is None:
        return np.zeros_like(earned)
    mine = np.zeros(span, bool)
    inside = scheme.advance.instalments[scheme.advance.instalments <= span] - 1
    mine[inside] = True
    ahead = np.where(mine, earned, 0)
    left = ahead.sum(axis=1, keepdims=True) - np.cumsum(ahead, axis=1)
    return half_up(left * scheme.advance.percent, PERCENT)
