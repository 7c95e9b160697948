"""The staff's pages and the developers' pages."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.conf import settings as house
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from core.models import User
from partners.api import invariants
from partners.models import Bulk, Delivery, Installation, Partner, PartnerKey, Webhook
from partners.services import bulks, webhooks
from tests.factories.contracts import DAY
from tests.factories.sales import person
from tests.partners import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_redis")]


@pytest.fixture
def staff(client: Client) -> Client:
    world.house()
    client.force_login(person("pm", "partner_manager"))
    return client


@pytest.fixture
def sandbox(settings: Any) -> None:
    settings.PARTNER_MODE = "sandbox"
    world.house()


def page(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(f"partners:{name}", args=args))
    assert answer.status_code == 200, (name, answer.status_code)
    return answer.content.decode()


def test_a_partner_is_connected_and_its_key_is_shown_once(staff: Client) -> None:
    given = {
        "code": "shop", "name": "물길쇼핑", "licence_number": "GA-1", "products": "driver01",
        "requests_per_minute": "60", "lines_per_day": "1000",
    }  # fmt: skip
    answer = staff.post(reverse("partners:partner_new"), given)
    assert answer.status_code == 303, answer.content.decode()
    partner = Partner.objects.get()
    assert (partner.code, partner.products) == ("SHOP", ["DRIVER01"])
    made = staff.post(reverse("partners:key_new", args=["SHOP"]), {"scopes": ["catalogue"]})
    assert made.status_code == 303
    once = staff.get(made["Location"])
    key = PartnerKey.objects.get()
    (secret,) = re.findall(r"<code>([A-Za-z0-9_\-]{43})</code>", once.content.decode())
    assert once["Cache-Control"] == "no-store"
    assert secret not in staff.get(made["Location"]).content.decode()
    assert key.made_by == "pm"
    caller = world.Caller(world.accounts.MadeKey(key.key_id, secret, (), None))
    assert caller.call("GET", "/account").status_code == 200
    again = staff.post(reverse("partners:partner_new"), given)
    assert again.status_code == 422
    assert "is taken" in again.content.decode()


def test_another_person_does_not_see_the_secret(staff: Client) -> None:
    world.partner()
    made = staff.post(reverse("partners:key_new", args=["ACME"]), {"scopes": ["catalogue"]})
    other = Client()
    other.force_login(person("pm2", "partner_manager"))
    shown = other.get(made["Location"]).content.decode()
    assert not re.findall(r"<code>[A-Za-z0-9_\-]{43}</code>", shown)


def test_keys_are_rotated_and_revoked_on_screen(staff: Client) -> None:
    world.partner()
    key = world.key()
    answer = staff.post(reverse("partners:key_rotate", args=[key.key_id]), {"overlap_hours": "2"})
    assert answer.status_code == 303
    assert PartnerKey.objects.count() == 2
    staff.post(reverse("partners:key_revoke", args=[key.key_id]))
    assert PartnerKey.objects.get(pk=key.key_id).revoked_at is not None
    assert key.key_id in page(staff, "partner_detail", "ACME")


def test_access_is_suspended_and_opened_again(staff: Client) -> None:
    world.partner()
    staff.post(reverse("partners:partner_suspend", args=["ACME"]), {"reason": "이상 거래"})
    assert Partner.objects.get().status == "SUSPENDED"
    assert "이상 거래" in page(staff, "partner_detail", "ACME")
    empty = staff.post(reverse("partners:partner_resume", args=["ACME"]), {"reason": ""})
    assert empty.status_code == 422
    assert Partner.objects.get().status == "SUSPENDED"
    staff.post(reverse("partners:partner_resume", args=["ACME"]), {"reason": "확인"})
    assert Partner.objects.get().status == "ACTIVE"


def test_the_pages_show_what_partners_did(staff: Client) -> None:
    world.partner()
    caller = world.Caller(world.key())
    webhooks.set_up(partner="ACME", url="https://example.com/", events=[])
    webhooks.forget()
    caller.call("POST", "/contracts", world.proposal(), idem="bind-0001")
    caller.call("GET", "/contracts/CON-2026-9999999")
    lines = [json.dumps(world.proposal(f"B-{n}")).encode() for n in range(2)]
    caller.send("POST", "/bulk-binds", b"\n".join([*lines, b"{"]), idem="bulk-0001",
                content_type="application/x-ndjson")  # fmt: skip
    bulks.work_one(business_date=DAY)
    bulk, told = Bulk.objects.get(), Delivery.objects.order_by("id").first()
    assert told is not None
    home = page(staff, "home")
    assert "ACME 쇼핑" in home
    detail = page(staff, "partner_detail", "ACME")
    assert "POST /contracts" in detail
    assert "not_found" in detail
    assert bulk.pk in detail
    assert "Key to first contract" in detail
    page(staff, "dashboard", "ACME")
    page(staff, "partner_list")
    assert bulk.pk in page(staff, "bulk_list")
    proof = page(staff, "bulk_detail", bulk.pk)
    assert "The reconciliation is exact" in proof
    assert "malformed_line" in proof
    assert "contract.bound" in page(staff, "delivery_list")
    assert "contract.bound" in page(staff, "delivery_detail", told.pk)
    Delivery.objects.update(state="PARKED")
    staff.post(reverse("partners:delivery_again", args=[told.pk]))
    assert Delivery.objects.get(pk=told.pk).state == "WAITING"


@pytest.mark.parametrize("role", ["agent", "claims_adjuster", "product_actuary"])
def test_others_stay_outside(client: Client, role: str) -> None:
    world.house()
    world.partner()
    client.force_login(person("other", role))
    for name, args in (("home", ()), ("partner_detail", ("ACME",)), ("partner_new", ())):
        assert client.get(reverse(f"partners:{name}", args=args)).status_code == 403


def test_who_only_looks_changes_nothing(client: Client) -> None:
    world.house()
    world.partner()
    key = world.key()
    client.force_login(person("exec", "executive"))
    assert client.get(reverse("partners:partner_detail", args=["ACME"])).status_code == 200
    for name, args in (
        ("key_new", ("ACME",)), ("key_rotate", (key.key_id,)), ("key_revoke", (key.key_id,)),
        ("key_shown", (key.key_id,)), ("partner_suspend", ("ACME",)),
    ):  # fmt: skip
        assert client.post(reverse(f"partners:{name}", args=args)).status_code in (403, 405)
    assert PartnerKey.objects.count() == 1
    assert Partner.objects.get().status == "ACTIVE"


def test_the_guide_is_open_and_strict(client: Client) -> None:
    for name in ("developers", "problems"):
        answer = client.get(reverse(f"partners:{name}"))
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "'self'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*src=)|style=\"|onclick", text)
    assert "/api/v1/bulk-binds" in client.get(reverse("partners:developers")).content.decode()
    assert b"class Conformance" in client.get(reverse("partners:client")).content


def test_live_books_are_not_tried_on(client: Client) -> None:
    assert house.PARTNER_MODE == "live"
    for name in ("sign_up", "try_it"):
        assert client.get(reverse(f"partners:{name}")).status_code == 404
        assert client.post(reverse(f"partners:{name}"), {"code": "X"}).status_code == 404
    with pytest.raises(CommandError):
        call_command("open_sandbox")
    assert not Partner.objects.exists()


def test_a_sandbox_does_not_open_on_live_books(settings: Any) -> None:
    Installation.objects.create(id=1, mode="live")
    settings.PARTNER_MODE = "sandbox"
    with pytest.raises(CommandError, match="live books"):
        call_command("open_sandbox")


@pytest.mark.usefixtures("sandbox")
def test_a_developer_signs_up_tries_and_conforms(client: Client) -> None:
    answer = client.post(reverse("partners:sign_up"), {"code": "devs", "name": "개발사"})
    found = re.findall(r'class="secret">([^<]+)<', answer.content.decode())
    assert len(found) == 2, answer.content.decode()
    key, secret = found
    assert key.startswith("sbx_")
    given = {"key": key, "secret": secret, "operation": "GET /products", "body": ""}
    tried = client.post(reverse("partners:try_it"), given).content.decode()
    assert "DRIVER01" in tried
    wrong = client.post(reverse("partners:try_it"), {**given, "secret": "x"}).content.decode()
    assert "signature_wrong" in wrong
    checked = client.post(reverse("partners:try_it"), {**given, "check": "1"}).content.decode()
    assert "적합성 점검을 통과했습니다" in checked, checked
    partner = Partner.objects.get()
    assert partner.conformed_at is not None
    assert partner.first_contract_at is not None
    assert Bulk.objects.get().status == "DONE"
    assert not Webhook.objects.exists()
    assert User.objects.filter(username__contains="devs").count() == 0


@pytest.mark.usefixtures("sandbox")
def test_a_bad_sign_up_is_refused(client: Client) -> None:
    world.partner("DEVS")
    answer = client.post(reverse("partners:sign_up"), {"code": "devs", "name": "개발사"})
    assert answer.status_code == 422
    assert not PartnerKey.objects.exists()


def test_the_demonstration_has_a_partner_that_sold(settings: Any) -> None:
    world.house()
    with pytest.raises(CommandError, match="demo mode"):
        call_command("demo_partner")
    settings.DEMO = True
    call_command("demo_partner")
    call_command("demo_partner")
    bulk = Bulk.objects.get()
    assert (bulk.status, bulk.accepted, bulk.refused) == ("DONE", 297, 3)
    assert Partner.objects.get(pk="MARKET").first_contract_at is not None
    assert all(breaches == 0 for _name, breaches, _first in invariants())
