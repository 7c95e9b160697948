"""Entries of accounts current, and the premium that buys back used cover."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from core.columns import Ints, Keys, Won
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
    """Add entries to accounts, in the caller's transaction; amounts of nothing are left out.

    Where several reinsurers signed the treaty, each gets its line of the entry. Settlements are
    with one reinsurer and stay whole.
    """
    shared = [part for entry in entries for part in _by_line(entry)]
    return AccountEntry.objects.bulk_create([entry for entry in shared if entry.amount])


def _by_line(entry: AccountEntry) -> list[AccountEntry]:
    lines = entry.treaty.signed_lines
    if entry.kind == AccountEntry.Kind.SETTLEMENT or len(lines) == 1:
        return [entry]
    whole = int(entry.amount)
    parts = rules.split(np.asarray([whole]), np.asarray([part for _, part in lines]))[0]
    return [
        AccountEntry(
            treaty=entry.treaty,
            reinsurer_name=name,
            line=entry.line,
            kind=entry.kind,
            entry_date=entry.entry_date,
            amount=int(amount),
            reference=entry.reference,
            trace=entry.trace | {"whole": whole, "signed": part},
        )
        for (name, part), amount in zip(lines, parts, strict=True)
    ]


def by_line(
    treaties: Sequence[Treaty], row: Ints, column: Ints, amount: Won
) -> tuple[Ints, Ints, Keys, Won, Ints]:
    """Split what treaties pay between the reinsurers that signed them.

    Args:
        treaties: the treaties.
        row: (n,) losses.
        column: (n,) which treaty pays.
        amount: (n,) won, positive.

    Returns:
        Rows, columns, reinsurers, amounts and signed lines (hundredths of a percent), one for
        each reinsurer that pays something, in the order of the losses.
    """
    parts = []
    for number, treaty in enumerate(treaties):
        mine = np.flatnonzero(column == number)
        signed = np.asarray([line for _, line in treaty.signed_lines])
        won = rules.split(amount[mine], signed)
        for place, (name, line) in enumerate(treaty.signed_lines):
            hit = mine[won[:, place] > 0]
            who = np.full(len(hit), name, dtype=object)
            share = won[won[:, place] > 0, place]
            parts.append((row[hit], column[hit], who, share, np.full(len(hit), line)))
    rows, columns, who, won, lines = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((columns, rows))
    return rows[order], columns[order], who[order], won[order], lines[order]


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
