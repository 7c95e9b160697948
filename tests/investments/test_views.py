"""Pages of stage 4 for Alice and Adam, who work there, Bob, who reads, and Charlie, outside."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import clock
from core.explain import why_url
from core.models import EventRecord, User
from core.permissions import grant
from investments import services
from investments.models import Asset, AssetPrice, AssetReturn, Trade, TradeOrder

from .conftest import BOUGHT, building, purchase, share

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 5)


def person(username: str, role: str) -> Client:
    user = User.objects.create(username=username, language="en")
    grant(user, role, by="setup", reason="test", start=date(2020, 1, 1))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def alice() -> Client:
    return person("alice", "investment")


@pytest.fixture
def adam() -> Client:
    return person("adam", "investment")


@pytest.fixture
def bob() -> Client:
    return person("bob-auditor", "auditor")


@pytest.fixture
def charlie() -> Client:
    return person("charlie", "underwriter")


@pytest.fixture(autouse=True)
def _today() -> None:
    clock.advance(TODAY)


@pytest.fixture
def held(buy: Callable[..., str]) -> list[str]:
    """Return a bond, a share and a building that have lived through two month ends."""
    keys = [buy(purchase(amount=9_900_000_000)), buy(share()), buy(building())]
    for day, quote in ((date(2026, 1, 31), 71_000), (date(2026, 2, 28), 69_500)):
        services.record_income_many(keys, on=day)
        services.record_prices([services.Price(keys[1], day, Decimal(quote), "KRX")], on=day)
        services.revalue_many(keys, on=day)
    return keys


def page(name: str, *args: Any) -> str:
    return reverse(f"investments:{name}", args=args)


def get(client: Client, url: str, status: int = 200, **headers: str) -> str:
    response = client.get(url, **headers)
    assert response.status_code == status, url
    return response.content.decode()


PLAIN = [
    "home",
    "portfolio",
    "calendar",
    "panel_waiting",
    "panel_warnings",
    "panel_limits",
    "panel_calendar",
    "asset_list",
    "order_list",
    "return_list",
    "price_list",
]


@pytest.mark.parametrize("name", PLAIN)
def test_pages_open_empty_and_full(name: str, bob: Client, charlie: Client, request: Any) -> None:
    get(bob, page(name))
    request.getfixturevalue("held")
    get(bob, page(name))
    get(charlie, page(name), 403)


def test_the_portfolio_shows_kinds_and_why(bob: Client, held: list[str]) -> None:
    text = get(bob, page("portfolio"))
    assert "69,500,000" in text
    assert why_url("month-return", "STOCK:2026-02") in text
    assert why_url("linked-return", "FUND:2026-01:2026-02") in text
    assert "Property" in text


def test_an_asset_shows_its_panels_and_figures(bob: Client, held: list[str]) -> None:
    text = get(bob, page("asset_detail", held[0]))
    for name in ("panel_returns", "panel_prices", "panel_cash"):
        assert page(name, held[0]) in text
        get(bob, page(name, held[0]), HTTP_HX_REQUEST="true")
    assert why_url("asset-value", held[0]) in text
    get(bob, page("asset_detail", "AST-0"), 404)


def test_every_figure_says_why(bob: Client, charlie: Client, held: list[str]) -> None:
    for key in held:
        assert key in get(bob, why_url("asset-value", key))
        get(bob, why_url("month-return", f"{key}:2026-02"))
        get(bob, why_url("linked-return", f"{key}:2026-01:2026-02"))
    for row in AssetReturn.objects.all():
        text = get(bob, why_url("asset-return", row.pk))
        assert f"{abs(row.return_amount):,.0f}" in text
    for group in ("FUND", "BOND", "STOCK"):
        get(bob, why_url("month-return", f"{group}:2026-02"))
    get(bob, why_url("linked-return", "FUND:2026-01:2026-03"))
    for kind, key in (
        ("asset-value", "AST-0"),
        ("asset-return", "x"),
        ("asset-return", "999999"),
        ("month-return", "FUND:2026-13"),
        ("month-return", "FUND:2027-01"),
        ("month-return", "LOAN:2026-02"),
        ("linked-return", "FUND:2026-03:2026-01"),
    ):
        get(bob, why_url(kind, key), 404)
    get(charlie, why_url("asset-value", held[0]), 403)


def test_search_finds_assets(bob: Client, charlie: Client, held: list[str]) -> None:
    assert held[0] in get(bob, reverse("search") + "?q=국고채")
    assert held[0] not in get(charlie, reverse("search") + "?q=국고채")


def test_lists_filter_and_go_to_excel(bob: Client, held: list[str]) -> None:
    text = get(bob, page("asset_list") + "?asset_type=BOND")
    assert held[0] in text
    assert held[1] not in text
    text = get(
        bob, page("return_list") + "?record_date_after=2026-02-01&record_date_before=2026-02-28"
    )
    assert "2026-02-28" in text
    assert "2026-01-31" not in text
    response = bob.get(page("asset_list") + "?export=xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(response))).active.values)
    assert len(rows) >= 4


@pytest.mark.parametrize("name", ["asset_list", "return_list", "order_list", "price_list"])
def test_lists_ask_the_same_number_of_queries(
    name: str, bob: Client, buy: Callable[..., str]
) -> None:
    def one() -> None:
        key = buy(share())
        services.record_prices([services.Price(key, TODAY, Decimal(70_100), "KRX")], on=TODAY)
        services.revalue_many([key], on=TODAY)

    one()
    get(bob, page(name))
    with CaptureQueriesContext(connection) as few:
        get(bob, page(name))
    for _ in range(20):
        one()
    with CaptureQueriesContext(connection) as many:
        get(bob, page(name))
    assert len(many) == len(few)


ORDER = {
    "asset_name": "회사채 2년",
    "asset_type": "BOND",
    "classification": "AC",
    "issuer": "한빛전자",
    "amount": "9억 9,000만",
    "quantity": "1",
    "face_value": "10억",
    "annual_rate": "4.5",
    "maturity_date": "2028-03-05",
    "income_every": "3",
    "income_anchor": "3",
    "day_count": "ACT_365",
    "note": "만기 보유",
}


def test_a_purchase_from_order_to_books(
    alice: Client, adam: Client, bob: Client, charlie: Client
) -> None:
    for client in (bob, charlie):
        assert client.post(page("purchase"), ORDER).status_code == 403
    response = alice.post(page("purchase"), ORDER)
    assert response.status_code == 303
    order = TradeOrder.objects.get()
    assert (order.amount, order.made_by) == (990_000_000, "alice")
    own = get(alice, page("order_detail", order.pk))
    assert page("approve", order.pk) not in own
    assert "someone else decides" in own
    assert alice.post(page("approve", order.pk), {"_confirmed": "1"}).status_code == 422
    assert Trade.objects.count() == 0
    text = get(adam, page("order_detail", order.pk))
    assert page("approve", order.pk) in text
    assert "Limits after this purchase" in text
    get(adam, page("approve", order.pk))
    preview = adam.post(page("approve", order.pk), {})
    assert preview.status_code == 200
    assert "Nothing has been written yet" in preview.content.decode()
    assert Trade.objects.count() == 0
    done = adam.post(page("approve", order.pk), {"_confirmed": "1"})
    assert done.status_code == 303
    assert Asset.objects.get().status == "HELD"
    again = adam.post(page("approve", order.pk), {"_confirmed": "1"})
    assert again.status_code == 422


def test_bad_terms_come_back_as_422(alice: Client) -> None:
    response = alice.post(page("purchase"), {**ORDER, "classification": "PROPERTY"})
    assert response.status_code == 422
    assert "not measured this way" in response.content.decode()
    assert (Asset.objects.count(), EventRecord.objects.count()) == (0, 0)


def test_a_sale_that_is_declined(alice: Client, adam: Client, held: list[str]) -> None:
    get(alice, page("sale", held[1]))
    assert alice.post(page("sale", held[1]), {"amount": "70,000,000"}).status_code == 303
    order = TradeOrder.objects.get(side="SELL")
    assert adam.post(page("decline", order.pk), {"reason": ""}).status_code == 422
    assert adam.post(page("decline", order.pk), {"reason": "가격이 낮다"}).status_code == 303
    assert "가격이 낮다" in get(alice, page("order_detail", order.pk))
    assert Asset.objects.get(pk=held[1]).status == "HELD"


def test_income_is_shown_before_it_is_recorded(alice: Client, held: list[str]) -> None:
    get(alice, page("income", held[0]), 404)
    get(alice, page("income", held[1]))
    before = AssetReturn.objects.count()
    assert alice.post(page("income", held[1]), {"amount": "120만"}).status_code == 200
    assert AssetReturn.objects.count() == before
    done = alice.post(page("income", held[1]), {"amount": "1200000", "_confirmed": "1"})
    assert done.status_code == 303
    assert AssetReturn.objects.filter(kind="DIVIDEND", return_amount=1_200_000).exists()


def test_prices_one_by_one_and_from_a_file(alice: Client, held: list[str]) -> None:
    one = {
        "asset_id": held[1],
        "price_date": "2026-03-04",
        "unit_price": "70100.5",
        "source": "KRX",
    }
    get(alice, page("price_new") + f"?asset={held[1]}")
    assert alice.post(page("price_new"), one).status_code == 303
    assert alice.post(page("price_new"), {**one, "unit_price": "1"}).status_code == 422
    get(alice, page("price_file"))

    def send(text: str, encoding: str = "utf-8-sig") -> Any:
        file = SimpleUploadedFile("p.csv", text.encode(encoding), "text/csv")
        return alice.post(page("price_file"), {"file": file})

    good = f'자산번호,기준일,단가,출처\n{held[1]},20260303,"70,000",한국거래소\n\n'
    count = AssetPrice.objects.count()
    assert send(good, "cp949").status_code == 303
    assert AssetPrice.objects.count() == count + 1
    for text, reason in (
        (f"asset_id,price_date,unit_price,source\n{held[1]},2026-03-02,1x,KRX\n", "1"),
        ("a,b\n1,2\n", "first row"),
        ("asset_id,price_date,unit_price,source\n", "no price"),
        (
            f"asset_id,price_date,unit_price,source\n{held[1]},2026-03-02,1,KRX\nAST-0,2026-03-02,1,K\n",
            "AST-0",
        ),
    ):
        response = send(text)
        assert response.status_code == 422
        assert reason in response.content.decode()
    assert AssetPrice.objects.count() == count + 1


def test_missing_prices_are_warned_of(alice: Client, buy: Callable[..., str]) -> None:
    key = buy(share(), on=BOUGHT)
    text = get(alice, page("panel_warnings"))
    assert key in text
    assert page("price_file") in text
