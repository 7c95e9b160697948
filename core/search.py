"""Global search: each stage says how to find its records by number or name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from .permissions import may, scope_of


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found."""

    kind: str | Promise
    number: str
    title: str
    url: str
    note: str = ""


Provider = Callable[..., Iterable[Hit]]
_providers: list[tuple[str, Provider]] = []


def searches(right: str) -> Callable[[Provider], Provider]:
    """Register ``fn(query, scope, limit) -> hits`` for people with ``right`` (in face.py)."""

    def register(fn: Provider) -> Provider:
        _providers.append((right, fn))
        return fn

    return register


def find(user: Any, query: str, *, limit: int = 6) -> list[Hit]:
    """Search everything that the person may see; at most ``limit`` hits of each kind."""
    query = query.strip()
    if len(query) < 2:
        return []
    hits: list[Hit] = []
    for right, provider in _providers:
        if may(user, right):
            hits.extend(provider(query, scope_of(user, right), limit))
    return hits
