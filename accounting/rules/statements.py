"""From account balances to the lines of the statements, and the ratios that people ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data" / "statements.json"
INCOME = frozenset({"REVENUE", "EXPENSE"})
CURRENT_YEAR, OCI, AOCI = "CURRENT_YEAR", "OCI", "AOCI"


@dataclass(frozen=True, slots=True)
class LineDef:
    """A line of a statement as it is defined.

    Args:
        section: BS or IS.
        line: code; accounts name it in ``statement_line``.
        name, name_en: how it is shown.
        sum: for totals: line → factor.
    """

    section: str
    line: str
    name: str
    name_en: str
    sum: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> bool:
        """Whether it sums other lines."""
        return bool(self.sum)


@dataclass(frozen=True, slots=True)
class AccountNature:
    """What a statement must know of an account."""

    code: str
    type: str
    line: str
    memorandum: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """A line of a statement with its amount, won, and the accounts behind it."""

    definition: LineDef
    amount: int
    accounts: tuple[str, ...]


@cache
def layout() -> tuple[LineDef, ...]:
    """Return all lines of both statements in order."""
    rows = json.loads(DATA.read_text(encoding="utf-8"))
    return tuple(LineDef(**row) for row in rows)


def balance_sheet(accounts: Sequence[AccountNature], closing: Mapping[str, int]) -> list[Amount]:
    """Compute the balance sheet.

    Args:
        accounts: the chart.
        closing: account → balance at the day, debit minus credit, won.

    Returns:
        The lines in order. The year's income so far stands in equity as a line of its own.
    """
    behind: dict[str, list[tuple[str, int]]] = {}
    for account in accounts:
        if account.memorandum:
            continue
        line = CURRENT_YEAR if account.type in INCOME else account.line
        sign = 1 if account.type == "ASSET" else -1
        behind.setdefault(line, []).append((account.code, sign * closing.get(account.code, 0)))
    return _fill("BS", behind)


def income_statement(
    accounts: Sequence[AccountNature], movements: Mapping[str, int]
) -> list[Amount]:
    """Compute the income statement with other comprehensive income.

    Args:
        accounts: the chart.
        movements: account → debit minus credit of the period, won, without the carrying of the
            year's result to retained earnings.
    """
    behind: dict[str, list[tuple[str, int]]] = {}
    for account in accounts:
        if account.type in INCOME:
            sign = 1 if account.type == "EXPENSE" else -1
            line = account.line
        elif account.line == AOCI:
            sign, line = -1, OCI
        else:
            continue
        behind.setdefault(line, []).append((account.code, sign * movements.get(account.code, 0)))
    return _fill("IS", behind)


def _fill(section: str, behind: Mapping[str, list[tuple[str, int]]]) -> list[Amount]:
    made: dict[str, Amount] = {}
    for definition in layout():
        if definition.section != section:
            continue
        if definition.total:
            amount = sum(made[line].amount * sign for line, sign in definition.sum.items())
            codes = [code for line in definition.sum for code in made[line].accounts]
        else:
            parts = behind.get(definition.line, [])
            amount, codes = sum(part for _, part in parts), [code for code, _ in parts]
        made[definition.line] = Amount(definition, amount, tuple(codes))
    unknown = set(behind) - set(made) - {"MEMORANDUM"}
    if unknown:
        raise ValueError(f"Accounts name lines that {section} does not have: {sorted(unknown)}.")
    return list(made.values())


def ratios(income: Mapping[str, int]) -> dict[str, float | None]:
    """Compute loss, expense and combined ratio of insurance service in percent.

    Args:
        income: line of the income statement → amount, won.

    Returns:
        ``loss`` = incurred claims and their changes ÷ insurance revenue; ``expense`` =
        acquisition, maintenance and loss adjustment ÷ insurance revenue; ``combined`` = their sum.
        None where there is no revenue.
    """
    revenue = income.get("INS_REVENUE", 0)
    if revenue <= 0:
        return {"loss": None, "expense": None, "combined": None}
    claims = income.get("EXP_CLAIMS", 0) + income.get("EXP_LIC", 0) + income.get("EXP_LOSS", 0)
    costs = (
        income.get("EXP_ACQ", 0) + income.get("EXP_MAINTENANCE", 0) + income.get("EXP_HANDLING", 0)
    )
    loss, expense = 100.0 * claims / revenue, 100.0 * costs / revenue
    return {"loss": loss, "expense": expense, "combined": loss + expense}
