"""Coupons, credit losses, limits, lots, corrected prices: into the books, or refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Sum

from accounting.events import PositionsStated
from accounting.models import LedgerLine
from core.acting import acting
from core.events import publish
from investments import api, services
from investments.models import (
    Asset,
    AssetReturn,
    CreditLoss,
    LimitBasis,
    LimitBreach,
    Lot,
    Trade,
    TradeOrder,
)
from investments.selectors import cash_by_month, holdings, limit_uses, monthly_returns
from investments.services import CorrectionRefused, LimitExceeded, Price

from .conftest import BOUGHT, building, purchase, share
from .test_services import breaches, refused, told

pytestmark = pytest.mark.django_db
Buy = Callable[..., str]
JANUARY, MARCH = date(2026, 1, 31), date(2026, 3, 31)


def balance(account: str) -> int:
    sums = LedgerLine.objects.filter(account_id=account).aggregate(
        d=Sum("debit_amount"), c=Sum("credit_amount")
    )
    return int((sums["d"] or 0) - (sums["c"] or 0))


def decide(asset_id: str, side: str, on: date) -> None:
    order = TradeOrder.objects.get(asset_id=asset_id, side=side, status="PROPOSED")
    with acting("bob"):
        services.approve(order.pk, on=on)


def test_interest_since_the_last_coupon_is_bought_and_comes_back(buy: Buy) -> None:
    # coupons at the ends of March, June, …; bought 15 days after the one of 31 December
    terms = purchase(issue_date=date(2024, 6, 10), amount=9_900_000_000)
    asset_id = buy(terms)
    asset = Asset.objects.get(pk=asset_id)
    bought = round(10_000_000_000 * 0.0325 * 15 / 365)
    assert (asset.interest_from, int(asset.bought_interest)) == (date(2025, 12, 31), bought)
    assert (balance("1260"), balance("1110")) == (bought, -9_900_000_000 - bought)
    (event,) = told("interest_bought")
    assert event["amount"] == [bought]
    services.record_income_many([asset_id], on=MARCH)
    quarter = round(10_000_000_000 * 0.0325 * 90 / 365)
    assert balance("1260") == 0
    assert balance("1110") == -9_900_000_000 - bought + quarter  # the whole coupon came in
    asset.refresh_from_db()
    assert balance("4310") == -(quarter - bought) - int(asset.current_value - 9_900_000_000)
    assert asset.current_value > 9_900_000_000
    assert cash_by_month(BOUGHT, held=holdings(BOUGHT))["2026-03"] == quarter
    table = monthly_returns(first=BOUGHT, last=JANUARY)
    assert table.part("FUND", "2026-01")["bought"] == 9_900_000_000 + bought
    assert breaches() == {}


def test_it_is_carried_at_par_when_it_matures(buy: Buy) -> None:
    asset_id = buy(purchase(issue_date=date(2024, 6, 10), amount=10_150_000_000))
    day = date(2028, 12, 10)
    services.accrue_interest_many([asset_id], on=day)
    assert Asset.objects.get(pk=asset_id).current_value == 10_000_000_000
    services.redeem_matured_many([asset_id], on=day)
    assert balance("4350") == 0
    assert breaches() == {}


@pytest.mark.parametrize(
    "terms",
    [
        purchase(issue_date=date(2026, 1, 16)),
        share(issue_date=date(2025, 1, 1)),
        share(cost_policy="LIFO"),
    ],
)
def test_terms_that_do_not_fit(terms: services.Purchase) -> None:
    refused(services.BadTerms, lambda: services.order_purchase(terms, on=BOUGHT))


def test_credit_losses_rise_with_the_stage_and_go_with_the_sale(buy: Buy) -> None:
    corporate = purchase(issuer="한빛전자", classification="FVOCI")
    bond, loan = buy(corporate), buy(purchase(asset_type="LOAN", issuer="한빛건설"))
    stock = buy(share())
    services.impair_many([bond, loan, stock], on=JANUARY)
    services.impair_many([bond, loan, stock], on=JANUARY)
    assert CreditLoss.objects.count() == 2
    first = {row.asset_id: int(row.allowance) for row in CreditLoss.objects.all()}
    assert (balance("1249"), balance("1219")) == (-first[loan], 0)
    assert balance("3510") == -first[bond]  # FVOCI: the allowance stands in OCI
    assert balance("5520") == first[loan] + first[bond]
    with acting("alice"):
        refused(services.BadRating, lambda: services.rate(
            stock, grade="AA", days_past_due=0, source="KIS", on=JANUARY))  # fmt: skip
        refused(services.BadRating, lambda: services.rate(
            bond, grade="ZZ", days_past_due=0, source="KIS", on=JANUARY))  # fmt: skip
        services.rate(bond, grade="A", days_past_due=0, source="KIS", on=JANUARY)
        services.rate(loan, grade="BBB", days_past_due=95, source="KIS", on=JANUARY)
        services.rate(bond, grade="BB", days_past_due=0, source="KIS", on=date(2026, 2, 10))
    services.impair_many([bond, loan], on=date(2026, 2, 28))
    stages = dict(Asset.objects.filter(pk__in=[bond, loan]).values_list("pk", "stage"))
    assert stages == {bond: 2, loan: 3}
    after = Asset.objects.get(pk=bond)
    assert after.allowance > first[bond] * 5
    with acting("alice"):
        services.order_sale(services.Sale(asset_id=bond, amount=9_990_000_000), on=MARCH)
    decide(bond, "SELL", MARCH)
    assert int(Asset.objects.get(pk=bond).allowance) == 0
    assert CreditLoss.objects.get(cause="RELEASED").movement == -after.allowance
    assert balance("3510") == 0
    assert breaches() == {}


def state(assets: int, equity: int) -> None:
    """Let the books state a position."""
    publish(
        PositionsStated.of(
            business_date=date(2025, 12, 31),
            rows=[
                {
                    "period": "2025-12",
                    "assets": assets,
                    "liabilities": assets - equity,
                    "equity": equity,
                }
            ],
        )
    )


def test_a_purchase_above_a_limit_is_refused(buy: Buy) -> None:
    buy(share())  # 70 million, before anything was stated
    state(1_000_000_000, 200_000_000)
    assert int(LimitBasis.objects.get().assets) == 1_000_000_000
    error = refused(LimitExceeded, lambda: services.order_purchase(share(amount=1), on=BOUGHT))
    assert "§106①2" in str(error)
    assert "70,000,001" in str(error)
    refused(LimitExceeded, lambda: services.order_purchase(
        building(amount=150_000_001), on=BOUGHT))  # fmt: skip
    with acting("alice"):
        loan = purchase(asset_type="LOAN", amount=30_000_000, face_value=30_000_000,
                        issuer="갑")  # fmt: skip
        first = services.order_purchase(loan, on=BOUGHT)
        second = services.order_purchase(loan, on=BOUGHT)  # alone it fits, too
    decide(first, "BUY", BOUGHT)
    order = TradeOrder.objects.get(asset_id=second)
    with acting("bob"):
        refused(LimitExceeded, lambda: services.approve(order.pk, on=BOUGHT))
    services.describe_counterparty("을", group_name="", relation="SUBSIDIARY", spread=False)
    related = purchase(asset_type="LOAN", amount=20_000_001, face_value=20_000_001,
                       issuer="을")  # fmt: skip
    error = refused(LimitExceeded, lambda: services.order_purchase(related, on=BOUGHT))
    assert "§106①5" in str(error)
    assert "§106①7" in str(error) or "20,000,000" in str(error)


def test_a_fund_is_no_single_issuer_and_the_state_is_none(buy: Buy) -> None:
    state(1_000_000_000, 200_000_000)
    services.describe_counterparty("한빛전자", group_name="", relation="NONE", spread=True)
    buy(share(amount=500_000_000))
    buy(purchase(amount=900_000_000, face_value=900_000_000))
    assert all(use.amount == 0 for use in limit_uses(holdings(BOUGHT)) if use.code == "ISSUER")


def test_a_breach_by_prices_has_a_clock_until_it_is_cured(buy: Buy) -> None:
    state(1_000_000_000, 200_000_000)
    stock = buy(share())
    assert services.watch_limits(on=BOUGHT) == 0
    services.record_prices([Price(stock, JANUARY, Decimal(80_000), "KRX")], on=JANUARY)
    services.revalue_many([stock], on=JANUARY)
    for _ in range(2):
        assert services.watch_limits(on=JANUARY) == 1
    row = LimitBreach.objects.get()
    assert (row.code, row.whose, row.cure_by) == ("ISSUER", "한빛전자", date(2027, 1, 31))
    assert (int(row.amount), int(row.most)) == (80_000_000, 70_000_000)
    services.record_prices([Price(stock, MARCH, Decimal(60_000), "KRX")], on=MARCH)
    services.revalue_many([stock], on=MARCH)
    assert services.watch_limits(on=MARCH) == 0
    row.refresh_from_db()
    assert (row.status, row.cured_on) == ("CURED", MARCH)


@pytest.mark.parametrize(("policy", "cost"), [("FIFO", 70_000_000), ("AVERAGE", 75_000_000)])
def test_shares_are_bought_again_and_sold_in_parts(buy: Buy, policy: str, cost: int) -> None:
    stock = buy(share(classification="FVOCI", cost_policy=policy))
    day = date(2026, 2, 10)
    more = services.More(asset_id=stock, amount=80_000_000, quantity=Decimal(1_000))
    with acting("alice"):
        services.order_more(more, on=day)
        refused(services.BadTerms, lambda: services.order_more(more, on=day))
    decide(stock, "BUY", day)
    asset = Asset.objects.get(pk=stock)
    assert (asset.quantity, int(asset.current_value), int(asset.cost_held)) == (
        2_000, 150_000_000, 150_000_000,
    )  # fmt: skip
    services.record_prices([Price(stock, day, Decimal(90_000), "KRX")], on=day)
    services.revalue_many([stock], on=day)
    part = services.Sale(asset_id=stock, amount=95_000_000, quantity=Decimal(1_000))
    with acting("alice"):
        whole = services.Sale(asset_id=stock, amount=1, quantity=Decimal(2_000))
        refused(services.BadTerms, lambda: services.order_sale(whole, on=MARCH))
        services.order_sale(part, on=MARCH)
    decide(stock, "SELL", MARCH)
    asset.refresh_from_db()
    sale = Trade.objects.get(side="SELL")
    assert (int(sale.carrying), int(sale.cost)) == (90_000_000, cost)
    assert (asset.status, asset.quantity, int(asset.cost_held)) == (
        "HELD", 1_000, 150_000_000 - cost,
    )  # fmt: skip
    assert balance("1220") == int(asset.current_value) == 90_000_000
    assert balance("3510") == -15_000_000  # half of the 30 million that had been valued
    assert sum(int(lot.cost_left) for lot in Lot.objects.all()) == 150_000_000 - cost
    assert int(holdings(BOUGHT).value[0]) == 70_000_000  # what was held then
    with acting("alice"):
        services.order_sale(services.Sale(asset_id=stock, amount=90_000_000),
                            on=date(2026, 4, 1))  # fmt: skip
    decide(stock, "SELL", date(2026, 4, 1))
    assert balance("3510") == balance("1220") == 0
    assert breaches() == {}


def test_a_bond_is_not_sold_in_parts(buy: Buy) -> None:
    bond = buy(purchase())
    sale = services.Sale(asset_id=bond, amount=1, quantity=Decimal("0.5"))
    refused(services.BadTerms, lambda: services.order_sale(sale, on=MARCH))
    more = services.More(asset_id=bond, amount=1, quantity=Decimal(1))
    refused(services.BadTerms, lambda: services.order_more(more, on=MARCH))


def test_a_price_is_corrected_on_its_day_by_someone_else(buy: Buy) -> None:
    stock = buy(share())
    with acting("alice"):
        services.record_prices([Price(stock, JANUARY, Decimal(17_000), "KRX")], on=JANUARY)
    services.revalue_many([stock], on=JANUARY)
    right = Price(stock, JANUARY, Decimal(71_000), "KRX")
    with acting("alice"):
        refused(CorrectionRefused, lambda: services.correct_price(right, reason="x", on=JANUARY))
    with acting("bob"):
        for price, reason, day in (
            (right, " ", JANUARY),
            (right, "오기", MARCH),
            (Price(stock, JANUARY, Decimal(17_000), "KRX"), "오기", JANUARY),
        ):
            refused(
                CorrectionRefused,
                lambda p=price, r=reason, d=day: services.correct_price(p, reason=r, on=d),
            )
        assert services.correct_price(right, reason="오기 (자릿수)", on=JANUARY) == 1
    assert Asset.objects.get(pk=stock).current_value == 71_000_000
    rows = AssetReturn.objects.filter(kind="VALUATION").order_by("revision")
    assert [(r.revision, int(r.return_amount)) for r in rows] == [(1, -53_000_000), (2, 54_000_000)]
    assert services.revalue_many([stock], on=JANUARY) == 0
    assert balance("1230") == 71_000_000
    assert balance("4340") == -1_000_000
    assert breaches() == {}


def test_money_weighted_returns_and_durations(buy: Buy) -> None:
    bond = buy(purchase(amount=9_700_000_000))
    services.record_income_many([bond], on=JANUARY)
    services.record_income_many([bond], on=date(2026, 2, 28))
    table = monthly_returns(first=BOUGHT, last=date(2026, 2, 28), by="class")
    money = table.money()["AC"]
    assert money is not None
    effective = float(Asset.objects.get(pk=bond).effective_rate)
    assert money == pytest.approx(effective, abs=0.004)
    value, years = api.durations(BOUGHT)
    assert value == pytest.approx(9_700_000_000, abs=1)
    assert 2.5 < years < 2.9
