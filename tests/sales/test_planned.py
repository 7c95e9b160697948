"""Plans at work: tiers, shares, overrides, advances."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from core.errors import NotFound
from core.models import EventRecord
from sales.models import AgentPost, Commission, ContractShare
from sales.services import hierarchy
from tests.factories.sales import AgentFactory
from tests.sales.plans import SOLD, VALUE, active, lines, sold, sound

pytestmark = pytest.mark.django_db


def test_a_contract_earns_by_the_plan_of_its_date_with_overrides(crew, contracts, facts):
    active()
    sold(crew, contracts, facts)
    seller, leader, manager = (crew[n].pk for n in ("seller", "leader", "manager"))
    assert lines() == [
        ("NEW", seller, 1, 40_000),
        ("OVERRIDE", leader, 1, 4_000),
        ("OVERRIDE", manager, 1, 2_000),
    ]
    row = Commission.objects.get(kind="OVERRIDE", agent=leader)
    assert (row.base_amount, row.product_rate, row.plan_id) == (
        40_000,
        Decimal("0.1"),
        "PLN-2026-0000001",
    )
    told = EventRecord.objects.get(name="sales.commissions_accrued.v1")
    assert sorted(told.payload["amount"]) == [2_000, 4_000, 40_000]
    assert not sound()


def test_a_contract_of_the_day_before_earns_by_the_products_rule(crew, contracts, facts):
    active()
    sold(crew, contracts, facts, on=date(2026, 6, 30))
    assert lines() == [("NEW", crew["seller"].pk, 1, 25_000)]
    assert not sound()


def test_the_tier_of_the_day_decides(crew, contracts, facts):
    active()
    seller, leader = crew["seller"].pk, crew["leader"].pk
    key = sold(crew, contracts, facts)
    hierarchy.post(
        agent_id=seller, rank="FC", tier="GOLD", reports_to=leader, starts=date(2026, 8, 1)
    )
    (later,) = contracts(seller, 10_000, on=date(2026, 8, 3))
    facts.issued([later], seller, 10_000, on=date(2026, 8, 3))
    assert lines(kind="NEW", contract_id=later) == [("NEW", seller, 1, 45_000)]
    assert lines(kind="NEW", contract_id=key) == [("NEW", seller, 1, 40_000)]
    assert not sound()


def test_later_instalments_and_maintenance_follow_the_servicer(crew, contracts, facts):
    active()
    key = sold(crew, contracts, facts)
    seller, leader = crew["seller"].pk, crew["leader"].pk
    facts.collected([key], seller, 10_000, 2, on=date(2026, 8, 6))
    assert lines(instalment=2, kind="RENEWAL") == [("RENEWAL", seller, 2, 3_000)]
    facts.collected([key], seller, 10_000, 25, on=date(2028, 7, 6))
    assert lines(instalment=25) == [("MAINTAIN", seller, 25, 500)]
    retired = crew["seller"]
    retired.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE agents SET status = 'RETIRED', retired_on = '2028-07-31' WHERE agent_id = %s",
            [seller],
        )
    facts.collected([key], seller, 10_000, 26, on=date(2028, 8, 6))
    assert lines(instalment=26) == [("MAINTAIN", leader, 26, 500)]
    assert not sound()


def test_shares_split_later_lines_to_the_won(crew, contracts, facts):
    active()
    key = sold(crew, contracts, facts, premium=10_001)
    seller, other = crew["seller"].pk, crew["other"].pk
    hierarchy.share(contract_id=key, shares={seller: 3_333, other: 6_667}, starts=date(2026, 8, 1))
    facts.collected([key], seller, 10_001, 2, on=date(2026, 8, 6))
    assert lines(instalment=2, kind="RENEWAL") == [
        ("RENEWAL", other, 2, 2_000),
        ("RENEWAL", seller, 2, 1_000),
    ]
    # 10 % and 5 % of each part
    assert [won for *_, won in lines(instalment=2, kind="OVERRIDE")] == [200, 100, 100, 50]
    assert not sound()


def test_the_products_own_rule_is_shared_too(crew, contracts, facts):
    key = sold(crew, contracts, facts, on=date(2026, 3, 2))
    seller, other = crew["seller"].pk, crew["other"].pk
    hierarchy.share(contract_id=key, shares={seller: 5_000, other: 5_000}, starts=date(2026, 8, 1))
    facts.collected([key], seller, 10_000, 7, on=date(2026, 9, 2))
    assert [won for *_, won in lines(instalment=7)] == [5_000, 5_000]
    assert not sound()


@pytest.mark.parametrize("shares", [{"A": 9_999}, {}, {"A": 10_001}])
def test_shares_that_are_not_whole_are_refused(crew, contracts, facts, shares):
    key = sold(crew, contracts, facts)
    given = dict.fromkeys([crew["seller"].pk] if shares else [], next(iter(shares.values()), 0))
    with pytest.raises(hierarchy.SharesNotWhole):
        hierarchy.share(contract_id=key, shares=given, starts=date(2026, 8, 1))
    assert not ContractShare.objects.exists()


@pytest.mark.guards
def test_the_database_refuses_shares_that_are_not_whole(crew):
    with pytest.raises(DatabaseError, match="100"), transaction.atomic():
        ContractShare.objects.create(
            contract_id="C", starts_on=SOLD, agent=crew["seller"], share=9_999, decided_by="x"
        )


def test_shares_do_not_reach_back(crew, contracts, facts):
    key = sold(crew, contracts, facts)
    with pytest.raises(hierarchy.SharesInThePast):
        hierarchy.share(contract_id=key, shares={crew["other"].pk: 10_000}, starts=date(2026, 7, 5))
    with pytest.raises(NotFound):
        hierarchy.share(contract_id=key, shares={"NONE": 10_000}, starts=date(2026, 8, 1))
    assert not ContractShare.objects.exists()


def test_an_advance_is_paid_redeemed_and_identical(crew, contracts, facts):
    active(VALUE | {"overrides": [], "advance": {"percent": 50, "instalments": [13, 14]}})
    key = sold(crew, contracts, facts)
    seller = crew["seller"].pk
    # half of 2 × 2,000
    assert lines(kind="ADVANCE") == [("ADVANCE", seller, 1, 2_000)]
    for number in (13, 14):
        facts.collected([key], seller, 10_000, number, on=date(2027, number - 6, 6))
    assert lines(kind="REDEEMED") == [
        ("REDEEMED", seller, 13, -1_000),
        ("REDEEMED", seller, 14, -1_000),
    ]
    moved = EventRecord.objects.filter(name="sales.advances_moved.v1").order_by("published_at")
    assert [row.payload["granted"] for row in moved] == [[2_000], [0], [0]]
    assert [row.payload["redeemed"] for row in moved] == [[0], [1_000], [1_000]]
    assert not sound()


def test_the_hierarchy_is_history(crew):
    seller, leader = crew["seller"].pk, crew["leader"].pk
    with pytest.raises(hierarchy.PostInThePast):
        hierarchy.post(agent_id=seller, rank="FC", reports_to=leader, starts=date(2026, 1, 1))
    with pytest.raises(hierarchy.Circular):
        hierarchy.post(agent_id=leader, rank="LEADER", reports_to=seller, starts=SOLD)
    with pytest.raises(NotFound):
        hierarchy.post(agent_id=seller, rank="FC", reports_to="NONE", starts=SOLD)
    assert AgentPost.objects.count() == 4


def test_who_left_a_team_keeps_the_old_leaders_overrides_until_that_day(crew, contracts, facts):
    active(VALUE | {"overrides": [{"rank": "LEADER", "percent": 10}]})
    second = AgentFactory(rank="LEADER", branch=crew["seller"].branch)
    key = sold(crew, contracts, facts)
    hierarchy.post(
        agent_id=crew["seller"].pk, rank="FC", reports_to=second.pk, starts=date(2026, 8, 1)
    )
    facts.collected([key], crew["seller"].pk, 10_000, 2, on=date(2026, 8, 6))
    assert [who for _, who, *_ in lines(kind="OVERRIDE")] == [crew["leader"].pk, second.pk]
    assert not sound()
