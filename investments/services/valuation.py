"""Market prices, and the revaluation of what is carried at fair value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _

from core.acting import current
from core.columns import as_column
from core.errors import DomainError
from core.events import publish
from core.money import round_won
from investments.events import AssetsRevalued
from investments.models import Asset, AssetPrice, AssetReturn
from investments.selectors import STALE_AFTER, latest_prices

from . import _returns
from ._rows import batches, change, lock

AT_FAIR_VALUE = ("FVPL", "FVOCI", "PROPERTY")


@dataclass(frozen=True, slots=True)
class Price:
    """A price of one unit, won with up to four decimals."""

    asset_id: str
    price_date: date
    unit_price: Decimal
    source: str


class PricesRefused(DomainError):
    """Some prices cannot be taken, so none was; ``faults`` are (row from 1, reason)."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{row}: {reason}" for row, reason in faults[:20]))


@transaction.atomic
def record_prices(prices: Sequence[Price], *, on: date) -> int:
    """Record market prices and appraisals, all or none; the same price again is no fault.

    Args:
        prices: one for each asset and day.
        on: the business date; later prices are refused.

    Returns:
        How many were new.

    Raises:
        PricesRefused: with each row and reason.
    """
    held = dict(
        Asset.objects.filter(asset_id__in={p.asset_id for p in prices}, status="HELD").values_list(
            "asset_id", "purchase_date"
        )
    )
    known: dict[tuple[str, date], Decimal] = {
        (asset, day): price
        for asset, day, price in AssetPrice.objects.filter(
            asset_id__in=held, price_date__in={p.price_date for p in prices}
        )
        .order_by("revision")
        .values_list("asset_id", "price_date", "unit_price")
    }
    faults: list[tuple[int, str]] = []
    fresh: list[Price] = []
    for number, price in enumerate(prices, start=1):
        fault = _fault_of(price, held, known, on)
        key = (price.asset_id, price.price_date)
        if fault:
            faults.append((number, fault))
        elif key not in known:
            known[key] = price.unit_price
            fresh.append(price)
    if faults:
        raise PricesRefused(faults)
    AssetPrice.objects.bulk_create(
        AssetPrice(
            asset_id=p.asset_id,
            price_date=p.price_date,
            unit_price=p.unit_price,
            source=p.source[:60],
            recorded_by=current().actor,
        )
        for p in fresh
    )
    return len(fresh)


class CorrectionRefused(DomainError):
    """A price is corrected on its own day, by someone else, with a reason and another figure."""


@transaction.atomic
def correct_price(price: Price, *, reason: str, on: date) -> int:
    """Correct a price of the day; an asset that was valued at it today is valued again.

    Args:
        price: the right price of an asset that has a price on the business date.
        reason: why, kept with it.
        on: the business date.

    Returns:
        1 if the asset was valued again, else 0.

    Raises:
        CorrectionRefused.
    """
    found = AssetPrice.objects.filter(asset_id=price.asset_id, price_date=price.price_date)
    last = found.order_by("-revision").first()
    if last is None or price.price_date != on or not reason.strip():
        raise CorrectionRefused(
            _("%(asset)s: a price of today (%(day)s) is corrected, and there is a reason for it.")
            % {"asset": price.asset_id, "day": on}
        )
    if last.recorded_by == current().actor:
        raise CorrectionRefused(
            _("%(who)s recorded this price: someone else corrects it.") % {"who": last.recorded_by}
        )
    if price.unit_price < 0 or price.unit_price == last.unit_price:
        raise CorrectionRefused(_("The right price is another one, and not below zero."))
    AssetPrice.objects.create(
        asset_id=price.asset_id,
        price_date=on,
        unit_price=price.unit_price,
        revision=last.revision + 1,
        reason=reason.strip()[:200],
        source=price.source[:60],
        recorded_by=current().actor,
    )
    valued = AssetReturn.objects.filter(
        asset_id=price.asset_id, record_date=on, kind="VALUATION"
    ).exists()
    return revalue_many([price.asset_id], on=on) if valued else 0


def _fault_of(
    price: Price,
    held: dict[str, date],
    known: dict[tuple[str, date], Decimal],
    on: date,
) -> str:
    asset, day = price.asset_id, price.price_date
    if asset not in held:
        return _("%(asset)s is not held.") % {"asset": asset}
    if day > on:
        return _("%(day)s lies after the business date %(on)s.") % {"day": day, "on": on}
    if day < held[asset]:
        return _("%(asset)s was bought after %(day)s.") % {"asset": asset, "day": day}
    if price.unit_price < 0:
        return _("A price is not below zero.")
    if not price.source.strip():
        return _("Say where the price comes from.")
    if known.get((asset, day), price.unit_price) != price.unit_price:
        return _("%(asset)s has another price on %(day)s.") % {"asset": asset, "day": day}
    return ""


@transaction.atomic
def revalue_many(asset_ids: Iterable[str], *, on: date) -> int:
    """Set assets at fair value to their latest price; without a fresh price they stay as they are.

    A price is fresh for ``STALE_AFTER`` days by kind of asset. It may be repeated: an asset whose
    value does not change gets no row.

    Args:
        asset_ids: which; others than held assets at fair value are left alone.
        on: the day of the valuation.

    Returns:
        How many were revalued.
    """
    rows = lock(asset_ids)
    rows = rows.take(np.isin(rows.classification, AT_FAIR_VALUE))
    prices = latest_prices(rows.asset_id.tolist(), on=on)
    fresh = np.asarray(
        [
            key in prices and prices[key].price_date >= on - timedelta(days=STALE_AFTER[kind])
            for key, kind in zip(rows.asset_id, rows.asset_type, strict=True)
        ],
        dtype=bool,
    )
    rows = rows.take(fresh)
    value = as_column(
        "won",
        [
            round_won(quantity * prices[key].unit_price)
            for key, quantity in zip(rows.asset_id, rows.quantity, strict=True)
        ],
    )
    moved = value != rows.current_value
    rows, value = rows.take(moved), value[moved]
    if not len(rows):
        return 0
    moves = value - rows.current_value
    _returns.write(
        asset_ids=rows.asset_id,
        on=on,
        kind="VALUATION",
        amount=moves,
        before=rows.current_value,
        carrying_change=moves,
        again=True,
        traces=[
            {
                "unit_price": str(prices[key].unit_price),
                "quantity": str(rows.quantity[i]),
                "price_date": prices[key].price_date.isoformat(),
                "source": prices[key].source,
                "before": int(rows.current_value[i]),
                "after": int(value[i]),
            }
            for i, key in enumerate(rows.asset_id)
        ],
    )
    change(rows.asset_id, current_value=value)
    for part in batches(len(rows)):
        publish(
            AssetsRevalued(
                business_date=on,
                asset_id=rows.asset_id[part],
                asset_type=rows.asset_type[part],
                classification=rows.classification[part],
                change=moves[part],
            )
        )
    return len(rows)
