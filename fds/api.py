"""What later stages may ask of fraud detection."""

from __future__ import annotations

from collections.abc import Iterable

from fds import selectors
from fds.selectors import Summary

__all__ = ["Summary", "invariants", "summary"]


def summary(reception_ids: Iterable[str]) -> dict[str, Summary]:
    """Return what fraud detection says about claims, by reception number."""
    return selectors.summaries(reception_ids)


def invariants() -> list[tuple[str, int, str]]:
    """Return (name, breaches, first keys) of what must always hold here."""
    return selectors.invariants()
