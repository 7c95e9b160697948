"""Shares that are bought again and sold in parts: lots, cost by the asset's policy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import numpy as np
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from core.acting import current
from core.columns import Won, as_column
from core.errors import DomainError
from core.events import publish
from investments.events import AssetsPurchased, AssetsSold
from investments.models import Asset, AssetReturn, Lot, Trade, TradeOrder
from investments.rules import lots

from . import _returns
from ._rows import Rows, lock_all


class BadTerms(DomainError):
    """The terms of the asset do not fit together."""


def open_lots(rows: Rows, *, on: date) -> None:
    """Open the first lots of locked shares that were bought, in the caller's transaction."""
    Lot.objects.bulk_create(
        Lot(
            asset_id=rows.asset_id[i],
            bought_on=on,
            quantity=rows.quantity[i],
            cost=int(rows.purchase_price[i]),
            quantity_left=rows.quantity[i],
            cost_left=int(rows.purchase_price[i]),
        )
        for i in np.flatnonzero(rows.asset_type == "STOCK")
    )


def close_lots(asset_ids: Sequence[str]) -> None:
    """Empty the lots of assets that were sold whole, in the caller's transaction."""
    Lot.objects.filter(asset_id__in=asset_ids).update(quantity_left=0, cost_left=0)


def buy_more(orders: list[TradeOrder], *, on: date) -> None:
    """Add lots of approved orders to shares that are held, in the caller's transaction.

    Raises:
        BadTerms: the shares were bought on the day already.
    """
    if not orders:
        return
    keys = [order.asset_id for order in orders]
    rows = lock_all(keys)
    if Lot.objects.filter(asset_id__in=keys, bought_on=on).exists():
        raise BadTerms(_("Shares are bought once a day; let the order wait until tomorrow."))
    for order in orders:
        quantity = order.quantity or Decimal(0)
        Lot.objects.create(
            asset_id=order.asset_id,
            bought_on=on,
            quantity=quantity,
            cost=order.amount,
            quantity_left=quantity,
            cost_left=order.amount,
        )
        Trade.objects.create(
            asset_id=order.asset_id,
            side="BUY",
            trade_date=on,
            amount=order.amount,
            quantity=quantity,
            made_by=order.made_by,
            approved_by=current().actor,
        )
        Asset.objects.filter(pk=order.asset_id).update(
            purchase_price=F("purchase_price") + order.amount,
            current_value=F("current_value") + order.amount,
            amortised_cost=F("amortised_cost") + order.amount,
            cost_held=F("cost_held") + order.amount,
            quantity=F("quantity") + quantity,
        )
    amounts = {order.asset_id: order.amount for order in orders}
    publish(
        AssetsPurchased(
            business_date=on,
            asset_id=rows.asset_id,
            asset_type=rows.asset_type,
            classification=rows.classification,
            amount=as_column("won", [amounts[key] for key in rows.asset_id]),
        )
    )


def sell_parts(orders: list[TradeOrder], *, on: date) -> None:
    """Sell parts of shares by approved orders, in the caller's transaction.

    The carrying amount goes with the quantity; the cost by the asset's policy.

    Raises:
        BadTerms: the part is not less than what is held any more.
    """
    for order in orders:
        _sell_part(order, on)


def _sell_part(order: TradeOrder, on: date) -> None:
    rows = lock_all([order.asset_id])
    quantity, held = order.quantity or Decimal(0), rows.quantity[0]
    if quantity >= held:
        raise BadTerms(
            _("%(asset)s: of shares a part may be sold, more than nothing and less than all.")
            % {"asset": order.asset_id}
        )
    sold, whole = lots.in_units(quantity), lots.in_units(held)
    carrying = int(rows.current_value[0]) * sold // whole
    oci = int(in_oci(rows)[0]) * sold // whole
    cost = _relieve(order.asset_id, sold, str(rows.cost_policy[0]))
    proceeds = int(order.amount)
    _returns.write(
        asset_ids=rows.asset_id,
        on=on,
        kind="DISPOSAL",
        amount=as_column("won", [proceeds - carrying]),
        before=rows.current_value,
        carrying_change=-carrying,
        traces=[
            {
                "proceeds": proceeds,
                "carrying": carrying,
                "cost": cost,
                "oci": oci,
                "quantity": str(quantity),
                "policy": rows.cost_policy[0],
            }
        ],
    )
    Trade.objects.create(
        asset_id=order.asset_id,
        side="SELL",
        trade_date=on,
        amount=proceeds,
        carrying=carrying,
        quantity=quantity,
        cost=cost,
        made_by=order.made_by,
        approved_by=current().actor,
    )
    Asset.objects.filter(pk=order.asset_id).update(
        current_value=F("current_value") - carrying,
        cost_held=F("cost_held") - cost,
        quantity=F("quantity") - quantity,
    )
    publish(
        AssetsSold.of(
            business_date=on,
            rows=[
                {
                    "asset_id": order.asset_id,
                    "asset_type": rows.asset_type[0],
                    "classification": rows.classification[0],
                    "proceeds": proceeds,
                    "carrying": carrying,
                    "gain": proceeds - carrying,
                    "oci": oci,
                }
            ],
        )
    )


def _relieve(asset_id: str, sold: int, policy: str) -> int:
    """Take a sale from the lots of an asset; return its cost."""
    rows = list(
        Lot.objects.select_for_update()
        .filter(asset_id=asset_id, quantity_left__gt=0)
        .order_by("bought_on")
    )
    relief = lots.relieve(
        np.asarray([lots.in_units(row.quantity_left) for row in rows], dtype=np.int64),
        as_column("won", [row.cost_left for row in rows]),
        sold=sold,
        policy=policy,
    )
    for row, taken, cost in zip(rows, relief.quantity, relief.cost, strict=True):
        row.quantity_left -= Decimal(int(taken)) / lots.UNITS
        row.cost_left -= int(cost)
    Lot.objects.bulk_update(rows, ["quantity_left", "cost_left"])
    return int(relief.cost.sum())


def in_oci(rows: Rows) -> Won:
    """Return the change of value that stands in other comprehensive income, per asset."""
    keys = rows.asset_id[rows.classification == "FVOCI"].tolist()
    found = AssetReturn.objects.filter(asset_id__in=keys)
    valued = found.filter(kind="VALUATION").values_list("asset_id")
    sums = {key: int(total) for key, total in valued.annotate(total=Sum("return_amount"))}
    for key, trace in found.filter(kind="DISPOSAL").values_list("asset_id", "trace"):
        sums[key] = sums.get(key, 0) - int(trace.get("oci", 0))
    return as_column("won", [sums.get(key, 0) for key in rows.asset_id])
