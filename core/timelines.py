"""Looking back along events: for many questions at once, which events came before, since when.

line = Timeline.of(group=provider, at=reported, key=number)
first = line.after(provider_asked, moment - YEAR)
for row, place in line.windows(first, line.before(provider_asked, moment, number_asked)):
...  # pairs of a question and an event, a bounded number at a time
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from .columns import Ints, Keys

PAIRS = 2_000_000


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events of groups in order, (n,) each.

    Args:
        order: place of each event in the arrays that it was made from.
        group, at, key: ascending by group, then instant, then key.
    """

    order: Ints
    group: Ints
    at: Ints
    key: Ints

    @classmethod
    def of(cls, *, group: Ints, at: Ints, key: Ints) -> Timeline:
        """Put events in order.

        Args:
            group: (n,) whose event.
            at: (n,) instant.
            key: (n,) decides between events of one instant.
        """
        order = np.lexsort((key, at, group)).astype(np.int64)
        return cls(order, group[order], at[order], key[order])

    def before(self, group: Ints, at: Ints, key: Ints) -> Ints:
        """Return (m,) the place of the first event of the group that is not before (at, key)."""
        return self._search(group, at, key)

    def after(self, group: Ints, at: Ints) -> Ints:
        """Return (m,) the place of the first event of the group that is later than ``at``."""
        return self._search(group, at, np.full(len(at), np.iinfo(np.int64).max))

    def _search(self, group: Ints, at: Ints, key: Ints) -> Ints:
        low = np.searchsorted(self.group, group, side="left")
        high = np.searchsorted(self.group, group, side="right")
        while (open_ := low < high).any():
            middle = np.where(open_, (low + high) // 2, 0)
            earlier = (self.at[middle] < at) | ((self.at[middle] == at) & (self.key[middle] < key))
            low = np.where(open_ & earlier, middle + 1, low)
            high = np.where(open_ & ~earlier, middle, high)
        return np.asarray(low, dtype=np.int64)

    def windows(self, first: Ints, last: Ints) -> Iterator[tuple[Ints, Ints]]:
        """Give the pairs (question, place of the event in the arrays given), in bounded parts.

        The pairs of one question always come in one part.

        Args:
            first: (m,) place of the first event of each question.
            last: (m,) place after its last.
        """
        sizes = np.maximum(last - first, 0)
        ends = np.cumsum(sizes)
        start = 0
        while start < len(sizes):
            limit = (int(ends[start - 1]) if start else 0) + PAIRS
            stop = max(start + 1, int(np.searchsorted(ends, limit, side="right")))
            count = sizes[start:stop]
            row = np.repeat(np.arange(start, stop), count)
            inside = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
            yield row, self.order[first[row] + inside]
            start = stop


def codes(*columns: Keys) -> list[Ints]:
    """Return the columns as numbers that compare as their texts do, over all columns alike."""
    texts = pl.concat([pl.Series(column, dtype=pl.String) for column in columns])
    number = np.asarray(texts.rank("dense").to_numpy(), dtype=np.int64)
    ends = np.cumsum([len(column) for column in columns])[:-1]
    return np.split(number, ends)


def distinct(row: Ints, value: Ints, rows: int) -> Ints:
    """Count the distinct values of each row.

    Args:
        row: (k,) which row.
        value: (k,) what it has.
        rows: how many rows there are.
    """
    if not len(row):
        return np.zeros(rows, dtype=np.int64)
    order = np.lexsort((value, row))
    r, v = row[order], value[order]
    first = np.append(True, (r[1:] != r[:-1]) | (v[1:] != v[:-1]))
    return np.bincount(r[first], minlength=rows).astype(np.int64)


def sums(row: Ints, value: Ints, rows: int) -> Ints:
    """Add up values by row, exactly.

    Args:
        row: (k,) ascending.
        value: (k,).
        rows: how many rows there are.
    """
    total = np.append(0, np.cumsum(value))
    ends = np.searchsorted(row, np.arange(rows + 1))
    return np.asarray(total[ends[1:]] - total[ends[:-1]], dtype=np.int64)
