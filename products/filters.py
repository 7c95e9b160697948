"""Filters of the product list."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.filters import HouseFilterSet, PeriodFilter
from products.models import Product


class ProductFilter(HouseFilterSet):
    """By words, status, type, portfolio, and what waits."""

    search_fields = ("product_code__icontains", "product_name__icontains", "name_en__icontains")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Product.Status.choices)
    product_type = django_filters.ChoiceFilter(
        label=_("Life or non-life"), choices=Product.Type.choices
    )
    line = django_filters.ChoiceFilter(label=_("Portfolio"), choices=Product.Line.choices)
    waits = django_filters.ChoiceFilter(
        label=_("Waits for publication"),
        choices=[("true", _("yes")), ("false", _("no"))],
        method="that_wait",
    )
    sale_start_date = PeriodFilter(label=_("Sold from"))

    class Meta:
        model = Product
        fields = ("status", "product_type", "line", "waits", "sale_start_date")

    def that_wait(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep products with, or without, a version that waits."""
        return queryset.filter(waiting__gt=0) if value == "true" else queryset.filter(waiting=0)
