"""Changes in equity and cash flows of a span, from what the ledger booked by posting rule."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data" / "changes.json"
CASH, EQUITY = "cash", "equity"
OPERATING, INVESTING, FINANCING = "OPERATING", "INVESTING", "FINANCING"
COLUMNS = ("CAPITAL", "RETAINED", "SURRENDER_RESERVE", "CURRENT_YEAR", "AOCI")
"""Of the statement of changes in equity: lines of the balance sheet."""
OTHER = "OTHER_OPERATING"
Booked = Mapping[tuple[str, str], int]
"""(posting rule, account) → credit less debit of the span, won."""


@dataclass(frozen=True, slots=True)
class RowDef:
    """A row of one of the two statements.

    Args:
        row: code.
        name, name_en: how it is shown.
        rules: posting rules that it takes; empty: any.
        columns, accounts: columns and accounts that it takes; empty: any.
        part: OPERATING, INVESTING or FINANCING.
    """

    row: str
    name: str
    name_en: str
    rules: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    part: str = ""

    def takes(self, rule: str, account: str, column: str) -> bool:
        """Return whether what a rule booked on an account of a column stands here."""
        return (
            (not self.rules or rule in self.rules)
            and (not self.columns or column in self.columns)
            and (not self.accounts or account in self.accounts)
        )


@dataclass(frozen=True, slots=True)
class Changes:
    """The statement of changes in equity: won, equity positive.

    Args:
        opening, closing: column → won, from the balances of the ledger.
        rows: (definition, column → won) of rows that moved.
    """

    opening: Mapping[str, int]
    rows: tuple[tuple[RowDef, Mapping[str, int]], ...]
    closing: Mapping[str, int]

    def miss(self, column: str) -> int:
        """Return by how much opening plus rows misses the closing (0: it foots)."""
        moved = sum(amounts[column] for _row, amounts in self.rows)
        return self.closing[column] - self.opening[column] - moved

    def total(self, *rows: str) -> int:
        """Return the sum of rows over all columns."""
        return sum(sum(amounts.values()) for one, amounts in self.rows if one.row in rows)


@dataclass(frozen=True, slots=True)
class CashFlows:
    """The statement of cash flows, direct method: won, received positive.

    Args:
        opening, closing: cash and deposits, from the balances of the ledger.
        rows: (definition, won, rule → won) of rows that moved.
    """

    opening: int
    rows: tuple[tuple[RowDef, int, Mapping[str, int]], ...]
    closing: int

    def of(self, part: str) -> int:
        """Return the cash flows of an activity."""
        return sum(amount for one, amount, _rules in self.rows if one.part == part)

    @property
    def miss(self) -> int:
        """By how much opening plus flows misses the closing (0: it foots)."""
        return self.closing - self.opening - sum(amount for _one, amount, _rules in self.rows)


@cache
def layout(table: str) -> tuple[RowDef, ...]:
    """Return the rows of CASH or EQUITY in order."""
    rows: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))[table]
    listed = ("rules", "columns", "accounts")
    return tuple(
        RowDef(**{**row, **{name: tuple(row.get(name, ())) for name in listed}}) for row in rows
    )


def changes(
    opening: Mapping[str, int],
    booked: Booked,
    closing: Mapping[str, int],
    column: Mapping[str, str],
) -> Changes:
    """State how equity changed.

    Args:
        opening: account → credit less debit at the start.
        booked: what each rule booked on accounts of equity, revenue and expense.
        closing: account → credit less debit at the end.
        column: account → one of ``COLUMNS``.

    Source: IAS 1.106 (changes in equity, by component; comprehensive income apart from
    transactions with owners).
    """
    sums: dict[str, dict[str, int]] = {}
    for (rule, account), amount in booked.items():
        place = column[account]
        row = next(one for one in layout(EQUITY) if one.takes(rule, account, place))
        of_row = sums.setdefault(row.row, dict.fromkeys(COLUMNS, 0))
        of_row[place] += amount

    def balance(held: Mapping[str, int]) -> dict[str, int]:
        found = dict.fromkeys(COLUMNS, 0)
        for account, amount in held.items():
            if account in column:
                found[column[account]] += amount
        return found

    rows = [(one, sums[one.row]) for one in layout(EQUITY) if any(sums.get(one.row, {}).values())]
    return Changes(balance(opening), tuple(rows), balance(closing))


def cash_flows(opening: int, received: Mapping[str, int], closing: int) -> CashFlows:
    """State where cash came from and where it went.

    Args:
        opening: cash and deposits at the start.
        received: posting rule → debit less credit on cash; what the layout does not name stands
            with the other operating cash flows.
        closing: cash and deposits at the end.

    Source: IAS 7.10, .18(a) (direct method), .16 (investing), .17 (financing); interest and
    dividends received are operating (7.33).
    """
    named = {rule: one.row for one in layout(CASH) for rule in one.rules}
    found: dict[str, dict[str, int]] = {}
    for rule, amount in received.items():
        if amount:
            found.setdefault(named.get(rule, OTHER), {})[rule] = amount
    rows = [
        (one, sum(found[one.row].values()), found[one.row])
        for one in layout(CASH)
        if one.row in found
    ]
    return CashFlows(opening, tuple(rows), closing)
