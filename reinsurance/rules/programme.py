"""What treaties pay of losses, in programme order, each on what those before it left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from core.columns import Ints, Won

FACULTATIVE = "FACULTATIVE"
SURPLUS = "SURPLUS"
QUOTA_SHARE = "QUOTA_SHARE"
EXCESS = "EXCESS"
CATASTROPHE = "CATASTROPHE"
STOP_LOSS = "STOP_LOSS"
ORDER = (FACULTATIVE, SURPLUS, QUOTA_SHARE, EXCESS, CATASTROPHE, STOP_LOSS)
"""Kinds in programme order: what an earlier kind pays inures to the benefit of the later ones."""
PROPORTIONAL = (FACULTATIVE, SURPLUS, QUOTA_SHARE)
ACCUMULATING = (CATASTROPHE, STOP_LOSS)
"""Kinds that look at many losses together: those of one event, or of the whole period."""
LAYERED = (SURPLUS, EXCESS, CATASTROPHE, STOP_LOSS)
"""Kinds with a retention and a limit, which may not overlap within a line and a period."""
WHOLE = 1_000_000
"""A hundred percent in ten-thousandths of a percent, the precision of a treaty's terms."""
NO_EVENT = -1


@dataclass(frozen=True, slots=True)
class Layer:
    """A treaty's place in a programme.

    Args:
        code: the treaty's code.
        kind: one of ``ORDER``.
        position: order among treaties of its kind, 1 first.
        percent: ceded share of a quota share or a facultative cession, percent with at most four
            decimals; 0 for the others.
        retention: what is kept before the treaty answers, won: of one sum insured (surplus), of
            one loss (excess), of one event (catastrophe), of the period (stop loss).
        limit: … and at most this much above it, won.
        left: what it may still pay for its whole period, won; None: no limit.
        inures: whether later kinds see the loss without what this treaty pays.
        deductible: what is left of the layer's own aggregate deductible (AAD), won: recoveries of
            the period that the insurer keeps before the treaty pays.
    """

    code: str
    kind: str
    position: int
    percent: Decimal = Decimal(0)
    retention: int = 0
    limit: int = 0
    left: int | None = None
    inures: bool = True
    deductible: int = 0

    @property
    def fault(self) -> str:
        """What no treaty can say, with its figure; empty if it may be used."""
        if min(self.retention, self.limit, self.deductible) < 0:
            return f"{self.code}: retention, limit and deductible are not negative."
        if not 0 <= self.percent <= 100:
            return f"{self.code}: {self.percent} % is not a share."
        return ""

    @property
    def units(self) -> int:
        """The ceded share in parts of ``WHOLE``."""
        return int(self.percent * WHOLE / 100)


def in_order(layers: Sequence[Layer]) -> list[int]:
    """Return the numbers of the layers in programme order: by kind, position and code."""
    return sorted(
        range(len(layers)),
        key=lambda i: (ORDER.index(layers[i].kind), layers[i].position, layers[i].code),
    )


def share_of_sum(sums: Won, *, retention: int, limit: int) -> Ints:
    """Return the share of each risk that a surplus treaty takes, by its sum insured.

    The treaty takes what the sum insured exceeds the retained line by, up to its lines; the same
    share holds for the premium and for every loss of the risk.

    Args:
        sums: (n,) sums insured, won, not negative.
        retention: the retained line (of a second surplus: where it begins), won.
        limit: number of lines × retained line, won.

    Returns:
        (n,) parts of ``WHOLE``, cut; 0 for a risk within the retention.

    Source: Clark, Basics of Reinsurance Pricing (CAS 2014), surplus share.
    """
    sums = np.asarray(sums, np.int64)
    ceded = np.clip(sums - retention, 0, limit)
    return np.where(sums > 0, ceded * WHOLE // np.maximum(sums, 1), 0)


def part_of(amounts: Won, units: Ints | int) -> Won:
    """Return ``units`` parts of ``WHOLE`` of amounts, cut to whole won, within 64 bits."""
    return amounts // WHOLE * units + amounts % WHOLE * units // WHOLE


def recover(
    losses: Won,
    layers: Sequence[Layer],
    covers: NDArray[np.bool_] | None = None,
    *,
    sums: Won | None = None,
    event: Ints | None = None,
    before: Mapping[tuple[str, int], int] | None = None,
) -> NDArray[np.int64]:
    """Return what each treaty pays of each loss.

    Treaties of one kind stand side by side on the same loss: what the earlier kinds left of it,
    as far as those inure. A quota share takes its percent, a surplus the share of the risk's sum
    insured, an excess layer what exceeds its retention up to its limit. A catastrophe layer adds
    up the losses of an event, a stop loss those of the period, in the order given, and pays each
    loss's part of what the sum exceeds the retention by. Nobody pays more than what is left of a
    loss. A treaty with an aggregate deductible pays what exceeds it in the order given; one with a
    limit for its period pays until it is used up.

    Args:
        losses: (n,) losses, won, not negative.
        layers: the treaties of the programme, in any order.
        covers: (n, layers) whether a treaty covers a loss (line, loss date, contract); all by
            default.
        sums: (n,) sums insured of the risks, won; needed by surplus treaties.
        event: (n,) number of each loss's catastrophe, ``NO_EVENT``: none; none by default.
        before: (code, event) → what had accumulated for a catastrophe or stop loss treaty before
            these losses, won; a stop loss has the event ``NO_EVENT``.

    Returns:
        (n, layers) won, not negative, in the order of ``layers``; a row's sum is at most its loss.

    Raises:
        ValueError: a negative loss, a surplus without sums insured, or a layer with a negative
            amount or a share above the whole.

    Source: Clark, Basics of Reinsurance Pricing (CAS 2014); inuring as agreed in each treaty.
    """
    losses = np.asarray(losses, np.int64)
    if len(losses) and losses.min() < 0:
        raise ValueError("A loss is not negative.")
    if faults := [layer.fault for layer in layers if layer.fault]:
        raise ValueError(faults[0])
    paid = np.zeros((len(losses), len(layers)), dtype=np.int64)
    covers = np.ones(paid.shape, dtype=bool) if covers is None else covers
    event = np.full(len(losses), NO_EVENT) if event is None else event
    rest = losses.copy()
    for number in in_order(layers):
        layer = layers[number]
        subject = _subject(losses, layers, paid, layer.kind)
        if layer.kind in ACCUMULATING:
            share = _accumulated(subject, covers[:, number], layer, event, before or {})
        else:
            share = _of_each(subject, layer, sums)
        share = np.minimum(np.where(covers[:, number], share, 0), rest)
        if layer.deductible:
            share = above(share, retention=layer.deductible, limit=int(share.sum()))
        paid[:, number] = within(share, layer.left)
        rest = rest - paid[:, number]
    return paid


def _subject(losses: Won, layers: Sequence[Layer], paid: NDArray[np.int64], kind: str) -> Won:
    """Return the losses without what earlier kinds pay to the benefit of ``kind``."""
    place = ORDER.index(kind)
    inuring = np.asarray([x.inures and ORDER.index(x.kind) < place for x in layers], dtype=bool)
    return losses - paid[:, inuring].sum(axis=1)


def _of_each(subject: Won, layer: Layer, sums: Won | None) -> Won:
    if layer.kind == SURPLUS:
        if sums is None:
            raise ValueError("A surplus treaty asks for the sums insured.")
        shares = share_of_sum(sums, retention=layer.retention, limit=layer.limit)
        return part_of(subject, shares)
    if layer.kind in PROPORTIONAL:
        return part_of(subject, layer.units)
    return np.clip(subject - layer.retention, 0, layer.limit)


def _accumulated(
    subject: Won,
    covered: NDArray[np.bool_],
    layer: Layer,
    event: Ints,
    before: Mapping[tuple[str, int], int],
) -> Won:
    whole_period = layer.kind == STOP_LOSS
    group = np.full(len(subject), NO_EVENT) if whole_period else event
    share = np.zeros(len(subject), dtype=np.int64)
    for number in np.unique(group[covered]).tolist():
        if number == NO_EVENT and not whole_period:
            continue
        here = covered & (group == number)
        share[here] = above(
            subject[here],
            retention=layer.retention,
            limit=layer.limit,
            before=before.get((layer.code, number), 0),
        )
    return share


def above(losses: Won, *, retention: int, limit: int, before: int = 0) -> Won:
    """Return each loss's part of what their running sum exceeds a retention by.

    Args:
        losses: (n,) won, in order, not negative.
        retention: of the sum, won.
        limit: paid above it at most, won.
        before: what had accumulated before these losses, won.

    Returns:
        (n,) won; their sum is what the sum of all losses gives less what ``before`` gave.
    """
    first = min(max(before - retention, 0), limit)
    paid: Won = np.clip(before + np.cumsum(losses) - retention, 0, limit)
    return paid - np.concatenate([[first], paid[:-1]])[: len(paid)]


def within(share: Won, left: int | None) -> Won:
    """Cut what is paid, in order, to what is left of a limit (None: no limit)."""
    if left is None:
        return share
    used = np.minimum(np.cumsum(share), max(left, 0))
    return np.diff(used, prepend=0)
