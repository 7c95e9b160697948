"""From account balances to the lines of the statements, and the ratios that people ask for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data" / "statements.json"
INCOME = frozenset({"REVENUE", "EXPENSE"})
CURRENT_YEAR, OCI, AOCI = "CURRENT_YEAR", "OCI", "AOCI"
ASSET, LIABILITY = "ASSET", "LIABILITY"
BY_PORTFOLIO = 2
"""From this presentation on, portfolios of contracts stand as assets or as liabilities."""
LATEST = BY_PORTFOLIO
Held = Mapping[tuple[str, str], int]
"""(account, group of contracts or "") → debit less credit, won."""


@dataclass(frozen=True, slots=True)
class LineDef:
    """A line of a statement as it is defined.

    Args:
        section: BS or IS.
        line: code; accounts name it in ``statement_line``.
        name, name_en: how it is shown.
        sum: for totals: line → factor.
        of: lines of accounts that it shows; by default its own.
        family: INSURANCE or REINSURANCE: contracts that stand by portfolio.
        side: ASSET or LIABILITY: which portfolios of the family it shows.
        since: the first presentation that has it.
    """

    section: str
    line: str
    name: str
    name_en: str
    sum: Mapping[str, int] = field(default_factory=dict)
    of: tuple[str, ...] = ()
    family: str = ""
    side: str = ""
    since: int = 1

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
class Position:
    """A portfolio of contracts at a day: an asset or a liability as a whole.

    Args:
        family: INSURANCE (issued) or REINSURANCE (held).
        portfolio: its code; empty: what belongs to no group.
        held: (account, group) → debit less credit, won.
    """

    family: str
    portfolio: str
    held: Held

    @property
    def balance(self) -> int:
        """Debit less credit of all its accounts, won."""
        return sum(self.held.values())

    @property
    def side(self) -> str:
        """ASSET above zero, else LIABILITY."""
        return ASSET if self.balance > 0 else LIABILITY


@dataclass(frozen=True, slots=True)
class Amount:
    """A line of a statement with its amount, won, and the accounts behind it."""

    definition: LineDef
    amount: int
    accounts: tuple[str, ...]


@cache
def layout(presentation: int = LATEST) -> tuple[LineDef, ...]:
    """Return all lines of both statements in order, as one presentation has them."""
    rows = json.loads(DATA.read_text(encoding="utf-8"))
    lines = [LineDef(**{**row, "of": tuple(row.get("of", ()))}) for row in rows]
    had = [line for line in lines if line.since <= presentation]
    names = {(line.section, line.line) for line in had}
    return tuple(
        replace(one, sum={k: v for k, v in one.sum.items() if (one.section, k) in names})
        for one in had
    )


def positions(
    accounts: Sequence[AccountNature], closing: Held, portfolios: Mapping[str, str]
) -> list[Position]:
    """Sum what portfolios of contracts hold, so that each is an asset or a liability.

    Args:
        accounts: the chart.
        closing: balances at the day.
        portfolios: group → portfolio.

    Returns:
        Portfolios that hold something, insurance contracts issued first.

    Source: IFRS 17.78(a)–(d), with portfolios as in 14 (not groups: 78 after its amendment of
    2020).
    """
    families = {
        line: one.family for one in layout() if one.family for line in (one.of or (one.line,))
    }
    family = {a.code: families[a.line] for a in accounts if a.line in families}
    found: dict[tuple[str, str], dict[tuple[str, str], int]] = {}
    for (code, group), amount in closing.items():
        if amount and code in family:
            key = family[code], portfolios.get(group, "")
            found.setdefault(key, {})[code, group] = amount
    return [Position(*key, found[key]) for key in sorted(found)]


def balance_sheet(
    accounts: Sequence[AccountNature],
    closing: Held,
    portfolios: Mapping[str, str],
    presentation: int = LATEST,
) -> list[Amount]:
    """Compute the balance sheet.

    Args:
        accounts: the chart.
        closing: balances at the day.
        portfolios: group → portfolio.
        presentation: which lines; 1 showed all contracts issued as one liability.

    Returns:
        The lines in order. The year's income so far stands in equity as a line of its own.

    Source: IFRS 17.78 (portfolios that are assets apart from those that are liabilities).
    """
    shown = _shown(presentation)
    portfolio = presentation >= BY_PORTFOLIO
    sides = _sides(positions(accounts, closing, portfolios)) if portfolio else {}
    behind: dict[str, dict[str, int]] = {}
    held: dict[str, list[tuple[str, int]]] = {}
    for (code, group), amount in closing.items():
        held.setdefault(code, []).append((group, amount))
    for account in accounts:
        if account.memorandum:
            continue
        line = CURRENT_YEAR if account.type in INCOME else account.line
        for group, amount in held.get(account.code, [("", 0)]):
            natural = ASSET if account.type == ASSET else LIABILITY
            side = sides.get((account.code, group), natural)
            place = shown.get((line, side)) or shown.get((line, ""))
            if place is None:
                raise ValueError(f"{account.code} names a line that BS does not have: {line}.")
            asset = (place.side or natural) == ASSET
            of_line = behind.setdefault(place.line, {})
            of_line[account.code] = of_line.get(account.code, 0) + (amount if asset else -amount)
    return _fill("BS", {line: list(parts.items()) for line, parts in behind.items()}, presentation)


def _shown(presentation: int) -> dict[tuple[str, str], LineDef]:
    """Return (line of accounts, side or "") → the line of the balance sheet that shows it."""
    return {
        (source, one.side): one
        for one in layout(presentation)
        if one.section == "BS" and not one.total
        for source in (one.of or (one.line,))
    }


def _sides(found: Sequence[Position]) -> dict[tuple[str, str], str]:
    return {key: one.side for one in found for key in one.held}


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


def _fill(
    section: str, behind: Mapping[str, list[tuple[str, int]]], presentation: int = LATEST
) -> list[Amount]:
    made: dict[str, Amount] = {}
    for definition in layout(presentation):
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
