"""Contests: contestants take turns, so that whatever the machine does hits all of them alike."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Run = Callable[[], "int | Sequence[float]"]
FEWEST_ROUNDS = 5


@dataclass(frozen=True)
class Contest:
    """What is measured, on what, by whom.

    Args:
        name: how it is called on the command line and in the table.
        unit: what is counted, for example ``"contracts"``; or ``"calls"`` where latencies count.
        contestants: name → run. A run returns how many units it did (its time is taken as a
            whole), or the seconds of each of its calls (then p50 and p95 are shown).
        prepare: makes the data once, before the first round; not measured.
        between: called before every single run; not measured.
        target: what the figure should reach, in words.
        grows: whether what it writes stays; such contests come last.
        verdict: called after the last round; lines to print, or an assertion that fails.
    """

    name: str
    unit: str
    contestants: Mapping[str, Run]
    prepare: Callable[[], None] = lambda: None
    between: Callable[[], None] = lambda: None
    target: str = ""
    grows: bool = False
    verdict: Callable[[], Sequence[str]] = lambda: ()


@dataclass
class Measured:
    """One contestant's rounds: seconds and units of each, or the latencies of its calls."""

    seconds: list[float] = field(default_factory=list)
    units: list[int] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Units a second, from the median round."""
        rates = [n / s for n, s in zip(self.units, self.seconds, strict=True)]
        return statistics.median(rates)


def run(contest: Contest, rounds: int) -> dict[str, Measured]:
    """Run all contestants in turns, ``rounds`` times, the order turned by one each round.

    Raises:
        ValueError: fewer rounds than a median deserves.
    """
    if rounds < FEWEST_ROUNDS:
        raise ValueError(f"at least {FEWEST_ROUNDS} rounds, not {rounds}")
    contest.prepare()
    measured = {name: Measured() for name in contest.contestants}
    names = list(contest.contestants)
    for turn in range(rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            contest.between()
            begun = time.perf_counter()
            done = contest.contestants[name]()
            elapsed = time.perf_counter() - begun
            measured[name].seconds.append(elapsed)
            if isinstance(done, int):
                measured[name].units.append(done)
            else:
                measured[name].units.append(len(done))
                measured[name].calls += list(done)
    return measured


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` (0 to 1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def table(contest: Contest, measured: Mapping[str, Measured]) -> str:
    """Return the result as text: least, median and most seconds, rate, and ratio to the first."""
    aim = f"  aim: {contest.target}" if contest.target else ""
    lines = [f"\n{contest.name}  ({contest.unit}){aim}"]
    lines.append(f"  {'':<28}{'min s':>9}{'median':>9}{'max s':>9}{'per s':>12}{'ratio':>8}")
    first = next(iter(measured.values()))
    for name, result in measured.items():
        low, middle, high = (
            min(result.seconds),
            statistics.median(result.seconds),
            max(result.seconds),
        )
        lines.append(
            f"  {name:<28}{low:>9.3f}{middle:>9.3f}{high:>9.3f}{result.rate:>12,.0f}"
            f"{result.rate / first.rate:>8.2f}"
        )
        if result.calls:
            p50, p95 = percentile(result.calls, 0.5), percentile(result.calls, 0.95)
            lines.append(f"  {'':<28}p50 {1000 * p50:.1f} ms   p95 {1000 * p95:.1f} ms"
                         f"   of {len(result.calls):,} calls")  # fmt: skip
    return "\n".join(lines)
