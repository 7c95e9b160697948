"""Querysets of the pages."""

from __future__ import annotations

from django.db.models import QuerySet

from investments.models import Asset, AssetPrice, AssetReturn, InterestReceipt, TradeOrder


def assets() -> QuerySet[Asset]:
    """Return all assets, the largest first."""
    return Asset.objects.order_by("-current_value", "asset_id")


def orders() -> QuerySet[TradeOrder]:
    """Return all orders with their assets, the newest first."""
    return TradeOrder.objects.select_related("asset").order_by("-pk")


def waiting_orders() -> QuerySet[TradeOrder]:
    """Return the orders that wait for a second person, the oldest first."""
    return orders().filter(status="PROPOSED").order_by("pk")


def returns() -> QuerySet[AssetReturn]:
    """Return all recorded returns with their assets, the newest first."""
    return AssetReturn.objects.select_related("asset").order_by("-record_date", "-return_id")


def receipts(asset_id: str) -> QuerySet[InterestReceipt]:
    """Return the interest that came in for an asset, the newest first."""
    return InterestReceipt.objects.filter(asset_id=asset_id).order_by("-received_on")


def prices() -> QuerySet[AssetPrice]:
    """Return all prices with their assets, the newest first."""
    return AssetPrice.objects.select_related("asset").order_by(
        "-price_date", "asset_id", "-revision"
    )


def price_of(asset_id: str) -> QuerySet[AssetPrice]:
    """Return the prices of an asset, the newest first."""
    return AssetPrice.objects.filter(asset_id=asset_id).order_by("-price_date", "-revision")
