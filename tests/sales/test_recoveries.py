"""Recoveries under a plan end at their target, and statements add up."""

from datetime import date

import pytest

from core.acting import acting
from sales.models import Commission, CommissionPlan
from sales.services import commissions, grants, settlements
from tests.sales.plans import VALUE, active, lines, sold, sound

pytestmark = pytest.mark.django_db


def test_an_early_end_takes_back_the_advance_and_the_rest_by_the_plan(crew, contracts, facts):
    active(VALUE | {"advance": {"percent": 50, "instalments": [13, 14]}})
    key = sold(crew, contracts, facts)
    seller, leader, manager = (crew[n].pk for n in ("seller", "leader", "manager"))
    facts.ended([key], seller, 8, on=date(2027, 3, 1))
    back = lines(kind__in=["CLAWBACK", "RECALL"])
    assert sorted(back) == sorted(
        [
            ("CLAWBACK", seller, 8, -28_000),
            ("CLAWBACK", leader, 8, -2_800),
            ("CLAWBACK", manager, 8, -1_400),
            ("RECALL", seller, 8, -2_000),
        ]
    )
    assert not sound()


def test_a_reinstatement_restores_and_the_next_lapse_takes_again(crew, contracts, facts):
    active()
    key = sold(crew, contracts, facts)
    seller = crew["seller"].pk
    for turn, (month, paid) in enumerate(((9, 3), (11, 4)), start=1):
        facts.ended([key], seller, paid, on=date(2026, month, 1))
        assert not sound()
        facts.reinstated([key], seller, on=date(2026, month, 20))
        kept = Commission.objects.filter(contract_id=key, agent_id=seller)
        assert sum(kept.values_list("amount", flat=True)) == 40_000
        assert kept.filter(kind="RESTORED").count() == turn
        assert not sound()
    facts.reinstated([key], seller, on=date(2026, 12, 1))  # again: nothing moves
    assert Commission.objects.filter(kind="RESTORED", agent_id=seller).count() == 2


def test_an_end_dated_back_and_a_changed_rule_move_by_the_difference(crew, contracts, facts):
    active(VALUE | {"overrides": []})
    key = sold(crew, contracts, facts)
    seller = crew["seller"].pk

    def taken():
        kinds = ["CLAWBACK", "RESTORED"]
        rows = Commission.objects.filter(kind__in=kinds, agent_id=seller)
        return -sum(rows.values_list("amount", flat=True))

    facts.ended([key], seller, 8, on=date(2027, 3, 1))
    assert taken() == 28_000  # 70 % of 40,000
    facts.ended([key], seller, 5, on=date(2027, 3, 9))  # the end was earlier than thought
    assert taken() == 40_000
    milder = {"table": [{"to": 12, "percent": 25}]}
    CommissionPlan.objects.update(status="RETIRED")
    active(VALUE | {"overrides": [], "clawback": milder}, version=2)
    assert commissions.true_up([key], business_date=date(2027, 4, 1)) == 1
    assert taken() == 10_000
    assert commissions.true_up([key], business_date=date(2027, 4, 2)) == 0
    assert not sound()


def test_every_kind_of_line_stands_on_statements_that_add_up(crew, contracts, facts):
    active(VALUE | {"advance": {"percent": 50, "instalments": [2, 3]}})
    key = sold(crew, contracts, facts)
    seller = crew["seller"].pk
    grants.grant(
        kind="INCENTIVE",
        agent_id=seller,
        contract_ids=[key],
        amount=5_000,
        business_date=date(2026, 7, 20),
    )
    facts.collected([key], seller, 10_000, 2, on=date(2026, 8, 6))
    facts.ended([key], seller, 2, on=date(2026, 9, 1))
    facts.reinstated([key], seller, on=date(2026, 9, 7))
    agents = [crew[name].pk for name in ("seller", "leader", "manager")]
    for month in (8, 9, 10):
        day = date(2026, month, 10)
        with acting("maker"):
            made = settlements.draft_statements(agents, business_date=day)
        if made:
            with acting("checker"):
                settlements.release(made, business_date=day)
    assert not Commission.objects.filter(status="PENDING").exists()
    assert not sound()
