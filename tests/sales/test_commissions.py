"""Commissions follow from facts: right, once, fast, and as the specification's query has them."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from django.db import Error, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.models import EventRecord
from products.models import ProductRule
from sales import api
from sales.models import Commission, SalesRecord
from tests.factories.sales import TODAY, AgentFactory

pytestmark = pytest.mark.django_db


def amounts(**where):
    rows = Commission.objects.filter(**where).order_by("comm_id")
    return [int(a) for a in rows.values_list("amount", flat=True)]


def sound():
    return {name: detail for name, breaches, detail in api.invariants() if breaches}


def test_the_first_premium_earns_next_month(contracts, facts):
    agent = AgentFactory(commission_rate=Decimal("1.05"))
    ids = contracts(agent.agent_id, 23_450)
    facts.issued(ids, agent.agent_id, 23_450, on=date(2026, 1, 31))
    row = Commission.objects.get()
    # 23,450 × 250 % × 1.05 = 61,556.25
    assert row.amount == 61_556
    assert (row.kind, row.instalment, row.status) == ("NEW", 1, "PENDING")
    assert (row.accrued_on, row.payment_date) == (date(2026, 1, 31), date(2026, 2, 28))
    assert (row.base_amount, row.product_rate) == (23_450, Decimal("2.5"))
    assert row.agent_rate == Decimal("1.05")
    assert ProductRule.objects.get(rule_id=row.rule_id).rule_type == "COMMISSION_RULE"
    told = EventRecord.objects.get(name="sales.commissions_accrued.v1")
    assert told.payload["amount"] == [61_556]
    assert told.payload["comm_id"] == [row.comm_id]
    assert not sound()


def test_a_contract_that_waits_for_its_premium_earns_when_it_is_paid(contracts, facts, agent):
    ids = contracts(agent.agent_id, 10_000)
    facts.issued(ids, agent.agent_id, 10_000, received=False)
    assert not Commission.objects.exists()
    assert SalesRecord.objects.get().reached == 0
    facts.collected(ids, agent.agent_id, 10_000, 1, on=date(2026, 3, 5))
    assert amounts() == [25_000]
    assert Commission.objects.get().kind == "NEW"
    assert SalesRecord.objects.get().reached == 1


def test_later_instalments_earn_by_the_rule(contracts, facts, agent):
    ids = contracts(agent.agent_id, 10_000)
    facts.issued(ids, agent.agent_id, 10_000)
    for instalment in range(2, 14):
        facts.collected(ids, agent.agent_id, 10_000, instalment, on=date(2026, 12, 1))
    assert [
        (r.instalment, int(r.amount), r.kind) for r in Commission.objects.order_by("instalment")
    ] == [(1, 25_000, "NEW"), (7, 10_000, "RENEWAL"), (13, 10_000, "RENEWAL")]
    assert SalesRecord.objects.get().reached == 13
    assert not sound()


def test_the_same_instalment_never_earns_twice(contracts, facts, agent):
    ids = contracts(agent.agent_id, 10_000)
    facts.issued(ids, agent.agent_id, 10_000)
    with pytest.raises(IntegrityError), transaction.atomic():
        facts.collected(ids, agent.agent_id, 10_000, 1, on=TODAY)
    assert amounts() == [25_000]


def test_the_first_year_cap_cuts_a_high_factor(contracts, facts):
    agent = AgentFactory(commission_rate=Decimal("4.00"))
    ids = contracts(agent.agent_id, 10_000)
    facts.issued(ids, agent.agent_id, 10_000)
    facts.collected(ids, agent.agent_id, 10_000, 7, on=date(2026, 9, 2))
    # 250 % × 4 = 1,000 %, then 400 % cut to the 200 % that the 1,200 % rule leaves
    assert amounts() == [100_000, 20_000]
    assert not sound()


def test_an_early_end_takes_back_by_the_table(contracts, facts, agent):
    ids = contracts(agent.agent_id, 10_000)
    facts.issued(ids, agent.agent_id, 10_000)
    facts.collected(ids, agent.agent_id, 10_000, 7, on=date(2026, 9, 2))
    facts.ended(ids, agent.agent_id, 8, on=date(2026, 11, 16))
    row = Commission.objects.get(kind="CLAWBACK")
    # 70 % of 35,000
    assert row.amount == -24_500
    assert (row.base_amount, row.product_rate) == (35_000, Decimal("0.7"))
    assert row.payment_date == date(2026, 11, 16)
    told = EventRecord.objects.get(name="sales.commissions_clawed_back.v1")
    assert told.payload["amount"] == [24_500]
    assert SalesRecord.objects.get().ended_kind == "LAPSE"
    assert not sound()


def test_taking_back_again_takes_nothing_more(contracts, facts, agent):
    ids = contracts(agent.agent_id, 10_000)
    facts.issued(ids, agent.agent_id, 10_000)
    facts.ended(ids, agent.agent_id, 3, on=date(2026, 6, 1))
    facts.ended(ids, agent.agent_id, 3, on=date(2026, 6, 2))
    assert amounts() == [25_000, -25_000]
    assert EventRecord.objects.filter(name="sales.commissions_clawed_back.v1").count() == 1


def test_after_a_revival_only_the_difference_is_taken(contracts, facts, agent):
    ids = contracts(agent.agent_id, 10_000)
    facts.issued(ids, agent.agent_id, 10_000)
    facts.ended(ids, agent.agent_id, 3, on=date(2026, 6, 1))
    facts.collected(ids, agent.agent_id, 10_000, 7, on=date(2026, 9, 2))
    facts.ended(ids, agent.agent_id, 7, on=date(2026, 12, 1))
    # 70 % of 35,000 = 24,500 is less than the 25,000 taken back already
    assert amounts(kind="CLAWBACK") == [-25_000]
    assert not sound()


def test_a_withdrawal_takes_all_back_on_the_statement_that_pays_it(contracts, facts, agent):
    ids = contracts(agent.agent_id, 10_000)
    facts.issued(ids, agent.agent_id, 10_000, on=date(2026, 3, 2))
    facts.ended(ids, agent.agent_id, 1, on=date(2026, 3, 10), kind="WITHDRAWAL", early=False)
    assert amounts() == [25_000, -25_000]
    assert set(Commission.objects.values_list("payment_date", flat=True)) == {date(2026, 4, 2)}


@pytest.mark.parametrize("kind", ["DEATH", "EXPIRY"])
def test_a_contract_that_kept_its_promise_takes_nothing_back(contracts, facts, agent, kind):
    ids = contracts(agent.agent_id, 10_000)
    facts.issued(ids, agent.agent_id, 10_000)
    facts.ended(ids, agent.agent_id, 2, on=date(2026, 4, 10), kind=kind)
    assert amounts() == [25_000]


SPECIFIED = """
    INSERT INTO specified (contract_id, agent_id, amount, payment_date, status)
    SELECT
        c.contract_id,
        c.agent_id,
        (c.premium_amount
            * (CAST(pr.rule_value ->> 'comm_rate' AS DECIMAL(5,2)) / 100)
            * a.commission_rate) AS calculated_comm,
        CURRENT_DATE + INTERVAL '1 MONTH' AS next_pay_date,
        'PENDING'
    FROM contracts c
    JOIN agents a ON c.agent_id = a.agent_id
    JOIN product_rules pr ON c.product_code = pr.product_code
    WHERE c.policy_status = 'ACTIVE'
      AND pr.rule_type = 'COMMISSION_RULE'
      AND NOT EXISTS (SELECT 1 FROM specified WHERE contract_id = c.contract_id)
"""


def test_the_specifications_query_agrees_on_first_instalments(contracts, facts):
    agents = [AgentFactory(commission_rate=Decimal(r) / 100) for r in (80, 95, 100, 105, 133)]
    premium = np.random.default_rng(7).integers(5_000, 400_000, 500)
    seller = np.asarray([agents[n % 5].agent_id for n in range(500)], dtype=object)
    ids = contracts(seller, premium)
    facts.issued(ids, seller, premium)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE specified (LIKE commissions) ON COMMIT DROP")
        cursor.execute(
            "SELECT 'ALTER TABLE specified ' || string_agg('ALTER ' || attname || ' DROP NOT NULL',"
            " ', ') FROM pg_attribute WHERE attrelid = 'specified'::regclass AND attnum > 0"
            " AND attnotnull"
        )
        cursor.execute(cursor.fetchone()[0])
        cursor.execute(SPECIFIED)
        cursor.execute(SPECIFIED)
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE c.amount = round(s.amount)"
            " AND c.agent_id = s.agent_id AND c.status = s.status),"
            " count(*) FILTER (WHERE s.amount <> c.amount)"
            " FROM specified s JOIN commissions c"
            " ON c.contract_id = s.contract_id AND c.instalment = 1"
        )
        compared, agree, rounded = cursor.fetchone()
    assert (compared, agree) == (500, 500)
    assert rounded > 0  # the query leaves fractions of a won, which the service rounds


def test_ten_thousand_commissions_take_as_many_statements_as_ten(contracts, facts):
    agents = [AgentFactory().agent_id for _ in range(50)]
    statements = []
    for rows in (10, 10, 10_000):
        premium = np.random.default_rng(rows).integers(5_000, 400_000, rows)
        seller = np.asarray([agents[n % 50] for n in range(rows)], dtype=object)
        ids = contracts(seller, premium)
        with CaptureQueriesContext(connection) as captured:
            facts.issued(ids, seller, premium)
        statements.append(len(captured))
    assert statements[1] == statements[2]
    assert amounts()[-10_000:] == ((premium * 5 + 1) // 2).tolist()


@pytest.mark.guards
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE commissions SET amount = amount + 1",
        "UPDATE commissions SET status = 'PAID'",
        "UPDATE commissions SET status = 'RECALLED', settlement_id = 'X'",
        "DELETE FROM commissions",
        "INSERT INTO commissions (contract_id, agent_id, product_code, version, amount,"
        " payment_date, status, kind, instalment, base_amount, product_rate, agent_rate, rule_id,"
        " event_id, accrued_on) SELECT contract_id, agent_id, product_code, version, -1,"
        " payment_date, status, 'NEW', 2, base_amount, product_rate, agent_rate, rule_id, event_id,"
        " accrued_on FROM commissions",
    ],
)
def test_the_database_refuses(contracts, facts, agent, attack):
    ids = contracts(agent.agent_id, 10_000)
    facts.issued(ids, agent.agent_id, 10_000)
    with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)
    assert amounts(status="PENDING") == [25_000]
