"""Ceded premium: what came in is noted by line as it comes, and ceded at the month's end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Sum

from core.clock import month_end
from core.columns import Keys, Won
from core.events import publish
from reinsurance import rules
from reinsurance.events import PremiumsCeded
from reinsurance.models import PremiumCession, SubjectPremium, Treaty


def note_premiums(*, event_id: UUID, line: Keys, amount: Won, on: date) -> None:
    """Note the premium of a batch by line, in the caller's transaction.

    Args:
        event_id: of the batch; its lines are noted once.
        line: (n,) portfolios.
        amount: (n,) won, signed: negative where premium was paid back.
        on: the business date.
    """
    moved = amount != 0
    line, amount = line[moved], amount[moved]
    names, index = np.unique(line.astype(str), return_inverse=True)
    sums = np.zeros(len(names), dtype=np.int64)
    np.add.at(sums, index, amount)
    SubjectPremium.objects.bulk_create(
        (
            SubjectPremium(
                event_id=event_id,
                line=name,
                premium_date=on,
                amount=int(total),
                contracts=int(count),
            )
            for name, total, count in zip(
                names, sums, np.bincount(index, minlength=len(names)), strict=True
            )
        ),
        ignore_conflicts=True,
    )


@transaction.atomic
def cede_premiums_many(treaty_codes: Iterable[str], *, on: date) -> int:
    """Cede the premium of a month to treaties; a treaty that has had its month is left alone.

    Args:
        treaty_codes: signed treaties.
        on: a day of the month, its last day as a rule; premium up to that day is ceded.

    Returns:
        How many cessions were made.
    """
    month = f"{on:%Y-%m}"
    found = Treaty.objects.select_for_update().filter(
        pk__in=list(treaty_codes), status__in=["SIGNED", "ENDED"]
    )
    treaties = list(found.exclude(cessions__month=month).order_by("treaty_code"))
    rows = [(treaty, subject_premium(treaty, on)) for treaty in treaties]
    made = []
    for treaty, subject in rows:
        quota = treaty.kind == rules.QUOTA_SHARE
        ceded, commission = rules.cede_premium(
            subject,
            percent=treaty.cession_percent if quota else treaty.premium_percent,
            commission_percent=treaty.commission_percent,
        )
        made.append(
            PremiumCession(
                treaty=treaty,
                month=month,
                subject_premium=subject,
                ceded_premium=ceded,
                commission=commission,
            )
        )
    PremiumCession.objects.bulk_create(made)
    told = [cession for cession in made if cession.ceded_premium]
    if told:
        publish(
            PremiumsCeded.of(
                business_date=on,
                rows=[
                    {
                        "cession_id": cession.pk,
                        "treaty_code": cession.treaty_id,
                        "line": cession.treaty.line,
                        "ceded": cession.ceded_premium,
                        "commission": cession.commission,
                    }
                    for cession in told
                ],
            )
        )
    return len(made)


def subject_premium(treaty: Treaty, on: date) -> int:
    """Return the premium of a treaty's line on the days of a month that it covers, won."""
    first = max(on.replace(day=1), treaty.period.lower)
    last = min(on, month_end(on), treaty.period.upper - timedelta(days=1))
    total = SubjectPremium.objects.filter(
        line=treaty.line, premium_date__gte=first, premium_date__lte=last
    ).aggregate(total=Sum("amount"))["total"]
    return int(total or 0)
