"""The door: keys, signatures, replays, windows, scopes, quotas, suspension."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from core.models import AuditRow
from partners.models import Answered, Call, PartnerKey, UsedNonce
from partners.services import accounts, door
from partners.services.accounts import KeyOver, OtherInstallation
from tests.partners import world
from tests.partners.world import sample

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_redis")]


@pytest.fixture
def caller() -> world.Caller:
    world.house()
    world.partner()
    return world.Caller(world.key())


def code(response: object) -> str:
    assert response["Content-Type"] == "application/problem+json", response.content  # type: ignore[index]
    return str(response.json()["code"])  # type: ignore[attr-defined]


def test_a_signed_request_is_let_in_and_recorded(caller: world.Caller) -> None:
    answer = caller.call("GET", "/account")
    assert answer.status_code == 200, answer.content
    assert answer.json()["partner"] == "ACME"
    call = Call.objects.get()
    assert (call.operation, call.status, call.partner_id) == ("GET /account", 200, "ACME")
    assert answer["X-Request-Id"] == call.request_id
    assert answer["RateLimit-Limit"] == "600"


def test_the_secret_is_nowhere_in_the_database(caller: world.Caller) -> None:
    key = PartnerKey.objects.get()
    stored = [str(getattr(key, f.attname)) for f in PartnerKey._meta.fields]
    assert not any(caller.made.secret in text for text in stored)
    assert accounts.key_of_secret(caller.made.secret) == key.key_id
    audit = AuditRow.objects.filter(table_name="partner_keys").values_list("after", flat=True)
    shown = str(list(audit))
    assert "made_by" in shown
    assert "secret_hash" not in shown
    assert "salt" not in shown


@pytest.mark.parametrize(
    ("header", "value", "expected"),
    [
        ("X_Mulgil_Key", "", "key_missing"),
        ("X_Mulgil_Key", "live_nobody", "key_unknown"),
        ("X_Mulgil_Key", "sbx_nobody", "key_other_mode"),
        ("X_Mulgil_Signature", "v1=" + "0" * 64, "signature_wrong"),
        ("X_Mulgil_Signature", "", "signature_missing"),
        ("X_Mulgil_Nonce", "short", "signature_missing"),
        ("X_Mulgil_Nonce", "another-nonce-than-signed", "signature_wrong"),
        ("X_Mulgil_Timestamp", "tomorrow", "timestamp_outside_window"),
        ("X_Mulgil_Timestamp", "1", "timestamp_outside_window"),
        ("X_Mulgil_Content_SHA256", "0" * 64, "signature_wrong"),
    ],
)
def test_each_fault_of_a_signature_has_its_code(
    caller: world.Caller, header: str, value: str, expected: str
) -> None:
    answer = caller.call("GET", "/account", **{header: value})
    assert answer.status_code == 401
    assert code(answer) == expected
    assert not Call.objects.exists()


def test_a_body_that_was_changed_is_refused(caller: world.Caller) -> None:
    where = "/api/v1/quotes"
    signed = sample.signed_headers(caller.made.key_id, caller.made.secret, "POST", where, b"{}")
    answer = caller.client.generic(
        "POST", where, b'{"a": 1}', content_type="application/json", headers=signed
    )
    assert (answer.status_code, code(answer)) == (400, "body_changed")


@pytest.mark.parametrize("redis_answers", [True, False])
def test_a_request_is_taken_once(
    caller: world.Caller, monkeypatch: pytest.MonkeyPatch, redis_answers: bool
) -> None:
    if not redis_answers:
        nowhere = door._connection("redis://127.0.0.1:1/0")
        monkeypatch.setattr(door, "store", lambda: nowhere)
        monkeypatch.setattr(door, "_outage_until", 0.0)
    where = "/api/v1/account"
    headers = sample.signed_headers(caller.made.key_id, caller.made.secret, "GET", where, b"")
    assert caller.client.get(where, headers=headers).status_code == 200
    replayed = caller.client.get(where, headers=headers)
    assert (replayed.status_code, code(replayed)) == (401, "request_replayed")
    assert UsedNonce.objects.exists() is not redis_answers


def test_a_nonce_of_an_outage_is_remembered_afterwards(
    caller: world.Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = door.store
    monkeypatch.setattr(door, "store", lambda: door._connection("redis://127.0.0.1:1/0"))
    where = "/api/v1/account"
    headers = sample.signed_headers(caller.made.key_id, caller.made.secret, "GET", where, b"")
    assert caller.client.get(where, headers=headers).status_code == 200
    monkeypatch.setattr(door, "store", real)
    assert code(caller.client.get(where, headers=headers)) == "request_replayed"


def test_time_may_differ_by_five_minutes(caller: world.Caller) -> None:
    where = "/api/v1/account"
    for seconds, status in ((-290, 200), (290, 200), (-310, 401), (310, 401)):
        headers = sample.signed_headers(
            caller.made.key_id,
            caller.made.secret,
            "GET",
            where,
            b"",
            timestamp=int(time.time()) + seconds,
        )
        assert caller.client.get(where, headers=headers).status_code == status, seconds


def test_a_key_does_only_what_its_scopes_say() -> None:
    world.house()
    world.partner()
    narrow = world.Caller(world.key("ACME", "catalogue"))
    assert narrow.call("GET", "/products").status_code == 200
    answer = narrow.call("POST", "/contracts", world.proposal(), idem="bind-0001")
    assert (answer.status_code, code(answer)) == (403, "scope_missing")
    assert not Answered.objects.exists()


def test_a_rotated_key_works_until_the_overlap_ends(caller: world.Caller) -> None:
    successor = world.Caller(accounts.rotate(key_id=caller.made.key_id, overlap_hours=1))
    assert caller.call("GET", "/account").status_code == 200
    assert successor.call("GET", "/account").status_code == 200
    old = PartnerKey.objects.get(pk=caller.made.key_id)
    assert timedelta(minutes=59) < old.expires_at - timezone.now() <= timedelta(hours=1)
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        assert code(caller.call("GET", "/account")) == "key_expired"
        assert successor.call("GET", "/account").status_code == 200
    accounts.revoke(key_id=caller.made.key_id)
    assert code(caller.call("GET", "/account")) == "key_expired"
    assert successor.call("GET", "/account").status_code == 200
    with pytest.raises(KeyOver):
        accounts.rotate(key_id=caller.made.key_id, overlap_hours=1)


def test_a_suspended_partner_is_told_so(caller: world.Caller) -> None:
    accounts.suspend(partner="ACME", reason="이상 거래")
    answer = caller.call("GET", "/account")
    assert (answer.status_code, code(answer)) == (403, "partner_suspended")
    accounts.resume(partner="ACME", reason="해소")
    assert caller.call("GET", "/account").status_code == 200


@pytest.mark.parametrize("redis_answers", [True, False])
def test_a_quota_refuses_and_says_how_long(
    monkeypatch: pytest.MonkeyPatch, redis_answers: bool
) -> None:
    world.house()
    world.partner(requests_per_minute=3)
    caller = world.Caller(world.key())
    if not redis_answers:
        monkeypatch.setattr(door, "store", lambda: door._connection("redis://127.0.0.1:1/0"))
        door._local.clear()
    assert [caller.call("GET", "/account").status_code for _ in range(3)] == [200] * 3
    answer = caller.call("GET", "/account")
    assert (answer.status_code, code(answer)) == (429, "quota_exceeded")
    assert 15 <= int(answer["Retry-After"]) <= 21


def test_a_database_keeps_the_books_of_one_mode(settings: object) -> None:
    world.house()
    world.partner()
    made = world.key()
    settings.PARTNER_MODE = "sandbox"  # type: ignore[attr-defined]
    with pytest.raises(OtherInstallation):
        world.key()
    assert code(world.Caller(made).call("GET", "/account")) == "key_other_mode"


def test_refusals_speak_korean_and_english(caller: world.Caller) -> None:
    english = caller.call("GET", "/nowhere")
    caller.language = "ko"
    korean = caller.call("GET", "/nowhere")
    assert (english.status_code, code(english)) == (404, "not_found")
    assert english.json()["title"] == "There is no such thing, or it is not yours."
    assert korean.json()["title"] == "해당 자원이 없거나 접근 권한이 없습니다."
    assert korean["Content-Language"] == "ko"


def test_another_method_is_refused_as_a_problem(caller: world.Caller) -> None:
    answer = caller.call("DELETE", "/account")
    assert (answer.status_code, code(answer)) == (405, "method_not_allowed")
    assert answer["Allow"] == "GET"


def test_a_large_body_is_refused_before_it_is_read(caller: world.Caller) -> None:
    answer = caller.send("POST", "/quotes", b"x" * 300_000)
    assert (answer.status_code, code(answer)) == (413, "too_large")
