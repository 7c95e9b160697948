"""What stage 1 announces."""

from dataclasses import dataclass
from typing import ClassVar

from core.columns import Days, Ints, Keys
from core.events import Event


@dataclass(frozen=True, kw_only=True, eq=False)
class ProductsPublished(Event):
    """Versions were published and are sold from ``start_date`` on."""

    name: ClassVar[str] = "products.published.v1"
    product_code: Keys
    version: Ints
    start_date: Days


@dataclass(frozen=True, kw_only=True, eq=False)
class ProductsWithdrawn(Event):
    """Products were taken off sale; contracts in force stay as they are."""

    name: ClassVar[str] = "products.withdrawn.v1"
    product_code: Keys
