"""A small portfolio, bought by two people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from core.acting import acting
from investments import services
from investments.models import TradeOrder

BOUGHT = date(2026, 1, 15)


def purchase(**changes: object) -> services.Purchase:
    """Return the terms of a bond at par, or changed ones."""
    terms: dict[str, object] = {
        "asset_name": "국고채 3년",
        "asset_type": "BOND",
        "classification": "AC",
        "issuer": "대한민국 정부",
        "amount": 10_000_000_000,
        "face_value": 10_000_000_000,
        "annual_rate": Decimal("3.25"),
        "maturity_date": date(2028, 12, 10),
        "income_every": 3,
        "income_anchor": 3,
    }
    return services.Purchase(**{**terms, **changes})  # type: ignore[arg-type]


def share(**changes: object) -> services.Purchase:
    """Return the terms of a thousand shares at 70,000 won."""
    terms: dict[str, object] = {
        "asset_name": "한빛전자",
        "asset_type": "STOCK",
        "classification": "FVPL",
        "issuer": "한빛전자",
        "amount": 70_000_000,
        "face_value": None,
        "maturity_date": None,
        "annual_rate": Decimal("2.5"),
        "quantity": Decimal(1_000),
        "income_every": 12,
        "income_anchor": 4,
    }
    return purchase(**{**terms, **changes})


def building(**changes: object) -> services.Purchase:
    """Return the terms of an office building."""
    terms: dict[str, object] = {
        "asset_name": "여의도 사옥",
        "asset_type": "REAL_ESTATE",
        "classification": "PROPERTY",
        "issuer": "서울 영등포구 여의도동",
        "amount": 36_500_000_000,
        "face_value": None,
        "maturity_date": None,
        "annual_rate": Decimal(4),
        "income_every": 1,
        "income_anchor": 1,
    }
    return purchase(**{**terms, **changes})


@pytest.fixture
def buy(db: None) -> Callable[..., str]:
    """Return a function that buys one asset: Alice orders, Bob approves."""

    def bought(terms: services.Purchase, *, on: date = BOUGHT) -> str:
        with acting("alice"):
            asset_id = services.order_purchase(terms, on=on)
        with acting("bob"):
            services.approve(TradeOrder.objects.get(asset_id=asset_id).pk, on=on)
        return asset_id

    return bought
