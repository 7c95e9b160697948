"""Pages: who sees what, what is refused, and that every figure answers why."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import AccessRow, EventRecord
from core.privacy import seal
from sales.forms import seal_token
from sales.models import Application, Commission, CommissionSettlement
from sales.services import settlements
from tests.factories.sales import TODAY, AgentFactory, clock, person, row

pytestmark = pytest.mark.django_db
NUMBER = "900101-1234567"


@pytest.fixture
def team(term_life):
    """Two branches: Alice sells in the first, Charlie in the second; each has a manager."""
    clock()
    alice, charlie = AgentFactory(agent_name="앨리스"), AgentFactory(agent_name="찰리")
    return {
        "alice": person("alice", "agent", own=alice.agent_id, branch=alice.branch_id),
        "charlie": person("charlie", "agent", own=charlie.agent_id, branch=charlie.branch_id),
        "manager": person("manager", "branch_manager", branch=alice.branch_id),
        "bob": person("bob", "auditor"),
        "accountant": person("accountant", "accountant"),
        "outside": person("outside", "siu"),
        "agents": {"alice": alice, "charlie": charlie},
    }


@pytest.fixture
def sold(team, contracts, facts):
    """A contract of Alice's and one of Charlie's, with their commissions."""
    found = {}
    for name, agent in team["agents"].items():
        found[name] = contracts(agent.agent_id, 10_000)
        facts.issued(found[name], agent.agent_id, 10_000, on=date(2026, 2, 2))
    return found


def sheet(**changes):
    """Return a posted application form of TERM01."""
    asked = {f"ask_{code}": "no" for code in row()["disclosures"]}
    return {
        "applicant_name": "홍길동",
        "resident_number": NUMBER,
        "job_code": "3120",
        "plan": "120/120",
        "sum_assured": "5,000만",
        "initial_premium_paid": "on",
        "explained": "on",
        **asked,
        "ask_treated_3m": "yes",  # a person must underwrite, so that it stays undecided
        **changes,
    }


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


def test_the_excel_of_applications_asks_a_purpose(client, team):
    client.force_login(team["alice"])
    url = reverse("sales:application_list")
    assert client.post(url, {"export": "xlsx"}).status_code == 422
    assert not AccessRow.objects.exists()
    answer = client.post(url, {"export": "xlsx", "purpose": "월간 점검"})
    assert answer["Content-Type"].startswith("application/vnd.openxml")
    assert AccessRow.objects.get().purpose == "월간 점검"


def apply(client, **changes):
    return client.post(reverse("sales:application_form", args=["TERM01"]), sheet(**changes))


def test_an_agent_applies_in_one_go(client, team):
    client.force_login(team["alice"])
    assert client.get(reverse("sales:application_form", args=["TERM01"])).status_code == 200
    answer = apply(client)
    application = Application.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == reverse(
        "sales:application_detail", args=[application.application_id]
    )
    assert application.status == "SUBMITTED"
    assert application.agent == team["agents"]["alice"]
    assert application.disclosures["treated_3m"] is True
    assert application.sum_assured == 50_000_000
    shown = client.get(answer["Location"]).content.decode()
    assert "900101-1******" in shown
    assert NUMBER not in shown
    assert "1234567" not in shown
    assert AccessRow.objects.filter(subject=application.application_id).exists()


def test_the_resident_number_never_comes_back_and_is_kept_sealed(client, team, caplog):
    client.force_login(team["alice"])
    answer = apply(client, applicant_name="")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "1234567" not in text
    assert "900101-1******" in text
    token = answer.context["form"]["sealed"].value()
    again = apply(client, resident_number="", sealed=token)
    assert again.status_code == 303
    assert Application.objects.get().rrn_hash == seal(NUMBER).index
    written = caplog.text + str(list(EventRecord.objects.values_list("payload", flat=True)))
    assert "1234567" not in written


def test_a_forged_seal_is_not_taken(client, team):
    client.force_login(team["alice"])
    answer = apply(client, resident_number="", sealed=seal_token(seal(NUMBER))[:-2] + "xx")
    assert answer.status_code == 422
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"explained": ""},
        {"ask_treated_3m": ""},
        {"resident_number": "900231-1234567"},
        {"sum_assured": "1"},
        {"job_code": "nope"},
    ],
)
def test_an_incomplete_form_comes_back_with_422(client, team, changes):
    client.force_login(team["alice"])
    assert apply(client, **changes).status_code == 422
    assert not Application.objects.exists()
    assert not EventRecord.objects.filter(name__startswith="sales.").exists()


def test_an_untrained_agent_is_told_what_would_help(client, team):
    agent = team["agents"]["alice"]
    agent.training_valid_until = date(2026, 3, 1)
    agent.save()
    client.force_login(team["alice"])
    answer = apply(client)
    assert answer.status_code == 422
    assert "refresher course" in answer.content.decode()
    assert not Application.objects.exists()


def test_a_manager_applies_for_the_branch_only(client, team):
    client.force_login(team["manager"])
    other = apply(client, agent_id=team["agents"]["charlie"].agent_id)
    assert other.status_code == 422
    assert not Application.objects.exists()
    own = apply(client, agent_id=team["agents"]["alice"].agent_id)
    assert own.status_code == 303


def test_the_same_post_twice_applies_once(client, team):
    client.force_login(team["alice"])
    key = "7f0d7d3e-5b0b-4d8e-9d3e-0d8f5b6c7a10"
    first, second = (apply(client, _operation=key) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Application.objects.count() == 1


def test_a_draft_is_kept_continued_and_submitted(client, team):
    client.force_login(team["alice"])
    assert apply(client, _draft="1", explained="", ask_treated_3m="").status_code == 303
    number = Application.objects.get().application_id
    page = client.get(reverse("sales:application_edit", args=[number])).content.decode()
    assert "900101-1******" in page
    assert "홍길동" in page
    submit = reverse("sales:application_submit", args=[number])
    assert client.post(submit).status_code == 422
    assert Application.objects.get().status == "DRAFT"
    edit = reverse("sales:application_edit", args=[number])
    assert client.post(edit, sheet(resident_number="")).status_code == 303
    assert Application.objects.get().status == "SUBMITTED"
    client.force_login(team["charlie"])
    assert client.get(reverse("sales:application_detail", args=[number])).status_code == 404
    assert client.post(submit).status_code == 404


def test_an_application_is_withdrawn_with_a_reason(client, team):
    client.force_login(team["alice"])
    apply(client)
    url = reverse("sales:application_withdraw", args=[Application.objects.get().pk])
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "변심"}).status_code == 303
    assert Application.objects.get().status == "WITHDRAWN"


def test_the_quote_answers_as_far_as_it_can(client, team):
    client.force_login(team["alice"])
    url = reverse("sales:application_quote", args=["TERM01"])
    empty = client.post(url, {}).content.decode()
    assert "resident number" in empty
    seven = client.post(url, sheet(resident_number="900101-1")).context["quote"]
    assert seven.premium > 0
    assert seven.age == 36
    assert seven.commission == round(seven.premium * 2.5)
    refused = client.post(url, sheet(resident_number="300101-1")).context["quote"]
    assert refused.reasons
    assert refused.premium == 0
    female = client.post(url, sheet(resident_number="900101-2")).context["quote"]
    assert female.premium < seven.premium


def test_without_javascript_the_form_quotes_too(client, team):
    client.force_login(team["alice"])
    answer = apply(client, _quote="1", explained="", applicant_name="")
    assert answer.status_code == 200
    assert answer.context["quote"].premium > 0
    assert not answer.context["form"].errors
    assert "1234567" not in answer.content.decode()
    assert not Application.objects.exists()


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


def test_a_manager_keeps_the_agents(client, team):
    client.force_login(team["manager"])
    mine, other = (team["agents"][name] for name in ("alice", "charlie"))
    train = reverse("sales:agent_train", args=[mine.agent_id])
    assert client.post(train, {"valid_until": "20290101"}).status_code == 303
    mine.refresh_from_db()
    assert mine.training_valid_until == date(2029, 1, 1)
    elsewhere = reverse("sales:agent_train", args=[other.agent_id])
    assert client.post(elsewhere, {"valid_until": "20290101"}).status_code == 404
    retire = reverse("sales:agent_retire", args=[mine.agent_id])
    assert client.post(retire, {"on": TODAY, "reason": ""}).status_code == 422
    assert client.post(retire, {"on": TODAY, "reason": "해촉"}).status_code == 303
    assert apply(client, agent_id=mine.agent_id).status_code == 422
    again = reverse("sales:agent_reappoint", args=[mine.agent_id])
    given = {"on": TODAY, "training_valid_until": "2028-01-01", "reason": "재위촉"}
    assert client.post(again, given).status_code == 303
    assert client.get(reverse("sales:agent_detail", args=[mine.agent_id])).status_code == 200


def test_a_manager_appoints_in_the_own_branch_only(client, team):
    client.force_login(team["manager"])
    given = {
        "name": "새 설계사",
        "rank": "FC",
        "commission_rate": "0.95",
        "licence_number": "L-1",
        "sells_life": "on",
        "appointed_on": TODAY,
        "training_valid_until": "2028-01-01",
    }
    url = reverse("sales:agent_new")
    other = team["agents"]["charlie"].branch_id
    assert client.post(url, given | {"branch_code": other}).status_code == 422
    own = team["agents"]["alice"].branch_id
    answer = client.post(url, given | {"branch_code": own})
    assert answer.status_code == 303
    change = answer["Location"] + "change/"
    assert (
        client.post(change, given | {"branch_code": own, "commission_rate": "1.10"}).status_code
        == 303
    )


def test_search_and_pickers_keep_to_the_scope(client, team):
    client.force_login(team["charlie"])
    found = client.get(reverse("search"), {"q": "앨리스"}).content.decode()
    assert team["agents"]["alice"].agent_id not in found
    client.force_login(team["bob"])
    found = client.get(reverse("search"), {"q": "앨리스"}).content.decode()
    assert team["agents"]["alice"].agent_id in found
    suggested = client.get(reverse("pick", args=["agent"]), {"agent_id": "찰리"}).content.decode()
    assert team["agents"]["charlie"].agent_id in suggested
