"""The bell: what waits for a person, and nothing of what waits for others."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.cache import cache

from core import notices
from core.models import JobFailure, JobRun, OutboxMessage
from core.permissions import roles

from .conftest import DAY, logged_in, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def trouble(clock) -> None:
    run = JobRun.objects.create(job="billing", business_date=DAY, position=0, state="DONE")
    for key in ("a", "b"):
        JobFailure.objects.create(run=run, key=key, reason="no")
    OutboxMessage.objects.create(event_id=uuid4(), name="x.y.v1", handler="a.b", state="PARKED")


def test_an_operator_is_told_what_failed_and_where_it_is_mended(as_alice, trouble):
    page = as_alice.get("/notices/").content.decode()
    assert "야간 처리에서 완료되지 않은 건" in page
    assert 'href="/operations/parked/?state=PARKED"' in page
    part = as_alice.get("/notices/", headers={"HX-Request": "true"}).content.decode()
    assert 'id="bell-count"' in part
    assert ">3</span>" in part
    assert "<html" not in part


def test_others_are_not_told_and_guests_log_in(as_bob, as_charlie, trouble, client):
    for somebody in (as_bob, as_charlie):
        page = somebody.get("/notices/").content.decode()
        assert "지금 처리할 일이 없습니다." in page
    assert client.get("/notices/")["Location"].startswith("/login/")


def test_every_source_counts_for_everybody_who_holds_its_right(clock):
    for role in roles():
        user = make(f"a-{role}", role, own_number="A1", branch_code="B1", language="en")
        assert notices.notices_for(user, DAY) == []
        assert "Nothing waits" in logged_in(user).get("/notices/").content.decode()


def test_the_counts_are_kept_for_a_while_and_per_business_date(alice, trouble, settings):
    settings.NOTICES_SECONDS = 30
    cache.clear()
    assert sum(notice.count for notice in notices.notices_for(alice, DAY)) == 3
    JobFailure.objects.all().delete()
    assert sum(notice.count for notice in notices.notices_for(alice, DAY)) == 3
    settings.NOTICES_SECONDS = 0
    assert sum(notice.count for notice in notices.notices_for(alice, DAY)) == 1
