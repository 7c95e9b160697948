"""The statutory clocks: when a claim must be paid at the latest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.clock import add_business_days, is_business_day
from core.columns import Days, Flags

PERSON_DAYS = 3
INVESTIGATED_DAYS = 10
LONGEST_DAYS = 30
PROPERTY_DAYS = 7


@dataclass(frozen=True, slots=True)
class Due:
    """A due date with the way it was counted."""

    day: date
    trace: dict[str, Any]


def due(reported: date, *, days: int, clock: str) -> Due:
    """Count the due date of a claim from the day its papers came in.

    Args:
        reported: day of reception, not counted itself.
        days: working days: 3 for persons, 10 where the loss must be investigated.
        clock: name of the clock that runs, kept in the trace.

    Source: 인보험 표준약관 §8 ① (3영업일), ② (조사·확인 10영업일).
    """
    day = add_business_days(reported, days)
    skipped = [
        (reported + timedelta(days=n)).isoformat()
        for n in range(1, (day - reported).days)
        if not is_business_day(reported + timedelta(days=n))
    ]
    return Due(
        day,
        {"clock": clock, "from": reported.isoformat(), "days": days, "skipped": skipped},
    )


def due_after_decision(decided: date) -> Due:
    """Count the due date of a property claim: seven days after the amount was fixed.

    Source: 손해보험 표준약관 (재물·배상): 지급할 보험금이 결정되면 7일 이내.
    """
    return Due(
        decided + timedelta(days=PROPERTY_DAYS),
        {
            "clock": "PROPERTY",
            "from": decided.isoformat(),
            "days": PROPERTY_DAYS,
            "skipped": [],
        },
    )


def due_column(reported: Days, person: Flags) -> tuple[Days, list[dict[str, Any]]]:
    """Count due dates of a batch: 3 working days for persons, 10 for property until decided.

    Args:
        reported: (n,) days of reception.
        person: (n,) whether a person, not a thing, is insured.

    Returns:
        (n,) due days and n traces (rows of one day and kind share one).
    """
    kinds = np.where(person, "PERSON", "ADJUSTMENT")
    known: dict[tuple[date, str], Due] = {}
    found: list[Due] = []
    for day, kind in zip(reported.astype(object), kinds.tolist(), strict=True):
        if (day, kind) not in known:
            days = PERSON_DAYS if kind == "PERSON" else INVESTIGATED_DAYS
            known[day, kind] = due(day, days=days, clock=kind)
        found.append(known[day, kind])
    days_out = np.asarray([one.day for one in found], dtype="datetime64[D]")
    return days_out, [one.trace for one in found]


def days_late(
    due_on: Days, paid_on: date, stops: Sequence[Sequence[tuple[date, date]]]
) -> tuple[NDArray[np.int64], list[list[tuple[date, date]]]]:
    """Say for which days late interest runs: after the due date, up to and with the payment.

    Args:
        due_on: (n,) due days.
        paid_on: day of the payment.
        stops: for each row the periods [start, end) for which the claimant answers.

    Returns:
        (n,) days, and for each row the periods [start, end) that they come from.
    """
    runs: list[list[tuple[date, date]]] = []
    for day, pauses in zip(due_on.astype(object), stops, strict=True):
        pieces = [(day + timedelta(days=1), paid_on + timedelta(days=1))]
        for start, end in sorted(pauses):
            pieces = [part for piece in pieces for part in _without(piece, start, end)]
        runs.append([piece for piece in pieces if piece[0] < piece[1]])
    counts = [sum((b - a).days for a, b in pieces) for pieces in runs]
    return np.asarray(counts, dtype=np.int64), runs


def _without(piece: tuple[date, date], start: date, end: date) -> list[tuple[date, date]]:
    a, b = piece
    return [(a, min(b, start)), (max(a, end), b)] if start < b and end > a else [piece]
