"""What happens to assets, and what is refused without a trace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import Error, connection, transaction

from core.acting import acting
from core.errors import DomainError, NotFound
from core.models import EventRecord
from core.status import IllegalTransition
from investments import api, services
from investments.models import (
    Asset,
    AssetPrice,
    AssetReturn,
    InterestReceipt,
    Trade,
    TradeOrder,
)
from investments.selectors import cash_calendar, holdings, monthly_returns, unpriced

from .conftest import BOUGHT, building, purchase, share

pytestmark = pytest.mark.django_db
Buy = Callable[..., str]


def told(name: str) -> list[dict[str, Any]]:
    """Return the payloads of an event in the order in which it was published."""
    found = EventRecord.objects.filter(name=f"investments.{name}.v1").order_by("published_at")
    return list(found.values_list("payload", flat=True))


def everything() -> tuple[int, ...]:
    """Return how many rows there are of all that investments write."""
    models = (Asset, TradeOrder, Trade, AssetReturn, InterestReceipt, AssetPrice, EventRecord)
    states = Asset.objects.filter(status="HELD").count()
    return (*(model.objects.count() for model in models), states)


def breaches() -> dict[str, str]:
    """Return the invariants that do not hold, with the first keys."""
    return {name: keys for name, count, keys in api.invariants() if count}


def refused(reason: type[DomainError], act: Callable[[], object]) -> DomainError:
    """Check that an act is refused and that nothing was written or told."""
    before = everything()
    with pytest.raises(reason) as refusal, transaction.atomic():
        act()
    assert everything() == before
    return refusal.value


def test_a_purchase_needs_two_people(buy: Buy) -> None:
    with acting("alice"):
        asset_id = services.order_purchase(purchase(), on=BOUGHT)
        order = TradeOrder.objects.get(asset_id=asset_id)
        assert Asset.objects.get(pk=asset_id).current_value == 0
        refused(services.SamePerson, lambda: services.approve(order.pk, on=BOUGHT))
    with acting("bob"):
        services.approve(order.pk, on=date(2026, 1, 16))
    asset = Asset.objects.get(pk=asset_id)
    assert (asset.status, asset.current_value, asset.purchase_date) == (
        "HELD",
        10_000_000_000,
        date(2026, 1, 16),
    )
    trade = Trade.objects.get(asset_id=asset_id)
    assert (trade.side, trade.made_by, trade.approved_by) == ("BUY", "alice", "bob")
    (event,) = told("assets_purchased")
    assert (event["asset_id"], event["amount"]) == ([asset_id], [10_000_000_000])
    assert breaches() == {}


def test_an_order_is_decided_once(buy: Buy) -> None:
    buy(purchase())
    order = TradeOrder.objects.get()
    with acting("carol"):
        refused(IllegalTransition, lambda: services.approve(order.pk, on=BOUGHT))
        refused(IllegalTransition, lambda: services.decline(order.pk, reason="no", on=BOUGHT))
        refused(NotFound, lambda: services.approve(order.pk + 1, on=BOUGHT))


def test_a_declined_purchase_stays_as_a_record() -> None:
    with acting("alice"):
        asset_id = services.order_purchase(purchase(), on=BOUGHT)
    order = TradeOrder.objects.get(asset_id=asset_id)
    with acting("bob"):
        refused(services.BadTerms, lambda: services.decline(order.pk, reason=" ", on=BOUGHT))
        services.decline(order.pk, reason="금리가 낮다", on=BOUGHT)
    assert Asset.objects.get(pk=asset_id).status == "DECLINED"
    assert told("assets_purchased") == []
    assert holdings(BOUGHT).total == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"classification": "PROPERTY"},
        {"asset_type": "STOCK", "classification": "AC"},
        {"amount": 0},
        {"face_value": None},
        {"maturity_date": None},
        {"maturity_date": BOUGHT},
        {"annual_rate": Decimal(-1)},
        {"income_every": 5},
        {"income_anchor": 13},
        {"asset_type": "REAL_ESTATE", "classification": "PROPERTY"},
    ],
)
def test_terms_that_do_not_fit_are_refused(changes: dict[str, object]) -> None:
    refused(services.BadTerms, lambda: services.order_purchase(purchase(**changes), on=BOUGHT))


def test_the_database_refuses_what_the_form_lets_through(buy: Buy) -> None:
    asset_id = buy(purchase())
    for sql in (
        "UPDATE investment_assets SET classification = 'PROPERTY'",
        "UPDATE investment_assets SET face_value = NULL",
        "UPDATE investment_assets SET income_every = 5",
        "UPDATE investment_assets SET current_value = -1",
        "UPDATE investment_assets SET status = 'ORDERED'",
        "UPDATE asset_trades SET amount = 1",
        "UPDATE asset_orders SET decided_by = 'alice'",
        "DELETE FROM asset_trades",
    ):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert Asset.objects.get(pk=asset_id).status == "HELD"


def test_interest_accrues_by_days_and_is_collected_on_the_coupon_day(buy: Buy) -> None:
    asset_id = buy(purchase())
    for day in (date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)):
        assert services.record_income_many([asset_id], on=day) == 1
        assert services.record_income_many([asset_id], on=day) == 0  # again: nothing
    # 10^10 × 3.25 % × 16, 44 and 75 days of 365
    rows = AssetReturn.objects.filter(asset_id=asset_id).order_by("record_date")
    assert [int(r.return_amount) for r in rows] == [14_246_575, 24_931_507, 27_602_740]
    receipt = InterestReceipt.objects.get(asset_id=asset_id)
    assert (receipt.received_on, int(receipt.amount)) == (date(2026, 3, 31), 66_780_822)
    asset = Asset.objects.get(pk=asset_id)
    assert (asset.accrued_interest, asset.income_from) == (0, date(2026, 3, 31))
    assert asset.current_value == 10_000_000_000  # at par: nothing to amortise
    assert told("interest_collected")[0]["amount"] == [66_780_822]
    assert holdings(date(2026, 2, 28)).accrued.tolist() == [39_178_082]
    assert breaches() == {}


def test_a_discount_is_written_up_to_the_face_and_redeemed(buy: Buy) -> None:
    asset_id = buy(
        purchase(amount=9_800_000_000, maturity_date=date(2026, 6, 14), annual_rate=Decimal(2))
    )
    for day in (date(2026, 1, 31), date(2026, 3, 31), date(2026, 5, 31)):
        services.record_income_many([asset_id], on=day)
    half_way = Asset.objects.get(pk=asset_id)
    assert 9_950_000_000 < half_way.current_value < 10_000_000_000
    with acting("batch:maturities"):
        assert services.redeem_matured_many([asset_id], on=date(2026, 6, 12)) == 0
        assert services.redeem_matured_many([asset_id], on=date(2026, 6, 15)) == 1
        assert services.redeem_matured_many([asset_id], on=date(2026, 6, 15)) == 0
    sale = Trade.objects.get(asset_id=asset_id, side="SELL")
    assert (sale.amount, sale.carrying, sale.approved_by) == (10**10, 10**10, "bob")
    rows = AssetReturn.objects.filter(asset_id=asset_id)
    interest = sum(int(r.return_amount) for r in rows.filter(kind="INTEREST"))
    coupons = sum(int(r.amount) for r in InterestReceipt.objects.all())
    assert coupons == 2 * 41_095_890  # 10^10 × 2 % × 75 / 365, twice
    assert interest == 200_000_000 + coupons
    assert int(rows.get(kind="DISPOSAL").return_amount) == 0
    assert breaches() == {}


def test_prices_move_fair_values_and_a_sale_brings_the_gain(buy: Buy) -> None:
    asset_id = buy(share())
    price = services.Price(asset_id, date(2026, 1, 30), Decimal("73500.5"), "KRX")
    assert services.record_prices([price], on=date(2026, 1, 31)) == 1
    assert services.record_prices([price], on=date(2026, 1, 31)) == 0
    assert services.revalue_many([asset_id], on=date(2026, 1, 31)) == 1
    assert services.revalue_many([asset_id], on=date(2026, 1, 31)) == 0
    assert told("assets_revalued")[0]["change"] == [3_500_500]
    sale = services.Sale(asset_id=asset_id, amount=75_000_000)
    with acting("alice"):
        services.order_sale(sale, on=date(2026, 2, 10))
        refused(services.SaleOrdered, lambda: services.order_sale(sale, on=date(2026, 2, 10)))
        order = TradeOrder.objects.get(side="SELL")
        refused(services.SamePerson, lambda: services.approve(order.pk, on=date(2026, 2, 10)))
    with acting("bob"):
        services.approve(order.pk, on=date(2026, 2, 10))
    (event,) = told("assets_sold")
    assert (event["proceeds"], event["carrying"], event["gain"], event["oci"]) == (
        [75_000_000],
        [73_500_500],
        [1_499_500],
        [0],
    )
    refused(services.NotHeld, lambda: services.order_sale(sale, on=date(2026, 2, 11)))
    assert breaches() == {}


def test_a_bond_through_oci_gives_back_what_stood_there(buy: Buy) -> None:
    asset_id = buy(purchase(classification="FVOCI", amount=9_900_000_000))
    day = date(2026, 1, 31)
    services.record_income_many([asset_id], on=day)
    amortised = int(Asset.objects.get(pk=asset_id).current_value) - 9_900_000_000
    assert amortised > 0
    services.record_prices([services.Price(asset_id, day, Decimal(9_850_000_000), "KIS")], on=day)
    services.revalue_many([asset_id], on=day)
    fall = 9_850_000_000 - (9_900_000_000 + amortised)
    assert told("assets_revalued")[0]["change"] == [fall]
    with acting("alice"):
        services.order_sale(services.Sale(asset_id=asset_id, amount=9_860_000_000), on=day)
    with acting("bob"):
        services.approve(TradeOrder.objects.get(side="SELL").pk, on=date(2026, 2, 3))
    (event,) = told("assets_sold")
    assert event["oci"] == [fall]
    assert told("interest_collected")[-1]["amount"] == [16_917_808]  # 19 days, to the sale
    assert breaches() == {}


def test_prices_are_taken_all_or_none(buy: Buy) -> None:
    asset_id = buy(share())
    good = services.Price(asset_id, date(2026, 1, 30), Decimal(70_000), "KRX")
    services.record_prices([good], on=date(2026, 1, 31))
    bad = [
        services.Price(asset_id, date(2026, 1, 29), Decimal(69_000), "KRX"),
        services.Price("AST-0", date(2026, 1, 30), Decimal(1), "KRX"),
        services.Price(asset_id, date(2026, 2, 1), Decimal(1), "KRX"),
        services.Price(asset_id, date(2026, 1, 1), Decimal(1), "KRX"),
        services.Price(asset_id, date(2026, 1, 30), Decimal(70_001), "KRX"),
        services.Price(asset_id, date(2026, 1, 28), Decimal(-1), "KRX"),
        services.Price(asset_id, date(2026, 1, 28), Decimal(1), " "),
    ]
    refusal = refused(
        services.PricesRefused, lambda: services.record_prices(bad, on=date(2026, 1, 31))
    )
    assert isinstance(refusal, services.PricesRefused)
    assert [row for row, _ in refusal.faults] == [2, 3, 4, 5, 6, 7]


def test_without_a_fresh_price_nothing_is_revalued_and_it_shows(buy: Buy) -> None:
    asset_id = buy(share())
    assert unpriced(date(2026, 1, 31)) == []  # just bought
    day = date(2026, 3, 31)
    assert services.revalue_many([asset_id], on=day) == 0
    (warning,) = unpriced(day)
    assert (warning.asset_id, warning.price_date, warning.days) == (asset_id, None, 75)
    price = services.Price(asset_id, date(2026, 1, 20), Decimal(80_000), "KRX")
    services.record_prices([price], on=day)
    assert services.revalue_many([asset_id], on=day) == 0
    assert [w.price_date for w in unpriced(day)] == [date(2026, 1, 20)]
    assert told("assets_revalued") == []


def test_rent_by_days_and_dividends_by_terms(buy: Buy) -> None:
    house, stock = buy(building()), buy(share())
    both = [house, stock]
    assert services.record_income_many(both, on=date(2026, 1, 31)) == 1
    assert services.record_income_many(both, on=date(2026, 4, 29)) == 0  # not a month's end
    assert services.record_income_many(both, on=date(2026, 4, 30)) == 2
    assert services.record_income_many(both, on=date(2026, 4, 30)) == 0
    amounts = AssetReturn.objects.order_by("record_date", "kind").values_list(
        "kind", "return_amount"
    )
    # 36.5 thousand million × 4 % / 365 = 4,000,000 a day
    assert [(k, int(v)) for k, v in amounts] == [
        ("RENT", 64_000_000),
        ("DIVIDEND", 1_750_000),
        ("RENT", 356_000_000),
    ]
    kinds = [event["kind"] for event in told("income_received")]
    assert sorted(k for part in kinds for k in part) == ["DIVIDEND", "RENT", "RENT"]


def test_a_declared_dividend_replaces_the_expected_one(buy: Buy) -> None:
    stock = buy(share())
    services.receive_income(stock, kind="DIVIDEND", amount=2_000_000, on=date(2026, 4, 20))
    assert services.record_income_many([stock], on=date(2026, 4, 30)) == 0
    refused(
        services.AlreadyRecorded,
        lambda: services.receive_income(stock, kind="DIVIDEND", amount=1, on=date(2026, 4, 20)),
    )
    for kind, amount in (("RENT", 1), ("DIVIDEND", 0)):
        refused(
            services.NoSuchIncome,
            lambda kind=kind, amount=amount: services.receive_income(
                stock, kind=kind, amount=amount, on=date(2026, 4, 21)
            ),
        )


def test_returns_of_months_kinds_and_the_fund(buy: Buy) -> None:
    bond, stock = buy(purchase()), buy(share(amount=10_000_000_000, quantity=Decimal(100_000)))
    for day, quote in ((date(2026, 1, 31), 102_000), (date(2026, 2, 28), 99_960)):
        services.record_income_many([bond, stock], on=day)
        services.record_prices([services.Price(stock, day, Decimal(quote), "KRX")], on=day)
        services.revalue_many([bond, stock], on=day)
    table = monthly_returns(first=BOUGHT, last=date(2026, 2, 28), by="kind")
    assert table.groups == ["BOND", "STOCK"]
    january = 200_000_000 / (10**10 * 16 / 31)
    assert table.monthly[1].tolist() == pytest.approx([january, -0.02])
    assert table.total("STOCK") == pytest.approx((1 + january) * 0.98 - 1)
    assert table.earned("BOND") == [14_246_575, 24_931_507]
    fund = monthly_returns(first=BOUGHT, last=date(2026, 2, 28))
    assert fund.earned("FUND") == [214_246_575, 24_931_507 - 204_000_000]
    begin = 20_214_246_575
    assert fund.monthly[0, 1] == pytest.approx((24_931_507 - 204_000_000) / begin)
    later = monthly_returns(first=date(2026, 2, 1), last=date(2026, 2, 28))
    assert later.monthly[0, 0] == pytest.approx(fund.monthly[0, 1])


def test_the_calendar_shows_coupons_redemptions_rent_and_dividends(buy: Buy) -> None:
    buy(purchase(maturity_date=date(2026, 5, 20)))
    buy(share())
    buy(building())
    months = {m.month: m.amounts for m in cash_calendar(date(2026, 1, 31), months=5)}
    assert list(months) == ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]
    assert months["2026-01"] == {}
    assert months["2026-03"]["COUPON"] == 66_780_822
    assert months["2026-04"]["DIVIDEND"] == 1_750_000
    assert months["2026-05"]["REDEMPTION"] == 10_000_000_000
    assert months["2026-05"]["RENT"] == 124_000_000


def test_the_portfolio_of_a_past_day_is_what_it_was(buy: Buy) -> None:
    stock = buy(share())
    day = date(2026, 1, 31)
    services.record_prices([services.Price(stock, day, Decimal(60_000), "KRX")], on=day)
    services.revalue_many([stock], on=day)
    assert api.portfolio(date(2026, 1, 14)).total == 0
    assert api.portfolio(date(2026, 1, 30)).by_type == {"STOCK": 70_000_000}
    assert api.portfolio(day).by_classification == {"FVPL": 60_000_000}
    assert api.assets([stock, "AST-0"])[stock].current_value == 60_000_000
    assert api.result(day, day) == {"VALUATION": -10_000_000}


def test_a_tampered_value_is_found(buy: Buy) -> None:
    asset_id = buy(share())
    Asset.objects.filter(pk=asset_id).update(current_value=1)
    assert breaches() == {"each asset's value is its price and its changes": asset_id}
