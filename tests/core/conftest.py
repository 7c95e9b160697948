"""People and rows for the frame: Alice may, Bob may read, Charlie is outside."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from core.clock import advance
from core.models import JobRun, RoleGrant, User

DAY = date(2026, 3, 31)


def make(username: str, *roles: str, **more: object) -> User:
    user = User.objects.create_user(username=username, password="a-long-passphrase-1", **more)
    for role in roles:
        RoleGrant.objects.create(
            user=user,
            role=role,
            period=(date(2020, 1, 1), None),
            granted_by="set-up",
            reason="test",
        )
    return user


@pytest.fixture
def alice(db) -> User:
    return make("alice", "administrator", language="ko")


@pytest.fixture
def bob(db) -> User:
    return make("bob", "auditor", language="ko")


@pytest.fixture
def charlie(db) -> User:
    return make("charlie", "agent", own_number="A1", language="ko")


def logged_in(user: User) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    return client


@pytest.fixture
def as_alice(alice) -> Client:
    return logged_in(alice)


@pytest.fixture
def as_bob(bob) -> Client:
    return logged_in(bob)


@pytest.fixture
def as_charlie(charlie) -> Client:
    return logged_in(charlie)


@pytest.fixture
def clock(db) -> date:
    advance(DAY)
    return DAY


def make_runs(count: int) -> list[JobRun]:
    return JobRun.objects.bulk_create(
        JobRun(
            job=f"job{number:03d}",
            business_date=DAY - timedelta(days=number),
            position=number,
            state="DONE" if number % 2 else "FAILED",
            items=number + 1,
        )
        for number in range(count)
    )
