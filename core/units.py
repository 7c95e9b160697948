"""The unit in which boards and statements show won: 원, 천원 or 백만원, as the reader chose."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

COOKIE = "unit"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of money on pages that offer the choice.

    Args:
        key: what the cookie and the form carry.
        size: won in one unit.
        label: as it stands behind amounts.
    """

    key: str
    size: int
    label: str | Promise

    def show(self, amount: Decimal) -> str:
        """Show an amount in whole units; only what is exactly nothing is a dash."""
        if not amount:
            return "–"
        units = (amount / self.size).quantize(Decimal(1), ROUND_HALF_UP)
        return f"−{-units:,}" if units < 0 else f"{abs(units):,}"


UNITS = (
    Unit("1", 1, _("won")),
    Unit("1000", 1_000, _("thousand won")),
    Unit("1000000", 1_000_000, _("million won")),
)


def unit_of(request: HttpRequest) -> Unit:
    """Return the unit that the reader chose; won where they chose none."""
    chosen = request.COOKIES.get(COOKIE, "")
    return next((unit for unit in UNITS if unit.key == chosen), UNITS[0])
