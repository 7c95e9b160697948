"""Pickers: a stage offers its codes and people for search in other stages' forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Choice = tuple[str, str]
Picker = Callable[..., Iterable[Choice]]
_pickers: dict[str, tuple[str, Picker]] = {}


def picks(kind: str, *, right: str) -> Callable[[Picker], Picker]:
    """Register ``fn(query, scope, limit) -> [(value, label)]`` for people with ``right``."""

    def register(fn: Picker) -> Picker:
        _pickers[kind] = (right, fn)
        return fn

    return register


def picker(kind: str) -> tuple[str, Any] | None:
    """Return the right and the function of a kind, or None."""
    return _pickers.get(kind)
