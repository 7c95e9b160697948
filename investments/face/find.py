"""Search, picker and panels."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import panels
from core.notices import tells
from core.permissions import Scope
from core.pickers import picks
from core.search import Hit, searches
from investments import selectors
from investments.models import Asset

from .common import asset_url


@searches("investments.view")
def find_assets(query: str, scope: Scope, limit: int) -> Iterable[Hit]:
    """Find assets by number, name or issuer."""
    for asset in _matching(query)[:limit]:
        yield Hit(
            kind=_("Asset"),
            number=asset.asset_id,
            title=asset.asset_name,
            url=asset_url(asset.asset_id),
            note=str(asset.get_status_display()),
        )


@picks("asset", right="investments.view")
def pickasset_of(query: str, scope: Scope, limit: int) -> Iterable[tuple[str, str]]:
    """Offer the numbers of held assets for forms."""
    found = _matching(query).filter(status="HELD")[:limit]
    return [(asset.asset_id, asset.asset_name) for asset in found]


def _matching(query: str) -> QuerySet[Asset]:
    words = (
        Q(asset_id__icontains=query) | Q(asset_name__icontains=query) | Q(issuer__icontains=query)
    )
    return selectors.assets().filter(words)


for _title, _url, _order in (
    (_("Orders that wait"), "panel_waiting", 10),
    (_("Assets without a fresh price"), "panel_warnings", 20),
    (_("Statutory limits"), "panel_limits", 30),
    (_("Cash calendar"), "panel_calendar", 40),
):
    panels.register(
        panels.Panel(
            place="home:investment",
            title=_title,
            url=lambda _key, name=_url: reverse(f"investments:{name}"),
            right="investments.view",
            order=_order,
            wide=True,
        )
    )
for _title, _url, _order in (
    (_("Returns"), "panel_returns", 10),
    (_("Cash of this asset"), "panel_cash", 20),
    (_("Prices"), "panel_prices", 30),
    (_("Credit and lots"), "panel_credit", 40),
):
    panels.register(
        panels.Panel(
            place="asset",
            title=_title,
            url=lambda key, name=_url: reverse(f"investments:{name}", args=[key]),
            right="investments.view",
            order=_order,
        )
    )


@tells(_("Orders to approve"), url="investments:order_list", right="investments.approve")
def orders_to_approve(user: Any, today: date) -> int:
    """Count the orders that others have made."""
    return selectors.waiting_orders().exclude(made_by=user.get_username()).count()


@tells(_("Assets whose price is old"), url="investments:home", right="investments.price")
def assets_unpriced(user: Any, today: date) -> int:
    """Count the assets that cannot be revalued."""
    return len(selectors.unpriced(today))
