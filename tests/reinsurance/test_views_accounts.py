"""Pages of programmes, accounts, settlements and catastrophes: Alice and Adam act, Bob reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from core import clock
from core.explain import why_url
from reinsurance import handlers, services
from reinsurance.models import (
    AccountEntry,
    CatastropheEvent,
    EventClaim,
    Settlement,
    Treaty,
)
from reinsurance.views.programme import towers
from tests.factories import claims as make

from .conftest import excess, layer, paid, quota
from .test_programmes import storm
from .test_services import everything, note
from .test_views import TODAY, get, page, person

pytestmark = pytest.mark.django_db
Sign = Callable[..., None]
PAGES = (
    "programme", "accounts", "entry_list", "settlement_list", "event_list", "event_hours",
    "recoverable_list",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _today() -> None:
    clock.advance(TODAY)


@pytest.fixture
def alice() -> Client:
    return person("alice", "reinsurance")


@pytest.fixture
def adam() -> Client:
    return person("adam", "reinsurance")


@pytest.fixture
def lived(signed: Sign) -> None:
    """Let a programme of several kinds live through a month."""
    signed(
        quota(),
        excess(),
        layer("SURPLUS", "SP", surplus_lines=Decimal(4), line="WHOLE"),
        layer("CATASTROPHE", "CAT"),
        layer("STOP_LOSS", "SL", retention=Decimal(10**9), layer_limit=Decimal(10**9)),
    )
    note(50_000_000, date(2026, 3, 20))
    services.cede_premiums_many(["QS", "XL"], on=date(2026, 3, 31))
    handlers.recover(paid([100_000_000, 3_000_000]))


@pytest.mark.usefixtures("lived")
@pytest.mark.parametrize("name", PAGES)
def test_alice_and_bob_see_pages_charlie_does_not(alice: Client, name: str) -> None:
    bob, charlie = person("bob-auditor", "auditor"), person("charlie", "underwriter")
    get(alice, page(name))
    get(bob, page(name))
    get(charlie, page(name), 403)


@pytest.mark.usefixtures("lived")
def test_the_picture_shows_each_treaty_where_it_stands(alice: Client) -> None:
    text = get(alice, page("programme"))
    for code in ("QS", "XL", "SP", "CAT", "SL"):
        assert f">{code}</text>" in text
    laid = {t.title: t for t in towers(list(Treaty.objects.filter(line="ACCIDENT")))}
    boxes = {box.code: box for tower in laid.values() for box in tower.boxes}
    xl, kept = boxes["XL"], laid["one loss"].boxes[-1]
    assert xl.y + xl.height == kept.y  # what is kept begins where the layer ends
    assert boxes["QS"].x + boxes["QS"].width == xl.x
    assert "No treaty is in force" in get(alice, page("programme") + "?on=2020-01-01")


@pytest.mark.usefixtures("lived")
def test_an_account_is_shown_and_settled_by_two_people(alice: Client, adam: Client) -> None:
    one = page("account") + "?reinsurer=코리안리"
    text = get(alice, one)
    assert "15,000,000" in text
    get(alice, page("account") + "?reinsurer=nobody", 404)
    bob = person("bob-auditor", "auditor")
    form = {"reinsurer": "코리안리", "until": "2026-03-31", "net": "on"}
    before = everything()
    assert bob.post(page("settlement_new"), form).status_code == 403
    assert everything() == before
    get(alice, page("settlement_new") + "?reinsurer=코리안리")
    response = alice.post(page("settlement_new"), form)
    row = Settlement.objects.get()
    assert response.status_code == 303
    detail = page("settlement_detail", row.pk)
    assert "someone else pays it" in get(alice, detail)
    before = everything()
    refusal = alice.post(page("settlement_pay", row.pk), {"_confirmed": "1"})
    assert refusal.status_code == 422
    assert bob.post(page("settlement_pay", row.pk), {"_confirmed": "1"}).status_code == 403
    assert everything() == before
    get(adam, page("settlement_pay", row.pk))
    again = adam.post(page("settlement_pay", row.pk))
    if again.status_code != 303:  # the entries are shown before
        again = adam.post(page("settlement_pay", row.pk), {"_confirmed": "1"})
    assert again.status_code == 303
    row.refresh_from_db()
    assert (row.status, row.checked_by) == ("PAID", "adam")
    assert "QS" in get(adam, detail)
    entry = AccountEntry.objects.filter(kind="SETTLEMENT").first()
    for found in (entry, AccountEntry.objects.filter(kind="PREMIUM").first()):
        assert found is not None
        assert found.treaty_id in get(alice, why_url("ri-entry", found.pk))


@pytest.mark.usefixtures("lived")
def test_a_settlement_may_be_cancelled(alice: Client) -> None:
    alice.post(page("settlement_new"), {"reinsurer": "코리안리", "until": "2026-03-31"})
    row = Settlement.objects.get()
    alice.post(page("settlement_cancel", row.pk), {"reason": "다시 작성"})
    row.refresh_from_db()
    assert row.status == "CANCELLED"
    nothing = alice.post(page("settlement_new"), {"reinsurer": "코리안리", "until": "2026-01-01"})
    assert nothing.status_code == 422


def test_a_treaty_of_a_new_kind_is_drafted_by_form(alice: Client) -> None:
    form = {
        "treaty_code": "CAT-1", "treaty_name": "대재해", "kind": "CATASTROPHE",
        "reinsurer_name": "뮌헨리", "line": "ACCIDENT", "start": "2027-01-01",
        "last_day": "2027-12-31", "position": "1", "cession_percent": "0",
        "commission_percent": "0", "retention": "1억", "layer_limit": "9억",
        "aggregate_limit": "0", "premium_percent": "0.6", "inures": "on", "surplus_lines": "0",
        "scale": "", "profit_percent": "0", "profit_expense_percent": "0",
        "reinstatements": "100, 50", "reinstatement_time": "on", "layer_premium": "2,000만",
        "hours": "72",
    }  # fmt: skip
    wrong = alice.post(page("treaty_new"), {**form, "reinstatements": "x", "scale": "1:2:3"})
    assert wrong.status_code == 422
    assert not Treaty.objects.exists()
    assert alice.post(page("treaty_new"), form).status_code == 303
    treaty = Treaty.objects.get()
    assert (treaty.aggregate_limit, treaty.reinstatements) == (2_700_000_000, ["100", "50"])
    text = get(alice, page("treaty_edit", "CAT-1"))
    assert 'value="100, 50"' in text
    assert "pro rata as to amount and time" in get(alice, page("treaty_detail", "CAT-1"))


def test_a_catastrophe_is_recorded_and_claims_are_counted(signed: Sign, alice: Client) -> None:
    numbers = storm(signed)
    insured = make.contract(start=date(2025, 6, 1), end=date(2027, 6, 1))
    outside = make.received(insured, incident_at="2026-03-10T08:10")
    CatastropheEvent.objects.all().delete()
    hours = get(alice, page("event_hours"))
    assert "2026-03-20 08:10" in hours
    form = {
        "event_code": "STORM-2", "event_name": "폭풍", "line": "ACCIDENT",
        "starts_at": "2026-03-20 08:10", "hours": "72",
    }  # fmt: skip
    assert alice.post(page("event_new"), form).status_code == 303
    text = get(alice, page("event_claims", "STORM-2"))
    assert all(number in text for number in numbers)
    assert outside not in text
    bob = person("bob-auditor", "auditor")
    assert bob.post(page("event_claims", "STORM-2"), {"claims": numbers}).status_code == 403
    assert not EventClaim.objects.exists()
    assert alice.post(page("event_claims", "STORM-2"), {"claims": numbers}).status_code == 303
    assert EventClaim.objects.count() == 2
    assert numbers[0] in get(alice, page("event_detail", "STORM-2"))
    services.accumulate_many(["CAT"], on=TODAY)
    recovery = Treaty.objects.get().recoveries.order_by("pk").first()
    assert recovery is not None
    text = get(alice, why_url("recovery", recovery.pk))
    assert "Accumulated with this loss" in text
    assert "CAT" in get(alice, reverse("reinsurance:panel_claim", args=[numbers[0]]))


def test_the_share_of_an_open_claim_is_shown(signed: Sign, alice: Client) -> None:
    signed(quota())
    insured = make.contract(start=date(2025, 6, 1), end=date(2027, 6, 1))
    number = make.received(insured)
    text = get(alice, reverse("reinsurance:panel_claim", args=[number]))
    row = Treaty.objects.get().recoverables.get()
    assert f"{int(row.amount):,}" in text
    assert number in get(alice, why_url("recoverable", row.pk))
