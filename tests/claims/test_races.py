"""Real transactions side by side: one payment, and never a payment beside a hold."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection

from claims import services
from claims.models import Claim, Payout
from core.acting import acting
from core.errors import DomainError
from core.models import EventRecord
from tests.factories import claims as make

TODAY = date(2026, 3, 25)


def side_by_side(*acts):
    """Run every act in a thread of its own at the same moment; return results or refusals."""
    start = Barrier(len(acts))

    def run(act):
        try:
            with acting("manager"):
                start.wait(timeout=10)
                return act()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def payment(number, operation=None):
    return lambda: services.pay(
        reception_id=number,
        recipient="김하늘",
        operation_id=operation or uuid4(),
        business_date=TODAY,
    )


@pytest.fixture
def ready(transactional_db):
    """Return an approved and clear claim, committed."""
    return make.approved(make.received(make.contract(start=date(2025, 6, 1))))


def test_eight_threads_pay_one_claim_once(ready):
    results = side_by_side(*[payment(ready) for _ in range(8)])
    refusals = [one for one in results if isinstance(one, DomainError)]
    assert len(refusals) == 7
    assert Payout.objects.count() == 1
    assert EventRecord.objects.filter(name="claims.paid.v1").count() == 1


def test_one_operation_sent_eight_times_pays_once_and_answers_eight_times(ready):
    results = side_by_side(*[payment(ready, uuid4()) for _ in range(1)])
    assert len({one.payout_id for one in results}) == 1
    operation = Payout.objects.get().operation_id
    again = side_by_side(*[payment(ready, operation) for _ in range(8)])
    assert {one.payout_id for one in again} == {results[0].payout_id}
    assert Payout.objects.count() == 1


@pytest.mark.parametrize("attempt", range(4))
def test_a_gate_and_a_payment_never_both(ready, attempt):
    gate = lambda: services.set_gate([ready], "REVIEW", reason="의심")  # noqa: E731
    pair = [gate, payment(ready)] if attempt % 2 else [payment(ready), gate]
    results = side_by_side(*pair)
    assert sum(isinstance(one, DomainError) for one in results) == 1
    claim = Claim.objects.get()
    paid = Payout.objects.exists()
    assert paid == (claim.status == "PAID") == (claim.fds_gate == "CLEAR")


def test_two_adjusters_never_take_one_claim(transactional_db):
    insured = make.contract(start=date(2025, 6, 1))
    for day in range(1, 5):
        make.received(insured, incident_at=f"2026-03-{day:02d}T09:00")
    taken = side_by_side(*[services.take_next for _ in range(4)])
    assert len(set(taken)) == 4


def two_deaths():
    """Return two proposals on one death benefit of 100,000,000 won, committed."""
    make.person("adjuster", "claims_adjuster")
    make.person("manager", "claims_manager")
    insured = make.contract(product_code="TERM01", start=date(2025, 6, 1))
    numbers = [make.received(insured, claim_type="DEATH") for _ in range(2)]
    for number in numbers:
        make.proposed(number, coverage_code="DEATH", loss=100_000_000)
    return numbers


@pytest.mark.parametrize("attempt", range(3))
def test_two_approvals_of_one_death_benefit_are_one(transactional_db, attempt):
    numbers = two_deaths()
    results = side_by_side(
        *[
            lambda one=one: services.approve(reception_id=one, business_date=TODAY)
            for one in numbers
        ]
    )
    assert [type(one) for one in results if one] == [services.SumUsedUp]
    assert Claim.objects.filter(status="APPROVED").count() == 1


def test_two_approvals_by_plain_sql_wait_for_each_other_and_the_second_is_refused(
    transactional_db,
):
    numbers = two_deaths()
    start = Barrier(2)

    def approve(number):
        try:
            start.wait(timeout=10)
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE claim_adjustments SET status = 'APPROVED', decided_by = 'x',"
                    " decided_at = now(), authority_limit = payable WHERE reception_id = %s",
                    [number],
                )
        except DatabaseError as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(approve, numbers))
    (refusal,) = [one for one in results if one]
    assert "exceed the sum of a coverage" in refusal
