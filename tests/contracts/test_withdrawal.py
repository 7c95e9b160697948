"""Withdrawal: when it was sent, what shows it, who looks, and never after a benefit."""

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from claims import services as claims
from contracts import services
from contracts.models import Contract, KnownClaim, LateWithdrawal
from core.acting import acting
from core.clock import advance
from core.errors import NotAllowed
from core.models import User
from tests.contracts.test_servicing import refused
from tests.factories import claims as make
from tests.factories.contracts import DAY, issued, world

pytestmark = pytest.mark.django_db
LAST = date(2026, 1, 30)  # a Friday: 15 days after the policy document of 15 January
ARRIVED = date(2026, 2, 4)  # the third working day after it


@pytest.fixture
def number():
    return issued(world(), code="DRIVER01")[0]


def withdraw(number, sent_on, day, **more):
    return services.withdraw(contract_id=number, sent_on=sent_on, day=day, by="servicer", **more)


def decide(number, *, by="second", accept=True, comment="소인 확인", day=ARRIVED):
    return services.decide_late_withdrawal(
        contract_id=number, accept=accept, comment=comment, day=day, by=by
    )


@pytest.mark.parametrize("sent_on", [date(1999, 1, 1), date(2026, 1, 14), date(2026, 1, 21)])
def test_it_is_sent_between_the_application_and_today(number, sent_on):
    refused(
        services.WrongSendingDay, lambda: withdraw(number, sent_on, date(2026, 1, 20)), "2026-01-15"
    )


def test_it_may_arrive_some_days_late_with_evidence_and_a_second_person(number):
    refused(services.EvidenceMissing, lambda: withdraw(number, LAST, ARRIVED, evidence=" "))
    assert withdraw(number, LAST, ARRIVED, evidence="우체국 소인 1월 30일") == 0
    assert Contract.objects.get(pk=number).policy_status == "ACTIVE"
    refused(services.EvidenceMissing, lambda: withdraw(number, LAST, ARRIVED, evidence="again"))
    refused(NotAllowed, lambda: decide(number, by="servicer"))
    refused(services.EvidenceMissing, lambda: decide(number, comment=" "))
    premium = int(Contract.objects.get(pk=number).premium_amount)
    assert decide(number, day=date(2026, 2, 10)) == premium
    contract = Contract.objects.get(pk=number)
    end = contract.terminations.get()
    assert (contract.policy_status, end.kind, end.refund) == ("CANCELED", "WITHDRAWAL", premium)
    assert end.trace["evidence"] == "우체국 소인 1월 30일"
    assert LateWithdrawal.objects.get().decided_by == "second"
    refused(services.NotInForce, lambda: decide(number))


def test_a_late_one_that_is_declined_leaves_the_contract_as_it_is(number):
    withdraw(number, LAST, ARRIVED, evidence="팩스")
    assert decide(number, accept=False, comment="팩스 기록 없음") == 0
    assert Contract.objects.get(pk=number).policy_status == "ACTIVE"
    refused(services.NothingWaits, lambda: decide(number))


def test_after_three_working_days_it_is_too_late_whatever_the_postmark(number):
    refused(
        services.CoolingOffOver,
        lambda: withdraw(number, LAST, date(2026, 2, 5), evidence="소인"),
        "2026-02-04",
    )
    refused(services.CoolingOffOver, lambda: withdraw(number, date(2026, 1, 31), ARRIVED))
    assert services.withdrawal_figures(number, day=ARRIVED).late_until == ARRIVED


@pytest.fixture
def claim(number):
    """Return an open claim on the contract."""
    return make.received(
        Contract.objects.get(pk=number),
        incident_at="2026-01-18T08:10",
        reported_at="2026-01-19T09:30",
        business_date=date(2026, 1, 19),
    )


def test_contracts_know_what_becomes_of_their_claims(number, claim):
    assert KnownClaim.objects.get().status == "OPEN"
    make.approved(claim, on=date(2026, 1, 20))
    assert KnownClaim.objects.get().status == "OPEN"
    pay(claim)
    assert (KnownClaim.objects.get().contract_id, KnownClaim.objects.get().status) == (
        number,
        "PAID",
    )


def pay(claim):
    with acting("manager"):
        claims.pay(
            reception_id=claim,
            recipient=Contract.objects.get().customer.name,
            operation_id=uuid4(),
            business_date=date(2026, 1, 21),
        )


def test_a_contract_that_paid_a_benefit_is_not_undone(number, claim):
    day = date(2026, 1, 22)
    refused(services.ClaimOpen, lambda: withdraw(number, day, day), claim)
    make.approved(claim, on=date(2026, 1, 20))
    pay(claim)
    refused(services.BenefitPaid, lambda: withdraw(number, day, day), claim)


def test_a_claim_that_was_withdrawn_stands_in_nobodys_way(number, claim):
    day = date(2026, 1, 22)
    with acting("adjuster"):
        claims.withdraw(reception_id=claim, reason="청구 취소", business_date=day)
    assert KnownClaim.objects.get().status == "CLOSED"
    assert withdraw(number, day, day) > 0


def test_a_surrender_beside_an_open_claim_needs_the_policyholders_word(number, claim):
    day = date(2026, 1, 22)
    given = {"contract_id": number, "reason": "고객 요청", "day": day, "by": "servicer"}
    refused(services.ClaimOpen, lambda: services.surrender(**given), claim)
    services.surrender(**given, despite_claims=True)
    end = Contract.objects.get(pk=number).terminations.get()
    assert (end.kind, end.trace["open_claims"]) == ("SURRENDER", [claim])


def test_the_pages_of_taking_and_deciding(number, claim, client):
    for name in ("servicer", "second"):
        make.person(name, "policy_servicing")
    advance(ARRIVED)
    surrender = reverse("contracts:surrender", args=[number])
    client.force_login(User.objects.get(username="servicer"))
    assert claim in client.get(surrender).content.decode()
    assert client.post(surrender, {"reason": "x", "_confirmed": "1"}).status_code == 422
    with acting("adjuster"):
        claims.withdraw(reception_id=claim, reason="청구 취소", business_date=ARRIVED)
    url = reverse("contracts:withdraw", args=[number])
    given = {"sent_on": LAST.isoformat(), "_confirmed": "1"}
    assert client.post(url, given).status_code == 422
    assert client.post(url, given | {"evidence": "소인"}).status_code == 303
    decision = {"accept": "yes", "comment": "확인", "_confirmed": "1"}
    assert client.get(url).status_code == 200
    assert client.post(url, decision).status_code == 422
    client.force_login(User.objects.get(username="second"))
    assert url in client.get(reverse("contracts:servicing_home")).content.decode()
    assert "소인" in client.get(url).content.decode()
    assert client.post(url, decision).status_code == 303
    assert Contract.objects.get(pk=number).policy_status == "CANCELED"
    assert Contract.objects.get(pk=number).contract_date == DAY
