from datetime import date, timedelta

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction

from contracts import api, services
from contracts.models import Contract, LiabilityReserve, PremiumBill, Termination
from contracts.tasks import BILLING, COLLECTION, EXPIRY, LAPSE, REMINDERS, RESERVES
from core.clock import is_business_day, month_end
from core.errors import NotFound
from core.events import decode
from core.models import EventRecord, StatusMove
from tests.factories.contracts import DAY, issued, world

pytestmark = pytest.mark.django_db
DUE = date(2026, 2, 15)
NOTICE = date(2026, 3, 3)  # 14 days after the due date is Sunday 1 March, then a holiday


@pytest.fixture
def place():
    return world()


def run(step, day):
    if not step.due(day):
        return []
    keys = list(step.select(day))
    if keys:
        step.run(day, keys)
    return keys


def night(day):
    for step in (BILLING, COLLECTION, REMINDERS, LAPSE, EXPIRY, RESERVES):
        run(step, day)


def nights(first, last):
    day = first
    while day <= last:
        night(day)
        day += timedelta(days=1)


def events(name):
    rows = EventRecord.objects.filter(name=f"contracts.{name}.v1").order_by("published_at")
    return [decode(row.name, row.payload) for row in rows]


def refused(error, act, match=None):
    def state():
        return (
            Termination.objects.count(),
            LiabilityReserve.objects.count(),
            list(Contract.objects.order_by("pk").values_list("policy_status", flat=True)),
            list(PremiumBill.objects.order_by("pk").values_list("status", flat=True)),
            EventRecord.objects.count(),
        )

    before = state()
    with pytest.raises(error, match=match), transaction.atomic():
        act()
    assert state() == before


def test_an_unpaid_contract_is_noticed_then_lapses_the_day_after(place):
    good, bad = issued(place, 2)
    services.report_debit_failures([bad], reason="FUNDS", start=date(2026, 2, 1))
    nights(DUE, NOTICE - timedelta(days=1))
    assert not PremiumBill.objects.exclude(reminded_on=None).exists()
    night(NOTICE)
    bill = PremiumBill.objects.get(contract_id=bad, instalment=2)
    assert (bill.reminded_on, bill.lapse_on) == (NOTICE, date(2026, 3, 18))
    assert (bill.lapse_on - bill.reminded_on).days > 14
    nights(NOTICE + timedelta(days=1), date(2026, 3, 17))
    assert Contract.objects.get(pk=bad).policy_status == "ACTIVE"
    night(date(2026, 3, 18))
    contract = Contract.objects.get(pk=bad)
    assert (contract.policy_status, contract.ended_on) == ("LAPSED", date(2026, 3, 18))
    assert Contract.objects.get(pk=good).policy_status == "ACTIVE"
    assert set(contract.bills.values_list("instalment", "status")) == {
        (1, "COLLECTED"),
        (2, "VOID"),
        (3, "VOID"),
    }
    assert contract.terminations.get().kind == "LAPSE"
    assert contract.terminations.get().refund == 0
    (event,) = events("ended")
    assert event.contract_id.tolist() == [bad]
    assert (event.kind[0], event.refund[0], event.early[0]) == ("LAPSE", 0, True)
    assert event.paid_instalments[0] == 1
    voided = events("bills_voided")
    assert [one.instalment.tolist() for one in voided] == [[2], [3]]


def test_a_loss_before_the_lapse_is_covered_and_on_the_day_it_is_not(place):
    (number,) = issued(place)
    services.report_debit_failures([number], reason="FUNDS", start=date(2026, 2, 1))
    nights(DUE, date(2026, 3, 18))
    days = np.array(["2026-01-14", "2026-01-15", "2026-03-17", "2026-03-18"], "datetime64[D]")
    covered = api.in_force(np.array([number] * 4, dtype=object), days)
    assert covered.tolist() == [False, True, True, False]
    assert api.in_force(np.array(["CON-NONE"], dtype=object), days[:1]).tolist() == [False]


def test_who_pays_within_the_grace_keeps_the_contract(place):
    (number,) = issued(place)
    services.report_debit_failures([number], reason="FUNDS", start=date(2026, 2, 1))
    nights(DUE, NOTICE)
    services.restore_debit(number, day=date(2026, 3, 10))
    nights(NOTICE + timedelta(days=1), date(2026, 3, 31))
    contract = Contract.objects.get(pk=number)
    assert contract.policy_status == "ACTIVE"
    assert contract.paid_instalments == 3


def test_a_notice_is_sent_once_and_only_on_working_days(place):
    (number,) = issued(place)
    services.report_debit_failures([number], reason="FUNDS", start=date(2026, 2, 1))
    run(BILLING, DUE)
    assert run(REMINDERS, date(2026, 3, 2)) == []  # a substitute holiday
    assert run(REMINDERS, NOTICE) == [number]
    assert run(REMINDERS, NOTICE) == []
    REMINDERS.run(NOTICE + timedelta(days=1), [number])
    bill = PremiumBill.objects.get(contract_id=number, instalment=2)
    assert bill.reminded_on == NOTICE
    assert is_business_day(bill.lapse_on - timedelta(days=1))


def test_a_first_premium_that_never_comes_rescinds(place):
    (number,) = issued(place, received=0)
    services.report_debit_failures([number], reason="CLOSED", start=DAY)
    nights(date(2026, 3, 10), date(2026, 3, 15))
    assert Contract.objects.get(pk=number).policy_status == "PENDING"
    night(date(2026, 3, 16))
    contract = Contract.objects.get(pk=number)
    assert contract.policy_status == "CANCELED"
    assert contract.terminations.get().trace["law"] == "상법 §650①"
    assert contract.bills.get().status == "VOID"
    assert not api.in_force(np.array([number]), np.array([DAY], "datetime64[D]")).any()


def test_withdrawal_pays_every_premium_back(place):
    (number,) = issued(place)
    premium = int(Contract.objects.get(pk=number).premium_amount)
    last = date(2026, 1, 30)
    got = services.withdraw(contract_id=number, sent_on=last, day=last, by="servicer")
    assert got == premium
    contract = Contract.objects.get(pk=number)
    assert contract.policy_status == "CANCELED"
    end = contract.terminations.get()
    assert (end.kind, end.refund, end.requested_by) == ("WITHDRAWAL", premium, "servicer")
    assert end.trace["last"] == "2026-01-30"
    assert end.trace["refund_due"] == "2026-02-04"
    assert contract.reserves.order_by("-reserve_id").first().reserve_amount == 0
    (event,) = events("ended")
    assert (event.kind[0], int(event.refund[0]), event.early[0]) == ("WITHDRAWAL", premium, True)
    # undone from the start: nothing was ever covered
    assert not api.in_force(np.array([number]), np.array([DAY], "datetime64[D]")).any()


def test_withdrawal_ends_with_its_period(place):
    (number,) = issued(place)
    late = date(2026, 1, 31)
    refused(
        services.CoolingOffOver,
        lambda: services.withdraw(contract_id=number, sent_on=late, day=late, by="servicer"),
        match="2026-01-30",
    )


def test_surrender_pays_what_is_shown_before(place):
    (number,) = issued(place, code="DRIVER01")
    day = date(2026, 1, 24)
    figures = services.surrender_figures(number, day=day)
    premium = Contract.objects.get(pk=number).premium_amount
    assert figures.refund == figures.reserve == round(premium * 21 / 31)
    paid = services.surrender(contract_id=number, reason="wish", day=day, by="servicer")
    assert paid == figures.refund
    contract = Contract.objects.get(pk=number)
    assert contract.policy_status == "CANCELED"
    assert contract.terminations.get().refund == figures.refund
    assert contract.terminations.get().trace["refund"] == figures.refund
    moves = StatusMove.objects.filter(table_name="contracts", key=number)
    assert moves.get(to_status="CANCELED").reason == "wish"
    (moved,) = events("reserves_moved")
    issue_reserve = contract.reserves.get(occasion="ISSUE").reserve_amount
    assert moved.movement.tolist() == [-int(issue_reserve)]
    assert moved.reserve.tolist() == [0]


def test_an_early_surrender_of_a_term_contract_pays_nothing(place):
    (number,) = issued(place)
    figures = services.surrender_figures(number, day=date(2026, 2, 1))
    assert figures.deduction > figures.reserve
    assert figures.refund == 0
    assert figures.premiums_paid > 0


def test_only_contracts_in_force_are_surrendered(place):
    (number,) = issued(place, received=0)
    refused(
        services.NotInForce,
        lambda: services.surrender(contract_id=number, reason="x", day=DUE, by="servicer"),
    )
    refused(
        NotFound,
        lambda: services.surrender(contract_id="CON-0", reason="x", day=DUE, by="servicer"),
    )


def test_a_contract_ends_once(place):
    (number,) = issued(place)
    services.surrender(contract_id=number, reason="wish", day=DUE, by="servicer")
    refused(
        services.NotInForce,
        lambda: services.surrender(contract_id=number, reason="wish", day=DUE, by="servicer"),
    )
    refused(
        services.NotInForce,
        lambda: services.withdraw(contract_id=number, sent_on=DAY, day=DUE, by="servicer"),
    )


def test_a_term_that_is_over_expires(place):
    (number,) = issued(place, code="DRIVER01")
    nights(date(2027, 1, 13), date(2027, 1, 15))
    contract = Contract.objects.get(pk=number)
    assert (contract.policy_status, contract.ended_on) == ("EXPIRED", date(2027, 1, 15))
    assert contract.terminations.get().kind == "EXPIRY"
    assert contract.bills.filter(status="DUE").count() == 0
    (event,) = events("ended")
    assert not event.early[0]


def test_a_benefit_paid_in_full_ends_the_contract_once(place):
    (number,) = issued(place)
    with transaction.atomic():
        assert services.end_by_benefit([number], day=DUE) == 1
        assert services.end_by_benefit([number], day=DUE) == 0
    contract = Contract.objects.get(pk=number)
    assert contract.policy_status == "EXPIRED"
    assert contract.terminations.get().kind == "DEATH"


def test_month_ends_keep_a_reserve_for_every_contract_in_force(place):
    life, car = issued(place)[0], issued(place, code="DRIVER01", start=9)[0]
    ended = issued(place, start=20)[0]
    services.surrender(contract_id=ended, reason="wish", day=date(2026, 1, 20), by="servicer")
    day = month_end(DAY)
    assert run(RESERVES, date(2026, 1, 30)) == []
    assert set(run(RESERVES, day)) == {life, car}
    RESERVES.run(day, [life, car])  # again: nothing new
    rows = LiabilityReserve.objects.filter(base_date=day, occasion="MONTH_END")
    assert set(rows.values_list("contract_id", flat=True)) == {life, car}
    for row in rows:
        before = LiabilityReserve.objects.get(contract_id=row.contract_id, occasion="ISSUE")
        assert row.movement == row.reserve_amount - before.reserve_amount
    nights(date(2026, 2, 1), date(2026, 2, 28))
    after = LiabilityReserve.objects.get(contract_id=life, base_date=date(2026, 2, 28))
    assert after.elapsed_months == 1
    moved = [e for e in events("reserves_moved") if e.business_date == date(2026, 2, 28)]
    told = {k: v for e in moved for k, v in zip(e.contract_id, e.movement, strict=True)}
    assert told[life] == int(after.movement)


def test_reserves_sum_to_their_movements(place):
    numbers = issued(place, 3) + issued(place, 2, code="DRIVER01", start=10)
    nights(DUE, date(2026, 4, 30))
    services.surrender(contract_id=numbers[0], reason="wish", day=date(2026, 5, 4), by="x")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contract_id, sum(movement), (array_agg(reserve_amount ORDER BY base_date DESC,"
            " reserve_id DESC))[1] FROM liability_reserves GROUP BY contract_id"
        )
        rows = cursor.fetchall()
    assert len(rows) == 5
    assert all(total == last for _, total, last in rows)


@pytest.mark.guards
def test_the_database_refuses_illegal_moves_of_a_contract(place):
    (number,) = issued(place)
    for status in ("PENDING",):
        with (
            pytest.raises(DatabaseError, match=r"illegal move of contracts.policy_status"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("UPDATE contracts SET policy_status = %s", [status])
    services.surrender(contract_id=number, reason="wish", day=DUE, by="servicer")
    with (
        pytest.raises(DatabaseError, match=r"illegal move of contracts.policy_status"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE contracts SET policy_status = 'ACTIVE', ended_on = NULL")
    assert Contract.objects.get(pk=number).policy_status == "CANCELED"
