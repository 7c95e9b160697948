"""From registration to publication in a real browser, with JavaScript and without it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from core import clock
from core.models import User
from core.permissions import grant
from products.models import Product, ProductVersion
from tests.factories import products as factory

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TODAY = date(2026, 3, 2)
WITHOUT_SCRIPT = {"java_script_enabled": False}


def sign_in(page: Page, server: LiveServer, username: str) -> None:
    """Give the page the session of a product actuary."""
    user, new = User.objects.get_or_create(username=username)
    if new:
        grant(user, "product_actuary", by="setup", reason="test", start=date(2020, 1, 1))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])


@pytest.mark.parametrize("page", [{}, WITHOUT_SCRIPT], indirect=True, ids=["script", "plain"])
def test_register_and_publish(page: Page, live_server: LiveServer) -> None:
    clock.advance(TODAY)
    factory.published("TERM01")
    sign_in(page, live_server, "alice")
    page.goto(f"{live_server.url}/products/new/?from=TERM01")
    assert "27,568" in page.inner_text("#quote")
    page.fill("#id_product_code", "TERM02")
    page.fill("#id_product_name", "새 정기보험")
    page.fill("#id_interest", "1.50")
    page.click("button[name=_quote]")
    from playwright.sync_api import expect

    expect(page.locator("#quote")).not_to_contain_text("27,568")
    assert not Product.objects.filter(pk="TERM02").exists()
    page.click("button.btn-primary:has-text('등록')")
    page.wait_for_url("**/products/TERM02/v1/")
    page.click("button:has-text('공표 요청')")
    page.wait_for_url("**/products/TERM02/v1/")

    sign_in(page, live_server, "carol")
    page.goto(f"{live_server.url}/products/waiting/")
    page.wait_for_url("**/products/waiting/TERM02/1/")
    page.fill("#id_start", "2026-04-01")
    page.click("button[value=publish]")
    page.wait_for_url("**/products/TERM02/v1/")
    found = ProductVersion.objects.get(product_id="TERM02")
    assert (found.status, found.made_by, found.checked_by) == ("PUBLISHED", "alice", "carol")
    assert Product.objects.get(pk="TERM02").status == "ACTIVE"
