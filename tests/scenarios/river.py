"""The policy on its way, the books that are looked at, and the days and accounts of its story."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from core.acting import acting

SOLD, DECIDED, PAID = date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 27)
MARCH, APRIL = date(2026, 3, 31), date(2026, 4, 30)
CASH = "1110"
LRC, ACQUISITION = "2150", "2160"  # remaining coverage of the portfolio, premium allocation
CASE, IBNR = "2210", "2220"
COMMISSION, WITHHELD = "2310", "2320"
RECOVERABLE, SHARE, CEDED = "1330", "1350", "2410"
MEMO_D, MEMO_C = "9110", "9120"
CAPITAL = 10_000_000_000
PREMIUM = 8_410  # DRIVER01, man of 40, 50 million won, class 1, private car
COMMISSION_1 = 9_251  # 100 % of the first premium × 1.10


class Books:
    """The ledger, looked at step by step."""

    def __init__(self) -> None:
        self.seen = 0

    def moved(self) -> dict[str, int]:
        """Return how accounts have moved since the last look; every new entry balances."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT e.entry_id FROM journal_entries e LEFT JOIN general_ledger l"
                " USING (entry_id) WHERE e.entry_id > %s GROUP BY 1"
                " HAVING coalesce(sum(debit_amount - credit_amount), 1) <> 0",
                [self.seen],
            )
            assert cursor.fetchall() == []
            cursor.execute(
                "SELECT account_code, sum(debit_amount - credit_amount)::bigint"
                " FROM general_ledger WHERE entry_id > %s GROUP BY 1",
                [self.seen],
            )
            found = {account: won for account, won in cursor.fetchall() if won}
            cursor.execute("SELECT coalesce(max(entry_id), 0) FROM journal_entries")
            self.seen = cursor.fetchone()[0]
        return found


@dataclass
class River:
    """The policy on its way."""

    books: Books
    agent: str = ""
    application: str = ""
    contract: str = ""
    honest: str = ""
    watched: str = ""


def by(name: str, act: Callable[..., Any], **given: Any) -> Any:
    """Let a person or programme do something."""
    with acting(name):
        return act(**given)
