"""The shipped commission plans, loaded by two system users: one makes, one checks."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from django.db import transaction

from core.acting import acting
from sales.models import CommissionPlan
from sales.selectors import catalogue
from sales.services import plans

DATA = Path(__file__).resolve().parent.parent / "data" / "plans.json"
MAKER = "system:sales-maker"
CHECKER = "system:sales-checker"


@transaction.atomic
def load(*, business_date: date) -> int:
    """Draft and activate the shipped plans of products that are on sale and have none there yet.

    Args:
        business_date: the day on which they are checked.

    Returns:
        How many plans were added.
    """
    sold = {version.product_code for version in catalogue.on_sale(business_date)}
    added = 0
    for row in json.loads(DATA.read_text(encoding="utf-8")):
        starts = date.fromisoformat(row["starts"])
        known = CommissionPlan.objects.filter(
            product_id=row["product"], period__startswith=starts
        ).exists()
        if known or row["product"] not in sold:
            continue
        proposal = plans.Proposal(
            product_code=row["product"],
            starts=starts,
            ends=date.fromisoformat(row["ends"]) if row["ends"] else None,
            value=row["value"],
            note=row["note"],
        )
        with acting(MAKER, cause="load_plans"):
            draft = plans.draft(proposal, business_date=business_date)
        with acting(CHECKER, cause="load_plans"):
            plans.activate(draft.plan_id, business_date=business_date)
        added += 1
    return added
