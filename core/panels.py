"""Panels: what a stage shows on homes and on other stages' records, each at its own URL.

A home page or a record page is a frame; it loads panels by ``hx-get`` with a plain link inside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from .permissions import may


@dataclass(frozen=True, slots=True)
class Panel:
    """A fragment that another page shows.

    Args:
        place: where it appears, for example ``"contract"`` (record) or ``"home:accountant"``.
        title: its heading.
        url: ``fn(key) -> address`` of the fragment; for homes the key is empty.
        right: who sees it.
        order: position.
        wide: takes the full width.
    """

    place: str
    title: str | Promise
    url: Callable[[str], str]
    right: str
    order: int = 50
    wide: bool = False


_panels: list[Panel] = []


def register(panel: Panel) -> None:
    """Offer a panel (call it in an app's face.py)."""
    _panels.append(panel)


def panels_for(place: str, user: Any) -> list[Panel]:
    """Return the panels of a place that the person may see, in order."""
    found = [p for p in _panels if p.place == place and may(user, p.right)]
    return sorted(found, key=lambda p: p.order)
