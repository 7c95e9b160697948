"""What may not stand beside what: overlapping layers, shares above the whole; ages of debts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .programme import LAYERED, PROPORTIONAL


@dataclass(frozen=True, slots=True)
class Terms:
    """What two treaties of a line are compared by.

    Args:
        start: first loss date covered.
        end: first loss date not covered any more.
        contract: the contract of a facultative cession; empty for a treaty.
    """

    code: str
    kind: str
    start: date
    end: date
    percent: Decimal = Decimal(0)
    retention: Decimal = Decimal(0)
    limit: Decimal = Decimal(0)
    contract: str = ""


def overlapping(new: Terms, signed: Sequence[Terms]) -> Terms | None:
    """Return a signed layer of the same line and kind that ``new`` overlaps in days and amount.

    Args:
        new: the layer to be signed.
        signed: those that stand, of the same line.

    Returns:
        The first that overlaps, or None; kinds without layers never do.
    """
    if new.kind not in LAYERED:
        return None
    for other in signed:
        same_days = other.start < new.end and new.start < other.end
        same_won = (
            other.retention < new.retention + new.limit
            and new.retention < other.retention + other.limit
        )
        if other.kind == new.kind and same_days and same_won:
            return other
    return None


def highest_share(treaties: Sequence[Terms], *, contract: str = "") -> tuple[Decimal, date | None]:
    """Return the largest sum of ceded percents on any day, and the first such day.

    Args:
        treaties: of one line.
        contract: sum the facultative cessions of this contract; empty: the quota shares.
    """
    shares = [
        t for t in treaties if t.kind in PROPORTIONAL and t.percent and t.contract == contract
    ]
    best, when = Decimal(0), None
    for day in sorted({t.start for t in shares}):
        total = sum((t.percent for t in shares if t.start <= day < t.end), Decimal(0))
        if total > best:
            best, when = total, day
    return best, when


AGES = ((0, 30), (31, 60), (61, 90), (91, None))
"""Age classes of debts: days since the bill, both ends inclusive."""


def age_class(days: int) -> int:
    """Return the number of the age class (0 to 3) of something billed ``days`` ago."""
    for number, (_, last) in enumerate(AGES):
        if last is None or days <= last:
            return number
    raise AssertionError("the last class is open")


def aged(entries: Sequence[tuple[date, int]], on: date) -> list[int]:
    """Return what is still owed of an account by age: payments clear the oldest debts first.

    Args:
        entries: (day, won) in any order; positive is owed, negative was paid or credited.
        on: the day; later entries do not count.

    Returns:
        Won by class of ``AGES``; a balance in our favour stands as a negative amount in the
        first class.
    """
    known = sorted(entry for entry in entries if entry[0] <= on)
    paid = -sum(amount for _, amount in known if amount < 0)
    out = [0] * len(AGES)
    for day, amount in known:
        if amount > 0:
            cleared = min(paid, amount)
            paid -= cleared
            out[age_class((on - day).days)] += amount - cleared
    out[0] -= paid
    return out
