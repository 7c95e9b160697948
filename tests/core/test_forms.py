"""Forms: money and dates as people type them, live checks, refusals, rehearsal, never twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar
from uuid import uuid4

import pytest

from core import rehearsal
from core.acting import acting
from core.columns import Keys
from core.events import Event, publish
from core.forms import MoneyField, parse_won
from core.models import EventRecord, Operation, SavedView
from core.rehearsal import Line

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.kit_pages")]
GOOD = {"name": "하나", "amount": "1,200,000", "day": "20260301", "kind": "a"}
HTMX = {"HX-Request": "true"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Rehearsed(Event):
    """Something happened, or would have."""

    name: ClassVar[str] = "tests.rehearsed.v1"
    keys: Keys


@pytest.mark.parametrize(
    ("typed", "won"),
    [
        ("1,200,000", 1_200_000),
        ("120만", 1_200_000),
        ("1억 2,000만원", 120_000_000),
        ("1.5억", 150_000_000),
        ("１２３", 123),
        ("₩5000", 5000),
        ("-3,000", -3000),
        ("△3,000", -3000),
        ("2조3억4만5", 2_000_300_040_005),
    ],
)
def test_amounts_are_read_as_people_type_them(typed, won):
    assert parse_won(typed) == Decimal(won)


@pytest.mark.parametrize(
    "typed", ["", "열", "1.5", "12억3조", "1만2만", "0.00001만", "1e5", "--5만x"]
)
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(ValueError, match=".*"):
        parse_won(typed)


def test_money_fields_keep_their_limits():
    field = MoneyField(min_value=1, max_value=10)
    assert field.clean("10") == 10
    for wrong in ("0", "11", "x", ""):
        with pytest.raises(Exception, match="."):
            field.clean(wrong)


def test_a_good_form_is_done_and_says_so(as_alice):
    done = as_alice.post("/things/new/", GOOD)
    assert done.status_code == 303
    view = SavedView.objects.get(page="things")
    assert done["Location"] == f"/things/{view.pk}/done/"
    assert "등록했습니다." in as_alice.get("/things/board/").content.decode()


def test_htmx_is_redirected_by_its_header(as_alice):
    done = as_alice.post("/things/new/", GOOD, headers=HTMX)
    assert done.status_code == 204
    assert done["HX-Redirect"].endswith("/done/")


def test_wrong_input_comes_back_with_422_errors_tied_to_their_fields(as_alice):
    response = as_alice.post("/things/new/", GOOD | {"amount": "0", "day": "2026-13-01"})
    page = response.content.decode()
    assert response.status_code == 422
    assert 'id="id_amount_error"' in page
    assert 'aria-invalid="true"' in page
    assert "id_amount_error" in page.split('name="amount"')[1].split(">")[0]
    assert not SavedView.objects.exists()


def test_a_refusal_is_a_422_of_the_same_form_and_nothing_is_written(as_alice):
    response = as_alice.post("/things/new/", GOOD | {"name": "안됨", "_operation": str(uuid4())})
    assert response.status_code == 422
    assert "이 이름은 쓸 수 없습니다." in response.content.decode()
    assert not SavedView.objects.exists()
    assert not Operation.objects.exists()
    assert not EventRecord.objects.exists()
    part = as_alice.post(
        "/things/new/", GOOD | {"name": "안됨", "_operation": str(uuid4())}, headers=HTMX
    )
    assert part.status_code == 422
    assert part.content.decode().lstrip().startswith("<form")


def test_one_field_is_checked_when_it_is_left(as_alice):
    part = as_alice.post("/things/new/", {"amount": "0", "_validate": "amount"}, headers=HTMX)
    page = part.content.decode()
    assert page.count('class="field') == 1
    assert "1원 이상" in page
    assert "id_name" not in page
    assert not SavedView.objects.exists()


def test_the_same_operation_is_done_once_however_often_it_is_sent(as_alice):
    posted = GOOD | {"_operation": str(uuid4())}
    first = as_alice.post("/things/new/", posted)
    second = as_alice.post("/things/new/", posted | {"name": "둘"})
    assert first["Location"] == second["Location"]
    assert SavedView.objects.filter(page="things").count() == 1


def test_someone_else_cannot_ride_on_an_operation(as_alice, as_bob, alice):
    operation = str(uuid4())
    as_alice.post("/things/act/", {"_operation": operation})
    Operation.objects.update(user=None)
    again = as_alice.post("/things/act/", {"_operation": operation})
    assert again["Location"] == "/things/act/"
    assert SavedView.objects.filter(page="act").count() == 1


def test_a_refused_operation_may_be_tried_again(as_alice):
    posted = GOOD | {"_operation": str(uuid4())}
    assert as_alice.post("/things/new/", posted | {"name": "안됨"}).status_code == 422
    assert as_alice.post("/things/new/", posted).status_code == 303
    assert SavedView.objects.count() == 1


def test_what_an_act_will_do_is_shown_before_it_is_done(as_alice):
    posted = GOOD | {"_operation": str(uuid4())}
    preview = as_alice.post("/things/new/?confirm=1", posted)
    page = preview.content.decode()
    assert preview.status_code == 200
    assert "이렇게 처리됩니다" in page
    assert 'value="1,200,000"' in page or 'value="1200000"' in page
    assert posted["_operation"] in page
    assert not SavedView.objects.exists()
    back = as_alice.post("/things/new/?confirm=1", posted | {"_back": "1"})
    assert back.status_code == 200
    assert 'name="day" value="20260301"' in back.content.decode()
    done = as_alice.post("/things/new/?confirm=1", posted | {"_confirmed": "1"})
    assert done.status_code == 303
    assert SavedView.objects.count() == 1


def test_a_rehearsal_shows_events_and_lines_and_undoes_everything(alice, monkeypatch):
    heard: list[object] = []

    def lines(event_ids: list[object]) -> list[Line]:
        heard.extend(event_ids)
        return [Line("1000", debit=Decimal(500)), Line("4000", credit=Decimal(500))]

    monkeypatch.setattr(rehearsal, "_collectors", [lines])

    def act() -> str:
        SavedView.objects.create(user=alice, page="x", name="y", query="")
        publish(Rehearsed.of(business_date=date(2026, 3, 31), rows=[{"keys": "A"}, {"keys": "B"}]))
        return "done"

    with acting("alice", "web:rehearsal"):
        made = rehearsal.rehearse(act)
    assert made.result == "done"
    assert made.events == [("tests.rehearsed.v1", 2)]
    assert (made.debit, made.credit) == (Decimal(500), Decimal(500))
    assert len(heard) == 1
    assert not SavedView.objects.exists()
    assert not EventRecord.objects.exists()


def test_a_rehearsal_refuses_like_the_act(as_alice):
    refused = as_alice.post("/things/new/?confirm=1", GOOD | {"name": "안됨"})
    assert refused.status_code == 422
    assert not SavedView.objects.exists()


def test_a_button_does_its_act_once_or_says_why_not(as_alice):
    operation = {"_operation": str(uuid4())}
    assert as_alice.post("/things/act/", operation).status_code == 303
    assert as_alice.post("/things/act/", operation).status_code == 303
    assert SavedView.objects.filter(page="act").count() == 1
    refused = as_alice.post("/things/act/", {"refuse": "1"})
    assert refused.status_code == 422
    assert "지금은 할 수 없습니다." in refused.content.decode()
    part = as_alice.post("/things/act/", {"refuse": "1"}, headers=HTMX)
    assert part["HX-Retarget"] == "#notices"
    assert SavedView.objects.filter(page="act").count() == 1


def test_a_picker_suggests_what_the_person_may_see(as_alice, as_charlie, alice):
    assert '<option value="alice">' in as_alice.get("/pick/person/?owner=ali").content.decode()
    assert as_charlie.get("/pick/person/?owner=ali").status_code == 403
    assert as_alice.get("/pick/nothing/?owner=x").status_code == 404
    page = as_alice.get("/things/new/").content.decode()
    assert page.split('name="owner"')[1].split(">")[0].count("hx-get") == 1
    assert "hx-post" not in page.split('name="owner"')[1].split(">")[0]


def test_bob_reads_but_does_not_act(as_bob, as_charlie):
    for client in (as_bob, as_charlie):
        assert client.post("/things/new/", GOOD).status_code == 403
        assert client.post("/things/act/", {}).status_code == 403
    assert not SavedView.objects.exists()


def test_an_expired_session_sends_the_whole_page_to_the_login(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/people/?q=a"}
    response = client.get("/people/", headers=headers)
    assert response.status_code == 204
    assert response["HX-Redirect"] == "/login/?next=%2Fpeople%2F%3Fq%3Da"
    assert client.get("/people/").status_code == 302
