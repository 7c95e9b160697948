"""Worked examples with known answers, one JSON file each, and how engines are held against them.

A file holds ``id``, ``title``, ``source``, ``inputs`` and ``expected``: ``exact`` figures, which an
engine meets to 1e-6, and ``published`` ones, which it meets to the ``tolerance`` that the source's
own rounding allows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).resolve().parent
EXACT = 1e-6


@dataclass(frozen=True)
class Case:
    """One worked example.

    Attributes:
        name: file name without its ending.
        inputs: what the engine is given.
        exact: answers to 1e-6, or None.
        published: answers as the source prints them, or None.
        tolerance: how far an answer may be from the printed one.
    """

    name: str
    inputs: Any
    exact: Any
    published: Any
    tolerance: float


@cache
def case(name: str) -> Case:
    """Return a worked example by name. Raises FileNotFoundError for an unknown one."""
    found = json.loads((DIRECTORY / f"{name}.json").read_text(encoding="utf-8"))
    expected = found["expected"]
    return Case(
        name=name,
        inputs=found["inputs"],
        exact=expected.get("exact"),
        published=expected.get("published"),
        tolerance=float(expected.get("tolerance", EXACT)),
    )


def differences(found: Any, expected: Any, *, tolerance: float = EXACT, at: str = "$") -> list[str]:
    """List where figures are further apart than allowed; keys that are not expected are ignored.

    Args:
        found: numbers, sequences (NumPy arrays too) and mappings; whole numbers may be the text
            keys of the expected mapping.
        expected: the same as read from JSON; None expects nothing.
        tolerance: absolute.
        at: path so far, for the text.

    Returns:
        One line for each place, empty if everything agrees.
    """
    if expected is None:
        return []
    if isinstance(expected, Mapping):
        keys = {str(key): key for key in found}
        return [
            line
            for key, value in expected.items()
            for line in (
                differences(found[keys[key]], value, tolerance=tolerance, at=f"{at}.{key}")
                if key in keys
                else [f"{at}.{key}: missing"]
            )
        ]
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        if len(found) != len(expected):
            return [f"{at}: {len(found)} figures, expected {len(expected)}"]
        return [
            line
            for row, (one, value) in enumerate(zip(found, expected, strict=True))
            for line in differences(one, value, tolerance=tolerance, at=f"{at}[{row}]")
        ]
    if isinstance(expected, (int, float)) and not isinstance(expected, bool):
        off = abs(float(found) - float(expected))
        return [] if off <= tolerance else [f"{at}: {found} expected {expected}, off {off:.3g}"]
    return [] if found == expected else [f"{at}: {found!r} expected {expected!r}"]


def agree(found: Any, expected: Any, *, tolerance: float = EXACT) -> None:
    """Fail with every difference named. See `differences`."""
    apart = differences(found, expected, tolerance=tolerance)
    assert not apart, "\n".join(apart)
