from datetime import date

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction

from contracts import services
from contracts.models import Contract, Customer, LiabilityReserve, PremiumBill
from core.models import EventRecord
from products.api import NotOnSale
from tests.factories.contracts import DAY, issued, people, proposal, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return world()


def written():
    return (
        Contract.objects.count(),
        PremiumBill.objects.count(),
        LiabilityReserve.objects.count(),
        EventRecord.objects.filter(name__startswith="contracts.").count(),
    )


def refused(batch, error, **kwargs):
    before = written()
    with pytest.raises(error, **kwargs), transaction.atomic():
        services.issue(batch, business_date=DAY)
    assert written() == before


def test_a_paid_contract_is_in_force_from_its_date(place):
    batch = proposal(place)
    result = services.issue(batch, business_date=DAY)
    contract = Contract.objects.get(pk=result.contract_id[0])
    assert contract.pk == "CON-2026-0000001"
    assert contract.policy_status == "ACTIVE"
    assert (contract.coverage_start, contract.coverage_end) == (DAY, date(2046, 1, 15))
    assert contract.next_due_date == date(2026, 2, 15)
    assert contract.paid_instalments == 1
    assert contract.premium_amount == int(batch.premium[0])
    bill = contract.bills.get()
    assert (bill.status, bill.collected_on, bill.channel) == ("COLLECTED", DAY, "INITIAL")
    reserve = contract.reserves.get()
    assert reserve.base_date == DAY
    assert reserve.occasion == "ISSUE"
    assert 0 < reserve.reserve_amount < contract.premium_amount  # the net premium paid ahead
    assert reserve.movement == reserve.reserve_amount == int(result.reserve[0])


def test_an_unpaid_contract_waits_and_its_first_bill_is_due(place):
    (number,) = issued(place, received=0)
    contract = Contract.objects.get(pk=number)
    assert contract.policy_status == "PENDING"
    assert contract.coverage_start is None
    assert contract.bills.get().status == "DUE"
    assert contract.reserves.get().reserve_amount == 0
    names = set(EventRecord.objects.values_list("name", flat=True))
    assert {"contracts.issued.v1", "contracts.premiums_billed.v1"} <= names


def test_non_life_reserves_what_is_not_earned(place):
    (number,) = issued(place, code="DRIVER01")
    contract = Contract.objects.get(pk=number)
    reserve = contract.reserves.get()
    assert reserve.basis == "UNEARNED"
    # the month from 15 January has 31 days; the first is earned when the day ends
    assert reserve.reserve_amount == round(contract.premium_amount * 30 / 31)


def test_products_may_be_mixed_and_dates_differ(place):
    dates = np.array(["2026-01-10", "2026-01-31"], "datetime64[D]")
    numbers = issued(place, 2, contract_date=dates)
    ends = [Contract.objects.get(pk=n).next_due_date for n in numbers]
    assert ends == [date(2026, 2, 10), date(2026, 2, 28)]


def test_a_batch_takes_the_same_statements_as_one(place, django_assert_max_num_queries):
    issued(place, 1)
    batch = proposal(place, 50, start=100)
    with django_assert_max_num_queries(60):
        services.issue(batch, business_date=DAY)
    assert Contract.objects.count() == 51


def test_a_rejection_is_not_issued(place):
    refused(proposal(place, uw_result="REJECT"), services.NotInsurable)


def test_half_a_first_premium_is_refused(place):
    refused(proposal(place, 2, received=100), services.WrongFirstPremium, match="Row|행")


def test_an_external_key_is_issued_once(place):
    issued(place, external_key=["old-1"])
    refused(proposal(place, external_key=["old-1"], start=5), services.AlreadyIssued, match="old-1")
    refused(
        proposal(place, 2, external_key=["old-2", "old-2"], start=7),
        services.AlreadyIssued,
        match="old-2",
    )


def test_a_product_outside_its_sale_is_not_issued(place):
    early = np.datetime64("2024-12-31", "D")
    refused(proposal(place, contract_date=early), NotOnSale)
    taken_over = proposal(place, contract_date=early, external_key=["old-9"], start=3)
    services.issue(taken_over, business_date=DAY)
    assert Contract.objects.get(external_key="old-9").contract_date == date(2024, 12, 31)


def test_columns_of_different_length_are_a_mistake(place):
    with pytest.raises(ValueError, match="length"):
        proposal(place, 2, insurance_age=np.array([40, 41, 42]))


def test_a_person_is_one_customer_however_often_they_buy(place):
    first = people(3)
    again = people(3)
    assert first.tolist() == again.tolist()
    assert Customer.objects.count() == 3


def sql(statement: str, *params: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.guards
def test_the_database_refuses_a_contract_without_a_product(place):
    (number,) = issued(place)
    with pytest.raises(IntegrityError):
        sql("UPDATE contracts SET product_code = 'NOWHERE' WHERE contract_id = %s", number)
    with pytest.raises(IntegrityError):
        sql("UPDATE contracts SET product_code = NULL WHERE contract_id = %s", number)
    assert Contract.objects.get(pk=number).product_id == "TERM01"


@pytest.mark.guards
def test_the_database_refuses_a_contract_on_a_rejection(place):
    (number,) = issued(place)
    with pytest.raises(IntegrityError, match="no_contract_on_a_rejection"):
        sql("UPDATE contracts SET uw_result = 'REJECT' WHERE contract_id = %s", number)


@pytest.mark.guards
def test_the_database_refuses_cover_that_nobody_paid_for(place):
    (number,) = issued(place, received=0)
    with pytest.raises(IntegrityError, match="active_contract_has_cover"):
        sql("UPDATE contracts SET policy_status = 'ACTIVE' WHERE contract_id = %s", number)


@pytest.mark.guards
def test_reserves_are_only_ever_added(place):
    issued(place)
    for statement in (
        "UPDATE liability_reserves SET movement = 1",
        "DELETE FROM liability_reserves",
    ):
        with pytest.raises(IntegrityError, match="only ever added"):
            sql(statement)
