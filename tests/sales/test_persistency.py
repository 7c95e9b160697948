"""Who still pays: by premium, over twelve cohorts, withdrawals left out, counted by hand."""

from datetime import date

import pytest

from core.permissions import Scope
from sales.models import SalesRecord
from sales.selectors import commissions
from tests.factories.sales import AgentFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 17)


def sold(agent, on, premium, reached, *, ended="", pay_months=240):
    SalesRecord.objects.create(
        contract_id=f"CON-{SalesRecord.objects.count():07d}",
        agent_id=agent.agent_id,
        product_code="TERM01",
        issued_on=on,
        premium=premium,
        pay_months=pay_months,
        reached=reached,
        ended_on=date(2026, 1, 2) if ended else None,
        ended_kind=ended,
    )


def measured(scope):
    return {kept.instalment: kept for kept in commissions.persistency(scope, TODAY)}


def test_persistency_counts_paid_instalments_by_premium():
    agent, other = AgentFactory(), AgentFactory()
    sold(agent, date(2024, 6, 3), 30_000, 13)
    sold(agent, date(2024, 9, 2), 50_000, 1, ended="LAPSE")
    sold(agent, date(2025, 1, 31), 20_000, 13, ended="SURRENDER")
    sold(agent, date(2024, 8, 1), 70_000, 1, ended="WITHDRAWAL")  # never a sale
    sold(agent, date(2024, 8, 1), 40_000, 1, pay_months=12)  # no thirteenth instalment to pay
    sold(agent, date(2025, 2, 3), 90_000, 1)  # its thirteenth instalment is still in grace
    sold(other, date(2024, 6, 3), 10_000, 13)
    own = measured(Scope(own=agent.agent_id))
    assert (own[13].frm, own[13].to) == (date(2024, 2, 1), date(2025, 1, 31))
    assert (own[13].contracts, own[13].ratio) == (3, 0.3)
    branch = measured(Scope(branch=other.branch_id))
    assert (branch[13].contracts, branch[13].ratio) == (1, 1.0)
    assert measured(Scope())[13].ratio == 40_000 / 110_000
    assert own[25].ratio is None


def test_the_twenty_fifth_month_needs_an_older_cohort():
    agent = AgentFactory()
    sold(agent, date(2023, 5, 2), 30_000, 25)
    sold(agent, date(2024, 1, 31), 10_000, 13)
    assert measured(Scope())[25].ratio == 0.75


def test_what_is_in_force_of_a_years_sales():
    agent = AgentFactory()
    sold(agent, date(2025, 4, 1), 10_000, 1)
    sold(agent, date(2026, 3, 2), 20_000, 1, ended="LAPSE")
    sold(agent, date(2026, 3, 2), 30_000, 0)  # not paid for: no sale yet
    own = measured(Scope(own=agent.agent_id))
    assert own[0].ratio == 1 / 3
    assert commissions.in_force_by_agent(Scope(), TODAY) == {agent.agent_id: 1 / 3}


def test_facts_keep_the_record(contracts, facts, agent):
    ids = contracts(agent.agent_id, 10_000, count=2)
    facts.issued(ids, agent.agent_id, 10_000, on=date(2025, 1, 2))
    facts.collected(ids, agent.agent_id, 10_000, 13, on=date(2026, 1, 2))
    facts.collected(ids[:1], agent.agent_id, 10_000, 14, on=date(2026, 2, 2))
    facts.ended(ids[1:], agent.agent_id, 13, on=date(2026, 3, 2))
    assert measured(Scope())[13].ratio == 0.5
    assert [r.reached for r in SalesRecord.objects.order_by("contract_id")] == [13, 13]
