"""The harness: turns, counts and percentiles."""

from __future__ import annotations

import pytest

from bench.harness import Contest, percentile, run, table


def test_contestants_take_turns_and_are_counted() -> None:
    order: list[str] = []

    def runner(name: str, units: int) -> object:
        def go() -> int:
            order.append(name)
            return units

        return go

    contest = Contest("c", "rows", {"a": runner("a", 10), "b": runner("b", 20)})  # type: ignore[dict-item]
    measured = run(contest, 5)
    assert order == ["a", "b", "b", "a", "a", "b", "b", "a", "a", "b"]
    assert measured["a"].units == [10] * 5
    text = table(contest, measured)
    assert text.count("1.00") >= 1
    assert "c  (rows)" in text


def test_calls_give_percentiles() -> None:
    calls = [i / 1000 for i in range(1, 101)]
    contest = Contest("calls", "calls", {"one": lambda: calls}, target="p95 ≤ 50 ms")
    text = table(contest, run(contest, 5))
    assert "p50 50.0 ms   p95 95.0 ms   of 500 calls" in text
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile([7], 0.95) == 7


def test_too_few_rounds_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 5"):
        run(Contest("c", "rows", {"a": lambda: 1}), 4)
