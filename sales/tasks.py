"""The monthly settlement in the nightly chain."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core import acting
from core.jobs import Step
from sales.selectors import settlements as selectors
from sales.services import settlements

RELEASER = "auto:settlement"


def _due(day: date) -> bool:
    return day == selectors.settlement_day(day)


def _run(day: date, agent_ids: list[str]) -> None:
    made = settlements.draft_statements(agent_ids, business_date=day)
    if made and settings.SETTLEMENT_AUTO_RELEASE:
        with acting.acting(RELEASER, cause=day.isoformat()):
            settlements.release(made, business_date=day)


SETTLEMENT = Step(
    name="commission_settlement",
    label=_("Commission settlement"),
    select=selectors.due_agents,
    run=_run,
    due=_due,
)
