"""The queue: who gets which case, for how long, and what is counted."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from claims.models import ClaimDocument
from core.acting import acting
from core.clock import advance
from core.errors import NotAllowed
from core.models import AccessRow, StatusMove, User
from fds import selectors, services
from fds.models import Case, CaseEvent
from tests.factories import claims as make

TODAY = date(2026, 3, 24)
LATER = date(2026, 4, 8)  # eleven working days on


@pytest.fixture
def three(watch):
    """Return three claims that wait, the highest expected saving first."""
    watch()
    return [
        make.received(make.contract(start=date(2026, 3, 10)), provider_code="H001", claimed=amount)
        for amount in (9_000_000, 5_000_000, 1_000_000)
    ]


@pytest.fixture
def enter(client, people):
    """Return a function that logs someone in on the business day."""
    advance(TODAY)
    make.person("auditor", "auditor")
    make.person("seller", "agent", own_number="A0001")

    def entered(name):
        client.force_login(User.objects.get(username=name))
        return client

    return entered


def url(name, *args):
    return reverse(f"fds:{name}", args=args)


def events():
    return list(CaseEvent.objects.values_list("kind", "text"))


def test_a_case_that_was_let_lie_is_free_again(three):
    with acting("siu"):
        assert services.take_next(business_date=TODAY) == three[0]
    assert Case.objects.get(claim_id=three[0]).kept_until == date(2026, 4, 7)
    with acting("siu2"):
        with pytest.raises(services.CaseTaken):
            services.take(reception_id=three[0], business_date=date(2026, 4, 7))
        assert services.take_next(business_date=LATER) == three[0]
    with acting("siu"), pytest.raises(services.CaseTaken):
        services.add_step(
            reception_id=three[0], kind="NOTE", text="아직 내 사건", business_date=LATER
        )
    assert Case.objects.get(claim_id=three[0]).investigator == "siu2"
    moves = StatusMove.objects.filter(table_name="fds_cases").values_list("to_status", flat=True)
    assert list(moves.order_by("pk")) == ["WORKING", "OPEN", "WORKING"]
    assert not CaseEvent.objects.exists()


def test_each_step_keeps_the_case(three):
    with acting("siu"):
        services.take(reception_id=three[0], business_date=TODAY)
        services.add_step(
            reception_id=three[0], kind="FIELD", text="병실 방문", business_date=date(2026, 4, 7)
        )
    with acting("siu2"), pytest.raises(services.CaseTaken):
        services.take(reception_id=three[0], business_date=LATER)


def test_what_is_put_aside_leaves_queue_and_counts_until_its_day(three):
    with acting("siu"):
        services.take(reception_id=three[0], business_date=TODAY)
        services.put_aside(
            reception_id=three[0], until=LATER, text="의무기록 회신 대기", business_date=TODAY
        )
    counted = selectors.queue_figures("siu", TODAY)
    assert (counted["open"], counted["mine"], counted["aside"]) == (2, 0, 1)
    assert counted["amount"] == 6_000_000
    assert selectors.queue_figures("siu", LATER)["mine"] == 1
    with acting("siu2"):
        assert services.take_next(business_date=TODAY) == three[1]
    assert events() == [("ASIDE", "2026-04-08까지: 의무기록 회신 대기")]


@pytest.mark.parametrize("days", [0, -1, 61])
def test_nothing_waits_without_an_end(three, days):
    with acting("siu"), pytest.raises(services.BadWait):
        services.put_aside(
            reception_id=three[0], until=TODAY + timedelta(days=days), text="x", business_date=TODAY
        )
    assert Case.objects.filter(aside_until=None).count() == 3
    assert not events()


def test_two_cases_are_linked_once_and_never_to_themselves(three):
    terms = {"reception_id": three[0], "text": "같은 계좌", "business_date": TODAY}
    with acting("siu"):
        services.link(other=three[1], **terms)
        for other in (three[0], three[1], "CLM-0"):
            with pytest.raises(services.BadLink):
                services.link(other=other, **terms)
        with pytest.raises(services.BadLink):
            services.link(**terms | {"reception_id": three[1], "other": three[0]})
    with acting("batch:fds"), pytest.raises(NotAllowed):
        services.link(other=three[2], **terms)
    assert events() == [("LINKED", "같은 계좌")]


def test_evidence_is_kept_with_the_claim_and_its_type_is_read(three):
    terms = {"reception_id": three[0], "text": "CCTV 화면", "business_date": TODAY}
    with acting("siu"):
        services.add_file(file_name="현장.png", content=b"\x89PNG\r\n\x1a\n" + b"0" * 64, **terms)
        with pytest.raises(Exception, match="PDF"):
            services.add_file(file_name="a.pdf", content=b"MZ" + b"0" * 64, **terms)
    assert ClaimDocument.objects.get().uploaded_by == "siu"
    assert events() == [("FILE", "현장.png: CCTV 화면")]


def test_the_queue_shows_who_may_what(enter, three):
    for name in ("siu", "manager", "auditor", "adjuster"):
        page = enter(name).get(url("review") + "?standing=free").content.decode()
        assert all(number in page for number in three)
        assert (url("review_next") in page) == (name == "siu")
    assert enter("seller").get(url("review")).status_code == 403
    for act in ("review_aside", "review_call_back", "review_take"):
        assert enter("auditor").post(url(act, three[0])).status_code == 403
        assert enter("manager").post(url(act, three[0])).status_code == 403
    assert not Case.objects.exclude(status="OPEN").exists()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("standing=mine", [0]),
        ("standing=free", [1, 2]),
        ("standing=taken", []),
        ("standing=aside", []),
        ("origin=RULES", [0, 1, 2]),
        ("origin=AUDIT", []),
        ("clock=soon", [0, 1, 2]),
        ("clock=late", []),
        ("rule=R01", [0, 1, 2]),
        ("rule=R02", []),
        ("tier=SIU", []),
        ("investigator=siu", [0]),
        ("age=3", []),
        ("amount_min=5000000", [0, 1]),
    ],
)
def test_the_queue_is_filtered(enter, three, query, shown):
    with acting("siu"):
        services.take(reception_id=three[0], business_date=TODAY)
    page = enter("siu").get(f"{url('review')}?{query}").content.decode()
    assert [i for i, number in enumerate(three) if number in page] == shown


def test_the_next_case_comes_from_what_is_filtered(enter, three):
    client = enter("siu")
    sent = client.post(url("review_next") + "?amount_max=5000000")
    assert sent["Location"] == url("review_case", three[1])
    sent = client.post(url("review_next") + "?amount_max=10")
    assert "reset" in sent["Location"]
    assert Case.objects.filter(status="WORKING").count() == 1


def test_the_queue_leaves_the_house_with_a_purpose(enter, three):
    client = enter("siu")
    assert client.post(url("review"), {"export": "xlsx"}).status_code == 422
    assert not AccessRow.objects.filter(action="EXPORT").exists()
    sent = client.post(url("review"), {"export": "xlsx", "purpose": "주간 회의"})
    assert sent.status_code == 200
    assert b"".join(sent.streaming_content)[:2] == b"PK"
    assert AccessRow.objects.get(action="EXPORT").purpose == "주간 회의"


def test_the_queue_asks_as_often_for_many_as_for_one(
    enter, three, watch, django_assert_max_num_queries
):
    client = enter("siu")
    client.get(url("review"))
    with django_assert_max_num_queries(30) as first:
        client.get(url("review") + "?rule=R01")
    for _ in range(6):
        make.received(make.contract(start=date(2026, 3, 10)), provider_code="H001")
    with django_assert_max_num_queries(len(first.captured_queries)):
        client.get(url("review") + "?rule=R01")


def test_a_case_is_put_aside_and_called_back_on_pages(enter, three):
    client = enter("siu")
    refused = client.post(url("review_aside", three[0]), {"until": "2026-03-24", "text": "대기"})
    assert refused.status_code == 422
    done = client.post(url("review_aside", three[0]), {"until": "2026-03-30", "text": "대기"})
    assert done.status_code == 303
    assert three[0] not in client.get(url("review") + "?origin=RULES").content.decode()
    client.post(url("review_call_back", three[0]))
    assert three[0] in client.get(url("review") + "?origin=RULES").content.decode()
