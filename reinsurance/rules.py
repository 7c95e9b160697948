"""The engine of reinsurance: what treaties pay of losses, and what premium they take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from core.columns import Won
from core.money import round_won

QUOTA_SHARE = "QUOTA_SHARE"
EXCESS = "EXCESS"
WHOLE = 1_000_000
"""A hundred percent in ten-thousandths of a percent, the precision of a treaty's terms."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A treaty's place in a programme.

    Args:
        code: the treaty's code.
        kind: ``QUOTA_SHARE`` or ``EXCESS``.
        position: order among treaties of its kind, 1 first.
        percent: ceded share, percent with at most four decimals; 0 for an excess.
        retention: an excess pays what is above this, won.
        limit: … and at most this much for one loss, won.
        left: what it may still pay for its whole period, won; None: no limit.
    """

    code: str
    kind: str
    position: int
    percent: Decimal = Decimal(0)
    retention: int = 0
    limit: int = 0
    left: int | None = None

    @property
    def units(self) -> int:
        """The ceded share in parts of ``WHOLE``."""
        return int(self.percent * WHOLE / 100)


def in_order(layers: Sequence[Layer]) -> list[int]:
    """Return the numbers of the layers in programme order: quota shares, then excess."""
    return sorted(
        range(len(layers)),
        key=lambda i: (layers[i].kind != QUOTA_SHARE, layers[i].position, layers[i].code),
    )


def recover(
    losses: Won, layers: Sequence[Layer], covers: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Return what each treaty pays of each loss.

    Every quota share takes its percent of the whole loss, cut to whole won. Each excess layer
    takes what the rest exceeds its retention by, up to its limit. A treaty with a limit for its
    period pays the losses in the order given until the limit is used up.

    Args:
        losses: (n,) paid losses, won, not negative.
        layers: the treaties of the programme, in any order.
        covers: (n, layers) whether a treaty covers a loss (line and loss date); all by default.

    Returns:
        (n, layers) won, not negative, in the order of ``layers``; a row's sum is at most its loss.

    Raises:
        ValueError: a negative loss.
    """
    if len(losses) and losses.min() < 0:
        raise ValueError("A loss is not negative.")
    paid = np.zeros((len(losses), len(layers)), dtype=np.int64)
    if covers is None:
        covers = np.ones(paid.shape, dtype=bool)
    rest = losses.copy()
    for number in in_order(layers):
        layer = layers[number]
        if layer.kind == QUOTA_SHARE:
            # floor(loss × units / WHOLE) without leaving 64 bits
            share = losses // WHOLE * layer.units + losses % WHOLE * layer.units // WHOLE
        else:
            share = np.clip(_after_quota_shares(losses, layers, paid) - layer.retention, 0, None)
            share = np.minimum(share, layer.limit)
        share = np.minimum(np.where(covers[:, number], share, 0), rest)
        paid[:, number] = _within(share, layer.left)
        rest = rest - paid[:, number]
    return paid


def _after_quota_shares(
    losses: Won, layers: Sequence[Layer], paid: NDArray[np.int64]
) -> NDArray[np.int64]:
    quota = np.asarray([layer.kind == QUOTA_SHARE for layer in layers], dtype=bool)
    return losses - paid[:, quota].sum(axis=1)


def _within(share: NDArray[np.int64], left: int | None) -> NDArray[np.int64]:
    if left is None:
        return share
    used = np.minimum(np.cumsum(share), max(left, 0))
    return np.diff(used, prepend=0)


def cede_premium(subject: int, *, percent: Decimal, commission_percent: Decimal) -> tuple[int, int]:
    """Return the ceded premium and the commission that comes back on it.

    Args:
        subject: the line's premium of the period, won, signed.
        percent: ceded share of a quota share, or premium rate of an excess, percent.
        commission_percent: of the ceded premium, percent.

    Returns:
        Two amounts in whole won, each rounded half away from zero.
    """
    ceded = round_won(subject * percent / 100)
    return int(ceded), int(round_won(ceded * commission_percent / 100))


@dataclass(frozen=True, slots=True)
class Terms:
    """What two treaties of a line are compared by.

    Args:
        start: first loss date covered.
        end: first loss date not covered any more.
    """

    code: str
    kind: str
    start: date
    end: date
    percent: Decimal = Decimal(0)
    retention: Decimal = Decimal(0)
    limit: Decimal = Decimal(0)


def overlapping(new: Terms, signed: Sequence[Terms]) -> Terms | None:
    """Return a signed excess layer of the same line that ``new`` overlaps in days and in amount."""
    if new.kind != EXCESS:
        return None
    for other in signed:
        same_days = other.start < new.end and new.start < other.end
        same_won = (
            other.retention < new.retention + new.limit
            and new.retention < other.retention + other.limit
        )
        if other.kind == EXCESS and same_days and same_won:
            return other
    return None


def highest_share(treaties: Sequence[Terms]) -> tuple[Decimal, date | None]:
    """Return the largest sum of quota shares of a line on any day, and the first such day."""
    shares = [t for t in treaties if t.kind == QUOTA_SHARE]
    best, when = Decimal(0), None
    for day in sorted({t.start for t in shares}):
        total = sum((t.percent for t in shares if t.start <= day < t.end), Decimal(0))
        if total > best:
            best, when = total, day
    return best, when


AGES = ((0, 30), (31, 60), (61, 90), (91, None))
"""Age classes of what reinsurers owe: days since the bill, both ends inclusive."""


def age_class(days: int) -> int:
    """Return the number of the age class (0 to 3) of something billed ``days`` ago."""
    for number, (_, last) in enumerate(AGES):
        if last is None or days <= last:
            return number
    raise AssertionError("the last class is open")
