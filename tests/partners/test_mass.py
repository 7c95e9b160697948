"""Return shipping through the partner door: sold in bulk, claimed, decided by rule, paid, told."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from claims.models import Claim
from claims.tasks import STRAIGHT
from contracts.models import Contract
from core.clock import advance
from core.remember import forget
from partners.models import Bulk, Delivery
from partners.selectors.proof import reconciliation
from partners.services import bulks, webhooks
from tests.factories.contracts import DAY
from tests.factories.products import published
from tests.partners import world
from tests.partners.world import sample

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_redis")]
LATER = DAY + timedelta(days=6)


def test_parcels_are_insured_in_bulk_and_small_claims_paid_without_a_person() -> None:
    world.house()
    published("RETURN01")
    world.partner()
    caller = world.Caller(world.key())
    webhooks.set_up(partner="ACME", url="https://example.com/", events=["claim.paid"])
    forget()
    product = caller.call("GET", "/products/RETURN01").json()
    assert product["premium_frequency"] == "SINGLE"
    rows = [sample.sample_proposal(product, f"parcel-{n}") for n in range(12)]
    rows[5]["sum_assured"] = 3_500  # no step of the product
    body = b"\n".join(json.dumps(row).encode() for row in rows)
    answer = caller.send("POST", "/bulk-binds", body, idem="parcels-01",
                         content_type="application/x-ndjson")  # fmt: skip
    assert answer.status_code == 202, answer.content
    assert bulks.work_one(business_date=DAY) == 1
    bulk = Bulk.objects.get()
    assert (bulk.accepted, bulk.refused) == (11, 1), list(bulks.results(bulk))
    assert reconciliation(bulk)["exact"]
    sold = Contract.objects.order_by("pk").first()
    assert sold is not None
    assert (sold.frequency, sold.term_months) == ("SINGLE", 1)
    advance(LATER)
    claim = caller.call(
        "POST",
        "/claims",
        {
            "contract_id": sold.pk,
            "external_id": "return-1",
            "claim_type": "OTHER",
            "incident_at": f"{LATER}T00:01:00",
            "claimed_amount": 3_000,
            "description": "사이즈가 맞지 않아 반품",
        },
        idem="return-001",
    )
    assert claim.status_code == 201, claim.content
    number = claim.json()["claim_id"]
    assert Claim.objects.get().fds_gate == "CLEAR"
    keys = [str(key) for key in STRAIGHT.select(LATER)]
    assert keys == [number]
    STRAIGHT.run(LATER, keys)
    seen = caller.call("GET", f"/claims/{number}").json()
    assert (seen["status"], seen["paid_amount"]) == ("PAID", 3_000)
    assert Delivery.objects.get().kind == "claim.paid"
