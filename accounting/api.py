"""What the composition root asks of accounting."""

from __future__ import annotations

from accounting.selectors import controls


def invariants() -> list[tuple[str, int, str]]:
    """Prove the books: (name, breaches, the first of them)."""
    return controls.findings()
