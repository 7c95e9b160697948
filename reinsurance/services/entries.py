"""Entries of accounts current, and the premium that buys back used cover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.events import publish
from reinsurance import rules
from reinsurance.events import ReinstatementsDue
from reinsurance.models import AccountEntry, Treaty


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a treaty pays of one paid loss, won."""

    payout_id: int
    claim_number: str
    loss_date: date
    amount: int


def enter(entries: Iterable[AccountEntry]) -> list[AccountEntry]:
    """Add entries to accounts, in the caller's transaction; amounts of nothing are left out."""
    return AccountEntry.objects.bulk_create([entry for entry in entries if entry.amount])


def reinstate(treaty: Treaty, recovered: Sequence[Recovered], *, before: int, on: date) -> None:
    """Charge what buying back the used cover costs, in the caller's transaction.

    Args:
        treaty: whose cover; one without reinstatements charges nothing.
        recovered: what the treaty pays of each loss, in order.
        before: recovered in the period before, won.
        on: the business date.
    """
    if not treaty.reinstatements:
        return
    days = (treaty.period.upper - treaty.period.lower).days
    entries = []
    for one in recovered:
        left = (treaty.period.upper - one.loss_date).days
        remaining = Decimal(left) / days if treaty.reinstatement_time else Decimal(1)
        premium = rules.reinstatement_premium(
            before=before,
            recovered=one.amount,
            limit=int(treaty.layer_limit),
            percents=[Decimal(percent) for percent in treaty.reinstatements],
            premium=int(treaty.layer_premium),
            remaining=remaining,
        )
        trace = {
            "before": before,
            "recovered": one.amount,
            "limit": int(treaty.layer_limit),
            "percents": treaty.reinstatements,
            "premium": int(treaty.layer_premium),
            "remaining": f"{remaining:.6f}",
            "claim": one.claim_number,
        }
        before += one.amount
        entries.append(
            AccountEntry(
                treaty=treaty,
                reinsurer_name=treaty.reinsurer_name,
                line=treaty.line,
                kind="REINSTATEMENT",
                entry_date=on,
                amount=premium,
                reference=str(one.payout_id),
                trace=trace,
            )
        )
    made = enter(entries)
    if made:
        publish(
            ReinstatementsDue.of(
                business_date=on,
                rows=[
                    {
                        "entry_id": entry.pk,
                        "treaty_code": treaty.pk,
                        "reinsurer": entry.reinsurer_name,
                        "line": entry.line,
                        "amount": entry.amount,
                    }
                    for entry in made
                ],
            )
        )
