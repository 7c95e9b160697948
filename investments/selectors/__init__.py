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
    unpriced,
)
from .lists import assets, orders, price_of, prices, receipts, returns, waiting_orders
from .performance import ReturnTable, income_by_month, monthly_returns
from .reserves import reserves_by_line
from .risk import (
    CreditTerms,
    Debts,
    Standing,
    cash_by_month,
    counterparties,
    credit_terms,
    debts,
    limit_basis,
    limit_uses,
    open_breaches,
    sensitivities,
    standings,
)

__all__ = [
    "STALE_AFTER",
    "CalendarMonth",
    "CreditTerms",
    "Debts",
    "Holdings",
    "LatestPrice",
    "ReturnTable",
    "Standing",
    "Unpriced",
    "assets",
    "cash_by_month",
    "cash_calendar",
    "counterparties",
    "credit_terms",
    "debts",
    "first_purchase",
    "holdings",
    "income_by_month",
    "latest_prices",
    "limit_basis",
    "limit_uses",
    "monthly_returns",
    "open_breaches",
    "orders",
    "price_of",
    "prices",
    "receipts",
    "reserves_by_line",
    "returns",
    "sensitivities",
    "standings",
    "unpriced",
    "waiting_orders",
]
