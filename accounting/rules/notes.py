"""The roll-forward tables of the notes, from what the ledger booked by posting rule.

Two tables, of which each movement of an insurance account stands in exactly one row: by remaining
coverage and incurred claims (IFRS 17.100), and of the general model by present value, risk
adjustment and margin (IFRS 17.101). Reinsurance contracts held have the same two tables (98).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data" / "notes.json"
COVERAGE, COMPONENTS = "coverage", "components"
REINSURANCE, HELD_COMPONENTS = "reinsurance", "reinsurance_components"
"""Reinsurance contracts held, apart from those issued (IFRS 17.98)."""
OTHER = "OTHER"
Moved = Mapping[tuple[str, str], int]
"""(posting rule, account) → credit less debit of the period, won."""


@dataclass(frozen=True, slots=True)
class RowDef:
    """A row of a table: which posting rules it sums.

    Args:
        row: code.
        name, name_en: how it is shown.
        rules: codes of the posting rules.
        part: SERVICE, FINANCE, CASH … for subtotals.
    """

    row: str
    name: str
    name_en: str
    rules: tuple[str, ...]
    part: str


@dataclass(frozen=True, slots=True)
class TableDef:
    """A table: its columns by accounts, and its rows."""

    columns: Mapping[str, tuple[str, ...]]
    rows: tuple[RowDef, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A table filled in: won, liabilities positive.

    Args:
        columns: codes in order.
        opening, closing: column → won, from the balances of the ledger.
        rows: (definition, column → won) of rows that moved; ``None`` as definition: other rules.
    """

    columns: tuple[str, ...]
    opening: Mapping[str, int]
    rows: tuple[tuple[RowDef | None, Mapping[str, int]], ...]
    closing: Mapping[str, int]

    def miss(self, column: str) -> int:
        """Return by how much opening plus rows misses the closing (0: it foots)."""
        moved = sum(amounts[column] for _row, amounts in self.rows)
        return self.closing[column] - self.opening[column] - moved


@cache
def layout(table: str) -> TableDef:
    """Return how a table is laid out."""
    data = json.loads(DATA.read_text(encoding="utf-8"))[table]
    return TableDef(
        columns={name: tuple(codes) for name, codes in data["columns"].items()},
        rows=tuple(RowDef(**{**row, "rules": tuple(row["rules"])}) for row in data["rows"]),
    )


def fill(table: str, opening: Mapping[str, int], moved: Moved, closing: Mapping[str, int]) -> Note:
    """Fill a table in.

    Args:
        table: COVERAGE or COMPONENTS.
        opening: account → balance at the start, credit less debit.
        moved: what each rule moved.
        closing: account → balance at the end.
    """
    found = layout(table)
    named = {rule for row in found.rows for rule in row.rules}
    others = {rule for rule, _account in moved} - named
    rows: list[tuple[RowDef | None, Mapping[str, int]]] = []
    for definition, rules in [*((row, set(row.rules)) for row in found.rows), (None, others)]:
        amounts = {
            column: sum(v for (rule, a), v in moved.items() if rule in rules and a in accounts)
            for column, accounts in found.columns.items()
        }
        if any(amounts.values()):
            rows.append((definition, amounts))

    def balance(held: Mapping[str, int]) -> dict[str, int]:
        return {
            column: sum(held.get(account, 0) for account in accounts)
            for column, accounts in found.columns.items()
        }

    return Note(tuple(found.columns), balance(opening), tuple(rows), balance(closing))
