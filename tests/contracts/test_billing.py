from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from contracts import services
from contracts.models import Contract, DebitFailure, PremiumBill, PremiumReceipt
from contracts.selectors.controls import findings
from contracts.tasks import BILLING, COLLECTION
from core.events import decode
from core.models import EventRecord
from tests.factories.contracts import DAY, issued, world

pytestmark = pytest.mark.django_db
DUE = date(2026, 2, 15)


@pytest.fixture
def place():
    return world()


def run(step, day):
    keys = list(step.select(day))
    if keys:
        step.run(day, keys)
    return keys


def events(name):
    rows = EventRecord.objects.filter(name=f"contracts.{name}.v1").order_by("published_at")
    return [decode(row.name, row.payload) for row in rows]


def receive(number, amount, key="R-1", **changes):
    given = {
        "contract_id": number,
        "amount": Decimal(amount),
        "received_on": DUE,
        "channel": "COUNTER",
        "receipt_key": key,
        "by": "servicer",
        "business_date": DUE,
    }
    return services.receive(**{**given, **changes})


def test_an_instalment_is_billed_when_it_falls_due_and_once(place):
    (number,) = issued(place)
    assert run(BILLING, date(2026, 2, 14)) == []
    assert run(BILLING, DUE) == [number]
    assert run(BILLING, DUE) == []
    BILLING.run(DUE, [number])  # the same key again does nothing
    bill = PremiumBill.objects.get(contract_id=number, instalment=2)
    assert (bill.status, bill.due_date) == ("DUE", DUE)
    assert Contract.objects.get(pk=number).next_due_date == date(2026, 3, 15)
    (event,) = events("premiums_billed")
    assert event.instalment.tolist() == [2]
    assert event.amount.tolist() == [int(bill.amount)]


def test_missed_months_are_caught_up_in_order(place):
    (number,) = issued(place)
    services.bill([number], day=date(2026, 4, 20))
    assert list(
        PremiumBill.objects.filter(contract_id=number).values_list("instalment", "due_date")
    ) == [(1, DAY), (2, DUE), (3, date(2026, 3, 15)), (4, date(2026, 4, 15))]


def test_a_year_ends_the_instalments_of_a_one_year_contract(place):
    (number,) = issued(place, code="DRIVER01")
    services.bill([number], day=date(2027, 1, 14))
    contract = Contract.objects.get(pk=number)
    assert contract.bills.count() == 12
    assert contract.next_due_date is None
    assert services.bill([number], day=date(2027, 2, 20)) == 0


def test_a_debit_collects_and_counts(place):
    first, second = issued(place, 2)
    run(BILLING, DUE)
    assert run(COLLECTION, DUE) == [first, second]
    assert run(COLLECTION, DUE) == []
    contract = Contract.objects.get(pk=first)
    assert contract.paid_instalments == 2
    bill = contract.bills.get(instalment=2)
    assert (bill.status, bill.channel, bill.collected_on) == ("COLLECTED", "DEBIT", DUE)
    (event,) = events("premiums_collected")
    assert event.contract_id.tolist() == [first, second]
    assert event.instalment.tolist() == [2, 2]
    assert event.product_code.tolist() == ["TERM01"] * 2


def test_several_instalments_at_once_are_told_one_by_one(place):
    (number,) = issued(place)
    services.bill([number], day=date(2026, 4, 20))
    services.collect_by_debit([number], day=date(2026, 4, 20))
    assert [event.instalment.tolist() for event in events("premiums_collected")] == [[2], [3], [4]]
    assert Contract.objects.get(pk=number).paid_instalments == 4


def test_a_refused_debit_is_not_collected_until_the_account_is_in_order(place):
    good, bad = issued(place, 2)
    services.report_debit_failures([bad], reason="FUNDS", start=date(2026, 2, 1))
    run(BILLING, DUE)
    assert run(COLLECTION, DUE) == [good]
    assert services.collect_by_debit([bad], day=DUE) == 0
    assert services.restore_debit(bad, day=date(2026, 2, 20)) == 1
    assert run(COLLECTION, date(2026, 2, 19)) == []
    assert run(COLLECTION, date(2026, 2, 20)) == [bad]


def test_the_newest_word_of_the_bank_counts(place):
    (number,) = issued(place)
    services.report_debit_failures([number], reason="FUNDS", start=date(2026, 2, 1))
    services.report_debit_failures(
        [number], reason="CLOSED", start=date(2026, 2, 10), end=date(2026, 3, 1)
    )
    rows = DebitFailure.objects.order_by("period").values_list("reason", "period")
    assert [(reason, period.upper) for reason, period in rows] == [
        ("FUNDS", date(2026, 2, 10)),
        ("CLOSED", date(2026, 3, 1)),
    ]


def test_the_first_premium_starts_the_cover(place):
    (number,) = issued(place, received=0)
    day = date(2026, 1, 20)
    premium = Contract.objects.get(pk=number).premium_amount
    receive(number, premium, received_on=day, business_date=day)
    contract = Contract.objects.get(pk=number)
    assert contract.policy_status == "ACTIVE"
    assert contract.coverage_start == date(2026, 1, 20)
    assert contract.paid_instalments == 1


def test_a_receipt_pays_the_oldest_bills(place):
    (number,) = issued(place)
    services.bill([number], day=date(2026, 3, 20))
    premium = Contract.objects.get(pk=number).premium_amount
    receipt = receive(number, premium)
    assert [bill.instalment for bill in receipt.bills.all()] == [2]
    receive(number, premium, key="R-2")
    assert Contract.objects.get(pk=number).paid_instalments == 3


def test_the_same_receipt_is_taken_once(place):
    (number,) = issued(place)
    run(BILLING, DUE)
    premium = Contract.objects.get(pk=number).premium_amount
    first = receive(number, premium)
    assert receive(number, premium).pk == first.pk
    assert PremiumReceipt.objects.count() == 1
    assert len(events("premiums_collected")) == 1


def refused(error, act):
    def state():
        return (
            PremiumReceipt.objects.count(),
            PremiumBill.objects.filter(status="COLLECTED").count(),
            EventRecord.objects.count(),
        )

    before = state()
    with pytest.raises(error), transaction.atomic():
        act()
    assert state() == before


def test_a_receipt_number_cannot_stand_for_other_money(place):
    (number,) = issued(place)
    services.bill([number], day=date(2026, 3, 20))
    premium = Contract.objects.get(pk=number).premium_amount
    receive(number, premium)
    refused(services.ReceiptConflict, lambda: receive(number, premium * 2))


def test_part_of_an_instalment_is_refused(place):
    (number,) = issued(place)
    run(BILLING, DUE)
    refused(services.WrongAmount, lambda: receive(number, 100))
    run(COLLECTION, DUE)
    refused(services.WrongAmount, lambda: receive(number, 100))


def test_an_ended_contract_takes_no_premium(place):
    (number,) = issued(place)
    run(BILLING, DUE)
    services.surrender(contract_id=number, reason="wish", day=DUE, by="servicer")
    premium = Contract.objects.get(pk=number).premium_amount
    refused(services.ContractEnded, lambda: receive(number, premium))


def sql(statement: str, *params: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)


@pytest.mark.guards
def test_the_database_refuses_illegal_moves_of_a_bill(place):
    (number,) = issued(place)
    with pytest.raises(DatabaseError, match=r"illegal move of premium_bills.status"):
        sql("UPDATE premium_bills SET status = 'DUE', collected_on = NULL")
    with pytest.raises(DatabaseError, match=r"illegal move of premium_bills.status"):
        sql("UPDATE premium_bills SET status = 'VOID', collected_on = NULL")
    assert PremiumBill.objects.get(contract_id=number).status == "COLLECTED"


@pytest.mark.guards
def test_the_database_refuses_a_second_bill_of_an_instalment(place):
    issued(place)
    with pytest.raises(IntegrityError, match="one_bill_per_instalment"):
        sql(
            "INSERT INTO premium_bills (contract_id, instalment, due_date, amount, status, channel)"
            " SELECT contract_id, instalment, due_date, amount, 'DUE', '' FROM premium_bills"
        )


@pytest.mark.guards
def test_the_database_refuses_a_lapse_day_without_a_notice(place):
    issued(place)
    with pytest.raises(IntegrityError, match="lapse_only_after_notice"):
        sql("UPDATE premium_bills SET lapse_on = '2026-03-01'")


@pytest.mark.guards
def test_receipts_are_only_ever_added(place):
    (number,) = issued(place)
    run(BILLING, DUE)
    receive(number, Contract.objects.get(pk=number).premium_amount)
    with pytest.raises(IntegrityError, match="only ever added"):
        sql("UPDATE premium_receipts SET amount = 1")


@pytest.mark.parametrize("day", [date(2099, 1, 1), date(2026, 2, 16), date(2026, 1, 14)])
def test_money_comes_in_between_the_contract_date_and_today(place, day):
    (number,) = issued(place)
    run(BILLING, DUE)
    premium = int(Contract.objects.get(pk=number).premium_amount)
    with pytest.raises(services.WrongReceiptDay, match=day.isoformat()):
        receive(number, premium, received_on=day)
    assert not PremiumReceipt.objects.exists()
    assert not events("premiums_collected")
    receive(number, premium, received_on=date(2026, 2, 14))
    assert PremiumReceipt.objects.get().received_on == date(2026, 2, 14)


def test_the_bank_debits_on_its_next_working_day_and_the_due_date_stays(place):
    (number,) = issued(place)
    run(BILLING, DUE)  # a Sunday, and the Lunar New Year follows it
    closed = [date(2026, 2, day) for day in (14, 15, 16, 17, 18)]
    assert not any(COLLECTION.due(day) for day in closed)
    opened = date(2026, 2, 19)
    assert COLLECTION.due(opened)
    assert run(COLLECTION, opened) == [number]
    bill = PremiumBill.objects.get(contract_id=number, instalment=2)
    assert (bill.due_date, bill.collected_on) == (DUE, opened)
    assert {name: count for name, count, _ in findings()}[
        "the bank debits on its working days"
    ] == 0
