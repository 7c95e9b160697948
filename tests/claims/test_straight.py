"""Return shipping: sold for a month, claimed in a batch, decided by its rule, paid once."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from django.db.models import Sum

from accounting.models import LedgerLine
from claims import services
from claims.models import Adjustment, Claim, Payout
from claims.services.straight import Straight
from contracts.models import Contract
from core.acting import acting
from core.errors import NotAllowed
from products import api as products
from products.management.commands.load_products import CHECKER
from tests.factories import claims as make
from tests.factories.products import published

pytestmark = pytest.mark.django_db
START = date(2026, 3, 2)
DAY = date(2026, 3, 12)


def contract(**fields: object) -> Contract:
    published("RETURN01")
    return make.contract(
        product_code="RETURN01",
        start=START,
        end=START + timedelta(days=31),
        sum_assured=5_000,
        **fields,
    )


def returned(insured: Contract, claimed: int = 3_500, **changes: object) -> dict[str, object]:
    at = np.datetime64("2026-03-10T09:00")
    return {
        "contract_id": insured.pk,
        "claim_type": "OTHER",
        "channel": "WEB",
        "incident_at": at,
        "reported_at": at + np.timedelta64(5, "h"),
        "claimed": claimed,
        "location": "서울 마포구",
        "description": "사이즈가 맞지 않아 반품",
        "claimant_name": "김하늘",
        **changes,
    }


def receive(*claims: dict[str, object]) -> list[str]:
    with acting("partner"):
        batch = services.NewClaims.of(list(claims))
        return services.receive_many(batch, business_date=DAY).tolist()


def settle(numbers: list[str]) -> Straight:
    return services.settle_straight(numbers, business_date=DAY)


def test_small_clear_claims_are_decided_and_paid_by_the_rule():
    numbers = receive(*(returned(contract(), amount) for amount in (3_500, 5_000, 9_000)))
    Claim.objects.filter(pk__in=numbers).update(fds_gate="CLEAR")
    assert services.decided_by_rule() == sorted(numbers)
    found = settle(numbers)
    assert found.paid == dict(zip(numbers, (3_500, 5_000, 5_000), strict=True))  # up to the sum
    assert found.left == {}
    decided = Adjustment.objects.get(claim_id=numbers[0])
    assert (decided.made_by, decided.decided_by) == ("rule:RETURN01/1", CHECKER)
    assert (decided.status, int(decided.authority_limit)) == ("APPROVED", 10_000)
    assert "RETURN01" in decided.decision_note
    assert set(Claim.objects.values_list("status", flat=True)) == {"PAID"}
    paid = LedgerLine.objects.filter(entry__event_name="claims.paid.v1", account_id="1110")
    assert paid.aggregate(v=Sum("credit_amount"))["v"] == 13_500


def test_a_second_time_pays_nothing_more():
    numbers = receive(returned(contract()))
    Claim.objects.filter(pk__in=numbers).update(fds_gate="CLEAR")
    settle(numbers)
    again = settle(numbers)
    assert again.paid == {}
    assert set(again.left) == set(numbers)
    assert Payout.objects.count() == 1


@pytest.mark.parametrize("gate", ["REVIEW", "HELD"])
def test_what_fraud_detection_has_not_let_through_waits_for_people(gate):
    numbers = receive(returned(contract()), returned(contract()))
    Claim.objects.filter(pk__in=numbers).update(fds_gate="CLEAR")
    Claim.objects.filter(pk=numbers[0]).update(fds_gate=gate)
    found = settle(numbers)
    assert list(found.paid) == [numbers[1]]
    assert list(found.left) == [numbers[0]]
    assert Claim.objects.get(pk=numbers[0]).status == "RECEIVED"
    assert not Adjustment.objects.filter(claim_id=numbers[0]).exists()


def test_people_decide_what_they_took_what_is_larger_and_what_other_products_insure():
    small, taken, large = (returned(contract(), amount) for amount in (3_000, 3_000, 10_001))
    other = returned(make.contract(start=START), 5_000, claim_type="INJURY")
    numbers = receive(small, taken, large, other)
    Claim.objects.filter(pk__in=numbers).update(fds_gate="CLEAR")
    Claim.objects.filter(pk=numbers[1]).update(adjuster="kim")
    found = settle(numbers)
    assert list(found.paid) == [numbers[0]]
    assert set(found.left) == set(numbers[1:])
    assert Payout.objects.count() == 1


def test_the_sum_of_a_contract_is_given_once():
    insured = contract()
    numbers = receive(returned(insured), returned(insured, description="다른 반품"))
    Claim.objects.filter(pk__in=numbers).update(fds_gate="CLEAR")
    found = settle(numbers)
    assert list(found.paid) == [numbers[0]]
    assert Contract.objects.get(pk=insured.pk).policy_status == "EXPIRED"
    assert settle(numbers[1:]).paid == {numbers[1]: 1_500}  # what the first left of 5,000 won
    assert Payout.objects.aggregate(v=Sum("payout_amount"))["v"] == 5_000


def test_a_rule_decides_only_what_it_proposed():
    (number,) = receive(returned(contract()))
    Claim.objects.filter(pk=number).update(fds_gate="CLEAR")
    with acting("kim"):
        services.start_adjustment(reception_id=number)
        services.propose(
            reception_id=number,
            coverage_code="RETURN_FREIGHT",
            loss=3_500,
            fault_bp=0,
            deductible=0,
            fee=0,
            opinion="확인함",
            business_date=DAY,
        )
    with acting("rule:RETURN01/1"), pytest.raises(NotAllowed):
        services.approving.approve_by_rule(
            reception_ids=[number], by=CHECKER, limit=10_000, note="", business_date=DAY
        )
    assert Adjustment.objects.get().status == "PROPOSED"
    assert not Payout.objects.exists()


def test_the_premium_is_of_the_whole_cover():
    """6 % of 5,000 won is 300; of clothes of a class 3 seller 3.2 times that; loaded by 0.30."""
    published("RETURN01")
    rated = products.rate(
        "RETURN01",
        1,
        {
            "age": np.full(2, 30),
            "sex": np.full(2, "F", object),
            "term_months": np.full(2, 1),
            "pay_months": np.full(2, 1),
            "per_year": np.zeros(2, np.int64),
            "sum_assured": np.full(2, 5_000),
            "goods": np.asarray(["OTHER", "FASHION"], object),
            "return_class": np.asarray([2, 3]),
        },
    )
    assert rated.premiums.tolist() == [430, 1_370]
