"""A small insurer on its first day, and somebody who walks through its pages."""

from __future__ import annotations

import os
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import expect

from claims import services as claims
from core import clock
from core.acting import acting
from core.models import User
from core.permissions import grant
from sales.services import organisation as sales

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"
_LEFT = ("htmx:sendAbort", "htmx:afterRequest")  # htmx says so of panels whose page was left
PASSWORD = "journey-passphrase-1"
FIRST_DAY = date(2026, 3, 3)
PEOPLE = {
    "agent": "agent",
    "underwriter": "underwriter",
    "servicing": "policy_servicing",
    "adjuster": "claims_adjuster",
    "claimsmgr": "claims_manager",
    "reinsurance": "reinsurance",
    "accountant": "accountant",
    "executive": "executive",
}


@pytest.fixture
def company(live_server: LiveServer) -> None:
    """Found the insurer: products, books, treaties, a branch, an agent, a hospital, people."""
    clock.advance(FIRST_DAY)
    for loader in ("load_accounting", "load_products", "load_treaties"):
        call_command(loader, verbosity=0)
    with acting("setup", "journey"):
        sales.open_branch(
            branch_code="BR01",
            branch_name="강남지점",
            region="서울",
            opened_on=date(2020, 1, 2),
            monthly_plan=Decimal(10_000_000),
        )
        sales.appoint(
            [
                sales.Appointment(
                    agent_id="A00001",
                    name="김설계",
                    branch_code="BR01",
                    commission_rate=Decimal("1.00"),
                    licence_number="LC2000000",
                    appointed_on=date(2021, 1, 4),
                    training_valid_until=date(2028, 12, 31),
                )
            ]
        )
        claims.register_providers(
            codes=["PRV-2026-0000001"], names=["한강정형외과"], kinds=["CLINIC"], regions=["서울"]
        )
    for username, role in PEOPLE.items():
        own = {"branch_code": "BR01", "own_number": "A00001"} if role == "agent" else {}
        user = User.objects.create_user(username=username, password=PASSWORD, language="ko", **own)
        grant(user, role, by="setup", reason="journey", start=date(2020, 1, 1))


class Walker:
    """Somebody at a browser: logs in, opens pages, and notes what the browser complains about."""

    def __init__(self, page: Page, server: LiveServer) -> None:
        self.page, self.server = page, server
        self.scripts = True
        self.seen: set[str] = set()
        self.complaints: list[str] = []
        self.faults: dict[str, list[str]] = {}
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", self._hear)

    def _hear(self, message: object) -> None:
        text = getattr(message, "text", "")
        if text.startswith(_LEFT):
            return
        if getattr(message, "type", "") == "error" or "Content Security Policy" in text:
            self.complaints.append(f"{self.page.url}: {text}")

    def enter(self, username: str) -> Page:
        """Log in as somebody by the login page; whoever was there before is gone."""
        self.page.context.clear_cookies()
        self.page.goto(f"{self.server.url}/login/")
        self.page.fill("#id_username", username)
        self.page.fill("#id_password", PASSWORD)
        self.page.locator("form button.btn-primary").click()
        self.page.wait_for_url(lambda url: "/login/" not in url)
        self.look()
        return self.page

    def open(self, path: str) -> Page:
        """Open an address of the house and examine the page."""
        response = self.page.goto(self.server.url + path)
        assert response is not None
        assert response.ok, f"{path}: {response.status}"
        self.look()
        return self.page

    def send(self, selector: str, arrives: str) -> Page:
        """Press a button or a link, wait for the address it leads to, and examine the page."""
        self.page.locator(selector).first.click()
        self.page.wait_for_url(arrives)
        self.look()
        return self.page

    def says(self, *words: str) -> None:
        """Assert that the main part of the page says each of the words."""
        for word in words:
            expect(self.page.locator("#main")).to_contain_text(word)

    def look(self) -> None:
        """Wait for the panels; note once a page what axe finds serious or critical."""
        if not self.scripts:
            return
        self.page.wait_for_load_state("load")
        expect(self.page.locator("[data-panel] .loading")).to_have_count(0, timeout=20_000)
        kind = re.sub(r"[0-9]+", "0", self.page.url.split("?")[0])
        if not AXE.exists() or kind in self.seen:
            return
        self.seen.add(kind)
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
        found = self.page.evaluate(
            "tags => axe.run({runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
            tags,
        )
        wrong = [
            f"{v['id']}: {v['nodes'][0]['html'][:200]}"
            for v in found["violations"]
            if v["impact"] in {"serious", "critical"}
        ]
        if wrong:
            self.faults.setdefault(self.page.url.removeprefix(self.server.url), wrong)

    def picture(self, name: str) -> None:
        """Keep the page at 1440 and 360 px where ``JOURNEY_PICTURES`` names a folder."""
        folder = os.environ.get("JOURNEY_PICTURES")
        if not folder:
            return
        for width in (360, 1440):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


@pytest.fixture
def walker(page: Page, live_server: LiveServer, company: None) -> Walker:
    """Give a walker through the founded company."""
    return Walker(page, live_server)
