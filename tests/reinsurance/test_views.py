"""Pages of reinsurance for Alice and Adam, who work there, Bob, who reads, Charlie, outside."""

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
from reinsurance import handlers, services
from reinsurance.models import CededLoss, PremiumCession, Recovery, Treaty

from .conftest import excess, paid, quota
from .test_services import note

pytestmark = pytest.mark.django_db
TODAY = date(2026, 4, 2)
Sign = Callable[..., None]


def person(username: str, role: str) -> Client:
    user = User.objects.create(username=username, language="en")
    grant(user, role, by="setup", reason="test", start=date(2020, 1, 1))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def alice() -> Client:
    return person("alice", "reinsurance")


@pytest.fixture
def adam() -> Client:
    return person("adam", "reinsurance")


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
def running(signed: Sign) -> list[Recovery]:
    """Return the recoveries of a programme that has lived through a month."""
    signed(quota(), excess(aggregate_limit=Decimal(500_000_000)))
    note(50_000_000, date(2026, 3, 20))
    services.cede_premiums_many(["QS", "XL"], on=date(2026, 3, 31))
    note(7_000_000, TODAY)
    handlers.recover(paid([100_000_000, 3_000_000, 400_000_000]))
    handlers.recover(paid([1_000_000], line="TERM"))
    return list(Recovery.objects.order_by("pk"))


def page(name: str, *args: Any) -> str:
    return reverse(f"reinsurance:{name}", args=args)


def get(client: Client, url: str, status: int = 200, **headers: str) -> str:
    response = client.get(url, **headers)
    assert response.status_code == status, url
    return response.content.decode()


PLAIN = [
    "home",
    "ageing",
    "panel_ageing",
    "panel_capacity",
    "panel_drafts",
    "panel_cessions",
    "treaty_list",
    "recovery_list",
    "loss_list",
    "cession_list",
]


@pytest.mark.parametrize("name", PLAIN)
def test_pages_open_empty_and_full(name: str, bob: Client, charlie: Client, request: Any) -> None:
    get(bob, page(name))
    request.getfixturevalue("running")
    get(bob, page(name))
    get(charlie, page(name), 403)


def test_records_and_panels(bob: Client, charlie: Client, running: list[Recovery]) -> None:
    first = running[0]
    text = get(bob, page("treaty_detail", "XL"))
    assert page("panel_treaty", "XL") in text
    assert "2026-12-31" in text
    for url in (
        page("panel_treaty", "XL"),
        page("panel_claim", first.claim_number),
        page("panel_contract", first.contract_number),
        page("panel_claim", "CLM-0"),
    ):
        get(bob, url, HTTP_HX_REQUEST="true")
        get(charlie, url, 403)
    text = get(bob, page("panel_claim", first.claim_number), HTTP_HX_REQUEST="true")
    assert why_url("recovery", first.pk) in text
    assert "30,000,000" in text
    assert first.claim_number in get(bob, page("recovery_detail", first.pk))
    get(bob, page("treaty_detail", "NONE"), 404)
    get(bob, page("recovery_detail", 999_999_999), 404)


def test_every_figure_says_why(bob: Client, charlie: Client, running: list[Recovery]) -> None:
    for row in running:
        text = get(bob, why_url("recovery", row.pk))
        assert f"{row.recovery_amount:,.0f}" in text
        assert row.treaty_id in text
    for loss in CededLoss.objects.all():
        assert f"{loss.gross:,.0f}" in get(bob, why_url("ceded-loss", loss.pk))
    for cession in PremiumCession.objects.all():
        text = get(bob, why_url("ceded-premium", cession.pk))
        assert f"{cession.ceded_premium:,.0f}" in text
        assert "50,000,000" in text
    for kind in ("recovery", "ceded-loss", "ceded-premium"):
        for key in ("0", "x", "9" * 30):
            get(bob, why_url(kind, key), 404)
        get(charlie, why_url(kind, "1"), 403)


def test_search_finds_treaties(bob: Client, charlie: Client, running: list[Recovery]) -> None:
    assert page("treaty_detail", "XL") in get(bob, reverse("search") + "?q=코리안리")
    assert page("treaty_detail", "XL") not in get(charlie, reverse("search") + "?q=코리안리")


def test_lists_filter_and_go_to_excel(bob: Client, running: list[Recovery]) -> None:
    assert running[0].claim_number in get(bob, page("recovery_list") + "?status=PENDING&age=0")
    assert running[0].claim_number not in get(bob, page("recovery_list") + "?age=3")
    late = get(bob, page("recovery_list") + "?status=RECOVERED")
    assert running[0].claim_number not in late
    assert running[0].claim_number in get(bob, page("loss_list") + "?ceded_only=true")
    assert running[0].claim_number not in get(bob, page("loss_list") + "?line=TERM")
    response = bob.get(page("recovery_list") + "?export=xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(b"".join(response))).active.values)
    assert len(rows) >= len(running) + 1


@pytest.mark.parametrize("name", ["treaty_list", "recovery_list", "loss_list", "cession_list"])
def test_lists_ask_the_same_number_of_queries(name: str, bob: Client, signed: Sign) -> None:
    def one(number: int) -> None:
        retention = Decimal(number * 1_000)
        code = f"XL-{number}"
        signed(excess(treaty_code=code, retention=retention, layer_limit=Decimal(1_000)))
        services.cede_premiums_many([code], on=date(2026, 3, 31))

    one(1)
    handlers.recover(paid([100_000]))
    get(bob, page(name))
    with CaptureQueriesContext(connection) as few:
        get(bob, page(name))
    for number in range(2, 22):
        line = excess(
            treaty_code=f"M-{number}",
            line="MOTOR",
            retention=Decimal(number * 1_000),
            layer_limit=Decimal(1_000),
        )
        signed(line)
    services.cede_premiums_many([f"M-{n}" for n in range(2, 22)], on=date(2026, 3, 31))
    handlers.recover(paid([100_000] * 20, line="MOTOR"))
    with CaptureQueriesContext(connection) as many:
        get(bob, page(name))
    assert len(many) == len(few)


TREATY = {
    "treaty_code": "XL-TERM-2027",
    "treaty_name": "2027 정기 초과손해액",
    "kind": "EXCESS",
    "reinsurer_name": "코리안리",
    "line": "TERM",
    "start": "2027-01-01",
    "last_day": "2027-12-31",
    "position": "1",
    "cession_percent": "0",
    "commission_percent": "0",
    "retention": "1억",
    "layer_limit": "2억",
    "aggregate_limit": "0",
    "premium_percent": "6.5",
}


def test_a_treaty_from_draft_to_end(
    alice: Client, adam: Client, bob: Client, charlie: Client
) -> None:
    for client in (bob, charlie):
        assert client.post(page("treaty_new"), TREATY).status_code == 403
    get(alice, page("treaty_new"))
    assert alice.post(page("treaty_new"), {**TREATY, "retention": "0"}).status_code == 422
    assert Treaty.objects.count() == 0
    assert alice.post(page("treaty_new"), TREATY).status_code == 303
    treaty = Treaty.objects.get()
    assert (treaty.last_day, treaty.retention) == (date(2027, 12, 31), 100_000_000)
    get(alice, page("treaty_edit", treaty.pk))
    assert alice.post(page("treaty_edit", treaty.pk), TREATY).status_code == 303
    assert page("treaty_sign", treaty.pk) not in get(alice, page("treaty_detail", treaty.pk))
    assert alice.post(page("treaty_sign", treaty.pk), {}).status_code == 422
    assert page("treaty_sign", treaty.pk) in get(adam, page("treaty_detail", treaty.pk))
    assert "200,000,000" in get(adam, page("treaty_sign", treaty.pk))
    assert adam.post(page("treaty_sign", treaty.pk), {}).status_code == 303
    over = alice.post(page("treaty_new"), {**TREATY, "treaty_code": "XL-2"})
    assert over.status_code == 422
    assert "XL-TERM-2027" in over.content.decode()
    ends = {"on": "2027-07-01", "reason": "재협상"}
    assert adam.post(page("treaty_end", treaty.pk), {**ends, "on": "2028-07-01"}).status_code == 422
    assert adam.post(page("treaty_end", treaty.pk), ends).status_code == 303
    treaty.refresh_from_db()
    assert (treaty.status, treaty.last_day) == ("ENDED", date(2027, 6, 30))


def test_a_receipt_is_shown_before_it_is_recorded(
    alice: Client, bob: Client, running: list[Recovery]
) -> None:
    row = running[0]
    url = page("receive", row.pk)
    get(bob, url, 403)
    assert "30,000,000" in get(alice, url)
    partial = alice.post(url, {"amount": "1", "reference": "KR-1", "_confirmed": "1"})
    assert partial.status_code == 422
    assert EventRecord.objects.filter(name="reinsurance.recoveries_received.v1").count() == 0
    assert alice.post(url, {"amount": "30000000", "reference": "KR-1"}).status_code == 200
    assert Recovery.objects.get(pk=row.pk).status == "PENDING"
    whole = {"amount": "30000000", "reference": "KR-1", "_confirmed": "1"}
    assert alice.post(url, whole).status_code == 303
    assert Recovery.objects.get(pk=row.pk).status == "RECOVERED"


def test_one_payment_of_several_recoveries(alice: Client, running: list[Recovery]) -> None:
    keys = [str(row.pk) for row in running[:2]]
    owed = sum(row.recovery_amount for row in running[:2])
    shown = alice.post(page("receive_many"), {"keys": keys})
    assert shown.status_code == 200
    assert f"{owed:,.0f}" in shown.content.decode()
    wrong = {"keys": keys, "total": "1", "reference": "KR-9"}
    assert alice.post(page("receive_many"), wrong).status_code == 422
    assert Recovery.objects.filter(status="RECOVERED").count() == 0
    right = {**wrong, "total": str(int(owed))}
    assert alice.post(page("receive_many"), right).status_code == 303
    assert Recovery.objects.filter(status="RECOVERED", receipt_reference="KR-9").count() == 2
    assert alice.post(page("receive_many"), {"keys": keys}).status_code == 303  # none is owed


def test_a_statement_of_account_is_taken_all_or_none(
    alice: Client, running: list[Recovery]
) -> None:
    get(alice, page("receive_file"))

    def send(*rows: str) -> Any:
        text = "\n".join(["recovery,amount,reference", *rows])
        file = SimpleUploadedFile("s.csv", text.encode(), "text/csv")
        return alice.post(page("receive_file"), {"file": file})

    first, second = running[0], running[1]
    good = f'{first.pk},"{first.recovery_amount:,.0f}",KR-5'
    for bad in (f"{second.pk},1,KR-5", f"{second.pk},x,KR-5", f"{second.pk},1,", good):
        assert send(good, bad).status_code == 422
        assert Recovery.objects.filter(status="RECOVERED").count() == 0
    assert send(good).status_code == 303
    assert Recovery.objects.get(pk=first.pk).receipt_reference == "KR-5"
