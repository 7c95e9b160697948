"""What will come in, month by month: coupons, redemptions, rent and dividends by their terms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from core.clock import add_months, month_end
from investments.models import Asset
from investments.rules.days import payment_days
from investments.rules.interest import Debt, Flow, coupon, dividend, flows


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    """A month's expected cash by kind, won."""

    month: str
    amounts: dict[str, int] = field(default_factory=dict)
    flows: list[tuple[str, Flow]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All of it, won."""
        return sum(self.amounts.values())


def cash_calendar(
    on: date, *, months: int = 12, asset_ids: Iterable[str] | None = None
) -> list[CalendarMonth]:
    """Return the cash that held assets will bring by their terms.

    Args:
        on: after this day.
        months: how many calendar months, beginning with the day's own.
        asset_ids: only these assets; all by default.
    """
    until = month_end(add_months(on.replace(day=1), months - 1))
    found = {
        f"{d:%Y-%m}": CalendarMonth(f"{d:%Y-%m}")
        for d in (add_months(on.replace(day=1), i) for i in range(months))
    }
    held = Asset.objects.filter(status="HELD").order_by("asset_id")
    if asset_ids is not None:
        held = held.filter(asset_id__in=list(asset_ids))
    for asset in held:
        for flow in _flows_of(asset, on, until):
            month = found[f"{flow.day:%Y-%m}"]
            month.amounts[flow.kind] = month.amounts.get(flow.kind, 0) + flow.amount
            month.flows.append((asset.asset_id, flow))
    for month in found.values():
        month.flows.sort(key=lambda pair: (pair[1].day, pair[0]))
    return list(found.values())


def _flows_of(asset: Asset, on: date, until: date) -> list[Flow]:
    if asset.maturity_date is not None:
        debt = Debt(
            face=int(asset.face_value or 0),
            annual_percent=float(asset.annual_rate),
            start=asset.interest_from or asset.purchase_date,
            maturity=asset.maturity_date,
            every=asset.income_every,
            anchor=asset.income_anchor,
            day_count=asset.day_count,
        )
        return [flow for flow in flows(debt, after=on) if flow.day <= until]
    if not asset.annual_rate:
        return []
    days = payment_days(after=on, until=until, every=asset.income_every, anchor=asset.income_anchor)
    starts = [asset.income_from or asset.purchase_date, *days[:-1]]
    cost = asset.cost_held if asset.asset_type == "STOCK" else asset.purchase_price
    base = np.asarray([int(cost)] * len(days), dtype=np.int64)
    percent = np.full(len(days), float(asset.annual_rate))
    if asset.asset_type == "STOCK":
        every = np.full(len(days), asset.income_every)
        amounts = dividend(cost=base, annual_percent=percent, every=every)
        kind = "DIVIDEND"
    else:
        amounts = coupon(
            base=base,
            annual_percent=percent,
            start=np.asarray(starts[: len(days)], dtype="datetime64[D]"),
            end=np.asarray(days, dtype="datetime64[D]"),
            day_count=np.full(len(days), asset.day_count, dtype=object),
        )
        kind = "RENT"
    return [Flow(day, kind, int(v)) for day, v in zip(days, amounts, strict=True)]
