"""Every role's home in a browser: both themes, both languages, on a desk and on a telephone."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from core.models import User
from core.permissions import grant, roles

from .conftest import AXE, Walker

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HANGUL = re.compile("[가-힣]")
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
CHROME = "h1, nav#river a, nav#river summary, main thead th, main .btn, main dt"
TOO_WIDE = "document.documentElement.scrollWidth - innerWidth"


def faults(page: Page, only: dict[str, object]) -> list[str]:
    """Return what axe finds serious or critical."""
    found = page.evaluate("only => axe.run({runOnly: only, resultTypes: ['violations']})", only)[
        "violations"
    ]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


def enter(walker: Walker, user: User, language: str) -> Page:
    """Open the user's home in a language, every panel there."""
    User.objects.filter(pk=user.pk).update(language=language)
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    walker.page.context.clear_cookies()
    walker.page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": walker.server.url}]
    )
    walker.page.goto(f"{walker.server.url}/")
    expect(walker.page.locator("[data-panel] .loading")).to_have_count(0, timeout=20_000)
    return walker.page


def look(walker: Walker, user: User) -> list[str]:
    """Look at a home in Korean by day and by night, then in English on a telephone."""
    page = enter(walker, user, "ko")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    wrong = faults(page, RULES)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    wrong += [f"dark {fault}" for fault in faults(page, CONTRAST)]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 360, "height": 780})
    page = enter(walker, user, "en")
    if (wide := page.evaluate(TOO_WIDE)) > 0:
        wrong.append(f"{wide} px too wide on a telephone")
    said = page.locator(CHROME).all_text_contents()
    wrong += [f"Korean on an English page: {text}" for text in said if HANGUL.search(text)]
    page.set_viewport_size({"width": 1440, "height": 900})
    return wrong


@pytest.mark.skipif(not AXE.exists(), reason="the front-end packages are not installed")
def test_every_home_is_fit_for_everybody(walker: Walker) -> None:
    found: dict[str, list[str]] = {}
    for role in roles():
        own = {"branch_code": "BR01", "own_number": "A00001"}
        user = User.objects.create_user(username=f"home-{role}", display_name="Kim", **own)
        grant(user, role, by="setup", reason="homes", start=date(2020, 1, 1))
        if wrong := look(walker, user):
            found[role] = wrong
    assert not found
    assert not walker.complaints
