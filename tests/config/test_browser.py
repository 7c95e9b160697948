"""The journeys' ground: a browser that reaches the live server under the strict CSP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer


@pytest.mark.browser
def test_a_guest_is_sent_to_the_login_page(page: Page, live_server: LiveServer) -> None:
    page.goto(live_server.url)
    assert page.url.startswith(f"{live_server.url}/login/")
    assert page.locator("input[type=password]").count() == 1
