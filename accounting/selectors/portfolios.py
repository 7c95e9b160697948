"""Portfolios of contracts at a day: each an asset or a liability as a whole (IFRS 17.78)."""

from __future__ import annotations

from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounting.rules.statements import Position, positions
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
