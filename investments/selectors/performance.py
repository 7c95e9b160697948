"""Monthly and time-weighted returns, from the rows that the assets left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Sum
from django.db.models.functions import TruncMonth
from numpy.typing import NDArray

from core.clock import month_end
from investments.models import Asset, AssetReturn, InterestReceipt, Trade
from investments.rules.returns import (
    Months,
    annualised,
    earned,
    money_weighted,
    month_return,
    time_weighted,
    together,
)

FUND = "FUND"


@dataclass(frozen=True, slots=True)
class ReturnTable:
    """Returns of some groups over some months.

    Args:
        groups: asset numbers, kinds of asset, or ``FUND`` alone.
        months: ``YYYY-MM``, ascending.
        parts: what each return is made of, (groups × months) flattened, group by group.
        monthly: (groups, months) ratios.
    """

    groups: list[str]
    months: list[str]
    parts: Months
    monthly: NDArray[np.float64]

    def total(self, group: str, *, last: int = 0) -> float:
        """Return the time-weighted return of a group over its last months (0: all)."""
        row = self.monthly[self.groups.index(group)]
        return time_weighted(row[-last:] if last else row)

    def annual(self, group: str) -> float:
        """Return the time-weighted return of a group as a yearly rate."""
        return annualised(self.total(group), len(self.months))

    def money(self) -> dict[str, float | None]:
        """Return the money-weighted yearly return of each group; None where none explains it."""
        owner = np.repeat(np.arange(len(self.groups)), len(self.months))
        found = money_weighted(self.parts, owner, len(self.groups)).tolist()
        return {
            group: None if np.isnan(rate) else rate
            for group, rate in zip(self.groups, found, strict=True)
        }

    def earned(self, group: str) -> list[int]:
        """Return what a group earned in each month, won."""
        at, n = self.groups.index(group), len(self.months)
        return [int(v) for v in earned(self.parts)[at * n : (at + 1) * n]]

    def part(self, group: str, month: str) -> dict[str, Any]:
        """Return what one month's return of a group is made of."""
        at = self.groups.index(group) * len(self.months) + self.months.index(month)
        return {name: getattr(self.parts, name)[at].item() for name in Months.__dataclass_fields__}


def monthly_returns(
    *,
    first: date,
    last: date,
    by: str = "fund",
    asset_ids: Iterable[str] | None = None,
) -> ReturnTable:
    """Return the modified Dietz returns of each month, per asset, per kind, or of the fund.

    Args:
        first: a day in the first month.
        last: a day in the last month; a month that has not ended counts up to this day.
        by: ``asset``, ``kind``, ``class`` (measurement) or ``fund``.
        asset_ids: only these assets; all by default.
    """
    months = _months(first, last)
    found = Asset.objects.filter(status__in=["HELD", "SOLD", "LOST"], purchase_date__lte=last)
    if asset_ids is not None:
        found = found.filter(asset_id__in=list(asset_ids))
    column = "classification" if by == "class" else "asset_type"
    rows = list(found.order_by("asset_id").values_list("asset_id", column))
    parts = _parts([asset_id for asset_id, _ in rows], months, last)
    names, group = _grouping(rows, by)
    n = len(months)
    index = (np.repeat(group, n) * n + np.tile(np.arange(n), len(rows))).astype(np.int64)
    summed = together(parts, index, len(names) * n)
    return ReturnTable(
        groups=names,
        months=[f"{m:%Y-%m}" for m in months],
        parts=summed,
        monthly=month_return(summed).reshape(len(names), n),
    )


def income_by_month(*, first: date, last: date) -> dict[str, dict[str, int]]:
    """Return what was recorded in each month by kind of return, won."""
    found = (
        AssetReturn.objects.filter(record_date__gte=first, record_date__lte=last)
        .annotate(month=TruncMonth("record_date"))
        .values_list("month", "kind")
        .annotate(total=Sum("return_amount"))
        .order_by("month", "kind")
    )
    out: dict[str, dict[str, int]] = {}
    for month, kind, total in found:
        out.setdefault(f"{month:%Y-%m}", {})[kind] = int(total)
    return out


def _months(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    begin = first.year * 12 + first.month - 1
    return [date((begin + i) // 12, (begin + i) % 12 + 1, 1) for i in range(count)]


def _grouping(rows: Sequence[tuple[str, str]], by: str) -> tuple[list[str], NDArray[np.int64]]:
    if by == "asset":
        return [asset_id for asset_id, _ in rows], np.arange(len(rows))
    if by == "fund":
        return [FUND], np.zeros(len(rows), dtype=np.int64)
    names = sorted({kind for _, kind in rows})
    return names, np.asarray([names.index(kind) for _, kind in rows], dtype=np.int64)


class _Tables:
    """Tables of (assets, months): changes of value, trades and cash."""

    def __init__(self, keys: list[str], months: list[date]) -> None:
        self.at = {key: i for i, key in enumerate(keys)}
        self.start = months[0]
        shape = (len(keys), len(months))
        self.opening = np.zeros(shape[0], dtype=np.int64)
        self.change, self.bought, self.sold, self.received = (
            np.zeros(shape, dtype=np.int64) for _ in range(4)
        )
        self.bought_weighted, self.sold_weighted = np.zeros(shape), np.zeros(shape)

    def cell(self, asset_id: str, day: date) -> tuple[int, int] | None:
        """Return where a day's amount belongs; None before the first month."""
        month = (day.year - self.start.year) * 12 + day.month - self.start.month
        return (self.at[asset_id], month) if month >= 0 else None

    def moved(self, asset_id: str, day: date, amount: int) -> None:
        """Change an asset's value with its accrued interest."""
        cell = self.cell(asset_id, day)
        if cell is None:
            self.opening[self.at[asset_id]] += amount
        else:
            self.change[cell] += amount

    def paid(self, asset_id: str, day: date, amount: int) -> None:
        """Take income in as cash."""
        cell = self.cell(asset_id, day)
        if cell is not None:
            self.received[cell] += amount

    def traded(self, asset_id: str, side: str, day: date, amount: int) -> None:
        """Buy or sell at the end of a day."""
        if side == "BUY":
            self.moved(asset_id, day, amount)
        cell = self.cell(asset_id, day)
        if cell is None:
            return
        days = month_end(day).day
        remaining = amount * (days - day.day) / days
        if side == "BUY":
            self.bought[cell] += amount
            self.bought_weighted[cell] += remaining
        else:
            self.sold[cell] += amount
            self.sold_weighted[cell] += remaining

    def months(self) -> Months:
        """Return the tables, flattened asset by asset."""
        end = self.opening[:, None] + np.cumsum(self.change, axis=1)
        begin = np.concatenate([self.opening[:, None], end[:, :-1]], axis=1)
        return Months(
            begin.ravel(),
            end.ravel(),
            self.bought.ravel(),
            self.bought_weighted.ravel(),
            self.sold.ravel(),
            self.sold_weighted.ravel(),
            self.received.ravel(),
        )


def _parts(keys: list[str], months: list[date], last: date) -> Months:
    tables = _Tables(keys, months)
    trades = Trade.objects.filter(asset_id__in=keys, trade_date__lte=last)
    for asset_id, side, day, amount in trades.values_list(
        "asset_id", "side", "trade_date", "amount"
    ):
        tables.traded(asset_id, side, day, int(amount))
    interest = Asset.objects.filter(pk__in=keys, bought_interest__gt=0, purchase_date__lte=last)
    for asset_id, day, amount in interest.values_list("pk", "purchase_date", "bought_interest"):
        tables.traded(asset_id, "BUY", day, int(amount))
    returns = AssetReturn.objects.filter(asset_id__in=keys, record_date__lte=last)
    for asset_id, day, kind, amount, carried, apart in returns.values_list(
        "asset_id", "record_date", "kind", "return_amount", "carrying_change", "suspended"
    ):
        # a coupon that accrued stays in the asset's value until it is paid
        tables.moved(asset_id, day, int(amount + apart if kind == "INTEREST" else carried))
        if kind in {"DIVIDEND", "RENT"}:
            tables.paid(asset_id, day, int(amount))
    receipts = InterestReceipt.objects.filter(asset_id__in=keys, received_on__lte=last)
    for asset_id, day, amount in receipts.values_list("asset_id", "received_on", "amount"):
        tables.moved(asset_id, day, -int(amount))
        tables.paid(asset_id, day, int(amount))
    return tables.months()
