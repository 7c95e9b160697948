"""Lists of products."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.tables import (
    CountColumn,
    DateColumn,
    HouseTable,
    NumberLinkColumn,
    StatusColumn,
    TextColumn,
)
from products.models import Product


class ProductTable(HouseTable):
    """All products with their versions."""

    hidden = ("name_en", "created_at")
    product_code = NumberLinkColumn("products:product_detail", verbose_name=_("Code"))
    product_name = TextColumn(verbose_name=_("Product name"))
    name_en = TextColumn(verbose_name=_("English name"))
    product_type = TextColumn(
        accessor="get_product_type_display",
        order_by="product_type",
        verbose_name=_("Life or non-life"),
    )
    line = TextColumn(accessor="get_line_display", order_by="line", verbose_name=_("Portfolio"))
    status = StatusColumn(verbose_name=_("Status"))
    current = CountColumn(verbose_name=_("Version"))
    waiting = CountColumn(verbose_name=_("Waiting"))
    sale_start_date = DateColumn(verbose_name=_("Sold from"))
    sale_end_date = DateColumn(verbose_name=_("Sold until"))
    created_at = DateColumn(verbose_name=_("Registered"))

    class Meta:
        model = Product
        fields = (
            "product_code",
            "product_name",
            "product_type",
            "line",
            "status",
            "current",
            "waiting",
            "sale_start_date",
            "sale_end_date",
            "name_en",
            "created_at",
        )
