"""What can be done with assets: order, approve, decline, redeem, earn, price, revalue."""

from ._returns import AlreadyRecorded
from ._rows import NotHeld
from .income import (
    NoSuchIncome,
    accrue_interest_many,
    receive_income,
    receive_income_many,
    record_income_many,
)
from .orders import (
    Purchase,
    Sale,
    SaleOrdered,
    SamePerson,
    approve,
    approve_many,
    decline,
    order_purchase,
    order_purchases,
    order_sale,
    order_sales,
)
from .trades import BadTerms, redeem_matured_many
from .valuation import Price, PricesRefused, record_prices, revalue_many

__all__ = [
    "AlreadyRecorded",
    "BadTerms",
    "NoSuchIncome",
    "NotHeld",
    "Price",
    "PricesRefused",
    "Purchase",
    "Sale",
    "SaleOrdered",
    "SamePerson",
    "accrue_interest_many",
    "approve",
    "approve_many",
    "decline",
    "order_purchase",
    "order_purchases",
    "order_sale",
    "order_sales",
    "receive_income",
    "receive_income_many",
    "record_income_many",
    "record_prices",
    "redeem_matured_many",
    "revalue_many",
]
