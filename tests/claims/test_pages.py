"""Pages: Alice may, Bob may read, Charlie is outside; refusals are 422 and write nothing."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from claims import services
from claims.models import Adjustment, Claim, ClaimDocument, Payout
from core.acting import acting
from core.clock import advance
from core.models import AccessRow
from tests.factories import claims as make

TODAY = date(2026, 3, 24)


@pytest.fixture
def world(db):
    """Set the clock and make the people."""
    advance(TODAY)
    make.person("adjuster", "claims_adjuster")
    make.person("manager", "claims_manager")
    make.person("auditor", "auditor")
    make.agent("A0002", "B02")
    make.person("outside", "agent", own_number="A0002")
    make.person("seller", "agent", own_number="A0001")
    make.person("underwriter", "underwriter")


@pytest.fixture
def insured(world):
    """Return a contract of agent A0001."""
    return make.contract(start=date(2025, 6, 1), end=date(2027, 6, 1))


@pytest.fixture
def number(insured):
    """Return a received claim."""
    return make.received(insured)


@pytest.fixture
def enter(client):
    """Return a function that logs someone in."""
    from core.models import User

    def entered(name):
        client.force_login(User.objects.get(username=name))
        return client

    return entered


def url(name, *args):
    return reverse(f"claims:{name}", args=args)


REPORT = {
    "claim_type": "INJURY",
    "incident_on": "20260320",
    "incident_time": "08:10",
    "claimant_name": "김하늘",
    "claimed": "300만",
    "description": "교차로 추돌로 손목 골절",
    "channel": "CALL",
    "reported_on": "2026-03-23",
    "reported_time": "09:30",
}


def test_the_list_shows_claims_within_scope_only(enter, number):
    assert number in enter("adjuster").get(url("claim_list") + "?sort=due_on").content.decode()
    assert number in enter("seller").get(url("claim_list") + "?sort=due_on").content.decode()
    assert number not in enter("outside").get(url("claim_list") + "?sort=due_on").content.decode()
    assert enter("underwriter").get(url("claim_list")).status_code == 403


def test_a_claim_outside_the_scope_does_not_exist(enter, number):
    for name in ("claim_detail", "claim_withdraw", "claim_document_new"):
        assert enter("outside").get(url(name, number)).status_code == 404
    for kind in ("payable", "claim-due", "late-interest"):
        assert enter("outside").get(reverse("why", args=[kind, number])).status_code == 404
    assert enter("seller").get(url("claim_detail", number)).status_code == 200
    assert AccessRow.objects.filter(actor="seller", subject=number).exists()


@pytest.mark.parametrize(
    "name",
    ["claim_start", "claim_adjust", "claim_approve", "claim_pay", "claim_reject", "claim_reserve",
     "claim_investigate", "claim_assign", "claim_reopen", "claim_send_back"],
)  # fmt: skip
def test_readers_may_not_act(enter, number, name):
    assert enter("auditor").get(url("claim_detail", number)).status_code == 200
    assert enter("auditor").get(url(name, number)).status_code == 403
    assert enter("seller").post(url(name, number), {}).status_code == 403


def test_a_claim_is_received_by_the_form_and_opens(enter, insured):
    response = enter("seller").post(url("claim_new"), REPORT | {"contract_id": insured.pk})
    claim = Claim.objects.get()
    assert response.status_code == 303
    assert response["Location"] == url("claim_detail", claim.pk)
    assert (claim.channel, int(claim.claimed_amount)) == ("CALL", 3_000_000)


def test_the_form_of_a_contract_outside_the_scope_is_refused(enter, insured):
    response = enter("outside").post(url("claim_new"), REPORT | {"contract_id": insured.pk})
    assert response.status_code == 422
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"incident_on": "2024-01-01"},
        {"claim_type": "DIAGNOSIS"},
        {"claimed": "삼백"},
        {"contract_id": "CON-0"},
        {"reported_on": "2026-03-25"},
    ],
)
def test_a_report_that_cannot_be_taken_is_422(enter, insured, changes):
    data = REPORT | {"contract_id": insured.pk} | changes
    assert enter("adjuster").post(url("claim_new"), data).status_code == 422
    assert not Claim.objects.exists()


def test_a_likely_duplicate_is_taken_after_confirmation(enter, insured, number):
    data = REPORT | {"contract_id": insured.pk}
    refused = enter("adjuster").post(url("claim_new"), data)
    assert refused.status_code == 422
    assert number in refused.content.decode()
    taken = enter("adjuster").post(url("claim_new"), data | {"confirmed": "on"})
    assert taken.status_code == 303
    assert Claim.objects.count() == 2


def test_the_same_form_sent_twice_receives_once(enter, insured):
    data = REPORT | {"contract_id": insured.pk, "_operation": str(uuid4())}
    first = enter("adjuster").post(url("claim_new"), data)
    second = enter("adjuster").post(url("claim_new"), data)
    assert first["Location"] == second["Location"]
    assert Claim.objects.count() == 1


def test_the_whole_way_by_forms_without_javascript(enter, number):
    adjuster = enter("adjuster")
    assert adjuster.post(url("claim_start", number)).status_code == 303
    amounts = {"coverage_code": "INJURY_COST", "loss": "3,000,000", "fault_percent": "20",
               "deductible": "100,000"}  # fmt: skip
    preview = adjuster.get(url("claim_preview", number), amounts)
    assert "2,300,000" in preview.content.decode()
    assert not Adjustment.objects.exists()
    made = adjuster.post(
        url("claim_adjust", number), amounts | {"fee": "0", "opinion": "영수증 확인"}
    )
    assert made.status_code == 303
    assert adjuster.post(url("claim_approve", number), {"note": ""}).status_code == 403
    manager = enter("manager")
    rehearsed = manager.post(url("claim_approve", number), {"note": "확인"})
    assert rehearsed.status_code == 200
    assert Adjustment.objects.get().status == "PROPOSED"
    done = manager.post(url("claim_approve", number), {"note": "확인", "_confirmed": "1"})
    assert done.status_code == 303
    assert manager.get(url("claim_pay", number)).status_code == 200
    rehearsed = manager.post(
        url("claim_pay", number), {"recipient": "김하늘", "relation": "CUSTOMER"}
    )
    assert rehearsed.status_code == 200
    assert not Payout.objects.exists()
    operation = str(uuid4())
    for _again in range(2):
        paid = manager.post(
            url("claim_pay", number),
            {
                "recipient": "김하늘",
                "relation": "CUSTOMER",
                "_confirmed": "1",
                "_operation": operation,
            },
        )
        assert paid.status_code == 303
    assert Payout.objects.count() == 1
    page = manager.get(url("claim_detail", number)).content.decode()
    assert "2,300,000" in page
    for kind in ("payable", "claim-due", "late-interest"):
        assert manager.get(reverse("why", args=[kind, number])).status_code == 200


def test_the_maker_sees_why_they_may_not_approve(enter, number):
    with acting("manager"):
        services.start_adjustment(reception_id=number)
        services.propose(
            reception_id=number, coverage_code="INJURY_COST", loss=1_000_000, fault_bp=0,
            deductible=0, fee=0, opinion="확인", business_date=TODAY,
        )  # fmt: skip
    response = enter("manager").post(url("claim_approve", number), {"note": "", "_confirmed": "1"})
    assert response.status_code == 422
    assert Adjustment.objects.get().status == "PROPOSED"


def test_decline_withdraw_reserve_and_investigation_by_forms(enter, insured):
    numbers = [make.received(insured, incident_at=f"2026-03-1{n}T09:00") for n in range(3)]
    client = enter("adjuster")
    for name, number in (("claim_reject", numbers[0]), ("claim_withdraw", numbers[1])):
        assert client.post(url(name, number), {"reason": ""}).status_code == 422
        client.post(url(name, number), {"reason": "면책", "_confirmed": "1"})
    assert sorted(Claim.objects.filter(pk__in=numbers[:2]).values_list("status", flat=True)) == [
        "REJECTED",
        "WITHDRAWN",
    ]
    client.post(
        url("claim_reserve", numbers[2]), {"to": "500만", "reason": "수술", "_confirmed": "1"}
    )
    client.post(url("claim_investigate", numbers[2]), {"reason": "현장 확인"})
    claim = Claim.objects.get(pk=numbers[2])
    assert (int(claim.case_reserve), claim.due_trace["clock"]) == (5_000_000, "INVESTIGATED")
    assert client.get(url("claim_detail", numbers[2])).status_code == 200


def test_a_document_is_uploaded_and_comes_back_as_an_attachment(enter, number):
    content = b"%PDF-1.7 page"
    given = SimpleUploadedFile("진단서.pdf", content, "text/html")
    client = enter("seller")
    assert client.post(url("claim_document_new", number), {"file": given}).status_code == 303
    kept = ClaimDocument.objects.get()
    address = url("claim_document", number, kept.sha256)
    response = client.get(address)
    assert b"".join(response.streaming_content) == content
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert enter("outside").get(address).status_code == 404
    assert client.get(url("claim_document", number, "0" * 64)).status_code == 404
    client.logout()
    assert client.get(address).status_code == 302


def test_a_program_is_refused_whatever_its_name(enter, number):
    given = SimpleUploadedFile("photo.jpg", b"MZ\x90\x00", "image/jpeg")
    response = enter("adjuster").post(url("claim_document_new", number), {"file": given})
    assert response.status_code == 422
    assert not ClaimDocument.objects.exists()


def test_homes_panels_and_providers_open(enter, number):
    make.provider()
    make.received(make.contract(start=date(2025, 6, 1)), provider_code="H001")
    client = enter("adjuster")
    for address in (
        url("adjuster_home"),
        url("provider_list"),
        url("provider_detail", "H001"),
        url("panel_contract", Claim.objects.get(pk=number).contract_id),
        url("claim_list") + "?due=soon&status=RECEIVED",
    ):
        assert client.get(address, follow=True).status_code == 200
    assert client.post(url("claim_next")).status_code == 303
    assert Claim.objects.filter(adjuster="adjuster", status="INVESTIGATING").count() == 1
    manager = enter("manager")
    assert manager.get(url("manager_home")).status_code == 200
    assert manager.get(url("panel_approvals")).status_code == 200
    contract = Claim.objects.get(pk=number).contract_id
    assert enter("outside").get(url("panel_contract", contract)).status_code == 404


def test_a_provider_is_registered(enter, world):
    response = enter("adjuster").post(
        url("provider_new"), {"name": "한강정형외과", "kind": "CLINIC", "region": "서울"}
    )
    assert response.status_code == 303
    assert response["Location"].startswith("/claims/providers/PRV-2026-")


def test_an_overdue_claim_is_red(enter, number):
    advance(TODAY + timedelta(days=10))
    page = enter("adjuster").get(url("claim_detail", number)).content.decode()
    assert "D+8" in page


def test_the_list_keeps_its_number_of_queries(enter, insured, django_assert_max_num_queries):
    make.received(insured)
    client = enter("adjuster")
    address = url("claim_list") + "?sort=due_on"
    client.get(address)
    with django_assert_max_num_queries(14) as one:
        client.get(address)
    for day in range(1, 20):
        make.received(insured, incident_at=f"2026-03-{day:02d}T09:00")
    with django_assert_max_num_queries(len(one.captured_queries)):
        client.get(address)
