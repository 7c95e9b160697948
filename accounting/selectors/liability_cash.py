"""What insurance liabilities take in the months to come, as the last run for the books expects."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounting.models import MeasurementFlow, MeasurementRun

_SIGN = {"PREMIUM": -1, "CLAIMS": 1, "EXPENSES": 1, "REPAID": 1, "COMMISSION": 1}


@dataclass(frozen=True, slots=True)
class LiabilityCash:
    """Expected cash by month ahead, won; positive goes out, net of premiums that come in.

    Args:
        run: the measurement that expects it.
        on: its month end; month 1 is the one after it.
        net: month ahead → won.
    """

    run: str
    on: date
    net: dict[int, int]


def liability_cash(on: date) -> LiabilityCash | None:
    """Return the expected cash of all groups of the last run for the books up to a day."""
    run = (
        MeasurementRun.objects.select_related("period")
        .filter(purpose="BOOKS", period__ends_on__lte=on, flows__isnull=False)
        .order_by("-period", "-number")
        .first()
    )
    if run is None:
        return None
    sums: dict[int, Decimal] = defaultdict(Decimal)
    flows = MeasurementFlow.objects.filter(run=run, amount_type__in=_SIGN)
    for kind, amounts in flows.values_list("amount_type", "amounts"):
        for month, amount in enumerate(amounts, 1):
            sums[month] += _SIGN[kind] * amount
    net = {month: round(amount) for month, amount in sorted(sums.items()) if amount}
    return LiabilityCash(str(run), run.period.ends_on, net)
