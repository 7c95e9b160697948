"""What the database refuses by itself, with the application out of the way."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from claims import selectors, services
from claims.models import Adjustment, Claim, Payout
from core.acting import acting
from tests.factories import claims as make

pytestmark = pytest.mark.guards
TODAY = date(2026, 3, 25)

PAYOUT = """
    INSERT INTO claim_payouts (reception_id, gate, adjustment_id, adjustment_status, operation_id,
        payout_amount, late_interest, days_late, interest_trace, loss_adjustment_fee, payment_date,
        recipient_name, paid_by)
    SELECT reception_id, %(gate)s, id, 'APPROVED', gen_random_uuid(), %(amount)s, 0, 0, '{}', 0,
        '2026-03-25', 'x', 'x'
    FROM claim_adjustments WHERE reception_id = %(number)s
"""


def run(sql, **params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def pay(number, *, gate="CLEAR", amount=3_000_000):
    run(PAYOUT, number=number, gate=gate, amount=amount)
    run("UPDATE claim_receptions SET status = 'PAID', case_reserve = 0 WHERE reception_id = %(n)s",
        n=number)  # fmt: skip


def refused(act, *args, match, **kwargs):
    def attempt():
        with transaction.atomic():
            act(*args, **kwargs)
            run("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(DatabaseError, match=match):
        attempt()


@pytest.fixture
def ready(insured):
    """Return an approved and clear claim."""
    return make.approved(make.received(insured))


def test_plain_sql_can_pay_what_is_approved_and_clear(ready):
    pay(ready)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    assert Payout.objects.count() == 1


def test_a_second_payout_of_a_claim(ready):
    pay(ready)
    refused(run, PAYOUT, number=ready, gate="CLEAR", amount=3_000_000, match="unique|duplicate")


@pytest.mark.parametrize("gate", ["REVIEW", "HELD"])
def test_a_payout_of_a_gated_claim(ready, gate):
    run("UPDATE claim_receptions SET fds_gate = %(g)s WHERE reception_id = %(n)s", g=gate, n=ready)
    refused(pay, ready, match="payout_holds_the_gate_clear")
    refused(pay, ready, gate=gate, match="payout_only_of_a_clear_claim")
    assert not Payout.objects.exists()


def test_a_payout_of_an_unscored_claim(ready):
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE claim_receptions DISABLE TRIGGER USER")
    run("UPDATE claim_receptions SET fds_gate = 'UNSCORED'")
    run("ALTER TABLE claim_receptions ENABLE TRIGGER USER")
    refused(pay, ready, match="payout_holds_the_gate_clear")


def test_gating_a_claim_that_was_paid(ready):
    pay(ready)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    refused(
        run, "UPDATE claim_receptions SET fds_gate = 'HELD' WHERE reception_id = %(n)s", n=ready,
        match="payout_holds_the_gate_clear",
    )  # fmt: skip


def test_a_payout_of_another_amount_than_approved(ready):
    refused(pay, ready, amount=3_000_001, match="payout_is_what_was_approved")


def test_a_payout_of_a_proposal(insured):
    number = make.approved(make.received(insured))
    run("UPDATE claim_adjustments SET status = 'RETURNED'")
    refused(pay, number, match="payout_is_what_was_approved")


def test_the_amount_of_a_paid_adjustment_is_fixed(ready):
    pay(ready)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    refused(run, "UPDATE claim_adjustments SET payable = 1", match="are fixed")


def test_a_claim_is_not_paid_without_a_payout(ready):
    refused(
        run,
        "UPDATE claim_receptions SET status = 'PAID', case_reserve = 0",
        match="without a payout",
    )


def test_a_payout_needs_its_claim_to_be_paid(ready):
    refused(run, PAYOUT, number=ready, gate="CLEAR", amount=3_000_000, match="being PAID")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE claim_receptions SET status = 'PAID'",
        "UPDATE claim_receptions SET status = 'APPROVED'",
        "UPDATE claim_receptions SET fds_gate = 'UNSCORED'",
    ],
)
def test_an_illegal_move_of_status_or_gate(insured, sql):
    make.received(insured)
    refused(run, sql, match="illegal move")
    assert Claim.objects.get().status == "RECEIVED"


def test_payouts_and_reserve_moves_are_only_ever_added(ready):
    pay(ready)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for sql in (
        "UPDATE claim_payouts SET payout_amount = 1",
        "DELETE FROM claim_payouts",
        "DELETE FROM case_reserves",
        "UPDATE case_reserves SET balance = 0",
    ):
        refused(run, sql, match="only ever added")


def test_an_approval_by_its_maker_or_above_authority(insured):
    number = make.approved(make.received(insured))
    refused(
        run, "UPDATE claim_adjustments SET decided_by = made_by", match="decided_by_a_second_person"
    )
    refused(
        run, "UPDATE claim_adjustments SET authority_limit = 1",
        match="adjustment_approved_within_authority",
    )  # fmt: skip
    assert Adjustment.objects.get(claim=number).decided_by == "manager"


def test_a_closed_claim_says_why(insured):
    make.received(insured)
    refused(
        run, "UPDATE claim_receptions SET status = 'REJECTED', case_reserve = 0",
        match="claim_closed_with_a_reason",
    )  # fmt: skip


def test_a_report_before_the_accident(insured):
    make.received(insured)
    refused(
        run, "UPDATE claim_receptions SET report_date = '2020-01-01'",
        match="claim_reported_after_it_happened",
    )  # fmt: skip


def test_approvals_that_exceed_the_sum_of_a_coverage(db):
    insured = make.contract(product_code="TERM01", start=make.START)
    first, second = (make.received(insured, claim_type="DEATH") for _ in range(2))
    for number in (first, second):
        make.proposed(number, coverage_code="DEATH", loss=100_000_000)
    approve = (
        "UPDATE claim_adjustments SET status = 'APPROVED', decided_by = 'x',"
        " authority_limit = payable WHERE reception_id = %(n)s"
    )
    run(approve, n=first)
    refused(run, approve, n=second, match="exceed the sum of a coverage")
    refused(
        run,
        "UPDATE claim_adjustments SET limit_sum = 900000000",
        match="are fixed",
    )


def test_a_breach_from_before_the_guard_is_found_and_not_paid(db):
    insured = make.contract(product_code="TERM01", start=make.START)
    numbers = [make.received(insured, claim_type="DEATH") for _ in range(2)]
    for number in numbers:
        make.proposed(number, coverage_code="DEATH", loss=100_000_000)
    make.person("manager", "claims_manager")
    with acting("manager"):
        services.approve(reception_id=numbers[0], business_date=TODAY)
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("ALTER TABLE claim_adjustments DISABLE TRIGGER USER")
        run(
            "UPDATE claim_adjustments SET status = 'APPROVED', decided_by = 'x',"
            " authority_limit = payable"
        )
        run("ALTER TABLE claim_adjustments ENABLE TRIGGER USER")
        breaches = {name: count for name, count, _ in selectors.invariants()}
        assert breaches["approvals out of one sum never exceed it"] == 1
        with pytest.raises(services.SumUsedUp, match="DEATH"):
            services.pay(
                reception_id=numbers[0],
                recipient="김하늘",
                operation_id=uuid4(),
                business_date=TODAY,
            )
    assert not Payout.objects.exists()
