"""Triangles of a portfolio by month, and what they say of claims not yet reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from accounting.rules.ifrs17.errors import BadMeasurement
from accounting.rules.ifrs17.ibnr import MackErrors, build, chain_ladder, mack
from accounting.rules.projection import Floats, Ints

MONTHS = 36
"""Months of accidents that a triangle looks back."""
CREDIBLE = 12
"""Months of accidents from which a triangle speaks for itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Triangle:
    """A cumulative triangle.

    Args:
        origins: months of accidents, ``YYYY-MM``, oldest first.
        values: (origins, developments) won, NaN in the future.
    """

    origins: list[str]
    values: Floats

    @property
    def credible(self) -> bool:
        """Whether it is old enough to be developed."""
        return len(self.origins) >= CREDIBLE


def month_number(name: str) -> int:
    """Return the number of a month ``YYYY-MM``, counted from January of year 0."""
    return 12 * int(name[:4]) + int(name[5:7]) - 1


def month_name(number: int) -> str:
    """Return the name of a month by its number."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def of(origin: Ints, month: Ints, amount: Ints, until: str) -> Triangle | None:
    """Build the triangle of a portfolio; None where nothing happened in the months looked at.

    Args:
        origin: (n,) numbers of the months of accidents (``month_number``).
        month: (n,) months after them.
        amount: (n,) won.
        until: the last month known, ``YYYY-MM``.
    """
    last = month_number(until)
    inside = (origin > last - MONTHS) & (origin <= last)
    if not inside.any():
        return None
    first = int(origin[inside].min())
    count = last - first + 1
    if count < 2:
        return None
    ages = count - np.arange(count)
    values = build(origin[inside] - first, month[inside], amount[inside], origins=count, ages=ages)
    return Triangle([month_name(first + n) for n in range(count)], values)


def grid(origin: Ints, month: Ints, amount: Ints, until: str) -> Floats:
    """Build the triangle of all ``MONTHS`` up to a month, those without claims included.

    Args:
        origin: (n,) numbers of the months of accidents.
        month: (n,) months after them.
        amount: (n,) won.
        until: the last month known, ``YYYY-MM``.

    Returns:
        (MONTHS, MONTHS) cumulative, NaN in the future.
    """
    first = month_number(until) - MONTHS + 1
    inside = (origin >= first) & (origin < first + MONTHS)
    ages = MONTHS - np.arange(MONTHS)
    return build(origin[inside] - first, month[inside], amount[inside], origins=MONTHS, ages=ages)


def excluded_links(found: Triangle, links: Iterable[tuple[str, int]]) -> list[tuple[int, int]]:
    """Return the places of excluded links (month of accident, development) in a triangle."""
    place = {name: number for number, name in enumerate(found.origins)}
    width = found.values.shape[1] - 1
    return [(place[name], at) for name, at in links if name in place and 0 <= at < width]


def developed(found: Triangle, links: Iterable[tuple[str, int]] = ()) -> MackErrors | None:
    """Develop a triangle with its errors; None where it does not speak for itself."""
    try:
        return mack(found.values, excluded=excluded_links(found, links) or None)
    except BadMeasurement:
        return None


def reported_shares(found: Triangle, links: Iterable[tuple[str, int]] = ()) -> Floats | None:
    """Return the share of ultimate claims known by development, (developments,).

    Returns:
        Rising to 1, between 0 and 1; None where the triangle is too young or does not develop.

    Source: the pattern of Bornhuetter and Ferguson: 1 ÷ the chain ladder's factor to ultimate.
    """
    if not found.credible:
        return None
    try:
        factors = chain_ladder(found.values, excluded=excluded_links(found, links) or None)
    except BadMeasurement:
        return None
    shares = np.clip(1.0 / np.maximum(factors.to_ultimate, 1e-9), 0.0, 1.0)
    return np.asarray(np.maximum.accumulate(shares), np.float64)
