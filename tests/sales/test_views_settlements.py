"""Statements on screen: seen before they are released, by whom, and on paper."""

from datetime import date

import pytest
from django.urls import reverse

from sales.models import CommissionSettlement
from sales.services import settlements

pytestmark = pytest.mark.django_db


def statements(team):
    agents = [agent.agent_id for agent in team["agents"].values()]
    return settlements.draft_statements(agents, business_date=date(2026, 3, 10))


def test_the_accountant_releases_after_seeing_what_it_does(client, team, sold):
    made = statements(team)
    client.force_login(team["accountant"])
    url = reverse("sales:settlement_release")
    preview = client.post(url, {"keys": made})
    assert preview.status_code == 200
    assert "48,360" in preview.content.decode()
    assert CommissionSettlement.objects.filter(status="PAID").count() == 0
    assert client.post(url, {"keys": made, "_confirmed": "1"}).status_code == 303
    assert CommissionSettlement.objects.filter(status="PAID").count() == 2
    assert CommissionSettlement.objects.first().checked_by == "accountant"


def test_only_those_who_settle_release(client, team, sold):
    made = statements(team)
    for name in ("alice", "manager", "bob"):
        client.force_login(team[name])
        one = reverse("sales:settlement_release_one", args=[made[0]])
        assert client.post(one).status_code == 403
        many = reverse("sales:settlement_release")
        assert client.post(many, {"keys": made, "_confirmed": "1"}).status_code == 403
    assert CommissionSettlement.objects.filter(status="PAID").count() == 0


def test_the_paper_says_what_is_withheld(client, team, sold):
    statements(team)
    mine = CommissionSettlement.objects.get(agent=team["agents"]["alice"])
    pages = [
        reverse("sales:settlement_detail", args=[mine.pk]),
        reverse("sales:settlement_paper", args=[mine.pk]),
        reverse("why", args=["settlement", mine.pk]),
    ]
    for name, status in (("alice", 200), ("manager", 200), ("bob", 200), ("charlie", 404)):
        client.force_login(team[name])
        assert [client.get(page).status_code for page in pages] == [status] * 3, name
    client.force_login(team["alice"])
    paper = client.get(pages[1]).content.decode()
    for shown in ("25,000", "750", "70", "24,180", "금 이만사천일백팔십원정", sold["alice"][0]):
        assert shown in paper, shown
