"""Reads of investments: what is held, what it is worth, what it earned, what will come in."""

from .calendar import CalendarMonth, cash_calendar
from .holdings import (
    STALE_AFTER,
    Holdings,
    LatestPrice,
    Unpriced,
    first_purchase,
    holdings,
    latest_prices,
    limit_uses,
    unpriced,
)
from .lists import assets, orders, price_of, prices, receipts, returns, waiting_orders
from .performance import ReturnTable, income_by_month, monthly_returns
from .reserves import reserves_by_line

__all__ = [
    "STALE_AFTER",
    "CalendarMonth",
    "Holdings",
    "LatestPrice",
    "ReturnTable",
    "Unpriced",
    "assets",
    "cash_calendar",
    "first_purchase",
    "holdings",
    "income_by_month",
    "latest_prices",
    "limit_uses",
    "monthly_returns",
    "orders",
    "price_of",
    "prices",
    "receipts",
    "reserves_by_line",
    "returns",
    "unpriced",
    "waiting_orders",
]
