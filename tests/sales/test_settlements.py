"""Monthly statements: made once, released by a second person, carried when negative, frozen."""

from datetime import date

import pytest
from django.db import Error, connection, transaction

from core.acting import acting
from core.errors import NotAllowed, NotFound
from core.models import EventRecord
from core.status import IllegalTransition
from sales import api, tasks
from sales.models import Commission, CommissionSettlement
from sales.selectors import settlements as selectors
from sales.services import settlements
from tests.factories.sales import AgentFactory

pytestmark = pytest.mark.django_db
MARCH, APRIL, MAY = date(2026, 3, 10), date(2026, 4, 10), date(2026, 5, 11)


def make(day, *agents):
    with acting("batch:commission_settlement"):
        return settlements.draft_statements([a.agent_id for a in agents], business_date=day)


def release(day, *numbers, by="accountant"):
    with acting(by):
        return settlements.release(numbers, business_date=day)


def figures(number):
    row = CommissionSettlement.objects.get(settlement_id=number)
    names = ("earned", "clawed_back", "carried_in", "withheld", "net_paid", "carried_out")
    return {name: int(getattr(row, name)) for name in names}


def broken():
    return {name: detail for name, breaches, detail in api.invariants() if breaches}


@pytest.fixture
def sold(contracts, facts, agent):
    """Ten thousand won a month sold on 2 March: 25,000 due on 2 April."""
    ids = contracts(agent.agent_id, 10_000)
    facts.issued(ids, agent.agent_id, 10_000)
    return ids


def test_a_statement_takes_what_is_due_and_is_paid_by_a_second_person(sold, agent):
    assert make(MARCH, agent) == []
    (number,) = make(APRIL, agent)
    assert figures(number) == {
        "earned": 25_000,
        "clawed_back": 0,
        "carried_in": 0,
        "withheld": 750 + 70,
        "net_paid": 24_180,
        "carried_out": 0,
    }
    assert Commission.objects.get().status == "PENDING"
    assert release(APRIL, number) == 1
    line = Commission.objects.get()
    assert (line.status, line.settlement_id) == ("PAID", number)
    paid = CommissionSettlement.objects.get()
    assert (paid.status, paid.checked_by, paid.paid_on) == ("PAID", "accountant", APRIL)
    told = EventRecord.objects.get(name="sales.commissions_settled.v1").payload
    assert (told["earned"], told["recovered"]) == ([25_000], [0])
    assert (told["withheld"], told["net_paid"]) == ([820], [24_180])
    assert not broken()


def test_a_second_run_of_the_month_changes_nothing(sold, agent):
    assert len(make(APRIL, agent)) == 1
    assert make(APRIL, agent) == []
    assert selectors.due_agents(APRIL) == []
    assert CommissionSettlement.objects.count() == 1


def test_the_maker_does_not_release(sold, agent):
    (number,) = make(APRIL, agent)
    with pytest.raises(NotAllowed):
        release(APRIL, number, by="batch:commission_settlement")
    assert CommissionSettlement.objects.get().status == "DRAFT"
    assert Commission.objects.get().status == "PENDING"
    assert not EventRecord.objects.filter(name="sales.commissions_settled.v1").exists()


def test_a_statement_is_paid_once(sold, agent):
    (number,) = make(APRIL, agent)
    release(APRIL, number)
    with pytest.raises(IllegalTransition):
        release(APRIL, number)
    assert EventRecord.objects.filter(name="sales.commissions_settled.v1").count() == 1


def test_an_unknown_statement_is_not_found(db):
    with pytest.raises(NotFound):
        release(APRIL, "STL-2026-9999999")


def test_a_clawback_is_carried_until_it_is_earned_again(contracts, sold, facts, agent):
    release(APRIL, *make(APRIL, agent))
    facts.ended(sold, agent.agent_id, 2, on=date(2026, 5, 4))
    small = contracts(agent.agent_id, 4_000)
    facts.issued(small, agent.agent_id, 4_000, on=date(2026, 4, 1))
    (may,) = make(MAY, agent)
    assert figures(may) == {
        "earned": 10_000,
        "clawed_back": 25_000,
        "carried_in": 0,
        "withheld": 0,
        "net_paid": 0,
        "carried_out": -15_000,
    }
    release(MAY, may)
    assert Commission.objects.get(kind="CLAWBACK").status == "RECALLED"
    told = EventRecord.objects.filter(name="sales.commissions_settled.v1").latest("business_date")
    assert (told.payload["recovered"], told.payload["net_paid"]) == ([10_000], [0])
    facts.issued(contracts(agent.agent_id, 20_000), agent.agent_id, 20_000, on=date(2026, 5, 6))
    (june,) = make(date(2026, 6, 10), agent)
    assert figures(june) == {
        "earned": 50_000,
        "clawed_back": 0,
        "carried_in": -15_000,
        "withheld": 1_050 + 100,
        "net_paid": 33_850,
        "carried_out": 0,
    }
    release(date(2026, 6, 10), june)
    told = EventRecord.objects.filter(name="sales.commissions_settled.v1").latest("business_date")
    assert told.payload["recovered"] == [15_000]
    assert not broken()


def test_an_earlier_draft_is_released_first(contracts, sold, facts, agent):
    (april,) = make(APRIL, agent)
    facts.issued(contracts(agent.agent_id, 8_000), agent.agent_id, 8_000, on=date(2026, 4, 2))
    (may,) = make(MAY, agent)
    with pytest.raises(settlements.EarlierDraft):
        release(MAY, may)
    assert CommissionSettlement.objects.filter(status="PAID").count() == 0
    assert release(MAY, april, may) == 2
    assert not broken()


def test_lines_that_arise_after_the_draft_wait_for_the_next(contracts, sold, facts, agent):
    (april,) = make(APRIL, agent)
    facts.ended(sold, agent.agent_id, 2, on=APRIL)
    release(APRIL, april)
    assert figures(april)["net_paid"] == 24_180
    (may,) = make(MAY, agent)
    assert figures(may)["carried_out"] == -25_000
    assert not broken()


def test_each_agent_has_an_own_statement(contracts, facts):
    agents = [AgentFactory() for _ in range(3)]
    for number, agent in enumerate(agents, start=1):
        ids = contracts(agent.agent_id, 10_000 * number, count=2)
        facts.issued(ids, agent.agent_id, 10_000 * number)
    made = make(APRIL, *agents)
    assert [figures(number)["earned"] for number in made] == [50_000, 100_000, 150_000]
    assert Commission.objects.filter(settlement=None).count() == 0
    assert release(APRIL, *made) == 3
    assert not broken()


def test_settlement_is_on_the_tenth_or_the_next_working_day():
    days = [date(2026, month, 1) for month in range(1, 7)]
    assert [selectors.settlement_day(day).isoformat()[5:] for day in days] == [
        "01-12", "02-10", "03-10", "04-10", "05-11", "06-10",
    ]  # fmt: skip
    assert selectors.next_settlement_day(date(2026, 4, 11)) == MAY
    assert tasks.SETTLEMENT.due(MAY)
    assert not tasks.SETTLEMENT.due(date(2026, 5, 10))


@pytest.mark.parametrize(("automatic", "status"), [(False, "DRAFT"), (True, "PAID")])
def test_the_nightly_step_releases_only_where_the_setting_says_so(
    sold, agent, settings, automatic, status
):
    settings.SETTLEMENT_AUTO_RELEASE = automatic
    with acting("batch:commission_settlement"):
        tasks.SETTLEMENT.run(APRIL, list(tasks.SETTLEMENT.select(APRIL)))
    assert CommissionSettlement.objects.get().status == status
    assert not broken()


@pytest.mark.guards
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE commission_settlements SET net_paid = net_paid + 1",
        "UPDATE commission_settlements SET status = 'DRAFT'",
        "UPDATE commission_settlements SET checked_by = made_by",
        "DELETE FROM commission_settlements",
        "UPDATE commissions SET settlement_id = NULL",
    ],
)
def test_a_paid_statement_is_frozen(sold, agent, attack):
    release(APRIL, *make(APRIL, agent))
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)


@pytest.mark.guards
def test_a_statement_that_its_maker_checked_is_refused_by_the_database(sold, agent):
    make(APRIL, agent)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE commission_settlements SET status = 'PAID', checked_by = made_by,"
            " paid_on = due_until"
        )


def test_the_controls_find_a_planted_error(sold, agent):
    """The figures cannot be changed by SQL, so the guard is taken off for the plant."""
    release(APRIL, *make(APRIL, agent))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE commissions DISABLE TRIGGER USER")
        cursor.execute("UPDATE commissions SET amount = amount + 7")
        cursor.execute("ALTER TABLE commissions ENABLE TRIGGER USER")
    found = broken()
    assert set(found) >= {
        "a commission is its base by its rates and share, or less where the first-year cap cut it",
        "a statement is the sum of its lines",
        "paid − recovered = entitled: what agents got before tax, with what they still owe",
    }
