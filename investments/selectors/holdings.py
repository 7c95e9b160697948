"""What is held on a day, what it is carried at, and what lacks a price."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from django.db import connection
from django.db.models import Min

from core.columns import Keys, Won, as_column
from investments.models import Asset, AssetPrice, Trade

STALE_AFTER = {"STOCK": 31, "BOND": 31, "LOAN": 92, "REAL_ESTATE": 366}
"""Days after which a price says nothing about an asset any more, by its kind."""

_AT_FAIR_VALUE = ("FVPL", "FVOCI", "PROPERTY")
_HOLDINGS = """
    SELECT a.asset_id, a.asset_name, a.asset_type, a.classification, a.issuer,
        t.bought + coalesce(r.changed, 0),
        a.bought_interest + coalesce(r.coupons, 0) - coalesce(c.paid, 0)
    FROM investment_assets a
    JOIN (
        SELECT asset_id, sum(amount) AS bought FROM asset_trades
        WHERE side = 'BUY' AND trade_date <= %(on)s GROUP BY asset_id
    ) t ON t.asset_id = a.asset_id
    LEFT JOIN (
        SELECT asset_id, sum(carrying_change) AS changed,
            sum(return_amount - carrying_change) FILTER (WHERE kind = 'INTEREST') AS coupons
        FROM asset_returns WHERE record_date <= %(on)s GROUP BY asset_id
    ) r ON r.asset_id = a.asset_id
    LEFT JOIN (
        SELECT asset_id, sum(amount) AS paid FROM asset_interest_receipts
        WHERE received_on <= %(on)s GROUP BY asset_id
    ) c ON c.asset_id = a.asset_id
    WHERE a.status IN ('HELD', 'SOLD', 'LOST') AND a.purchase_date <= %(on)s
        AND (a.sold_on IS NULL OR a.sold_on > %(on)s)
    ORDER BY a.asset_id
"""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What was held at the end of a day, one row an asset.

    Args:
        on: the day.
        value: carrying amounts without accrued interest, won.
        accrued: interest earned and not yet paid, won.
    """

    on: date
    asset_id: Keys
    asset_name: Keys
    asset_type: Keys
    classification: Keys
    issuer: Keys
    value: Won
    accrued: Won

    @property
    def total(self) -> int:
        """All carrying amounts with accrued interest, won."""
        return int(self.value.sum() + self.accrued.sum())

    def by(self, column: str) -> dict[str, int]:
        """Sum the carrying amounts by ``asset_type``, ``classification`` or ``issuer``, won."""
        names = getattr(self, column)
        sums = {str(n): int(self.value[names == n].sum()) for n in np.unique(names.astype(str))}
        return dict(sorted(sums.items(), key=lambda item: -item[1]))


@dataclass(frozen=True, slots=True)
class LatestPrice:
    """The last price of an asset on or before a day."""

    asset_id: str
    price_date: date
    unit_price: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Unpriced:
    """An asset at fair value that cannot be revalued: no price, or one that is too old."""

    asset_id: str
    asset_name: str
    asset_type: str
    value: Decimal
    price_date: date | None
    days: int = field(default=0)


def holdings(on: date) -> Holdings:
    """Return what was held at the end of a day, from the rows that made it so."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDINGS, {"on": on})
        found = cursor.fetchall()
    columns = list(zip(*found, strict=True)) or [()] * 7
    words = [as_column("keys", list(c)) for c in columns[:5]]
    amounts = [as_column("won", list(c)) for c in columns[5:]]
    return Holdings(on, *words, *amounts)


def latest_prices(asset_ids: Iterable[str], *, on: date) -> dict[str, LatestPrice]:
    """Return the last price of each asset on or before a day; assets without one are left out."""
    found = (
        AssetPrice.objects.filter(asset_id__in=list(asset_ids), price_date__lte=on)
        .order_by("asset_id", "-price_date", "-revision")
        .distinct("asset_id")
        .values_list("asset_id", "price_date", "unit_price", "source")
    )
    return {row[0]: LatestPrice(*row) for row in found}


def unpriced(on: date) -> list[Unpriced]:
    """Return held assets at fair value whose last price is missing or too old on a day.

    Until its first price is due, a new asset stands at what was paid for it.
    """
    held = Asset.objects.filter(status="HELD", classification__in=_AT_FAIR_VALUE)
    rows = list(
        held.order_by("asset_id").values_list(
            "asset_id", "asset_name", "asset_type", "current_value", "purchase_date"
        )
    )
    prices = latest_prices([row[0] for row in rows], on=on)
    found = []
    for asset_id, name, kind, value, bought in rows:
        last = prices.get(asset_id)
        known = max(last.price_date, bought) if last else bought
        if known < on - timedelta(days=STALE_AFTER[kind]):
            priced = last.price_date if last else None
            found.append(Unpriced(asset_id, name, kind, value, priced, (on - known).days))
    return found


def first_purchase() -> date | None:
    """Return the day of the first purchase, if there was one."""
    return Trade.objects.filter(side="BUY").aggregate(first=Min("trade_date"))["first"]
