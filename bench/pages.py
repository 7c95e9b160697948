"""How long each list and each desk takes, through the whole stack, in a portfolio of size."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import portfolio
from bench.harness import Contest

CONTRACTS = 100_000
CLAIMS = 50_000
CALLS = 8  # a round


def contests() -> list[Contest]:
    """Return the contest of the pages; which there are is known once people and rights are."""
    pages: dict[str, Callable[[], list[float]]] = {}
    return [
        Contest(
            name="pages",
            unit="calls",
            contestants=pages,
            prepare=lambda: pages.update(prepare()),
            target="p95 ≤ 300 ms each; the number of queries stands behind the address",
        )
    ]


def prepare() -> dict[str, Callable[[], list[float]]]:
    """Make the portfolio, log one person of each role in, and find what they may open."""
    from config.demo import COLLEAGUES, make_people
    from core.models import User

    portfolio.grow(CONTRACTS, CLAIMS)
    make_people()
    pages = {}
    seen: set[str] = set()
    for colleague in COLLEAGUES:
        if not colleague.shown:
            continue
        client = Client(SERVER_NAME="localhost")
        client.force_login(User.objects.get(username=colleague.username))
        scoped = colleague.role in {"agent", "branch_manager"}
        for url in addresses(colleague.username):
            key = f"{url} {colleague.role if scoped else ''}"
            if key not in seen:
                seen.add(key)
                pages[f"{url} {colleague.role} {queries(client, url)}q"] = caller(client, url)
    return pages


def addresses(username: str) -> list[str]:
    """Return the homes and the entries of a person's navigation, records of size beside them."""
    from core.frame import homes_of, navigation_for
    from core.models import User

    user = User.objects.get(username=username)
    homes = [home.url for home in homes_of(user)]
    entries = [entry.url for section in navigation_for(user) for entry in section.entries]
    return list(dict.fromkeys([*homes, *entries]))


def queries(client: Client, url: str) -> int:
    """Return how many queries a page asks, once its caches are warm.

    Raises:
        RuntimeError: the page does not answer with 200.
    """
    response = client.get(url, follow=True)
    if response.status_code != 200:
        raise RuntimeError(f"{url} answers {response.status_code}")
    with CaptureQueriesContext(connection) as captured:
        client.get(url, follow=True)
    return len(captured)


def caller(client: Client, url: str) -> Callable[[], list[float]]:
    """Make the run of a page: several calls, the seconds of each."""

    def run() -> list[float]:
        seconds = []
        for _ in range(CALLS):
            begun = time.perf_counter()
            client.get(url, follow=True)
            seconds.append(time.perf_counter() - begun)
        return seconds

    return run
