"""The ledger's balances are the portfolio's, to the won, after everything that can happen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum

from accounting.models import JournalEntry, LedgerLine
from core.acting import acting
from core.models import EventRecord
from investments import api, services
from investments.models import TradeOrder

from .conftest import building, purchase, share

pytestmark = pytest.mark.django_db


def balance(account: str) -> int:
    """Return debit minus credit of an account."""
    sums = LedgerLine.objects.filter(account_id=account).aggregate(
        d=Sum("debit_amount"), c=Sum("credit_amount")
    )
    return int((sums["d"] or 0) - (sums["c"] or 0))


def sell(asset_id: str, amount: int, on: date) -> None:
    with acting("alice"):
        services.order_sale(services.Sale(asset_id=asset_id, amount=amount), on=on)
    with acting("bob"):
        services.approve(TradeOrder.objects.get(asset_id=asset_id, side="SELL").pk, on=on)


def test_the_books_follow_the_portfolio(buy: Callable[..., str]) -> None:
    discount = buy(purchase(amount=9_700_000_000))
    oci_bond = buy(purchase(classification="FVOCI", amount=10_100_000_000))
    oci_share = buy(share(classification="FVOCI"))
    stock, house = buy(share()), buy(building())
    loan = buy(purchase(asset_type="LOAN", income_every=1, asset_name="대출"))
    everything = [discount, oci_bond, oci_share, stock, house, loan]
    for day, quote in ((date(2026, 1, 31), 71_000), (date(2026, 2, 28), 69_000)):
        services.record_income_many(everything, on=day)
        services.record_prices(
            [
                services.Price(stock, day, Decimal(quote), "KRX"),
                services.Price(oci_share, day, Decimal(quote), "KRX"),
                services.Price(oci_bond, day, Decimal(10_000_000_000 + quote), "KIS"),
                services.Price(house, day, Decimal(36_600_000_000 + quote), "감정평가"),
            ],
            on=day,
        )
        services.revalue_many(everything, on=day)
    sell(oci_bond, 9_950_000_000, date(2026, 3, 3))
    sell(oci_share, 75_000_000, date(2026, 3, 3))
    held = api.portfolio(date(2026, 3, 3))
    assert balance("1210") == held.by_classification["AC"] - 10_000_000_000
    assert balance("1240") == 10_000_000_000
    assert balance("1220") == 0
    assert balance("1230") == held.by_classification["FVPL"]
    assert balance("1250") == held.by_classification["PROPERTY"]
    assert balance("1260") == held.accrued > 0
    assert balance("3510") == 0  # nothing at fair value through OCI is left
    assert balance("3310") == -5_000_000  # the share's whole change of value, from 70 to 75 million
    earned = api.result(date(2026, 1, 1), date(2026, 3, 3))
    assert -balance("4310") == earned["INTEREST"]
    assert -balance("4330") == earned["RENT"]
    events = EventRecord.objects.filter(name__startswith="investments.")
    booked = JournalEntry.objects.values("event_id")
    assert events.exclude(event_id__in=booked).count() == 0
