"""What the assets stand for: the policy reserves of earlier stages."""

from __future__ import annotations

from datetime import date

from contracts import api as contracts


def reserves_by_line(on: date) -> dict[str, int]:
    """Return the policy reserves (계약자적립액) by line at the end of a day, won; none left out."""
    return {line: won for line, won in contracts.reserve_total(on).items() if won}
