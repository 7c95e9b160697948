"""What the composition root and the partner door ask of accounting."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounting.selectors import controls, ledger
from accounting.selectors.ledger import Booked

__all__ = ["Booked", "booked", "invariants"]


def invariants() -> list[tuple[str, int, str]]:
    """Prove the books: (name, breaches, the first of them)."""
    return controls.findings()


def booked(event_ids: Iterable[UUID], account: str) -> Booked:
    """Return what events posted: entries, their sums, and the debit of one account."""
    return ledger.booked(event_ids, account)
