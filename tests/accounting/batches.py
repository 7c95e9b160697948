"""Batches of facts as earlier stages announce them, for the ledger's tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from claims.events import CaseReservesMoved, ClaimsPaid, ClaimsReceived
from contracts.events import (
    ContractsEnded,
    ContractsIssued,
    PremiumsBilled,
    PremiumsCollected,
)
from core.events import Event, column_kinds
from sales.events import CommissionsAccrued

DAY = dt.date(2026, 3, 2)
_DEFAULTS: dict[str, Any] = {"keys": "", "won": 0, "ints": 0, "flags": False}


def batch(cls: type[Event], rows: int = 1, *, day: dt.date = DAY, **columns: Any) -> Any:
    """Make an event of ``rows`` facts; scalars are spread, what is not named is empty or zero."""
    filled: dict[str, Any] = {}
    for name, kind in column_kinds(cls).items():
        value = columns.get(name, np.datetime64(day) if kind == "days" else _DEFAULTS[kind])
        many = isinstance(value, list | np.ndarray)
        filled[name] = value if many else [value] * rows
    header = {k: v for k, v in columns.items() if k not in filled}
    return cls(business_date=day, **filled, **header)


def numbers(prefix: str, rows: int, start: int = 1) -> list[str]:
    return [f"{prefix}-2026-{i:07d}" for i in range(start, start + rows)]


def issued(rows: int = 1, *, day: dt.date = DAY, start: int = 1, **columns: Any) -> ContractsIssued:
    given = {
        "contract_id": numbers("CON", rows, start),
        "line": "TERM",
        "measurement": "GMM",
        "cohort_year": day.year,
        "received": 30_000,
        "reserve": 1_200,
        "premium": 30_000,
        "sum_assured": 100_000_000,
    }
    return batch(ContractsIssued, rows, day=day, **{**given, **columns})


def billed(rows: int = 1, *, day: dt.date = DAY, **columns: Any) -> PremiumsBilled:
    given = {
        "contract_id": numbers("CON", rows),
        "instalment": 2,
        "line": "TERM",
        "cohort_year": day.year,
        "amount": 30_000,
    }
    return batch(PremiumsBilled, rows, day=day, **{**given, **columns})


def collected(rows: int = 1, *, day: dt.date = DAY, **columns: Any) -> PremiumsCollected:
    given = {
        "contract_id": numbers("CON", rows),
        "instalment": 2,
        "line": "TERM",
        "cohort_year": day.year,
        "amount": 30_000,
    }
    return batch(PremiumsCollected, rows, day=day, **{**given, **columns})


def accrued(rows: int = 1, *, day: dt.date = DAY, **columns: Any) -> CommissionsAccrued:
    given = {
        "contract_id": numbers("CON", rows),
        "comm_id": list(range(1, rows + 1)),
        "agent_id": "AG001",
        "line": "TERM",
        "cohort_year": day.year,
        "amount": 90_000,
    }
    return batch(CommissionsAccrued, rows, day=day, **{**given, **columns})


def ended(rows: int = 1, *, day: dt.date = DAY, **columns: Any) -> ContractsEnded:
    given = {
        "contract_id": numbers("CON", rows),
        "kind": "SURRENDER",
        "line": "TERM",
        "cohort_year": day.year,
        "refund": 12_345,
    }
    return batch(ContractsEnded, rows, day=day, **{**given, **columns})


def received(rows: int = 1, *, day: dt.date = DAY, **columns: Any) -> ClaimsReceived:
    given = {
        "reception_id": numbers("CLM", rows),
        "contract_id": numbers("CON", rows),
        "line": "TERM",
        "cohort_year": day.year,
        "claimed": 5_000_000,
        "case_reserve": 5_000_000,
    }
    return batch(ClaimsReceived, rows, day=day, **{**given, **columns})


def reserve_moved(rows: int = 1, *, day: dt.date = DAY, **columns: Any) -> CaseReservesMoved:
    given = {
        "reception_id": numbers("CLM", rows),
        "contract_id": numbers("CON", rows),
        "line": "TERM",
        "cohort_year": day.year,
        "movement": -1_000_000,
    }
    return batch(CaseReservesMoved, rows, day=day, **{**given, **columns})


def paid(rows: int = 1, *, day: dt.date = DAY, **columns: Any) -> ClaimsPaid:
    given = {
        "payout_id": list(range(1, rows + 1)),
        "reception_id": numbers("CLM", rows),
        "contract_id": numbers("CON", rows),
        "line": "TERM",
        "cohort_year": day.year,
        "amount": 4_000_000,
        "released": 4_000_000,
        "late_interest": 1_500,
        "fee": 80_000,
    }
    return batch(ClaimsPaid, rows, day=day, **{**given, **columns})
