"""How contracts ended, whether they were reinstated, and at which interest arrears are paid."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from contracts.models import Reinstatement, SurrenderPayment, Termination
from core.bulk import read_columns
from core.columns import Days, Keys

_RATES = Path(__file__).resolve().parent.parent / "data" / "arrears_rates.json"


def termination(contract_id: str) -> Termination | None:
    """Return how a contract ended, None while it lasts or lasts again."""
    open_ = Termination.objects.filter(contract_id=contract_id, reinstatement=None)
    return open_.order_by("-ended_on").first()


def reinstatements(contract_id: str) -> list[Reinstatement]:
    """Return the reinstatements of a contract, the first one first."""
    return list(Reinstatement.objects.filter(contract_id=contract_id).order_by("reinstated_on"))


def surrender_payment(contract_id: str) -> SurrenderPayment | None:
    """Return the surrender value that was paid on request after a lapse."""
    return SurrenderPayment.objects.filter(contract_id=contract_id).first()


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """Days without cover, [lapse, reinstatement), (n,) each."""

    contract_id: Keys
    lapsed_on: Days
    reinstated_on: Days


def gaps_of(contract_ids: Iterable[str]) -> Gaps:
    """Return the days during which reinstated contracts had no cover."""
    return Gaps(
        **read_columns(
            "SELECT contract_id, lapsed_on, reinstated_on FROM reinstatements"
            " WHERE contract_id = ANY(%(ids)s)",
            {"ids": [str(one) for one in contract_ids]},
            contract_id="keys",
            lapsed_on="days",
            reinstated_on="days",
        )
    )


def arrears_percent(due: date) -> Decimal:
    """Return the annual interest on a premium that fell due on a day, in percent.

    Raises:
        LookupError: no rate is published for this day.
    """
    table, margin = _rates()
    found = [percent for begun, percent in table if begun <= due]
    if not found:
        raise LookupError(f"No average disclosed rate is kept for {due}.")
    return found[-1] + margin


@cache
def _rates() -> tuple[list[tuple[date, Decimal]], Decimal]:
    kept = json.loads(_RATES.read_text(encoding="utf-8"))
    table = [
        (date.fromisoformat(row["from"]), Decimal(row["percent"]))
        for row in kept["average_disclosed_rate"]
    ]
    return sorted(table), Decimal(kept["margin_percent"])
