"""Register and publish the products that are shipped as data, once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from core.acting import acting
from products import services
from products.models import Product

SHIPPED = Path(__file__).resolve().parent.parent.parent / "data" / "products"
MAKER, CHECKER = "system:products", "system:product-check"


def load(path: Path) -> bool:
    """Register, submit and publish one product unless its code exists; return whether it did."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    code = data["product_code"]
    if Product.objects.filter(product_code=code).exists():
        return False
    start = date.fromisoformat(data["sale_start_date"])
    end = data["sale_end_date"]
    product = services.NewProduct(
        product_code=code,
        product_name=data["product_name"],
        name_en=data["name_en"],
        product_type=data["product_type"],
        line=data["line"],
        measurement=data["measurement"],
        sale_start_date=start,
        sale_end_date=date.fromisoformat(end) if end else None,
        description=data["description"],
    )
    with transaction.atomic():
        with acting(MAKER, "load_products"):
            services.register(product=product, rules=data["rules"], by=MAKER)
            services.submit(product_code=code, version=1, by=MAKER)
        with acting(CHECKER, "load_products"):
            services.publish_version(
                product_code=code, version=1, start=start, by=CHECKER, today=start
            )
    return True


class Command(BaseCommand):
    """Load the shipped products; those that exist are left alone."""

    help = "Register and publish the products that are shipped as data."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Load every product file in the order of the codes."""
        for path in sorted(SHIPPED.glob("*.json")):
            done = load(path)
            self.stdout.write(f"{path.stem}: {'published' if done else 'exists already'}")
