"""How a case ends: outcome, label, tasks, and what is refused."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from claims.models import Claim
from core.acting import acting
from core.clock import advance
from core.errors import NotAllowed
from core.models import EventRecord, User
from core.status import IllegalTransition
from fds import services
from fds.models import Case, CaseEvent, Label, Outcome, Task
from tests.factories import claims as make

TODAY = date(2026, 3, 24)
PROVEN = {
    "state": "CONFIRMED",
    "reason": "입원 기간 중 카드 사용처 확인",
    "kind": "FALSE_ACCIDENT",
    "ground": "FRAUD",
    "amount": 2_500_000,
    "evidence": "카드 승인내역, 병실 CCTV",
}


def conclude(number, by="siu", **changes):
    with acting(by):
        services.conclude(
            reception_id=number,
            finding=services.Finding(**{**PROVEN, **changes}),
            business_date=TODAY,
        )


def nothing_written():
    return not (
        Outcome.objects.exists()
        or Label.objects.exists()
        or Task.objects.exists()
        or CaseEvent.objects.exists()
        or EventRecord.objects.filter(name="fds.cases_decided.v1").exists()
        or Case.objects.exclude(status="OPEN").exists()
    )


@pytest.fixture
def enter(client, people):
    """Return a function that logs someone in on the business day."""
    advance(TODAY)
    make.person("auditor", "auditor")

    def entered(name):
        client.force_login(User.objects.get(username=name))
        return client

    return entered


def url(name, *args):
    return reverse(f"fds:{name}", args=args)


def test_established_fraud_keeps_sort_ground_damage_and_evidence(suspicious):
    conclude(suspicious, handover="DENY", handover_text="특별법 §8, 면책 통지")
    found = Outcome.objects.get()
    assert (found.state, found.kind, found.ground) == ("CONFIRMED", "FALSE_ACCIDENT", "FRAUD")
    label = Label.objects.get()
    assert (label.state, label.kind, int(label.amount)) == (
        "CONFIRMED", "FALSE_ACCIDENT", 2_500_000
    )  # fmt: skip
    task = Task.objects.get()
    assert (task.kind, task.due_on, task.status) == ("DENY", date(2026, 3, 27), "OPEN")
    assert set(CaseEvent.objects.values_list("kind", flat=True)) == {"DECIDED", "HANDED"}
    assert Claim.objects.get().fds_gate == "REVIEW"


def test_established_motor_fraud_asks_to_tell_the_victims(watch):
    watch()
    young = make.contract(start=date(2026, 3, 10))
    type(young).objects.filter(pk=young.pk).update(line="MOTOR")
    young.refresh_from_db()
    number = make.received(young, provider_code="H001")
    conclude(number)
    task = Task.objects.get()
    assert (task.kind, task.due_on) == ("REFUND", date(2026, 4, 7))


def test_referral_keeps_the_gate_and_leaves_no_refund(suspicious):
    conclude(suspicious, state="REFERRED", ground="REFERRAL", amount=0)
    assert Label.objects.get().state == "REFERRED"
    assert Label.objects.get().amount == 0
    assert not Task.objects.exists()


@pytest.mark.parametrize("state", ["INNOCENT", "DOUBTFUL", "CLOSED"])
def test_without_fraud_the_claim_may_be_paid(suspicious, state):
    conclude(suspicious, state=state, kind="", ground="", amount=0, evidence="")
    assert Claim.objects.get().fds_gate == "CLEAR"
    assert Outcome.objects.get().state == Label.objects.get().state == state


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": ""},
        {"ground": ""},
        {"evidence": "  "},
        {"amount": 0},
        {"amount": -1},
        {"kind": "MAGIC"},
        {"ground": "SCORE"},
        {"state": "UNSEEN"},
        {"state": "INNOCENT"},
        {"state": "INNOCENT", "kind": "", "ground": ""},
        {"false_alarm": "COARSE"},
        {"state": "INNOCENT", "kind": "", "ground": "", "amount": 0, "false_alarm": "X"},
        {"handover": "DENY"},
        {"handover": "REDUCE", "handover_text": "삭감"},
        {"handover": "REFUND", "handover_text": "환급"},
        {
            "state": "INNOCENT", "kind": "", "ground": "", "amount": 0,
            "handover": "DENY", "handover_text": "면책",
        },
    ],
)  # fmt: skip
def test_an_outcome_that_contradicts_itself_writes_nothing(suspicious, changes):
    with pytest.raises(services.BadOutcome):
        conclude(suspicious, **changes)
    assert nothing_written()


def test_programmes_and_other_peoples_cases_are_refused(suspicious):
    with pytest.raises(NotAllowed):
        conclude(suspicious, by="batch:fds")
    assert nothing_written()
    with acting("siu2"):
        services.take(reception_id=suspicious, business_date=TODAY)
    with pytest.raises(services.CaseTaken):
        conclude(suspicious)
    assert not Outcome.objects.exists()


def test_a_case_ends_once(suspicious):
    conclude(suspicious)
    with pytest.raises(services.WrongCase):
        conclude(suspicious)
    assert Outcome.objects.count() == 1


@pytest.mark.guards
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE fds_outcomes SET state = 'INNOCENT'",
        "DELETE FROM fds_outcomes",
        "UPDATE fds_tasks SET status = 'DONE'",
        "UPDATE fds_tasks SET status = 'OPEN', done_by = 'x'",
    ],
)
def test_the_database_keeps_outcomes_and_tasks(suspicious, sql):
    conclude(suspicious, handover="DENY", handover_text="면책")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_task_is_done_once_with_a_note_by_adjusters(enter, suspicious):
    conclude(suspicious, handover="DENY", handover_text="면책 통지")
    address = url("task_done", suspicious, "deny")
    for name in ("siu", "auditor"):
        assert enter(name).post(address, {"note": "처리"}).status_code == 403
    assert Task.objects.get().status == "OPEN"
    client = enter("adjuster")
    page = client.get(url("task_list"), follow=True).content.decode()
    assert address in page
    assert client.post(address, {"note": ""}).status_code == 422
    assert client.post(address, {"note": "면책 통지서 발송"}).status_code == 303
    task = Task.objects.get()
    assert (task.status, task.done_by, task.done_on) == ("DONE", "adjuster", TODAY)
    with acting("adjuster"), pytest.raises(IllegalTransition):
        services.finish_task(reception_id=suspicious, kind="DENY", note="다시", business_date=TODAY)
    assert enter("siu").get(url("task_list"), follow=True).status_code == 200


def test_a_false_alarm_is_cleared_in_one_click(enter, suspicious):
    client = enter("siu")
    assert client.post(url("review_false_alarm", suspicious), {"why": "X"}).status_code == 404
    assert nothing_written()
    sent = client.post(url("review_false_alarm", suspicious), {"why": "FAMILY", "note": "배우자"})
    assert sent.status_code == 303
    case = Case.objects.get()
    assert case.status == "CLEARED"
    assert case.decision_reason == "오탐: 동거 가족의 연락처 공유. 배우자"
    assert Outcome.objects.get().false_alarm == "FAMILY"
    assert "동거 가족" in client.get(url("review_case", suspicious)).content.decode()
    for name in ("manager", "auditor"):
        sent = enter(name).post(url("review_false_alarm", suspicious), {"why": "FAMILY"})
        assert sent.status_code == 403


def test_a_decision_is_rehearsed_before_it_is_made(enter, suspicious):
    client = enter("siu")
    address = url("review_decide", suspicious)
    assert client.get(address).status_code == 200
    assert client.get(address + "?state=CONFIRMED").status_code == 200
    assert client.post(address, {**PROVEN, "evidence": ""}).status_code == 422
    assert client.post(address, PROVEN).status_code == 200
    assert nothing_written()
    assert client.post(address, {**PROVEN, "_confirmed": "1"}).status_code == 303
    assert Outcome.objects.get().amount == 2_500_000
    assert enter("auditor").get(address).status_code == 403
