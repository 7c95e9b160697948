"""A new partner that knows only the OpenAPI page, against real processes of a sandbox.

Key → quote → bind → a bulk with one percent bad lines → webhook received and verified → claim paid;
the reconciliation is exact. ``PARTNER_JOURNEY_LINES=50000`` walks it at full size.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from claims import services as claims
from claims.models import Claim
from core.clock import business_date
from core.outbox import drain
from fds import services as fds
from partners.models import Bulk, Delivery
from partners.selectors.proof import reconciliation
from tests.factories.claims import person
from tests.partners import world
from tests.partners.test_webhooks import Listener
from tests.partners.world import sample
from tests.scenarios.river import by

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).resolve().parents[2]
LINES = int(os.environ.get("PARTNER_JOURNEY_LINES", "400"))
WORKER = """
import time, django
django.setup()
from partners import tasks
print("up", flush=True)
while True:
    tasks.work_bulks()
    tasks.send_webhooks()
    time.sleep(0.2)
"""


@pytest.fixture
def worker(live_environment: dict[str, str]) -> Iterator[None]:
    environment = {
        **live_environment,
        "PARTNER_MODE": "sandbox",
        "PARTNER_WEBHOOKS_PRIVATE": "1",
        "PYTHONPATH": str(ROOT),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    yield
    process.terminate()
    process.wait()


def read(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.loads(answer.read())


def quote_of(proposal: dict[str, Any]) -> dict[str, Any]:
    wanted = {k: v for k, v in proposal.items() if k not in ("external_id", "explained")}
    who = wanted.pop("applicant")
    return {**wanted, "birth_date": who["birth_date"], "sex": who["sex"]}


def test_from_the_key_to_the_paid_claim(
    settings: Any, live_server: Any, worker: None, record_property: Any
) -> None:
    settings.PARTNER_MODE = "sandbox"
    settings.PARTNER_WEBHOOKS_PRIVATE = True
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    world.house()
    world.partner("NEWCO")
    made = world.key("NEWCO")
    begun = time.monotonic()
    listener = Listener()
    page = read(f"{live_server.url}/api/v1/openapi.json")
    assert {"/api/v1/quotes", "/api/v1/contracts", "/api/v1/bulk-binds"} <= set(page["paths"])
    api = sample.Partner(live_server.url, made.key_id, made.secret)
    _status, hook = api.call("PUT", "/webhook", {"url": listener.url})
    _status, found = api.call("GET", "/products/DRIVER01")
    proposal = sample.sample_proposal(found, "first")
    status, quote = api.call("POST", "/quotes", quote_of(proposal))
    assert status == 200, quote
    proposal["premium"] = quote["premium"]
    status, contract = api.call("POST", "/contracts", proposal, idempotency_key="first-bind")
    assert status == 201, contract
    first_after = time.monotonic() - begun

    rows = [sample.sample_proposal(found, f"bulk-{n}") for n in range(LINES)]
    bad = range(50, LINES, 100)
    for n in bad:
        rows[n]["sum_assured"] = f"{rows[n]['sum_assured']:,}"
    body = b"\n".join(json.dumps(row).encode() for row in rows)
    status, bulk = api.bulk(body, idempotency_key="the-bulk-1")
    assert status == 202, bulk
    done = api.wait_for(bulk["bulk_id"], seconds=600)
    assert (done["lines"], done["refused"]) == (LINES, len(bad))
    record_property("promise_kept", done["finished_at"] <= bulk["promised_at"])
    status, proof = api.call("GET", f"/bulk-binds/{bulk['bulk_id']}/reconciliation")
    assert proof["exact"], proof
    assert proof["refused_by_code"] == {"amount_not_integer": len(bad)}
    assert reconciliation(Bulk.objects.get())["exact"]

    claim = pay_a_claim(api, contract["contract_id"])
    assert (claim["status"], claim["paid_amount"]) == ("PAID", 200_000)
    told = heard(listener, hook["secret"], {"contract.bound", "bulk.finished", "claim.paid"})
    assert told["claim.paid"]["data"]["paid_amount"] == 200_000
    assert told["bulk.finished"]["data"]["accepted"] == LINES - len(bad)
    listener.server.shutdown()
    _status, account = api.call("GET", "/account")
    assert account["minutes_to_first_contract"] < 60
    record_property("key_to_first_contract_seconds", round(first_after, 1))


def pay_a_claim(api: Any, contract_id: str) -> Any:
    """Report a claim as the partner; decide and pay it as the house does."""
    today = business_date()
    status, claim = api.call(
        "POST",
        "/claims",
        {
            "contract_id": contract_id,
            "external_id": "loss-1",
            "claim_type": "INJURY",
            "incident_at": f"{today}T00:01:00",
            "claimed_amount": 250_000,
            "description": "추돌 사고로 통원 치료",
        },
        idempotency_key="claim-000001",
    )
    assert status == 201, claim
    status, _document = api.send(
        "POST", f"/claims/{claim['claim_id']}/documents?name=receipt.pdf", b"%PDF-1.7 receipt",
        content_type="application/octet-stream", idempotency_key="document-01",
    )  # fmt: skip
    assert status == 201
    number = claim["claim_id"]
    for name, role in (("adjuster", "claims_adjuster"), ("manager", "claims_manager")):
        person(name, role)
    drain()
    release(number)
    by("adjuster", claims.start_adjustment, reception_id=number)
    by(
        "adjuster",
        claims.propose,
        reception_id=number,
        coverage_code="INJURY_COST",
        loss=200_000,
        fault_bp=0,
        deductible=0,
        fee=0,
        opinion="영수증 확인",
        business_date=today,
    )
    by("manager", claims.approve, reception_id=number, business_date=today)
    by("manager", claims.pay, reception_id=number, recipient="홍길동", operation_id=uuid4(),
       business_date=today)  # fmt: skip
    return api.call("GET", f"/claims/{number}")[1]


def release(number: str) -> None:
    """Clear the claim as an investigator, where the rules let it wait for one."""
    if Claim.objects.get(pk=number).fds_gate == "CLEAR":
        return
    person("siu", "siu")
    by("siu", fds.take, reception_id=number)
    by("siu", fds.decide, reception_id=number, decision="CLEARED", reason="정상 사고 확인",
       business_date=business_date())  # fmt: skip


def heard(listener: Listener, secret: str, kinds: set[str]) -> dict[str, Any]:
    """Wait until all kinds were told, and verify every signature as the partner does."""
    end = time.monotonic() + 60
    told: dict[str, Any] = {}
    while not kinds <= set(told) and time.monotonic() < end:
        for headers, body in list(listener.heard):
            assert sample.webhook_is_ours(headers["X-Mulgil-Signature"], secret, body)
            message = json.loads(body)
            assert message["mode"] == "sandbox"
            told[message["type"]] = message
        time.sleep(0.2)
    assert kinds <= set(told), (set(told), list(Delivery.objects.values("kind", "last_error")))
    return told
