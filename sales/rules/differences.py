"""What differs between two plans, path by path, for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs; None where one side has none."""

    path: tuple[str, ...]
    before: Any
    after: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return every value that differs between two plans' JSON, in the order of the paths."""
    was, now = dict(_leaves(before)), dict(_leaves(after))
    return [
        Difference(path, was.get(path), now.get(path))
        for path in sorted({*was, *now})
        if was.get(path) != now.get(path)
    ]


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, inner in enumerate(value, start=1):
            yield from _leaves(inner, (*path, _named(inner, number)))
    else:
        yield path, value


def _named(row: Any, number: int) -> str:
    """Name a list's row by what identifies it, so that rows that moved are not all different."""
    if isinstance(row, Mapping):
        if "tier" in row:
            return f"{row['tier']}/{row['rank']}"
        if "from" in row:
            return f"{row['from']}–{row['to']}"
        if "percent" in row and "to" in row:
            return f"≤ {row['to']}"
        if "rank" in row:
            return str(row["rank"])
    return str(number)
