"""Speeds, measured side by side: ``make bench``.

A module of this package is a benchmark when it has a function ``contests() -> list[Contest]``.
Each contest runs its contestants in turns, at least five rounds, on the same prepared data; the
first contestant is the measure of the others.
"""
