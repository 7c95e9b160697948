"""Filters of the lists of investments."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from core.filters import AmountFilter, HouseFilterSet, PeriodFilter
from investments.models import (
    Asset,
    AssetPrice,
    AssetReturn,
    Counterparty,
    CreditLoss,
    TradeOrder,
)


class AssetFilter(HouseFilterSet):
    """By words, kind, measurement, status, maturity and amount."""

    search_fields = ("asset_id__icontains", "asset_name__icontains", "issuer__icontains")
    asset_type = django_filters.ChoiceFilter(label=_("Kind of asset"), choices=Asset.Type.choices)
    classification = django_filters.ChoiceFilter(
        label=_("Measurement of the asset"), choices=Asset.Classification.choices
    )
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Asset.Status.choices)
    stage = django_filters.ChoiceFilter(
        label=_("Stage of credit risk"), choices=[(1, "1"), (2, "2"), (3, "3")]
    )
    maturity_date = PeriodFilter(label=_("Maturity"))
    purchase_date = PeriodFilter(label=_("Bought on"))
    current_value = AmountFilter(label=_("Carrying amount"))

    class Meta:
        model = Asset
        fields = (
            "asset_type",
            "classification",
            "status",
            "stage",
            "maturity_date",
            "purchase_date",
            "current_value",
        )


class OrderFilter(HouseFilterSet):
    """By words, side, status, day and amount."""

    search_fields = ("asset__asset_id__icontains", "asset__asset_name__icontains")
    side = django_filters.ChoiceFilter(
        label=_("Side"), choices=[("BUY", _("Purchase")), ("SELL", _("Sale"))]
    )
    status = django_filters.ChoiceFilter(label=_("Status"), choices=TradeOrder.Status.choices)
    made_on = PeriodFilter(label=_("Ordered on"))
    amount = AmountFilter(label=_("Amount"))

    class Meta:
        model = TradeOrder
        fields = ("side", "status", "made_on", "amount")


class ReturnFilter(HouseFilterSet):
    """By words, kinds, day and amount."""

    search_fields = ("asset__asset_id__icontains", "asset__asset_name__icontains")
    kind = django_filters.ChoiceFilter(label=_("Kind of return"), choices=AssetReturn.Kind.choices)
    asset_type = django_filters.ChoiceFilter(
        field_name="asset__asset_type", label=_("Kind of asset"), choices=Asset.Type.choices
    )
    record_date = PeriodFilter(label=_("Day"))
    return_amount = AmountFilter(label=_("Amount"))

    class Meta:
        model = AssetReturn
        fields = ("kind", "asset_type", "record_date", "return_amount")


class PriceFilter(HouseFilterSet):
    """By words, day and source."""

    search_fields = ("asset__asset_id__icontains", "asset__asset_name__icontains")
    price_date = PeriodFilter(label=_("Day"))
    source = django_filters.CharFilter(label=_("Source"), lookup_expr="icontains")

    class Meta:
        model = AssetPrice
        fields = ("price_date", "source")


class LossFilter(HouseFilterSet):
    """By words, stage and days."""

    search_fields = ("asset__asset_id__icontains", "asset__asset_name__icontains")
    stage = django_filters.ChoiceFilter(
        label=_("Stage of credit risk"), choices=[(1, "1"), (2, "2"), (3, "3")]
    )
    moved = django_filters.ChoiceFilter(
        label=_("Between stages"),
        method="only_moved",
        choices=[("yes", _("Only transfers between stages"))],
    )
    base_date = PeriodFilter(label=_("Day"))

    class Meta:
        model = CreditLoss
        fields = ("stage", "moved", "base_date")

    def only_moved(self, queryset: Any, _name: str, _value: str) -> Any:
        """Keep the measurements at which a debt changed its stage."""
        return queryset.exclude(stage=F("stage_before"))


class PartyFilter(HouseFilterSet):
    """By words and relation."""

    search_fields = ("party_name__icontains", "group_name__icontains")
    relation = django_filters.ChoiceFilter(
        label=_("Relation to us"), choices=Counterparty.Relation.choices
    )

    class Meta:
        model = Counterparty
        fields = ("relation",)
