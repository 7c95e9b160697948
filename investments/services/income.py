"""Interest, dividends and rent: earned by day count, paid at month ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from core.bulk import copy_rows
from core.clock import month_end
from core.columns import Keys, Won, as_column
from core.errors import DomainError
from core.events import publish
from investments.events import AssetIncomeReceived, InterestAccrued, InterestCollected
from investments.models import InterestReceipt
from investments.rules import bonds, interest
from investments.rules.days import pays_in

from . import _returns, credit
from ._rows import Rows, batches, bonds_in, change, lock, lock_all

_DEBT = ("BOND", "LOAN")
_PAYS = {"STOCK": "DIVIDEND", "REAL_ESTATE": "RENT"}


class NoSuchIncome(DomainError):
    """This kind of asset does not pay this kind of income, or the amount is not positive."""


@transaction.atomic
def record_income_many(asset_ids: Iterable[str], *, on: date) -> int:
    """Record a month's income of many assets: interest, coupons, rent, dividends by their terms.

    Assets that are not held, or whose income is recorded up to the day, are left alone, so that
    it may be repeated.

    Args:
        asset_ids: which.
        on: the last day of the month.

    Returns:
        How many assets earned something.
    """
    keys = list(asset_ids)
    return accrue_interest_many(keys, on=on) + _pay_by_terms(keys, on=on)


@transaction.atomic
def accrue_interest_many(asset_ids: Iterable[str], *, on: date) -> int:
    """Accrue the interest of bonds and loans up to a day and pay the coupons that fall on it.

    Args:
        asset_ids: which; others than held bonds and loans are left alone.
        on: up to and including this day, at most each asset's maturity.

    Returns:
        How many earned interest.
    """
    rows = lock(asset_ids)
    rows = rows.take(np.isin(rows.asset_type, _DEBT))
    earned = accrue(rows, on=on)
    rows = lock(rows.asset_id.tolist())
    collect(rows.take(_coupon_day(rows, on)), on=on)
    return earned


@transaction.atomic
def receive_income_many(
    asset_ids: Sequence[str], *, kinds: Sequence[str], amounts: Sequence[int], on: date
) -> None:
    """Record dividends and rents that came in.

    Args:
        asset_ids: each once for each kind.
        kinds: ``DIVIDEND`` for shares, ``RENT`` for property.
        amounts: won, more than zero.
        on: the day of the receipt.

    Raises:
        NotHeld, NoSuchIncome, AlreadyRecorded.
    """
    rows = lock_all(asset_ids)
    order = {key: i for i, key in enumerate(asset_ids)}
    at = [order[key] for key in rows.asset_id]
    amount = as_column("won", amounts)[at]
    kind = as_column("keys", kinds)[at]
    for key, what, value, asset_type in zip(
        rows.asset_id, kind, amount, rows.asset_type, strict=True
    ):
        if _PAYS.get(asset_type) != what or value <= 0:
            raise NoSuchIncome(
                _("%(asset)s: shares pay dividends, property pays rent; the amount is above zero.")
                % {"asset": key}
            )
    _receive(rows, kind, amount, [{"given": int(value)} for value in amount], on=on)


def receive_income(asset_id: str, *, kind: str, amount: int, on: date) -> None:
    """Record a dividend or a rent that came in; see ``receive_income_many``."""
    receive_income_many([asset_id], kinds=[kind], amounts=[amount], on=on)


def accrue(rows: Rows, *, on: date) -> int:
    """Accrue interest on locked bonds and loans, in the caller's transaction.

    The whole running coupon is computed anew and what has accrued is taken off, so that the
    coupon is exact to the won and a repetition adds nothing.
    """
    end = np.minimum(np.datetime64(on, "D"), rows.maturity_date)
    running = interest.coupon(
        base=rows.face_value,
        annual_percent=rows.annual_rate,
        start=rows.income_from,
        end=end,
        day_count=rows.day_count,
    )
    coupon = np.maximum(running - rows.accrued_interest, 0)
    amortised = _amortised(rows, end)
    earning = (coupon != 0) | (amortised != 0)
    rows, coupon, amortised = rows.take(earning), coupon[earning], amortised[earning]
    end, running = end[earning], running[earning]
    if not len(rows):
        return 0
    suspended = credit.suspended_of(rows, coupon + amortised)
    _returns.write(
        asset_ids=rows.asset_id,
        on=on,
        kind="INTEREST",
        amount=coupon + amortised - suspended,
        suspended=suspended,
        before=rows.current_value,
        carrying_change=amortised,
        traces=[
            {
                "face": int(rows.face_value[i]),
                "annual_percent": str(rows.annual_rate[i]),
                "day_count": rows.day_count[i],
                "from": str(rows.income_from[i]),
                "to": str(end[i]),
                "running": int(running[i]),
                "accrued_before": int(rows.accrued_interest[i]),
                "coupon": int(coupon[i]),
                "effective_rate": f"{rows.effective_rate[i]:.10f}",
                "amortised_cost_before": int(rows.amortised_cost[i]),
                "amortised": int(amortised[i]),
                "suspended": int(suspended[i]),
                "allowance_before": int(rows.allowance[i]),
            }
            for i in range(len(rows))
        ],
    )
    change(
        rows.asset_id,
        add_accrued_interest=coupon,
        add_current_value=amortised,
        add_amortised_cost=amortised,
    )
    for part in batches(len(rows)):
        publish(
            InterestAccrued(
                business_date=on,
                asset_id=rows.asset_id[part],
                asset_type=rows.asset_type[part],
                classification=rows.classification[part],
                coupon=coupon[part],
                amortised=amortised[part],
                suspended=suspended[part],
            )
        )
    credit.add_suspended(rows, suspended, coupon + amortised, on=on)
    return len(rows)


def collect(rows: Rows, *, on: date) -> None:
    """Take in the accrued interest of locked assets, in the caller's transaction."""
    owed = rows.accrued_interest > 0
    rows = rows.take(owed)
    if not len(rows):
        return
    copy_rows(
        InterestReceipt,
        {"asset": rows.asset_id, "received_on": on, "amount": rows.accrued_interest},
    )
    change(
        rows.asset_id,
        accrued_interest=0,
        income_from=np.minimum(np.datetime64(on, "D"), rows.maturity_date),
    )
    for part in batches(len(rows)):
        publish(
            InterestCollected(
                business_date=on,
                asset_id=rows.asset_id[part],
                asset_type=rows.asset_type[part],
                amount=rows.accrued_interest[part],
            )
        )


def _coupon_day(rows: Rows, on: date) -> Any:
    matured = rows.maturity_date <= np.datetime64(on, "D")
    if on != month_end(on):
        return matured
    month = np.full(len(rows), on.month)
    return matured | pays_in(month, rows.income_every, rows.income_anchor)


def _amortised(rows: Rows, end: Any) -> Won:
    """Return the signed amortisation since the last accrual, by the effective rate."""
    out = np.zeros(len(rows), dtype=np.int64)
    here = np.flatnonzero((rows.effective_rate != 0) & (rows.classification != "FVPL"))
    mine = rows.take(here)
    columns = bonds_in(mine)
    cost = bonds.amortised_cost(
        columns, bonds.payments(columns), rate=mine.effective_rate, on=end[here]
    )
    out[here] = cost - mine.amortised_cost
    return out


def _pay_by_terms(asset_ids: list[str], *, on: date) -> int:
    if on != month_end(on):
        return 0
    rows = lock(asset_ids)
    rows = rows.take(
        np.isin(rows.asset_type, list(_PAYS))
        & (rows.annual_rate > 0)
        & pays_in(np.full(len(rows), on.month), rows.income_every, rows.income_anchor)
    )
    today = np.datetime64(on, "D")
    rent = rows.take((rows.asset_type == "REAL_ESTATE") & (rows.income_from < today))
    shares = rows.take(
        (rows.asset_type == "STOCK") & (rows.income_from < np.datetime64(on.replace(day=1), "D"))
    )
    return _pay_rent(rent, on=on) + _pay_dividends(shares, on=on)


def _pay_rent(rows: Rows, *, on: date) -> int:
    end = np.full(len(rows), np.datetime64(on, "D"))
    amount = interest.coupon(
        base=rows.purchase_price,
        annual_percent=rows.annual_rate,
        start=rows.income_from,
        end=end,
        day_count=rows.day_count,
    )
    traces = [
        {
            "base": int(rows.purchase_price[i]),
            "annual_percent": str(rows.annual_rate[i]),
            "day_count": rows.day_count[i],
            "from": str(rows.income_from[i]),
            "to": on.isoformat(),
        }
        for i in range(len(rows))
    ]
    return _receive(rows, as_column("keys", ["RENT"] * len(rows)), amount, traces, on=on)


def _pay_dividends(rows: Rows, *, on: date) -> int:
    amount = interest.dividend(
        cost=rows.cost_held, annual_percent=rows.annual_rate, every=rows.income_every
    )
    traces = [
        {
            "base": int(rows.cost_held[i]),
            "annual_percent": str(rows.annual_rate[i]),
            "months": int(rows.income_every[i]),
        }
        for i in range(len(rows))
    ]
    return _receive(rows, as_column("keys", ["DIVIDEND"] * len(rows)), amount, traces, on=on)


def _receive(rows: Rows, kind: Keys, amount: Won, traces: list[dict[str, Any]], *, on: date) -> int:
    paying = np.flatnonzero(amount > 0)
    if not len(paying):
        return 0
    rows, kind, amount = rows.take(paying), kind[paying], amount[paying]
    for what in np.unique(kind.astype(str)):
        mask = np.flatnonzero(kind == what)
        _returns.write(
            asset_ids=rows.asset_id[mask],
            on=on,
            kind=str(what),
            amount=amount[mask],
            before=rows.current_value[mask],
            carrying_change=0,
            traces=[traces[paying[i]] for i in mask],
        )
    change(rows.asset_id, income_from=np.full(len(rows), np.datetime64(on, "D")))
    for part in batches(len(rows)):
        publish(
            AssetIncomeReceived(
                business_date=on,
                asset_id=rows.asset_id[part],
                asset_type=rows.asset_type[part],
                kind=kind[part],
                amount=amount[part],
            )
        )
    return len(rows)
