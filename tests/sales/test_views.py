"""Pages: who sees what, and that every figure answers why."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sales.models import Commission
from tests.factories.sales import AgentFactory

pytestmark = pytest.mark.django_db


PAGES = {
    "sales:home": ("alice", "manager"),
    "sales:branch_home": ("manager",),
    "sales:agent_list": ("alice", "manager", "bob", "accountant"),
    "sales:agent_new": ("manager",),
    "sales:application_list": ("alice", "manager", "bob", "accountant"),
    "sales:application_new": ("alice", "manager"),
    "sales:commission_list": ("alice", "manager", "bob", "accountant"),
    "sales:contract_sums": ("alice", "manager", "bob", "accountant"),
    "sales:settlement_list": ("alice", "manager", "bob", "accountant"),
    "sales:cap_board": ("alice", "manager", "bob", "accountant"),
    "sales:plan_list": ("alice", "manager", "bob", "accountant"),
    "sales:arbitrage_board": ("alice", "manager", "bob", "accountant"),
    "sales:plan_new": (),
    "sales:grant_new": ("accountant",),
}


@pytest.mark.parametrize("page", PAGES)
def test_pages_open_for_those_who_may(client, team, sold, page):
    for name in ("alice", "manager", "bob", "accountant", "outside"):
        client.force_login(team[name])
        status = client.get(reverse(page)).status_code
        assert status == (200 if name in PAGES[page] else 403), (page, name)


def test_an_agent_sees_own_rows_a_manager_those_of_the_branch_and_an_auditor_all(
    client, team, sold
):
    seen = {}
    for name in ("alice", "charlie", "manager", "bob"):
        client.force_login(team[name])
        text = client.get(reverse("sales:commission_list")).content.decode()
        seen[name] = {who for who, ids in sold.items() if ids[0] in text}
    assert seen == {
        "alice": {"alice"},
        "charlie": {"charlie"},
        "manager": {"alice"},
        "bob": {"alice", "charlie"},
    }


def test_records_outside_the_scope_do_not_exist(client, team, sold):
    mine = team["agents"]["alice"].agent_id
    line = Commission.objects.get(agent_id=mine)
    pages = [
        reverse("sales:agent_detail", args=[mine]),
        reverse("sales:panel_applications", args=[mine]),
        reverse("sales:panel_commissions", args=[mine]),
        reverse("why", args=["commission", line.comm_id]),
    ]
    for name, status in (("alice", 200), ("manager", 200), ("bob", 200), ("charlie", 404)):
        client.force_login(team[name])
        assert [client.get(page).status_code for page in pages] == [status] * len(pages), name
    client.force_login(team["charlie"])
    panel = client.get(reverse("sales:panel_contract", args=[sold["alice"][0]]))
    assert "25,000" not in panel.content.decode()


def test_a_commission_answers_why(client, team, sold):
    client.force_login(team["alice"])
    line = Commission.objects.get(agent=team["agents"]["alice"])
    page = client.get(reverse("why", args=["commission", line.comm_id])).content.decode()
    for shown in ("25,000", "10,000", "250", "TERM01 v1", f"#{line.rule_id}", "half away"):
        assert shown in page, shown


def test_a_clawback_answers_why(client, team, sold, facts):
    alice = team["agents"]["alice"].agent_id
    facts.ended(sold["alice"], alice, 7, on=date(2026, 9, 7))
    client.force_login(team["alice"])
    line = Commission.objects.get(kind="CLAWBACK")
    page = client.get(reverse("why", args=["commission", line.comm_id])).content.decode()
    for shown in ("17,500", "25,000", "70", "7 paid instalments"):
        assert shown in page, shown


def test_the_home_adds_up_the_month(client, team, sold, django_assert_max_num_queries):
    client.force_login(team["alice"])
    with django_assert_max_num_queries(45):
        page = client.get(reverse("sales:home"))
    figures = {str(f.label): f.value for f in page.context["board"].figures}
    assert figures["Expected next"] == 25_000
    assert figures["Earned this month"] == 0
    assert figures["Clawed back this month"] == 0
    trend = page.context["board"].charts[0].data
    assert trend["categories"][-2:] == ["2026-02", "2026-03"]
    assert trend["series"][0]["values"][-2:] == [25_000.0, 0.0]


def test_the_branch_is_measured_against_its_plan(client, team, contracts, facts):
    alice = team["agents"]["alice"].agent_id
    ids = contracts(alice, 30_000, count=2)
    facts.issued(ids, alice, 30_000)
    client.force_login(team["manager"])
    page = client.get(reverse("sales:branch_home"))
    figures = {str(f.label): f for f in page.context["board"].figures}
    assert figures["New monthly premium"].value == 60_000
    assert figures["New monthly premium"].plan == 10_000_000
    assert figures["New contracts"].value == 2
    assert [member.premium for member in page.context["members"]] == [60_000]


@pytest.mark.parametrize(
    "page", ["sales:commission_list", "sales:contract_sums", "sales:agent_list"]
)
def test_lists_ask_the_same_number_of_questions_at_1_and_at_50_rows(
    client, team, contracts, facts, page
):
    alice = team["agents"]["alice"].agent_id
    client.force_login(team["bob"])
    url = reverse(page) + "?per=50"
    asked = []
    for rows in (1, 49):
        facts.issued(contracts(alice, 10_000, count=rows), alice, 10_000)
        AgentFactory.create_batch(rows, branch=team["agents"]["alice"].branch)
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        asked.append(len(captured))
    assert asked[0] == asked[1]
