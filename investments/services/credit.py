"""Expected credit losses: ratings recorded, allowances measured at month ends, released on sale."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from core.acting import current
from core.columns import Won
from core.errors import DomainError
from core.events import publish
from investments.events import CreditLossesMoved
from investments.models import Asset, CreditLoss, CreditRating
from investments.rules import bonds, credit
from investments.selectors.risk import DEBT, credit_terms, standings

from ._rows import Rows, batches, bonds_in, change, lock, lock_all

_MEASURED = ("AC", "FVOCI")


class BadRating(DomainError):
    """The rating does not fit: no debt, an unknown grade, another rating of the day."""


@transaction.atomic
def rate(asset_id: str, *, grade: str, days_past_due: int, source: str, on: date) -> None:
    """Record how a bond or a loan stands; its stage follows at the month's end.

    Raises:
        NotHeld, BadRating.
    """
    rows = lock_all([asset_id])
    known = CreditRating.objects.filter(asset_id=asset_id, rated_on=on).exists()
    if rows.asset_type[0] not in DEBT or grade not in credit.GRADES or known:
        raise BadRating(
            _("%(asset)s: a bond or a loan has one rating a day, from SOV to D.")
            % {"asset": asset_id}
        )
    CreditRating.objects.create(
        asset_id=asset_id,
        rated_on=on,
        grade=grade,
        days_past_due=days_past_due,
        source=source[:60],
        recorded_by=current().actor,
    )


@transaction.atomic
def impair_many(asset_ids: Iterable[str], *, on: date) -> int:
    """Measure the expected credit losses of bonds and loans, and tell what moved.

    Args:
        asset_ids: which; others than held debts at amortised cost or through OCI are left alone,
            and so are those that were measured on the day.
        on: the month's last day.

    Returns:
        How many were measured.

    Source: IFRS 9 section 5.5.
    """
    rows = lock(asset_ids)
    done = CreditLoss.objects.filter(base_date=on, cause="MEASURED")
    known = set(done.values_list("asset_id", flat=True))
    fresh = np.asarray([key not in known for key in rows.asset_id], dtype=bool)
    rows = rows.take(
        fresh
        & np.isin(rows.asset_type, DEBT)
        & np.isin(rows.classification, _MEASURED)
        & (rows.maturity_date > np.datetime64(on, "D"))
    )
    if not len(rows):
        return 0
    stage, exposure, found, traces = _measure(rows, on)
    _write(rows, on, "MEASURED", stage, exposure, found, traces)
    return len(rows)


def _measure(rows: Rows, on: date) -> tuple[Any, Won, credit.Expected, list[dict[str, Any]]]:
    terms = credit_terms(on)
    parameters = terms.parameters
    issuers = dict(Asset.objects.filter(pk__in=rows.asset_id.tolist()).values_list("pk", "issuer"))
    stands = standings(
        [(k, t, issuers[k]) for k, t in zip(rows.asset_id, rows.asset_type, strict=True)], on
    )
    mine = [stands[key] for key in rows.asset_id]
    now = credit.grade_numbers([s.now for s in mine])
    then = credit.grade_numbers([s.then for s in mine])
    late = np.asarray([s.past_due for s in mine], dtype=np.int64)
    stage = credit.stages(now, then, late, parameters)
    exposure = _exposure(rows)
    pd = np.asarray([parameters.pd[s.now] for s in mine])
    lgd = np.asarray([parameters.lgd[kind] for kind in rows.asset_type])
    rate_ = np.where(rows.effective_rate != 0, rows.effective_rate, rows.annual_rate / 100.0)
    days = np.full(len(rows), np.datetime64(on, "D"))
    years = credit.life_of(bonds.payments(bonds_in(rows)), days)
    found = credit.expected(exposure=exposure, stage=stage, pd=pd, lgd=lgd, rate=rate_, years=years)
    traces = [
        {
            "version": terms.version,
            "grade_then": s.then,
            "grade": s.now,
            "past_due": s.past_due,
            "pd": pd[i],
            "lgd": lgd[i],
            "rate": round(float(rate_[i]), 10),
            "years": round(float(years[i]), 4),
        }
        for i, s in enumerate(mine)
    ]
    return stage, exposure, found, traces


def suspended_of(rows: Rows, income: Won) -> Won:
    """Return what of the interest of locked debts is not earned, since they are impaired, won."""
    impaired = (rows.stage == 3) & np.isin(rows.classification, _MEASURED)
    part = credit.suspended(income, allowance=rows.allowance, exposure=_exposure(rows))
    return np.where(impaired, part, 0)


def _exposure(rows: Rows) -> Won:
    cost = np.where(rows.classification == "FVOCI", rows.amortised_cost, rows.current_value)
    return np.asarray(cost + rows.accrued_interest, np.int64)


def add_suspended(rows: Rows, suspended: Won, income: Won, *, on: date) -> None:
    """Let interest that was not earned stand in the allowance, in the caller's transaction.

    Args:
        rows: as they were before the interest.
        suspended: (n,) won.
        income: (n,) interest on the gross carrying amount, won.
        on: the day.
    """
    moved = np.flatnonzero(suspended)
    rows, suspended, income = rows.take(moved), suspended[moved], income[moved]
    note(rows, on, "INTEREST", rows.allowance + suspended, exposure=_exposure(rows) + income)


def note(rows: Rows, on: date, cause: str, allowance: Won, *, exposure: Won) -> None:
    """Write how allowances moved for a cause that another event books, and change them."""
    CreditLoss.objects.bulk_create(
        CreditLoss(
            asset_id=key,
            base_date=on,
            cause=cause,
            stage=int(rows.stage[i]),
            stage_before=int(rows.stage[i]),
            exposure=int(exposure[i]),
            twelve_months=0,
            lifetime=0,
            allowance=int(allowance[i]),
            movement=int(allowance[i] - rows.allowance[i]),
        )
        for i, key in enumerate(rows.asset_id)
    )
    change(rows.asset_id, allowance=allowance)


def release(rows: Rows, *, on: date) -> None:
    """Take the allowances of locked assets back before they leave, in the caller's transaction."""
    rows = rows.take(rows.allowance > 0)
    if not len(rows):
        return
    nothing = np.zeros(len(rows), dtype=np.int64)
    found = credit.Expected(nothing, nothing, nothing)
    _write(rows, on, "RELEASED", rows.stage, nothing, found, [{}] * len(rows))


def _write(
    rows: Rows,
    on: date,
    cause: str,
    stage: Any,
    exposure: Won,
    found: credit.Expected,
    traces: list[dict[str, Any]],
) -> None:
    movement = found.allowance - rows.allowance
    CreditLoss.objects.bulk_create(
        CreditLoss(
            asset_id=key,
            base_date=on,
            cause=cause,
            stage=int(stage[i]),
            stage_before=int(rows.stage[i]),
            exposure=int(exposure[i]),
            twelve_months=int(found.twelve_months[i]),
            lifetime=int(found.lifetime[i]),
            allowance=int(found.allowance[i]),
            movement=int(movement[i]),
            trace=traces[i],
        )
        for i, key in enumerate(rows.asset_id)
    )
    change(rows.asset_id, stage=stage, allowance=found.allowance)
    moved = np.flatnonzero(movement)
    for part in batches(len(moved)):
        here = moved[part]
        publish(
            CreditLossesMoved(
                business_date=on,
                asset_id=rows.asset_id[here],
                asset_type=rows.asset_type[here],
                classification=rows.classification[here],
                stage=np.asarray(stage)[here],
                movement=movement[here],
            )
        )
