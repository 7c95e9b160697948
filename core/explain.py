"""왜? — every computed figure can be asked why; the answer is the trace stored with the figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation.

    Args:
        label: what this is.
        value: the figure or word, ready to show (numbers are formatted by the template).
        note: formula, table row, article of law.
        url: where to go deeper; for another figure use ``why_url``.
        unit: "원", "%", "점", or empty.
    """

    label: Text
    value: Any
    note: Text = ""
    url: str = ""
    unit: Text = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a figure is what it is."""

    title: Text
    answer: Any
    unit: Text = "원"
    formula: Text = ""
    steps: list[Step] = field(default_factory=list)
    sources: list[Step] = field(default_factory=list)
    as_of: Any = None


@dataclass(frozen=True, slots=True)
class Explainer:
    """A registered way to explain one kind of figure."""

    right: str
    explain: Callable[..., Explanation]


_explainers: dict[str, Explainer] = {}


def explains(kind: str, *, right: str) -> Callable[..., Any]:
    """Register ``fn(key, scope) -> Explanation`` for figures of ``kind`` (in an app's face.py).

    Args:
        kind: one word; the page is ``/why/<kind>/<key>/``.
        right: who may ask. The function gets the asker's scope under this right and must raise
            ``core.errors.NotFound`` for what lies outside.
    """

    def register(fn: Callable[..., Explanation]) -> Callable[..., Explanation]:
        _explainers[kind] = Explainer(right, fn)
        return fn

    return register


def explainer(kind: str) -> Explainer | None:
    """Return the explainer of a kind, or None."""
    return _explainers.get(kind)


def kinds() -> list[str]:
    """Return all kinds of figure that can be explained."""
    return sorted(_explainers)


def why_url(kind: str, key: object) -> str:
    """Return the address of a figure's explanation."""
    from django.urls import reverse

    return reverse("why", args=[kind, str(key)])
