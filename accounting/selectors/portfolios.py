"""Portfolios of contracts at a day: each an asset or a liability as a whole (IFRS 17.78)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounting.rules.statements import ASSET, LIABILITY, Position, positions
from accounting.selectors import balances, statements
from products import api as products

FAMILIES: dict[str, str | Promise] = {
    "INSURANCE": _("Insurance contracts issued"),
    "REINSURANCE": _("Reinsurance contracts held"),
}


def positions_at(day: date) -> list[Position]:
    """Return what portfolios of contracts hold at the end of a day, each on its side."""
    return positions(statements.natures(), balances.closing_at(day), statements.portfolios())


def named(one: Position) -> str:
    """Return what a portfolio is called."""
    return products.line_name(one.portfolio) if one.portfolio else _t("Not assigned to a group")


def by_side(day: date, columns: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
    """Split the columns of a note by the side on which portfolios of issued contracts stand.

    Args:
        day: its end.
        columns: column → accounts.

    Returns:
        LIABILITY and ASSET → column → won, liabilities positive.

    Source: IFRS 17.99(b): opening and closing of portfolios that are assets and of those that are
    liabilities, each disclosed.
    """
    column = {account: name for name, accounts in columns.items() for account in accounts}
    found = {side: dict.fromkeys(columns, 0) for side in (LIABILITY, ASSET)}
    for one in positions_at(day):
        if one.family == "INSURANCE":
            for (account, _group), amount in one.held.items():
                found[one.side][column[account]] -= amount
    return found
