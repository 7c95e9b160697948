"""The frame's own pages: who may open them, what they do, what they refuse."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from core.acting import acting
from core.models import (
    AccessRow,
    AuditRow,
    JobChunk,
    JobFailure,
    JobRun,
    OutboxMessage,
    RoleGrant,
    User,
)

from .conftest import DAY, logged_in, make

pytestmark = pytest.mark.django_db
READ = [
    "/operations/",
    "/operations/2026-03-31/",
    "/operations/parked/",
    "/audit/",
    "/access/",
    "/desk/auditor/",
]
MANAGE = ["/desk/administrator/", "/people/", "/people/alice/", "/people/bob/grant/"]


@pytest.mark.parametrize("path", READ)
def test_alice_and_bob_read_and_charlie_does_not(path, as_alice, as_bob, as_charlie, clock, client):
    assert as_alice.get(path).status_code == 200
    assert as_bob.get(path).status_code == 200
    assert as_charlie.get(path).status_code == 403
    assert client.get(path)["Location"].startswith("/login/")


@pytest.mark.parametrize("path", MANAGE)
def test_only_administrators_keep_people(path, as_alice, as_bob, as_charlie, clock):
    assert as_alice.get(path).status_code == 200
    assert as_bob.get(path).status_code == 403
    assert as_charlie.get(path).status_code == 403


def test_home_leads_to_the_first_role_and_says_when_there_is_none(as_alice, as_bob, db):
    assert as_alice.get("/")["Location"] == "/desk/administrator/"
    assert as_bob.get("/")["Location"] == "/desk/auditor/"
    nobody = logged_in(make("dora"))
    response = nobody.get("/")
    assert response.status_code == 403
    assert "역할이 없습니다" in response.content.decode()


@pytest.fixture
def failed_run(clock) -> JobRun:
    run = JobRun.objects.create(
        job="billing", business_date=DAY, position=0, state="FAILED", items=10, error="Broken: pipe"
    )
    JobChunk.objects.create(run=run, number=0, keys=["a"], state="FAILED", attempts=5, done_items=4)
    JobFailure.objects.create(run=run, key="K-1", reason="이미 끝난 건입니다.")
    return run


def test_operations_show_steps_failures_and_progress(as_bob, failed_run):
    page = as_bob.get("/operations/").content.decode()
    assert "Broken: pipe" in page
    assert "K-1" in page
    assert "이미 끝난 건입니다." in page
    assert "retry" not in page  # he reads only
    poll = as_bob.get("/operations/", headers={"HX-Request": "true"})
    assert poll.status_code == 286
    JobRun.objects.update(state="RUNNING")
    poll = as_bob.get("/operations/", headers={"HX-Request": "true"})
    assert poll.status_code == 200
    assert 'hx-trigger="every 3s"' in poll.content.decode()


def test_an_operator_puts_a_failed_step_back_in_line(as_alice, as_bob, as_charlie, failed_run):
    path = f"/operations/runs/{failed_run.pk}/retry/"
    assert as_bob.post(path).status_code == 403
    assert as_charlie.post(path).status_code == 403
    assert JobRun.objects.get().state == "FAILED"
    assert as_alice.get(path).status_code == 405
    assert as_alice.post(path).status_code == 303
    assert JobRun.objects.get().state == "RUNNING"
    assert JobChunk.objects.get().attempts == 0


def test_parked_messages_are_sent_again(as_alice, as_bob):
    parked = OutboxMessage.objects.create(
        event_id=uuid4(), name="x.y.v1", handler="a.b", state="PARKED", attempts=8, last_error="No"
    )
    other = OutboxMessage.objects.create(
        event_id=uuid4(), name="x.z.v1", handler="a.b", state="SENT"
    )
    assert "x.y.v1" in as_alice.get("/operations/parked/?state=PARKED").content.decode()
    assert as_bob.post("/operations/parked/retry/", {"keys": parked.pk}).status_code == 403
    assert OutboxMessage.objects.get(pk=parked.pk).state == "PARKED"
    sent = as_alice.post("/operations/parked/retry/", {"keys": [parked.pk, other.pk, "x"]})
    assert sent.status_code == 303
    parked.refresh_from_db()
    assert (parked.state, parked.attempts) == ("WAITING", 0)
    assert OutboxMessage.objects.get(pk=other.pk).state == "SENT"


def test_audit_search_finds_by_table_key_actor_and_time(as_bob, alice):
    with acting("alice", "web:1"):
        User.objects.filter(pk=alice.pk).update(display_name="새 이름")
    table = User._meta.db_table
    found = as_bob.get(f"/audit/?table_name={table}&key={alice.pk}&actor=alice&operation=UPDATE")
    page = found.content.decode()
    assert "새 이름" in page
    assert "display_name" in page
    today = localdate()
    assert "새 이름" in as_bob.get(f"/audit/?at_after={today}&actor=alice").content.decode()
    yesterday = today - timedelta(days=1)
    assert "새 이름" not in as_bob.get(f"/audit/?at_before={yesterday}").content.decode()
    assert "password" not in AuditRow.objects.latest("id").after


def test_access_log_is_searched_and_leaves_with_a_purpose(as_bob, bob):
    AccessRow.objects.create(actor="eve", action="UNMASK", subject="C-1", what="n", purpose="조사")
    assert "조사" in as_bob.get("/access/?action=UNMASK").content.decode()
    assert as_bob.post("/access/", {"export": "xlsx", "purpose": ""}).status_code == 422
    assert AccessRow.objects.filter(action="EXPORT").count() == 0
    assert as_bob.post("/access/", {"export": "xlsx", "purpose": "점검"}).status_code == 200
    assert AccessRow.objects.get(action="EXPORT").actor == "bob"


def test_a_role_is_granted_with_dates_and_reason(as_alice, bob):
    given = {"role": "accountant", "start": "20260101", "end": "2027-01-01", "reason": "휴가 대행"}
    assert as_alice.post("/people/bob/grant/", given).status_code == 303
    grant = RoleGrant.objects.get(user=bob, role="accountant")
    assert (grant.granted_by, grant.reason) == ("alice", "휴가 대행")
    page = as_alice.get("/people/bob/").content.decode()
    assert "휴가 대행" in page


@pytest.mark.parametrize(
    "given",
    [
        {"role": "auditor", "start": "2026-01-01", "reason": "겹침"},  # held since 2020
        {"role": "accountant", "start": "2026-02-01", "end": "2026-01-01", "reason": "거꾸로"},
        {"role": "king", "start": "2026-01-01", "reason": "없는 역할"},
        {"role": "accountant", "start": "2026-01-01", "reason": ""},
    ],
)
def test_a_wrong_grant_is_refused_and_nothing_is_written(as_alice, bob, given):
    before = RoleGrant.objects.count()
    assert as_alice.post("/people/bob/grant/", given).status_code == 422
    assert RoleGrant.objects.count() == before


def test_nobody_grants_to_themselves_nor_ends_nor_closes_their_own(as_alice, alice):
    own = {"role": "accountant", "start": "2026-01-01", "reason": "내가"}
    assert as_alice.post("/people/alice/grant/", own).status_code == 422
    grant = alice.grants.get()
    assert as_alice.post(f"/grants/{grant.pk}/end/", {"reason": "x"}).status_code == 422
    assert as_alice.post("/people/alice/account/", {"account": "close"}).status_code == 422
    assert alice.grants.get().period == grant.period
    assert User.objects.get(pk=alice.pk).is_active


def test_a_role_ends_today_with_a_reason(as_alice, as_bob, bob):
    grant = bob.grants.get()
    assert as_alice.post(f"/grants/{grant.pk}/end/", {"reason": "부서 이동"}).status_code == 303
    grant.refresh_from_db()
    assert grant.period.upper == localdate()
    assert "부서 이동" in grant.reason
    assert as_bob.get("/audit/").status_code == 403
    assert as_alice.post(f"/grants/{grant.pk}/end/", {"reason": "또"}).status_code == 422


def test_an_account_is_closed_and_opened(as_alice, as_bob, bob):
    assert as_alice.post("/people/bob/account/", {"account": "close"}).status_code == 303
    assert not User.objects.get(pk=bob.pk).is_active
    assert as_bob.get("/audit/")["Location"].startswith("/login/")
    assert as_alice.post("/people/bob/account/", {"account": "open"}).status_code == 303
    assert User.objects.get(pk=bob.pk).is_active


def test_dormant_and_roleless_accounts_are_found(as_alice, bob):
    User.objects.filter(pk=bob.pk).update(last_login=timezone.now() - timedelta(days=120))
    make("dora")
    dormant = as_alice.get("/people/?account=dormant").content.decode()
    assert "/people/bob/" in dormant
    assert "/people/dora/" not in dormant
    assert "/people/dora/" in as_alice.get("/people/?account=roleless").content.decode()


def test_the_auditor_sees_writes_that_went_past_the_application(as_bob, alice):
    with acting("postgres", ""):
        User.objects.filter(pk=alice.pk).update(display_name="슬쩍")
    page = as_bob.get("/desk/auditor/").content.decode()
    assert "슬쩍" in page


def test_only_administrators_enter_the_admin(as_alice, as_bob, as_charlie, client):
    assert as_alice.get("/admin/").status_code == 200
    assert as_alice.get("/admin/core/user/").status_code == 200
    assert as_bob.get("/admin/", follow=True).status_code == 403
    assert as_charlie.get("/admin/core/user/", follow=True).status_code == 403
    door = client.get("/admin/", follow=True)
    assert door.redirect_chain[-1][0].startswith("/login/?next=")


def test_health_needs_no_login(client):
    assert client.get("/healthz").json() == {"status": "ok"}
