"""Webhooks: told in the transaction, signed, tried again, never into a private network."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from core.remember import forget
from partners.models import Delivery, DeliveryAttempt, Partner
from partners.rules import addresses, signing
from partners.services import webhooks
from partners.services.webhooks import BadAddress, NotSent
from tests.partners import world
from tests.partners.world import sample

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_redis")]


class Listener:
    """A partner's server."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.heard: list[tuple[dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.heard.append((dict(self.headers), body))
                status = outer.answers.pop(0) if outer.answers else 200
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?a=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    settings.PARTNER_WEBHOOKS_PRIVATE = True
    found = Listener()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def caller() -> world.Caller:
    world.house()
    world.partner()
    return world.Caller(world.key())


def test_what_happened_is_told_signed(caller: world.Caller, listener: Listener) -> None:
    made = caller.call("PUT", "/webhook", {"url": listener.url}).json()
    bound = caller.call("POST", "/contracts", world.proposal(), idem="bind-0001").json()
    assert listener.heard == []  # nothing is sent inside of the transaction
    assert webhooks.send_due() == 1
    headers, body = listener.heard[0]
    told = json.loads(body)
    assert (told["type"], told["data"]["contract_id"]) == ("contract.bound", bound["contract_id"])
    assert sample.webhook_is_ours(headers["X-Mulgil-Signature"], made["secret"], body)
    assert not sample.webhook_is_ours(headers["X-Mulgil-Signature"], "another", body)
    assert not sample.webhook_is_ours(headers["X-Mulgil-Signature"], made["secret"], body + b" ")
    later = int(time.time()) + 301
    assert not signing.webhook_verified(
        headers["X-Mulgil-Signature"], made["secret"], body.decode(), now=later
    )
    ending = {"kind": "WITHDRAWAL", "reason": "변심"}
    where = f"/contracts/{bound['contract_id']}/cancellations"
    caller.call("POST", where, ending, idem="end-00001")
    webhooks.send_due()
    ended = json.loads(listener.heard[1][1])
    assert (ended["type"], ended["data"]["kind"]) == ("contract.ended", "WITHDRAWAL")
    assert ended["data"]["refund"] == bound["premium"]


def test_what_is_undone_is_not_told(caller: world.Caller, listener: Listener) -> None:
    webhooks.set_up(partner="ACME", url=listener.url, events=[])
    with transaction.atomic():
        webhooks.ping(Partner.objects.get())
        transaction.set_rollback(True)
    assert webhooks.send_due() == 0
    assert not Delivery.objects.exists()


def test_only_the_kinds_that_are_wanted_are_told(caller: world.Caller, listener: Listener) -> None:
    webhooks.set_up(partner="ACME", url=listener.url, events=["bulk.finished"])
    caller.call("POST", "/contracts", world.proposal(), idem="bind-0001")
    assert not Delivery.objects.exists()


def test_a_failure_is_tried_again_with_growing_pauses(
    caller: world.Caller, listener: Listener
) -> None:
    webhooks.set_up(partner="ACME", url=listener.url, events=[])
    listener.answers = [500, 302, 200]
    webhooks.ping(Partner.objects.get())
    pauses = []
    for _ in range(3):
        row = Delivery.objects.get()
        with time_machine.travel(row.due_at + timezone.timedelta(seconds=1)):
            assert webhooks.send_due() in (0, 1)
            row.refresh_from_db()
            pauses.append(round((row.due_at - timezone.now()).total_seconds(), -1))
    assert row.state == "DELIVERED"
    assert pauses[:2] == [10, 20]
    tries = DeliveryAttempt.objects.order_by("id")
    assert [one.status for one in tries] == [500, 302, 200]
    assert len({headers["X-Mulgil-Delivery"] for headers, _body in listener.heard}) == 1


def test_after_all_attempts_it_waits_for_a_person(caller: world.Caller, listener: Listener) -> None:
    webhooks.set_up(partner="ACME", url=listener.url, events=[])
    webhooks.ping(Partner.objects.get())
    Delivery.objects.update(attempts=webhooks.MOST_ATTEMPTS - 1)
    listener.answers = [503]
    webhooks.send_due()
    assert Delivery.objects.get().state == "PARKED"
    assert webhooks.send_due() == 0
    webhooks.send_again(Delivery.objects.get().pk)
    assert webhooks.send_due() == 1
    assert Delivery.objects.get().state == "DELIVERED"


def test_a_rotated_secret_overlaps(caller: world.Caller, listener: Listener) -> None:
    before = webhooks.set_up(partner="ACME", url=listener.url, events=[])
    after = webhooks.rotate_secret(partner="ACME", overlap_hours=1)
    assert before.secret != after.secret
    webhooks.ping(Partner.objects.get())
    webhooks.send_due()
    headers, body = listener.heard[0]
    for secret in (before.secret, after.secret):
        assert sample.webhook_is_ours(headers["X-Mulgil-Signature"], secret, body)
    with time_machine.travel(timezone.now() + timezone.timedelta(hours=2)):
        webhooks.ping(Partner.objects.get())
        webhooks.send_due()
        headers, body = listener.heard[1]
        assert not sample.webhook_is_ours(headers["X-Mulgil-Signature"], before.secret, body)
        assert sample.webhook_is_ours(headers["X-Mulgil-Signature"], after.secret, body)


@pytest.mark.parametrize(
    ("address", "open_to_all"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_private_addresses_are_known(address: str, open_to_all: bool) -> None:
    assert addresses.public(address) is open_to_all


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/",
        "https://user:word@example.com/",
        "https://example.com:22/",
        "ftp://example.com/",
        "https://",
    ],
)
def test_live_webhooks_go_to_public_https_only(caller: world.Caller, url: str) -> None:
    with pytest.raises(BadAddress):
        webhooks.set_up(partner="ACME", url=url, events=[])
    answer = caller.call("PUT", "/webhook", {"url": url})
    assert answer.status_code == 422


def test_a_name_that_means_a_private_address_is_not_called(
    caller: world.Caller, listener: Listener, settings: Any
) -> None:
    settings.PARTNER_WEBHOOKS_PRIVATE = False
    webhooks.set_up(partner="ACME", url="https://localhost/", events=[])
    webhooks.ping(Partner.objects.get())
    assert webhooks.send_due() == 0
    assert "private" in Delivery.objects.get().last_error
    assert listener.heard == []
    with pytest.raises(NotSent):
        webhooks.resolved("localhost", 443, private=False)


@pytest.fixture(autouse=True)
def _forgetful() -> None:
    forget()
