"""A life in lanes: covers and stays as bars, claims and payments as marks, on one line of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH = 1000.0
LANE = 26.0
HEAD = 24.0
LEAST = 3.0
MOST_TICKS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasts: [start, end], drawn in its own lane or with others."""

    start: date
    end: date
    lane: int
    label: str
    tone: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something of one day."""

    day: date
    lane: int
    label: str
    tone: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A bar or a mark with its place in units of the picture."""

    x: float
    y: float
    width: float
    label: str
    tone: str
    url: str

    @property
    def middle(self) -> float:
        """The middle of its lane."""
        return self.y + LANE / 2


@dataclass(frozen=True, slots=True)
class Lanes:
    """The picture: named lanes, bars, marks and ticks (x, label)."""

    names: list[tuple[float, str]]
    bars: list[Shape]
    marks: list[Shape]
    ticks: list[tuple[float, str]]
    height: float


def lanes(
    names: Sequence[str], bars: Iterable[Bar], marks: Iterable[Mark], *, until: date
) -> Lanes | None:
    """Place bars and marks on a line of time that ends at a day; None if there is nothing.

    Args:
        names: of the lanes, from the top.
        bars: clipped at ``until``.
        marks: points in time.
        until: the right edge.
    """
    bars, marks = list(bars), list(marks)
    days = [bar.start for bar in bars] + [mark.day for mark in marks]
    if not days:
        return None
    first = min(days)
    last = max(until, *(mark.day for mark in marks)) if marks else max(until, first)
    whole = max((last - first).days, 1)

    def x(day: date) -> float:
        inside = min(max(day, first), last)
        return round((inside - first).days / whole * WIDTH, 1)

    def y(lane: int) -> float:
        return HEAD + lane * LANE

    drawn = [
        Shape(
            x(bar.start),
            y(bar.lane),
            max(round(x(bar.end + timedelta(days=1)) - x(bar.start), 1), LEAST),
            bar.label,
            bar.tone,
            bar.url,
        )
        for bar in bars
    ]
    return Lanes(
        names=[(y(lane) + LANE / 2, name) for lane, name in enumerate(names)],
        bars=drawn,
        marks=[Shape(x(m.day), y(m.lane), 0, m.label, m.tone, m.url) for m in marks],
        ticks=[(x(day), f"{day:%Y-%m}") for day in _ticks(first, last)],
        height=HEAD + len(names) * LANE + 8,
    )


def _ticks(first: date, last: date) -> list[date]:
    months = [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first <= date(year, month, 1) <= last
    ]
    step = -(-len(months) // MOST_TICKS) or 1
    return months[::step]
