"""Pages of risk, credit, issuers, lots and corrections: Alice and Adam act, Bob reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import clock
from core.acting import acting
from core.explain import why_url
from core.models import User
from core.permissions import grant
from investments import services
from investments.models import Asset, AssetPrice, Counterparty, CreditLoss, CreditRating, TradeOrder

from .conftest import purchase, share
from .test_risk import state
from .test_services import everything

pytestmark = pytest.mark.django_db
TODAY = date(2026, 2, 28)
Buy = Callable[..., str]


def person(username: str, role: str) -> Client:
    user = User.objects.create(username=username, language="en")
    grant(user, role, by="setup", reason="test", start=date(2020, 1, 1))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def _today() -> None:
    clock.advance(TODAY)


@pytest.fixture
def alice() -> Client:
    return person("alice", "investment")


def page(name: str, *args: Any) -> str:
    return reverse(f"investments:{name}", args=args)


def get(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, url
    return response.content.decode()


@pytest.fixture
def lived(buy: Buy) -> tuple[str, str]:
    """Return a bond and shares that lived through two month ends, and a limit that was passed."""
    bond = buy(purchase(issuer="한빛건설", amount=9_700_000_000))
    stock = buy(share())
    for day in (date(2026, 1, 31), TODAY):
        services.record_income_many([bond, stock], on=day)
        services.impair_many([bond, stock], on=day)
    state(10_000_000_000, 1_000_000_000)
    services.watch_limits(on=TODAY)
    return bond, stock


@pytest.mark.parametrize("name", ["risk", "loss_list", "party_list"])
@pytest.mark.usefixtures("lived")
def test_alice_and_bob_see_pages_charlie_does_not(alice: Client, name: str) -> None:
    bob, charlie = person("bob-auditor", "auditor"), person("charlie", "underwriter")
    get(alice, page(name))
    get(bob, page(name))
    get(charlie, page(name), 403)


def test_the_risk_of_nothing_is_shown(alice: Client) -> None:
    assert "No whole month" in get(alice, page("risk"))


def test_the_board_shows_duration_stages_limits_and_returns(
    alice: Client, lived: tuple[str, str]
) -> None:
    text = get(alice, page("risk"))
    assert "2027-02-28" in text  # the breach of the issuer's limit is cured within a year
    assert "365 days left" in text
    assert "한빛건설" in text
    assert "Money-weighted" in text
    loss = CreditLoss.objects.order_by("pk").last()
    assert loss is not None
    why = get(alice, why_url("credit-loss", loss.pk))
    assert "Loss given default" in why
    assert f"{int(loss.allowance):,}" in why
    assert "국고채" in get(alice, why_url("duration", TODAY.isoformat()))
    issuer = get(alice, why_url("limit", "ISSUER"))
    assert "한빛건설" in issuer
    assert "700,000,000" in issuer
    for code in ("PROPERTY", "GROUP", "LARGE_CREDITS", "FOREIGN"):
        get(alice, why_url("limit", code))
    get(alice, why_url("limit", "NONE"), 404)
    get(alice, why_url("duration", "yesterday"), 404)
    panel = get(alice, page("panel_credit", lived[0]))
    assert f"{int(loss.exposure):,}" in panel
    assert "1,000" in get(alice, page("panel_credit", lived[1]))  # the lot
    get(alice, page("asset_detail", lived[0]))


def test_a_rating_is_recorded_by_form(alice: Client, lived: tuple[str, str]) -> None:
    bond, stock = lived
    form = {"grade": "BB", "days_past_due": "0", "source": "한국신용평가"}
    bob = person("bob-auditor", "auditor")
    before = everything()
    assert bob.post(page("rating_new", bond), form).status_code == 403
    get(alice, page("rating_new", stock), 404)
    assert everything() == before
    get(alice, page("rating_new", bond))
    assert alice.post(page("rating_new", bond), form).status_code == 303
    assert alice.post(page("rating_new", bond), form).status_code == 422
    assert CreditRating.objects.get().grade == "BB"
    assert "BB" in get(alice, page("panel_credit", bond))


def test_shares_are_bought_again_and_partly_sold_by_form(
    alice: Client, lived: tuple[str, str]
) -> None:
    _, stock = lived
    bob = person("bob-auditor", "auditor")
    form = {"quantity": "500", "amount": "3,500만"}
    assert bob.post(page("more", stock), form).status_code == 403
    get(alice, page("more", stock))
    assert alice.post(page("more", stock), form).status_code == 303
    with acting("bob"):
        services.approve(TradeOrder.objects.get(status="PROPOSED").pk, on=TODAY)
    sale = {"quantity": "5000", "amount": "1억"}
    assert alice.post(page("sale", stock), sale).status_code == 422
    assert alice.post(page("sale", stock), {**sale, "quantity": "500"}).status_code == 303
    order = TradeOrder.objects.get(status="PROPOSED")
    assert "500" in get(alice, page("order_detail", order.pk))
    with acting("bob"):
        services.approve(order.pk, on=TODAY)
    asset = Asset.objects.get(pk=stock)
    assert (asset.quantity, int(asset.cost_held)) == (1_000, 70_000_000)
    assert "First in, first out" in get(alice, page("asset_detail", stock))
    assert "35,000,000" in get(alice, why_url("asset-value", stock))


def test_a_price_is_corrected_by_form(alice: Client, lived: tuple[str, str]) -> None:
    _, stock = lived
    get(alice, page("price_correct", stock), 404)
    with acting("recorder"):
        services.record_prices([services.Price(stock, TODAY, Decimal(7_100), "KRX")], on=TODAY)
    form = {"unit_price": "71000", "source": "KRX", "reason": "자릿수"}
    get(alice, page("price_correct", stock))
    assert alice.post(page("price_correct", stock), form).status_code == 200  # shown first
    assert AssetPrice.objects.count() == 1
    done = alice.post(page("price_correct", stock), {**form, "_confirmed": "1"})
    assert done.status_code == 303
    assert AssetPrice.objects.get(revision=2).unit_price == 71_000


def test_an_issuer_is_described_by_form(alice: Client) -> None:
    bob = person("bob-auditor", "auditor")
    form = {"party_name": "물길자산운용", "group_name": "", "relation": "NONE", "spread": "on"}
    assert bob.post(page("party_new"), form).status_code == 403
    assert not Counterparty.objects.exists()
    get(alice, page("party_new"))
    assert alice.post(page("party_new"), form).status_code == 303
    assert alice.post(page("party_new"), {**form, "group_name": "물길"}).status_code == 303
    assert Counterparty.objects.get().group_name == "물길"
    assert "물길" in get(alice, page("party_new") + "?name=물길자산운용")


def test_a_purchase_above_a_limit_is_refused_by_form(alice: Client, lived: tuple[str, str]) -> None:
    before = everything()
    response = alice.post(
        page("purchase"),
        {
            "asset_name": "사옥", "asset_type": "REAL_ESTATE", "classification": "PROPERTY",
            "issuer": "서울", "amount": "16억", "quantity": "1", "annual_rate": "0",
            "income_every": "1", "income_anchor": "1", "day_count": "ACT_365",
        },
    )  # fmt: skip
    assert response.status_code == 422
    assert "§106①8" in response.content.decode()
    assert everything() == before
