"""Real transactions side by side: the same bill is collected once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from contracts import services
from contracts.models import Contract, PremiumBill
from core.models import EventRecord
from tests.factories.contracts import issued, people, world

DUE = date(2026, 2, 15)


def side_by_side(*acts):
    start = Barrier(len(acts))

    def run(act):
        try:
            start.wait(timeout=10)
            return act()
        except services.WrongAmount as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_two_collections_of_one_bill_are_one():
    (number,) = issued(world())
    services.bill([number], day=DUE)
    premium = Contract.objects.get(pk=number).premium_amount

    def counter():
        return services.receive(
            contract_id=number,
            amount=Decimal(premium),
            received_on=DUE,
            channel="COUNTER",
            receipt_key="R-1",
            by="servicer",
            business_date=DUE,
        )

    side_by_side(
        lambda: services.collect_by_debit([number], day=DUE),
        counter,
        lambda: services.collect_by_debit([number], day=DUE),
        counter,
    )
    assert PremiumBill.objects.get(contract_id=number, instalment=2).status == "COLLECTED"
    assert Contract.objects.get(pk=number).paid_instalments == 2
    told = EventRecord.objects.filter(name="contracts.premiums_collected.v1")
    assert sum(told.values_list("rows", flat=True)) == 1


@pytest.mark.django_db(transaction=True)
def test_one_new_customer_applied_for_twice_at_once_is_one():
    first, second = side_by_side(lambda: people(50), lambda: people(50))
    assert first.tolist() == second.tolist()
