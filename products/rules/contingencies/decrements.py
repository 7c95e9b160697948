"""Several causes of leaving: from independent to dependent rates and back, tables, values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from products.rules.contingencies.lives import BadLife, Floats, checked, survival
from products.rules.contingencies.values import insurance


def dependent(rates: ArrayLike, *, rule: str = "FORCE") -> Floats:
    """Return dependent from independent annual rates: what each cause takes beside the others.

    Args:
        rates: (causes, years) independent probabilities, as if no other cause were at work.
        rule: ``FORCE``: constant forces (the same as decrements uniform together);
            ``UDD``: each independent decrement uniform over the year, q₁(1 − ½q₂) for two.

    Returns:
        (causes, years); their sum is 1 − Π (1 − rate).

    Raises:
        BadLife: rates that are no probabilities, or no such rule.

    Source: Actuarial Mathematics for Life Contingent Risks, section 8.10; Bowers et al.,
        Actuarial Mathematics, section 10.5.
    """
    alone = _causes(rates)
    if rule == "FORCE":
        force = -np.log1p(-np.minimum(alone, 1.0 - 1e-16))
        whole = force.sum(axis=0)
        leaving = 1.0 - np.prod(1.0 - alone, axis=0)
        return np.divide(force * leaving, whole, out=np.zeros_like(force), where=whole > 0)
    if rule != "UDD":
        msg = f"There is no rule named {rule}."
        raise BadLife(msg)
    found = np.zeros_like(alone)
    for cause in range(len(alone)):
        stay = np.ones((1, alone.shape[1]))  # coefficients of Π (1 − s q) of the other causes
        for q in np.delete(alone, cause, axis=0):
            nothing = np.zeros((1, alone.shape[1]))
            stay = np.concatenate([stay, nothing]) - np.concatenate([nothing, stay * q])
        found[cause] = alone[cause] * (stay / np.arange(1.0, len(stay) + 1.0)[:, None]).sum(axis=0)
    return found


def independent(rates: ArrayLike, *, rule: str = "FORCE") -> Floats:
    """Return independent from dependent annual rates: what each cause would take alone.

    Args:
        rates: (causes, years) dependent probabilities; their sum a year is at most 1.
        rule: see `dependent`.

    Raises:
        BadLife: rates that are no probabilities or sum to more than 1; or no such rule.

    Source: as `dependent`: p′ = p^(q_j / q), p the probability to stay.
    """
    together = _causes(rates)
    leaving = together.sum(axis=0)
    if np.any(leaving > 1.0 + 1e-12):
        msg = f"Dependent rates of year {int(np.argmax(leaving))} sum to {leaving.max():g}."
        raise BadLife(msg)
    part = np.divide(together, leaving, out=np.zeros_like(together), where=leaving > 0)
    alone = 1.0 - (1.0 - np.minimum(leaving, 1.0)) ** part
    if rule == "FORCE":
        return alone
    for _ in range(200):
        gap = together - dependent(alone, rule=rule)
        if np.abs(gap).max(initial=0.0) < 1e-15:
            break
        alone = np.clip(alone + gap, 0.0, 1.0)
    return alone


@dataclass(frozen=True, eq=False)
class Decrements:
    """A table of several decrements.

    Attributes:
        lives: (years + 1,) in force at the start of each year.
        leaving: (causes, years) those who leave by each cause.
    """

    lives: Floats
    leaving: Floats


def table(rates: ArrayLike, *, radix: float = 100_000.0) -> Decrements:
    """Return the table of dependent rates.

    Args:
        rates: (causes, years) dependent probabilities.
        radix: in force at the start.

    Raises:
        BadLife: see `independent`.
    """
    together = _causes(rates)
    lives = radix * survival(_leaving(together))
    return Decrements(lives, together * lives[:-1])


def cause_insurance(
    rates: ArrayLike, cause: int, *, interest: float, years: int | None = None
) -> float:
    """Value 1 paid at the end of the year in which a cause strikes.

    Args:
        rates: (causes, years) dependent probabilities.
        cause: number of the cause that pays; the others only end the contract.
        interest: annual effective rate.
        years: term; None for all.

    Raises:
        BadLife: see `table`; a term beyond the table.
    """
    together = _causes(rates)
    leaving = _leaving(together)
    n = leaving.shape[-1] if years is None else years
    whole = insurance(leaving, interest=interest, years=n)  # refuses a term beyond the table
    if not np.any(whole):
        return 0.0
    t = np.arange(min(n, leaving.shape[-1]))
    alive = survival(leaving)[: len(t)]
    return float((alive * together[cause, : len(t)] * (1.0 + interest) ** -(t + 1.0)).sum())


def _causes(rates: ArrayLike) -> Floats:
    given = np.atleast_2d(checked(rates))
    if given.ndim != 2:
        msg = "Rates of several causes are (causes, years)."
        raise BadLife(msg)
    return given


def _leaving(together: Floats) -> Floats:
    leaving = together.sum(axis=0)
    if np.any(leaving > 1.0 + 1e-12):
        msg = f"Dependent rates of year {int(np.argmax(leaving))} sum to {leaving.max():g}."
        raise BadLife(msg)
    return np.minimum(leaving, 1.0)
