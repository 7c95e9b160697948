"""What the composition root asks of the partner door."""

from __future__ import annotations

from partners.selectors import proof


def invariants() -> list[tuple[str, int, str]]:
    """Check what must always hold of bulks, answers and deliveries: (name, breaches, first)."""
    return proof.findings()
