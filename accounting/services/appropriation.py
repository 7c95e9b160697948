"""Appropriate the surrender value reserve (해약환급금준비금) at the close."""

from __future__ import annotations

from accounting.events import SurrenderReservesAppropriated
from accounting.models import FiscalPeriod, MeasurementRun
from accounting.rules.appropriation import required
from accounting.selectors import balances
from accounting.selectors.inputs import COVERAGE
from core.events import publish

RETAINED, RESERVE = "3310", "3320"


def appropriate(period: FiscalPeriod, run: MeasurementRun) -> int:
    """Move retained earnings into the reserve, or back, so that it is what it must be.

    Args:
        period: the month that is closed.
        run: its posted run.

    Returns:
        What was moved into the reserve (negative: back), won.
    """
    held = balances.by_account(balances.closing_at(period.ends_on))
    reserve = -held.get(RESERVE, 0)
    set_ = run.assumption_set
    share = float(set_.values.get("surrender_reserve_share", 1.0)) if set_ else 1.0
    unearned = run.facts.filter(estimate="UPR", step="CLOSING").values_list("amount", flat=True)
    wanted = required(
        surrender=int(run.assumptions["surrender"]) + int(sum(unearned)),
        coverage=-sum(held.get(account, 0) for account in COVERAGE),
        share=share,
        earnings=reserve - held.get(RETAINED, 0),
    )
    moved = wanted - reserve
    if moved:
        publish(
            SurrenderReservesAppropriated.of(
                business_date=period.ends_on,
                rows=[{"period": period.pk, "required": wanted, "amount": moved}],
            )
        )
    return moved
