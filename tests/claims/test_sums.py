"""A sum is granted once: in the contract's life, or once an accident."""

from datetime import date

import pytest
from django.urls import reverse

from claims import services
from claims.models import Adjustment
from core.acting import acting
from core.models import BusinessClock, User
from tests.factories import claims as make

TODAY = date(2026, 3, 24)


@pytest.fixture
def two_deaths(db):
    """Return two proposals on one death benefit of 100,000,000 won."""
    insured = make.contract(product_code="TERM01", start=date(2025, 6, 1))
    make.person("manager", "claims_manager")
    return [
        make.proposed(
            make.received(insured, claim_type="DEATH"), coverage_code="DEATH", loss=100_000_000
        )
        for _ in range(2)
    ]


def test_a_benefit_given_once_is_approved_once(two_deaths, nothing_happens):
    first, second = two_deaths
    with acting("manager"):
        services.approve(reception_id=first, business_date=TODAY)
        with nothing_happens(), pytest.raises(services.SumUsedUp, match=second):
            services.approve(reception_id=second, business_date=TODAY)
    assert list(Adjustment.objects.order_by("pk").values_list("status", flat=True)) == [
        "APPROVED", "PROPOSED"
    ]  # fmt: skip


def test_a_batch_of_approvals_counts_its_own_rows(two_deaths, nothing_happens):
    with acting("manager"), nothing_happens(), pytest.raises(services.SumUsedUp):
        services.approve_many(reception_ids=two_deaths, business_date=TODAY)


def test_a_sum_for_each_event_is_given_once_an_accident(insured, nothing_happens):
    accident = make.received(insured)
    second = make.received(insured, claim_type="OTHER", accident_no=accident)
    other = make.received(insured, incident_at="2026-03-18T09:00")
    make.approved(accident, loss=4_000_000)
    make.approved(other, loss=4_000_000)
    make.proposed(second, loss=4_000_000)
    assert int(Adjustment.objects.get(claim=second).payable) == 1_000_000
    with acting("manager"):
        services.approve(reception_id=second, business_date=TODAY)
    assert Adjustment.objects.filter(status="APPROVED").count() == 3


def test_other_claims_of_the_contract_are_shown_to_who_adjusts(two_deaths, client):
    first, second = two_deaths
    make.person("looker", "claims_manager")
    BusinessClock.objects.update_or_create(id=1, defaults={"today": TODAY})
    client.force_login(User.objects.get(username="looker"))
    for name in ("claim_detail", "claim_approve"):
        page = client.get(reverse(f"claims:{name}", args=[first])).content.decode()
        assert reverse("claims:claim_detail", args=[second]) in page
