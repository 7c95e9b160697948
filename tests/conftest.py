"""What every test may lean on: real servers, a copied database, an empty Redis when asked for.

The servers start in ``config.settings.test``. A test that commits (``transaction=True``,
``transactional_db``, ``live_server``, ``TransactionTestCase``) leaves a fresh copy behind.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from config.browser import chromium
from config.embedded import stop_servers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django import DjangoDbBlocker


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the journeys where no browser is; in CI they fail instead."""
    if chromium() is None and not os.environ.get("CI"):
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers that this run started in its own folder."""
    if settings.configured and getattr(settings, "SERVERS_TO_STOP", []):
        stop_servers()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that journeys were skipped."""
    skipped = [
        r for r in terminalreporter.stats.get("skipped", []) if "Chromium" in str(r.longrepr)
    ]
    if skipped:
        terminalreporter.section("BROWSER JOURNEYS SKIPPED: no Chromium", sep="!", red=True)
        terminalreporter.line(
            f"{len(skipped)} journeys did not run; CHROMIUM=/path names a browser"
        )


# A busy machine is no fault. The suite that guards main draws the same examples each time;
# SEARCH=1 draws new ones: what it finds becomes a test of its own.
hypothesis_settings.register_profile("house", deadline=None, derandomize=True)
hypothesis_settings.register_profile("search", deadline=None, print_blob=True)
hypothesis_settings.load_profile("search" if os.environ.get("SEARCH") else "house")


@pytest.fixture(autouse=True)
def house_language() -> Iterator[None]:
    """Let every test begin in the language of the house, whoever was logged in before it."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(scope="session")
def chromium_browser() -> Iterator[Browser]:
    """Give one headless Chromium for all journeys of this worker."""
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop is not ours
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium_browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Give a page of 1440 px in Korean; parametrize indirectly with options of a new context."""
    options = {"viewport": {"width": 1440, "height": 900}, "locale": "ko-KR"}
    context = chromium_browser.new_context(**options | getattr(request, "param", {}))
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Give this worker its own copy of the migrated template; ``--create-db`` migrates anew."""
    from tests import databases

    first = os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0"
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        databases.ensure_template(rebuild=request.config.getoption("create_db") and first)
        databases.fresh_copy()
        databases.use(databases.copy_name())
        patch.setattr(
            TransactionTestCase, "_fixture_teardown", lambda _self: databases.fresh_copy()
        )
        yield
        databases.drop_copy()


@pytest.fixture
def clean_redis() -> Iterator[str]:
    """Empty this worker's broker and cache before and after; return the broker's URL."""
    import redis
    from django.conf import settings

    def empty() -> None:
        for url in (settings.REDIS_URL, settings.CACHES["default"]["LOCATION"]):
            with redis.Redis.from_url(url) as client:
                client.flushdb()

    empty()
    yield settings.REDIS_URL
    empty()


@pytest.fixture
def live_environment(transactional_db: None, clean_redis: str) -> dict[str, str]:
    """Return the environment in which another process sees this test's database and broker."""
    from django.db import connection

    parameters = connection.get_connection_params()
    host, port = parameters.get("host", ""), parameters.get("port", "")
    login = parameters.get("user", "")
    if parameters.get("password"):
        login = f"{login}:{parameters['password']}"
    server = f"{login}@/" if str(host).startswith("/") else f"{login}@{host}:{port or 5432}/"
    query = f"?host={host}" if str(host).startswith("/") else ""
    return {
        **os.environ,
        "DATABASE_URL": f"postgresql://{server}{parameters['dbname']}{query}",
        "REDIS_URL": clean_redis,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
    }


@pytest.fixture(autouse=True)
def forget_memories() -> None:
    """Begin every test without what an earlier one's database said."""
    from core.remember import forget

    forget()
