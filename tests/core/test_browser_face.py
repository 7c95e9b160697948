"""The frame in a real browser: axe, keyboard, drawer, live filters, forms, 360 px, no scripts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from playwright.sync_api import expect

from core.clock import advance
from core.models import JobFailure, JobRun, SavedView

from .conftest import DAY, make, make_runs

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.core.kit_pages"),
    pytest.mark.skipif(not AXE.exists(), reason="the front-end packages are not installed"),
]
NARROW = {"viewport": {"width": 360, "height": 780}}
NO_SCRIPT = {"java_script_enabled": False}


@pytest.fixture
def enter(live_server, page: Page):
    """Log Alice in by the door; return a function that opens a path and watches the console."""
    advance(DAY)
    make("alice", "administrator", language="ko")
    make_runs(40)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.goto(f"{live_server.url}/login/")
    page.fill("#id_username", "alice")
    page.fill("#id_password", "a-long-passphrase-1")
    page.locator("form button.btn-primary").click()
    page.wait_for_url("**/desk/administrator/")

    def open_path(path: str) -> Page:
        page.goto(live_server.url + path)
        return page

    open_path.complaints = complaints  # type: ignore[attr-defined]
    return open_path


def faults(page: Page, only: str = "") -> list[str]:
    """Return what axe finds serious or critical, by WCAG 2.2 AA (or by one rule)."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    run = {"type": "rule", "values": [only]} if only else {"type": "tag", "values": tags}
    found = page.evaluate("run => axe.run({runOnly: run, resultTypes: ['violations']})", run)
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:160]}"
        for v in found["violations"]
        if v["impact"] in {"serious", "critical"}
    ]


PATHS = [
    "/things/", "/things/1/", "/things/board/", "/things/new/", "/things/work/", "/why/sample/1/",
    "/search/?q=job", "/operations/", "/operations/parked/", "/audit/", "/access/", "/people/",
    "/people/alice/", "/desk/administrator/", "/desk/auditor/", "/password/",
]  # fmt: skip


def too_wide(page: Page) -> list[str]:
    """Say by how much the page is wider than the window."""
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"{wide} px too wide"] if wide > 0 else []


@pytest.mark.parametrize("page", [NARROW], indirect=True)
def test_nothing_overflows_on_a_telephone(enter):
    wrong = {path: too_wide(enter(path)) for path in PATHS}
    assert not {path: wide for path, wide in wrong.items() if wide}
    assert not faults(enter("/things/"))
    assert not faults(enter("/things/new/"))


def test_axe_finds_no_serious_fault_in_either_theme(enter):
    wrong = {}
    for path in PATHS:
        page = enter(path)
        expect(page.locator("[data-panel].htmx-request")).to_have_count(0)
        found = faults(page)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += [f"dark: {fault}" for fault in faults(page, only="color-contrast")]
        page.emulate_media(color_scheme="light")
        if found := found + too_wide(page):
            wrong[path] = found
    assert not wrong
    assert not enter.complaints


def test_a_list_narrows_as_one_types_and_keeps_the_focus(enter):
    page = enter("/things/")
    page.locator("#id_q").press_sequentially("job007", delay=30)
    expect(page.locator(".list-count")).to_have_text("1건")
    assert page.evaluate("document.activeElement.id") == "id_q"
    assert "q=job007" in page.url
    expect(page.locator("#live")).to_have_text("1건을 찾았습니다")
    page.go_back()
    expect(page.locator(".list-count")).to_have_text("40건")


def test_the_drawer_opens_by_keyboard_goes_deeper_and_gives_the_focus_back(enter):
    page = enter("/things/1/")
    page.locator("a.why").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] .why-answer")
    page.locator("#drawer-body a.why").first.click()
    page.wait_for_selector("[data-drawer-back]:not([hidden])")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog:not([open])", state="attached")
    assert page.evaluate("document.activeElement.className") == "why"
    assert not enter.complaints


def test_search_by_control_k_and_arrows(enter):
    page = enter("/people/")
    page.keyboard.press("Control+k")
    page.keyboard.type("job003")
    page.wait_for_selector("#find-hits a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/things/*/")


def test_a_form_helps_while_it_is_filled_and_is_sent_once(enter):
    page = enter("/things/new/")
    page.fill("#id_amount", "0")
    page.keyboard.press("Tab")
    page.wait_for_selector("#id_amount_error")
    page.fill("#id_amount", "120만")
    page.keyboard.press("Tab")
    expect(page.locator("#id_amount")).to_have_value("1,200,000")
    expect(page.locator("#id_amount_error")).to_have_count(0)
    expect(page.locator("#id_amount_reading")).to_have_text("금 일백이십만원정")
    page.fill("#id_day", "20260301")
    page.keyboard.press("Tab")
    expect(page.locator("#id_day")).to_have_value("2026-03-01")
    page.fill("#id_name", "하나")
    page.locator("#form button.btn-primary").dblclick()
    page.wait_for_url("**/done/")
    assert SavedView.objects.filter(page="things").count() == 1


def test_what_was_typed_is_offered_again_until_it_is_sent_or_thrown_away(enter):
    page = enter("/things/new/")
    page.fill("#id_name", "하나")
    page.fill("#id_amount", "120만")
    page.wait_for_timeout(800)
    page.once("dialog", lambda dialog: dialog.accept())
    page = enter("/things/new/")
    expect(page.locator("#id_name")).to_have_value("")
    page.get_by_role("button", name="다시 채우기").click()
    expect(page.locator("#id_name")).to_have_value("하나")
    page.fill("#id_amount", "120만")
    page.fill("#id_day", "20260301")
    page.keyboard.press("Tab")
    page.locator("#form button.btn-primary").click()
    page.wait_for_url("**/done/")
    page = enter("/things/new/")
    expect(page.get_by_role("button", name="다시 채우기")).to_have_count(0)


def test_the_bell_says_what_waits(enter):
    run = JobRun.objects.filter(state="FAILED").earliest("id")
    JobFailure.objects.create(run=run, key="K-1", reason="no")
    page = enter("/people/")
    expect(page.locator("#bell-count")).to_have_text("1")
    page.locator(".bell > summary").click()
    page.locator("#bell a").click()
    page.wait_for_url("**/operations/")
    assert not enter.complaints


@pytest.mark.parametrize("page", [NARROW], indirect=True)
def test_the_menu_opens_on_a_telephone(enter):
    page = enter("/people/")
    assert not page.locator("#river").is_visible()
    page.locator(".menu-open").click()
    page.locator("#river a[href='/audit/']").click()
    page.wait_for_url("**/audit/")


@pytest.mark.parametrize("page", [NO_SCRIPT], indirect=True)
def test_the_essential_works_without_scripts(enter):
    page = enter("/things/")
    page.fill("#id_q", "job007")
    page.locator("#filter button[type=submit]").click()
    expect(page.locator(".list-count")).to_have_text("1건")
    page.locator("a.why").first.click()
    expect(page.locator(".why-answer")).to_be_visible()
    page = enter("/things/new/?confirm=1")
    page.fill("#id_name", "하나")
    page.fill("#id_amount", "120만")
    page.fill("#id_day", "20260301")
    page.locator("#form button.btn-primary").click()
    page.locator("#form button[name=_confirmed]").click()
    page.wait_for_url("**/done/")
    assert SavedView.objects.filter(page="things").count() == 1
    page = enter("/people/")
    page.locator(".topbar details.menu:has([name=theme]) > summary").click()
    page.locator("button[name=theme][value=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
