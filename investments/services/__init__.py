"""What can be done with assets: order, approve, decline, redeem, earn, price, revalue."""

from ._returns import AlreadyRecorded
from ._rows import NotHeld
from .credit import BadRating, impair_many, rate
from .income import (
    NoSuchIncome,
    accrue_interest_many,
    receive_income,
    receive_income_many,
    record_income_many,
)
from .limits import (
    LimitExceeded,
    check_purchases,
    describe_counterparty,
    note_position,
    watch_limits,
)
from .lots import BadTerms
from .orders import (
    More,
    Purchase,
    Sale,
    SaleOrdered,
    SamePerson,
    approve,
    approve_many,
    decline,
    order_more,
    order_purchase,
    order_purchases,
    order_sale,
    order_sales,
)
from .trades import redeem_matured_many
from .valuation import (
    CorrectionRefused,
    Price,
    PricesRefused,
    correct_price,
    record_prices,
    revalue_many,
)
from .write_offs import (
    CannotWriteOff,
    NotWrittenOff,
    OwnWriteOff,
    book_write_off,
    propose_write_off,
    recover_write_off,
    refuse_write_off,
)

__all__ = [
    "AlreadyRecorded",
    "BadRating",
    "BadTerms",
    "CannotWriteOff",
    "CorrectionRefused",
    "LimitExceeded",
    "More",
    "NoSuchIncome",
    "NotHeld",
    "NotWrittenOff",
    "OwnWriteOff",
    "Price",
    "PricesRefused",
    "Purchase",
    "Sale",
    "SaleOrdered",
    "SamePerson",
    "accrue_interest_many",
    "approve",
    "approve_many",
    "book_write_off",
    "check_purchases",
    "correct_price",
    "decline",
    "describe_counterparty",
    "impair_many",
    "note_position",
    "order_more",
    "order_purchase",
    "order_purchases",
    "order_sale",
    "order_sales",
    "propose_write_off",
    "rate",
    "receive_income",
    "receive_income_many",
    "record_income_many",
    "record_prices",
    "recover_write_off",
    "redeem_matured_many",
    "refuse_write_off",
    "revalue_many",
    "watch_limits",
]
