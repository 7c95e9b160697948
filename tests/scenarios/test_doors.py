"""Every role walks through its part of the house after the river has run.

No page fails, and none offers a door that its reader may not open.
"""

from __future__ import annotations

import re
from collections import deque

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from core.models import User
from core.permissions import grant, roles
from core.reach import opens, reading
from tests.scenarios.accidents import adjust_and_approve, pay, recover, report_accidents
from tests.scenarios.river import SOLD, Books, River
from tests.scenarios.selling import found_the_company, sell, underwrite

pytestmark = pytest.mark.django_db
PAGE = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
FORM = re.compile(r'(?:hx-post|action|formaction)="(/[^"#]*)')
ELSEWHERE = re.compile(r"^/$|^/(static|admin|logout|preferences|pick|views|notices|search|why)/")
MOST_PAGES = 30


def kind_of(path: str) -> str:
    """Return what a path is an example of: its view, whatever the record."""
    try:
        return resolve(path.partition("?")[0]).view_name
    except Resolver404:
        return path


def walk(user: User) -> tuple[dict[str, str], int]:
    """Visit one page of each kind that the user reaches; return what is wrong, and how many."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    home = client.get("/")["Location"]
    wrong: dict[str, str] = {}
    waiting, seen = deque([home]), {kind_of(home)}
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.popleft()
        answer = client.get(path.replace("&amp;", "&"), follow=True)
        if answer.status_code != 200:
            wrong[path] = str(answer.status_code)
            continue
        page = answer.content.decode()
        with reading(user):
            offered = [one for one in PAGE.findall(page) if not ELSEWHERE.match(one)]
            wrong |= {
                one: f"is offered by {path} and locked"
                for one in [*offered, *FORM.findall(page)]
                if not opens(one) and not ELSEWHERE.match(one)
            }
        for one in offered:
            if "export" not in one and one not in wrong and (kind := kind_of(one)) not in seen:
                seen.add(kind)
                waiting.append(one)
    return wrong, len(seen)


def test_every_role_finds_every_door_that_it_is_offered_open() -> None:
    river = River(Books())
    for step in (found_the_company, sell, underwrite, report_accidents, adjust_and_approve, pay):
        step(river)
    recover(river)
    faults: dict[str, dict[str, str]] = {}
    for role in roles():
        own = {"own_number": river.agent, "branch_code": "B01"}
        user = User.objects.create_user(username=f"door-{role}", language="ko", **own)
        grant(user, role, by="set-up", reason="doors", start=SOLD)
        wrong, seen = walk(user)
        assert seen > 8, role
        if wrong:
            faults[role] = wrong
    assert not faults
