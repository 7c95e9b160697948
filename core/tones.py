"""Status colours: five tones, each meaning one thing everywhere, never colour alone.

grey: draft or ended · blue: in progress · green: in force, paid, done · amber: waits or due soon ·
red: refused, overdue or suspicious. A model says its own by a ``TONES`` mapping (status → tone).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ICONS = {
    "grey": "circle-dashed",
    "blue": "progress",
    "green": "circle-check",
    "amber": "clock-hour-4",
    "red": "alert-triangle",
}
_WORDS = {
    "grey": (
        "DRAFT CANCELED CANCELLED EXPIRED ENDED CLOSED INACTIVE RETIRED WITHDRAWN SKIPPED PLANNED "
        "SUPERSEDED REVERSED LAPSED NONE"
    ),
    "blue": "RECEIVED INVESTIGATING RUNNING SENT SUBMITTED IN_PROGRESS ASSESSING OPEN BILLED",
    "green": "ACTIVE PASS PASSED PAID DONE APPROVED RECOVERED SETTLED POSTED PUBLISHED COLLECTED",
    "amber": "PENDING WAITING CONDITION CONDITIONAL REFERRED HELD GRACE REVIEW DUE",
    "red": "REJECT REJECTED REFUSED FAILED PARKED RECALLED OVERDUE SUSPICIOUS UNPAID",
}
_KNOWN = {word: tone for tone, words in _WORDS.items() for word in words.split()}


def tone_of(value: Any, tones: Mapping[str, str] | None = None) -> str:
    """Return the tone of a status: the model's own choice, then the house's, then grey."""
    key = str(value)
    return (tones or {}).get(key) or _KNOWN.get(key.upper(), "grey")
