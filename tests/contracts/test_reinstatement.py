"""Lapsed contracts: back in force on the law's conditions, or paid out; nothing else."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounting import api as accounting
from contracts import api, rules, services
from contracts.models import (
    Contract,
    PremiumBill,
    PremiumReceipt,
    Reinstatement,
    SurrenderPayment,
    Termination,
)
from core.clock import add_months, advance
from core.errors import NotFound
from core.events import decode
from core.models import EventRecord
from sales import api as sales
from sales.models import Commission
from tests.contracts.test_servicing import nights
from tests.factories.contracts import issued, world
from tests.factories.sales import person

pytestmark = pytest.mark.django_db
LAPSE = date(2026, 3, 18)
TODAY = date(2026, 6, 1)


@pytest.fixture
def place():
    return world()


def lapsed(place):
    """Issue on 15 January; the debits fail, so that it lapses on 18 March with one premium paid."""
    (number,) = issued(place)
    services.report_debit_failures([number], reason="FUNDS", start=date(2026, 2, 1))
    nights(date(2026, 2, 15), LAPSE)
    return number


def answers(place):
    return {question.code: question.default for question in sales.questions("TERM01", 1)}


def money(amount, key="R-1", day=TODAY):
    return services.Money(
        amount=Decimal(amount), received_on=day, channel="TRANSFER", receipt_key=key
    )


def reinstate(place, number, amount=None, key="R-1", day=TODAY, **changes):
    if amount is None:
        amount = services.reinstatement_figures(number, day=day).total
    return services.reinstate(
        contract_id=number,
        money=money(amount, key, day),
        disclosures=changes.pop("disclosures", answers(place)),
        by="servicer",
        business_date=day,
    )


def event(name):
    row = EventRecord.objects.filter(name=name).latest("published_at")
    return decode(row.name, row.payload)


def broken():
    return [row for row in (*api.invariants(), *sales.invariants()) if row[1]]


def books():
    return [row for row in accounting.invariants() if row[1]]


def refused(error, act, match=None):
    def state():
        return (
            Contract.objects.get().policy_status,
            list(PremiumBill.objects.order_by("pk").values_list("status", flat=True)),
            PremiumReceipt.objects.count(),
            Reinstatement.objects.count(),
            SurrenderPayment.objects.count(),
            EventRecord.objects.count(),
        )

    before = state()
    with pytest.raises(error, match=match), transaction.atomic():
        act()
    assert state() == before


def test_interest_by_hand():
    # one full year at 3.5 % and 31 days: 100,000 × (1.035 × (1 + 0.035 × 31/365) − 1) = 3,807.66
    assert (
        rules.arrears_interest(
            100_000, due=date(2025, 3, 1), paid=date(2026, 4, 1), percent=Decimal("3.50")
        )
        == 3_807
    )
    day = date(2026, 3, 1)
    assert rules.arrears_interest(100_000, due=day, paid=day, percent=Decimal("3.50")) == 0


@given(st.integers(1, 10**9), st.integers(0, 1500), st.integers(0, 1500))
def test_interest_never_falls_with_time(amount, days, more):
    due = date(2024, 2, 29)
    early, late = (
        rules.arrears_interest(
            amount, due=due, paid=due + timedelta(days=n), percent=Decimal("3.75")
        )
        for n in (days, days + more)
    )
    assert 0 <= early <= late


def test_three_years_and_a_holiday():
    # 18 March 2029 is a Sunday
    assert rules.reinstatement_deadline(LAPSE).last == date(2029, 3, 19)


def test_what_it_costs(place):
    number = lapsed(place)
    premium = int(Contract.objects.get(pk=number).premium_amount)
    figures = services.reinstatement_figures(number, day=TODAY)
    assert [one.instalment for one in figures.missed] == [2, 3, 4, 5]
    assert figures.missed[0].due_date == date(2026, 2, 15)
    assert figures.missed[0].percent == Decimal("3.50")
    # 106 days late: premium × 0.035 × 106 / 365, fractions dropped
    assert figures.missed[0].interest == int(premium * Decimal("0.035") * 106 / 365)
    assert figures.arrears == 4 * premium
    assert figures.total == figures.arrears + figures.interest


def test_the_contract_is_in_force_again_and_the_gap_stays_without_cover(place):
    number = lapsed(place)
    done = reinstate(place, number)
    contract = Contract.objects.get(pk=number)
    assert (contract.policy_status, contract.ended_on) == ("ACTIVE", None)
    assert (contract.paid_instalments, contract.next_due_date) == (5, date(2026, 6, 15))
    assert set(contract.bills.values_list("status", flat=True)) == {"COLLECTED"}
    days = np.array(["2026-03-17", "2026-03-18", "2026-05-31", "2026-06-01"], "datetime64[D]")
    covered = api.in_force(np.array([number] * 4, dtype=object), days)
    assert covered.tolist() == [True, False, False, True]
    assert contract.reserves.latest("reserve_id").occasion == "REVIVED"
    told = event("contracts.reinstated.v1")
    assert (told.lapsed_on[0].item(), int(told.paid_instalments[0])) == (LAPSE, 1)
    assert int(told.restored[0]) == 2 * int(contract.premium_amount)
    assert int(told.arrears[0]) == int(done.arrears)
    assert not broken()
    assert not books()


def test_its_commission_is_what_it_would_have_been(place):
    number = lapsed(place)
    premium = int(Contract.objects.get(pk=number).premium_amount)
    reinstate(place, number)
    earned = sum(Commission.objects.filter(contract_id=number).values_list("amount", flat=True))
    assert earned == (premium * 250 + 50) // 100
    assert not broken()


def test_the_same_receipt_is_the_same_reinstatement(place):
    number = lapsed(place)
    first = reinstate(place, number)
    assert reinstate(place, number, amount=first.receipt.amount) == first
    assert Reinstatement.objects.count() == 1
    refused(services.ReceiptConflict, lambda: reinstate(place, number, amount=1))


def test_it_may_lapse_and_come_back_again(place):
    number = lapsed(place)
    reinstate(place, number)
    nights(date(2026, 6, 2), date(2026, 7, 31))
    contract = Contract.objects.get(pk=number)
    assert contract.policy_status == "LAPSED"
    assert Termination.objects.filter(contract_id=number).count() == 2
    reinstate(place, number, key="R-2", day=date(2026, 8, 3))
    assert Contract.objects.get(pk=number).policy_status == "ACTIVE"
    assert not broken()
    assert not books()


def test_what_is_refused_writes_nothing(place):
    number = lapsed(place)
    total = services.reinstatement_figures(number, day=TODAY).total
    refused(services.WrongArrears, lambda: reinstate(place, number, total - 1), match=f"{total:,}")
    refused(services.AnswersMissing, lambda: reinstate(place, number, disclosures={}))
    ill = answers(place) | {"treated_3m": True}
    refused(services.NotInsurableAgain, lambda: reinstate(place, number, disclosures=ill))
    late = add_months(LAPSE, 36) + timedelta(days=2)
    refused(
        services.ReinstatementTooLate,
        lambda: reinstate(place, number, total, day=late),
        "2029-03-19",
    )
    refused(NotFound, lambda: reinstate(place, "CON-NONE", 1))


def test_only_a_lapsed_contract_comes_back(place):
    (number,) = issued(place)
    refused(services.NotLapsed, lambda: services.reinstatement_figures(number, day=TODAY))
    refused(
        services.NotLapsed,
        lambda: services.pay_surrender_value(contract_id=number, day=TODAY, by="x"),
    )


def worth(place, value=123_456):
    """Let a contract lapse that kept a surrender value."""
    number = lapsed(place)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        Termination.objects.update(trace={"surrender_value": value})
        cursor.execute("SET session_replication_role = origin")
    return number


def test_the_value_is_paid_on_request_once_and_then_nothing_comes_back(place):
    number = worth(place)
    assert services.pay_surrender_value(contract_id=number, day=TODAY, by="servicer") == 123_456
    assert Contract.objects.get(pk=number).policy_status == "CANCELED"
    told = event("contracts.surrender_values_paid.v1")
    assert (told.amount.tolist(), told.lapsed_on[0].item()) == ([123_456], LAPSE)
    refused(services.SurrenderValuePaid, lambda: reinstate(place, number, 1))
    refused(
        services.SurrenderValuePaid,
        lambda: services.pay_surrender_value(contract_id=number, day=TODAY, by="servicer"),
    )
    assert not broken()
    assert not books()


def test_no_value_and_no_time_left_are_said(place):
    number = worth(place, 0)

    def pay(day):
        return lambda: services.pay_surrender_value(contract_id=number, day=day, by="x")

    refused(services.NothingToPay, pay(TODAY))


def test_a_value_is_forgotten_after_three_years(place):
    number = worth(place)
    late = add_months(LAPSE, 36) + timedelta(days=2)
    refused(
        services.NothingToPay,
        lambda: services.pay_surrender_value(contract_id=number, day=late, by="x"),
        match="2029-03-19",
    )


@pytest.mark.guards
@pytest.mark.parametrize("table", ["reinstatements", "surrender_payments"])
def test_the_database_only_ever_adds(place, table):
    with connection.cursor() as cursor, pytest.raises(Exception, match="only ever added"):
        cursor.execute(f"DELETE FROM {table}")


def test_the_page_shows_the_cost_and_does_it(client, place):
    number = lapsed(place)
    advance(TODAY)
    client.force_login(person("servicer", "policy_servicing"))
    detail = reverse("contracts:contract_detail", args=[number])
    url = reverse("contracts:reinstate", args=[number])
    assert url in client.get(detail).content.decode()
    figures = services.reinstatement_figures(number, day=TODAY)
    page = client.get(url).content.decode()
    assert f"{figures.total:,}" in page
    asked = {f"ask_{code}": "no" for code in answers(place)}
    form = {"amount": figures.total, "received_on": TODAY, "channel": "CARD", **asked}
    rehearsal = client.post(url, form)
    assert rehearsal.status_code == 200
    assert "4390" in rehearsal.content.decode()
    assert not Reinstatement.objects.exists()
    assert client.post(url, form | {"_confirmed": "1"}).status_code == 303
    assert Reinstatement.objects.get().taken_by == "servicer"
    assert client.get(detail).status_code == 200


def test_others_may_not(client, place):
    number = worth(place)
    for role, own in (("agent", place.agents[0]), ("auditor", "")):
        client.force_login(person(role, role, own=own))
        for name in ("reinstate", "pay_value"):
            url = reverse(f"contracts:{name}", args=[number])
            assert client.post(url, {"final": "on", "_confirmed": "1"}).status_code == 403
    client.force_login(person("servicer", "policy_servicing"))
    pay = reverse("contracts:pay_value", args=[number])
    assert "123,456" in client.get(pay).content.decode()
    assert client.post(pay, {"_confirmed": "1"}).status_code == 422
    assert client.post(pay, {"final": "on", "_confirmed": "1"}).status_code == 303
    assert SurrenderPayment.objects.get().requested_by == "servicer"
