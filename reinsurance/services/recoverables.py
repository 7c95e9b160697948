"""The reinsurers' share of open claims, kept in step with the case reserves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction

from claims import api as claims
from core.columns import as_column
from core.events import MAX_ROWS, publish
from reinsurance import rules
from reinsurance.events import RecoverablesMoved
from reinsurance.models import Recoverable, Treaty

from .losses import layers_for, programme_for, sums_of


@transaction.atomic
def move_recoverables(
    claim_numbers: Iterable[str], *, on: date, lines: Iterable[str] | None = None
) -> int:
    """Work out anew what reinsurers would pay of claims, by their case reserves, and tell it.

    Treaties that look at one loss at a time answer here; what a catastrophe or stop loss treaty
    would pay is known when its losses are added up. A claim without a reserve has no share, so
    that the share goes when the claim is paid and its recovery is billed.

    Args:
        claim_numbers: whose reserves moved; unknown ones are left alone.
        on: the business date.
        lines: the claims' portfolios, if they are known: claims of portfolios without treaties
            need no look.

    Returns:
        How many shares changed.
    """
    numbers = sorted(set(claim_numbers))
    held = {
        (row.treaty_id, row.claim_number): row
        for row in Recoverable.objects.select_for_update()
        .filter(claim_number__in=numbers)
        .order_by("pk")
    }
    if not held and lines is not None and not _shared(set(lines)):
        return 0
    due = _expected(numbers)
    changed, made, told = [], [], []
    for key in sorted({*held, *due}):
        row = held.get(key)
        target = due.get(key)
        amount = target["amount"] if target else 0
        movement = amount - int(row.amount if row else 0)
        if not movement:
            continue
        if row is None:
            row = Recoverable(treaty_id=key[0], claim_number=key[1], **_columns(target or {}))
            made.append(row)
        else:
            row.amount = amount
            row.case_reserve = target["case_reserve"] if target else 0
            row.trace = target["trace"] if target else {}
            changed.append(row)
        told.append((row, movement))
    Recoverable.objects.bulk_create(made)
    Recoverable.objects.bulk_update(changed, ["amount", "case_reserve", "trace"])
    _tell(told, on)
    return len(told)


def _shared(lines: set[str]) -> bool:
    treaties = Treaty.objects.filter(line__in=lines, status__in=["SIGNED", "ENDED"])
    return treaties.exclude(kind__in=rules.ACCUMULATING).exists()


def _columns(target: dict[str, Any]) -> dict[str, Any]:
    names = ("contract_number", "line", "case_reserve", "amount", "trace")
    return {name: target[name] for name in names}


def _expected(numbers: list[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the share of each claim by (treaty, claim); shares of nothing are left out."""
    facts = [fact for fact in claims.facts(numbers).values() if fact.case_reserve > 0]
    if not facts:
        return {}
    line = as_column("keys", [fact.line for fact in facts])
    contract = as_column("keys", [fact.contract_id for fact in facts])
    day = np.asarray([fact.incident_at.date() for fact in facts], dtype="datetime64[D]")
    reserve = as_column("won", [fact.case_reserve for fact in facts])
    treaties = programme_for(sorted(set(line.tolist())), day)
    if not treaties:
        return {}
    layers, covers = layers_for(treaties, line=line, loss_date=day, contract=contract)
    sums = sums_of(treaties, contract)
    share = rules.recover(reserve, layers, covers, sums=sums)
    return {
        (treaties[j].treaty_code, facts[i].reception_id): {
            "contract_number": facts[i].contract_id,
            "line": facts[i].line,
            "case_reserve": int(reserve[i]),
            "amount": int(share[i, j]),
            "trace": {"reserve": int(reserve[i]), "loss_date": str(day[i])},
        }
        for i, j in zip(*np.nonzero(share), strict=True)
    }


def _tell(told: list[tuple[Recoverable, int]], on: date) -> None:
    names = dict(
        Treaty.objects.filter(pk__in={row.treaty_id for row, _ in told}).values_list(
            "pk", "reinsurer_name"
        )
    )
    for start in range(0, len(told), MAX_ROWS):
        publish(
            RecoverablesMoved.of(
                business_date=on,
                rows=[
                    {
                        "treaty_code": row.treaty_id,
                        "reception_id": row.claim_number,
                        "contract_id": row.contract_number,
                        "reinsurer": names[row.treaty_id],
                        "line": row.line,
                        "movement": movement,
                    }
                    for row, movement in told[start : start + MAX_ROWS]
                ],
            )
        )
