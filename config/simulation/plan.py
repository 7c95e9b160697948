"""What is to be lived through: how many contracts, how long, from which seed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from zlib import crc32

import numpy as np

from core.clock import add_months, is_business_day

SEASON = (0.9, 0.85, 1.1, 1.0, 1.05, 1.0, 0.95, 0.9, 1.05, 1.05, 1.0, 1.15)


@dataclass(frozen=True)
class Plan:
    """A simulation. The same plan gives the same life.

    Args:
        contracts: applications that lead to contracts, about; over the whole time.
        months: whole calendar months.
        seed: of every random choice.
        start: first day of a month.
    """

    contracts: int
    months: int
    seed: int
    start: date

    @cached_property
    def days(self) -> list[date]:
        """All calendar days, in order."""
        end = add_months(self.start, self.months)
        return [self.start + timedelta(days=i) for i in range((end - self.start).days)]

    def rng(self, day: date, purpose: str) -> np.random.Generator:
        """Return the generator of a day and purpose, the same after an interruption."""
        return np.random.default_rng([self.seed, day.toordinal(), crc32(purpose.encode())])

    @cached_property
    def applications(self) -> dict[date, int]:
        """Applications of each business day; a few more than contracts, since some are declined."""
        working = [day for day in self.days if is_business_day(day)]
        weights = np.array([SEASON[day.month - 1] for day in working])
        share = np.cumsum(weights) / weights.sum()
        total = round(self.contracts * 1.06)
        ends = np.round(share * total).astype(int)
        counts = np.diff(np.concatenate([[0], ends]))
        return {day: int(n) for day, n in zip(working, counts, strict=True)}

    def applications_before(self, day: date) -> int:
        """Return how many applications came before ``day``; a serial number for new people."""
        return sum(n for d, n in self.applications.items() if d < day)
