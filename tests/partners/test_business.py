"""Quote, bind, cancel, claim: through the ordinary services, once for each idempotency key."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection

from accounting.models import JournalEntry, LedgerLine
from claims.models import Claim, ClaimDocument
from contracts.models import Contract, Customer
from core.models import AccessRow, EventRecord
from partners.models import Answered, Partner
from tests.factories.contracts import DAY
from tests.partners import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_redis")]


@pytest.fixture
def caller() -> world.Caller:
    world.house()
    world.partner()
    return world.Caller(world.key())


def written() -> tuple[int, ...]:
    tables = (Contract, Claim, Customer, JournalEntry, EventRecord)
    return tuple(table.objects.count() for table in tables)


def test_the_catalogue_says_all_that_a_proposal_needs(caller: world.Caller) -> None:
    found = caller.call("GET", "/products").json()["products"]
    assert {one["product_code"] for one in found} == {"DRIVER01", "TERM01"}
    one = caller.call("GET", "/products/DRIVER01").json()
    assert one["plans"] == [{"term_months": 12, "pay_months": [12]}]
    assert {q["code"] for q in one["questions"]} >= {"vehicle_use", "drunk_driving_5y"}
    assert caller.call("GET", "/products/NOTHING").status_code == 404


def test_a_partner_sells_what_was_agreed(caller: world.Caller) -> None:
    Partner.objects.update(products=["TERM01"])
    found = caller.call("GET", "/products").json()["products"]
    assert [one["product_code"] for one in found] == ["TERM01"]
    before = written()
    answer = caller.call("POST", "/contracts", world.proposal(), idem="bind-0001")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "product_not_agreed"
    assert written() == before


def test_a_quote_is_what_binding_costs_and_binds_nothing(caller: world.Caller) -> None:
    before = written()
    quote = caller.call("POST", "/quotes", {**world.RISK, **world.BIRTH})
    assert quote.status_code == 200, quote.content
    assert written() == before
    bound = caller.call(
        "POST", "/contracts", world.proposal(premium=quote.json()["premium"]), idem="bind-0001"
    )
    assert bound.status_code == 201, bound.content
    assert bound.json()["premium"] == quote.json()["premium"]


def test_a_bound_contract_is_an_ordinary_one(caller: world.Caller) -> None:
    bound = caller.call("POST", "/contracts", world.proposal(), idem="bind-0001").json()
    contract = Contract.objects.get()
    partner = Partner.objects.get()
    assert contract.pk == bound["contract_id"]
    assert contract.policy_status == "ACTIVE"
    assert contract.agent_id == partner.agent_id
    assert contract.external_key == "ACME:E-1"
    lines = LedgerLine.objects.filter(reference_id=contract.pk)
    assert {line.account_id for line in lines} >= {"1110"}  # cash came in
    assert sum(x.debit_amount - x.credit_amount for x in LedgerLine.objects.all()) == 0
    assert partner.first_contract_at is not None
    record = EventRecord.objects.get(name="contracts.issued.v1")
    assert record.actor == "partner:ACME"


def test_the_same_key_gets_the_same_answer(caller: world.Caller) -> None:
    first = caller.call("POST", "/contracts", world.proposal(), idem="bind-0001")
    again = caller.call("POST", "/contracts", world.proposal(), idem="bind-0001")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Contract.objects.count() == 1


def test_the_same_key_with_other_content_is_refused(caller: world.Caller) -> None:
    caller.call("POST", "/contracts", world.proposal(), idem="bind-0001")
    other = caller.call("POST", "/contracts", world.proposal("E-2"), idem="bind-0001")
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert Contract.objects.count() == 1


def test_a_refusal_is_the_same_answer_too(caller: world.Caller) -> None:
    bad = world.proposal(sum_assured=1)
    first = caller.call("POST", "/contracts", bad, idem="bind-0001")
    again = caller.call("POST", "/contracts", bad, idem="bind-0001")
    assert (first.status_code, again.status_code) == (422, 422)
    assert first.json()["errors"] == again.json()["errors"]
    assert first.json()["errors"][0]["code"] == "not_eligible"
    assert not Contract.objects.exists()


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"sum_assured": "50,000,000"}, "sum_assured", "amount_not_integer"),
        ({"sum_assured": "50000000"}, "sum_assured", "amount_not_integer"),
        ({"sum_assured": 50_000_000.0}, "sum_assured", "amount_not_integer"),
        ({"sum_assured": 50_000_000.5}, "sum_assured", "amount_not_integer"),
        ({"premium": "9000"}, "premium", "amount_not_integer"),
        ({"sum_assured": -1}, "sum_assured", "field_invalid"),
        ({"colour": "red"}, "colour", "field_unknown"),
        ({"applicant": {"person_key": "x"}}, "applicant.name", "field_missing"),
        ({"external_id": "a b"}, "external_id", "field_invalid"),
    ],
)
def test_each_bad_field_is_named(
    caller: world.Caller, change: dict[str, object], field: str, code: str
) -> None:
    before = written()
    answer = caller.call("POST", "/contracts", world.proposal(**change), idem="bind-0001")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert (answer.json()["errors"][0]["field"], answer.json()["errors"][0]["code"]) == (
        field,
        code,
    )
    assert written() == before
    assert not Answered.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"product_code": "NOTHING"}, "product_unknown"),
        ({"premium": 1}, "premium_changed"),
        ({"explained": False}, "terms_not_explained"),
        ({"answers": {}}, "answer_missing"),
        ({"applicant": {"name": "홍길동"}}, "person_incomplete"),
        ({"applicant": {"name": "홍길동", "resident_number": "900231-1234567"}},
         "resident_number_invalid"),
        ({"answers": {**world.RISK["answers"], "accidents_3y": 2}}, "referred"),
        ({"answers": {**world.RISK["answers"], "drunk_driving_5y": True}}, "rejected"),
    ],
)  # fmt: skip
def test_each_refusal_of_the_business_has_its_code(
    caller: world.Caller, change: dict[str, object], code: str
) -> None:
    before = written()
    answer = caller.call("POST", "/contracts", world.proposal(**change), idem="bind-0001")
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"][0]["code"] == code, answer.content
    assert written() == before


def test_a_closed_sale_period_is_said(caller: world.Caller) -> None:
    from products.models import Product

    Product.objects.filter(pk="DRIVER01").update(sale_end_date=DAY - timedelta(days=1))
    answer = caller.call("POST", "/contracts", world.proposal(), idem="bind-0001")
    assert answer.json()["errors"][0]["code"] == "product_not_on_sale"
    assert not Contract.objects.exists()


def test_a_change_without_a_key_is_refused(caller: world.Caller) -> None:
    answer = caller.call("POST", "/contracts", world.proposal())
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    answer = caller.call("POST", "/contracts", world.proposal(), idem="a b c d e f")
    assert answer.json()["code"] == "idempotency_key_invalid"
    assert not Contract.objects.exists()


def test_a_used_external_id_is_refused(caller: world.Caller) -> None:
    caller.call("POST", "/contracts", world.proposal(), idem="bind-0001")
    answer = caller.call("POST", "/contracts", world.proposal(), idem="bind-0002")
    assert answer.json()["errors"][0]["code"] == "external_id_known"
    assert Contract.objects.count() == 1


def test_a_resident_number_is_sealed_and_never_given_back(caller: world.Caller) -> None:
    who = {"name": "홍길동", "resident_number": "850315-1234567"}
    bound = caller.call("POST", "/contracts", world.proposal(applicant=who), idem="bind-0001")
    assert bound.status_code == 201, bound.content
    assert Customer.objects.get().rrn_mask == "850315-1******"
    seen = caller.call("GET", f"/contracts/{bound.json()['contract_id']}")
    assert "1234567" not in bound.content.decode() + seen.content.decode()
    assert seen.json()["policyholder"] == "홍*동"
    assert AccessRow.objects.filter(subject=bound.json()["contract_id"]).get().actor == (
        "partner:ACME"
    )
    found = caller.call("GET", "/contracts?external_id=E-1").json()
    assert found["contract_id"] == bound.json()["contract_id"]


def test_another_partner_sees_nothing(caller: world.Caller) -> None:
    number = caller.call("POST", "/contracts", world.proposal(), idem="bind-0001").json()[
        "contract_id"
    ]
    world.partner("OTHER")
    other = world.Caller(world.key("OTHER"))
    assert other.call("GET", f"/contracts/{number}").status_code == 404
    assert other.call("GET", "/contracts?external_id=E-1").status_code == 404
    ending = {"kind": "WITHDRAWAL", "reason": "x"}
    answer = other.call("POST", f"/contracts/{number}/cancellations", ending, idem="end-00001")
    assert answer.status_code == 404
    claim = other.call("POST", "/claims", claimed(number), idem="claim-0001")
    assert claim.status_code == 404
    assert Contract.objects.get().policy_status == "ACTIVE"
    assert not Claim.objects.exists()


def test_a_contract_is_withdrawn_from_once(caller: world.Caller) -> None:
    bound = caller.call("POST", "/contracts", world.proposal(), idem="bind-0001").json()
    where = f"/contracts/{bound['contract_id']}/cancellations"
    ending = {"kind": "WITHDRAWAL", "reason": "단순 변심"}
    done = caller.call("POST", where, ending, idem="end-00001")
    assert done.status_code == 200, done.content
    assert done.json()["refund"] == bound["premium"]
    assert caller.call("POST", where, ending, idem="end-00001").json() == done.json()
    again = caller.call("POST", where, ending, idem="end-00002")
    assert (again.status_code, again.json()["code"]) == (422, "refused")
    assert Contract.objects.get().policy_status == "CANCELED"


def claimed(contract_id: str, **changes: object) -> dict[str, object]:
    return {
        "contract_id": contract_id,
        "external_id": "C-1",
        "claim_type": "INJURY",
        "incident_at": f"{DAY}T00:01:00",
        "claimed_amount": 300_000,
        "description": "교통사고 염좌",
        **changes,
    }


def test_a_claim_is_received_with_its_documents(caller: world.Caller) -> None:
    bound = caller.call("POST", "/contracts", world.proposal(), idem="bind-0001").json()
    answer = caller.call("POST", "/claims", claimed(bound["contract_id"]), idem="claim-0001")
    assert answer.status_code == 201, answer.content
    claim = Claim.objects.get()
    assert (claim.pk, claim.channel) == (answer.json()["claim_id"], "API")
    assert claim.fds_gate != "UNSCORED"
    where = f"/claims/{claim.pk}/documents?name=a.pdf"
    kept = caller.send("POST", where, b"%PDF-1.7 x", idem="doc-000001",
                       content_type="application/octet-stream")  # fmt: skip
    assert kept.status_code == 201, kept.content
    assert ClaimDocument.objects.get().content_type == "application/pdf"
    bad = caller.send("POST", where, b"MZ..exe", idem="doc-000002",
                      content_type="application/octet-stream")  # fmt: skip
    assert (bad.status_code, bad.json()["code"]) == (422, "refused")
    seen = caller.call("GET", f"/claims/{claim.pk}").json()
    assert (seen["status"], seen["paid_amount"], seen["paid_on"]) == ("RECEIVED", 0, None)


def test_a_claim_that_is_not_covered_is_refused(caller: world.Caller) -> None:
    bound = caller.call("POST", "/contracts", world.proposal(), idem="bind-0001").json()
    early = claimed(bound["contract_id"], incident_at=f"{DAY - timedelta(days=9)}T10:00:00")
    answer = caller.call("POST", "/claims", early, idem="claim-0001")
    assert (answer.status_code, answer.json()["code"]) == (422, "refused")
    assert not Claim.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_requests_with_one_key_at_one_moment_make_one_contract() -> None:
    world.house()
    world.partner()
    made = world.key()
    answers = []

    def ask() -> None:
        try:
            answers.append(
                world.Caller(made).call("POST", "/contracts", world.proposal(), idem="bind-0001")
            )
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.status_code for one in answers] == [201] * 4
    assert len({one.json()["contract_id"] for one in answers}) == 1
    assert Contract.objects.count() == 1
