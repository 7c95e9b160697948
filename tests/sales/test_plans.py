"""Plans as data: tried and refused by name, checked by a second person, shown, compared."""

from copy import deepcopy
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from core.acting import acting
from core.errors import NotAllowed, NotFound
from core.models import EventRecord
from core.status import IllegalTransition
from products.models import Rating
from sales.models import AgentPost, Commission, CommissionPlan, ContractShare
from sales.rules.differences import differences
from sales.services import plans, shipped
from tests.factories.sales import person

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 15)
VALUE = {
    "schedule": [
        {
            "tier": "*",
            "rank": "*",
            "steps": [{"from": 1, "to": 1, "rate": 250}, {"from": 7, "to": 7, "rate": 100}],
        }
    ],
    "overrides": [{"rank": "LEADER", "percent": 10}],
    "clawback": {"table": [{"to": 12, "percent": 100}]},
}


def proposal(value=None, *, starts=date(2026, 7, 1), ends=date(2027, 1, 1), code="TERM01"):
    return plans.Proposal(
        product_code=code, starts=starts, ends=ends, value=value or VALUE, note="test"
    )


def drafted(value=None, by="maker", **when):
    with acting(by):
        return plans.draft(proposal(value, **when), business_date=DAY)


def activated(value=None, **when):
    row = drafted(value, **when)
    with acting("checker"):
        return plans.activate(row.pk, business_date=DAY)


def refused(error, act, match=None):
    def state():
        rows = CommissionPlan.objects.order_by("pk").values_list("pk", "status")
        return list(rows), Rating.objects.count(), EventRecord.objects.count()

    before = state()
    with pytest.raises(error, match=match), transaction.atomic():
        act()
    assert state() == before


def with_steps(*steps, **more):
    value = deepcopy(VALUE) | more
    value["schedule"][0]["steps"] = [{"from": a, "to": b, "rate": r} for a, b, r in steps]
    return value


def test_a_second_person_activates_what_was_tried(term_life):
    row = drafted()
    assert (row.status, row.regime, row.version) == ("DRAFT", "KR-2026-07", 1)
    assert row.trial["first_year_percent"] == 350.0
    assert all(len(one["kept"]) == 12 for one in row.trial["models"])
    with acting("maker"):
        refused(NotAllowed, lambda: plans.activate(row.pk, business_date=DAY))
    with acting("checker"):
        plans.activate(row.pk, business_date=DAY)
        refused(IllegalTransition, lambda: plans.activate(row.pk, business_date=DAY))
    row.refresh_from_db()
    assert (row.status, row.checked_by, row.checked_on) == ("ACTIVE", "checker", DAY)


@pytest.mark.parametrize(
    ("value", "when", "error"),
    [
        (with_steps((1, 1, 1_201)), {}, plans.PlanAboveCap),
        (with_steps((1, 12, 101)), {}, plans.PlanAboveCap),
        (with_steps((1, 1, 250), clawback={}), {}, plans.PlanAllowsArbitrage),
        (
            with_steps((1, 1, 250)),
            {"starts": date(2027, 1, 1), "ends": date(2028, 1, 1)},
            plans.PlanAboveCost,
        ),
        (
            with_steps((1, 1, 1_100), maintenance=[{"from": 13, "to": 48, "rate": 5}]),
            {"starts": date(2027, 1, 1), "ends": date(2028, 1, 1)},
            plans.PlanAboveCost,
        ),
        (
            with_steps((1, 1, 250), maintenance=[{"from": 13, "to": 48, "rate": 20}]),
            {"starts": date(2027, 1, 1), "ends": date(2028, 1, 1)},
            plans.PlanAboveCost,
        ),
        (with_steps((1, 1, 250)), {"ends": None}, plans.NoRegime),
        (with_steps((1, 1, 250)), {"ends": date(2026, 7, 1)}, plans.NoRegime),
        (with_steps((1, 1, 250)), {"starts": date(2020, 1, 1)}, plans.NoRegime),
        (with_steps((1, 6, 10), (6, 7, 10)), {}, plans.MalformedPlan),
        (with_steps((1, 1, 0)), {}, plans.MalformedPlan),
        (with_steps((1, 1, 10.001)), {}, plans.MalformedPlan),
        ({"overrides": []}, {}, plans.MalformedPlan),
        (
            with_steps((1, 1, 9), advance={"percent": 50, "instalments": [13]}),
            {},
            plans.MalformedPlan,
        ),
        (
            with_steps((1, 1, 9), clawback={"table": [{"to": 6, "percent": 101}]}),
            {},
            plans.MalformedPlan,
        ),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name_before_anything_is_written(
    term_life, value, when, error
):
    refused(error, lambda: drafted(value, **when))


def test_an_unknown_product_is_named(term_life):
    refused(NotFound, lambda: drafted(code="NONE"), "NONE")


def test_a_new_version_replaces_the_cohorts_plan_and_an_overlap_is_refused(term_life):
    first = activated()
    second = activated(with_steps((1, 1, 240)))
    first.refresh_from_db()
    assert (first.status, second.status, second.version) == ("RETIRED", "ACTIVE", 2)
    third = drafted(starts=date(2026, 9, 1))
    with acting("checker"):
        refused(plans.PlansOverlap, lambda: plans.activate(third.pk, business_date=DAY))
    plans.retire(second.pk, reason="test", business_date=DAY)
    with acting("checker"):
        assert plans.activate(third.pk, business_date=DAY).status == "ACTIVE"


def test_what_was_recovered_follows_the_plan_that_rules_now(term_life, agent, contracts, facts):
    activated()
    (key,) = contracts(agent.agent_id, 10_000, on=date(2026, 7, 6))
    facts.issued([key], agent.agent_id, 10_000, on=date(2026, 7, 6))
    facts.ended([key], agent.agent_id, 3, on=date(2026, 10, 1))

    def recovered():
        rows = Commission.objects.filter(kind__in=["CLAWBACK", "RESTORED"])
        return -sum(rows.values_list("amount", flat=True))

    assert recovered() == 25_000
    milder = activated(with_steps((1, 1, 90), clawback={"table": [{"to": 12, "percent": 40}]}))
    assert recovered() == 10_000
    plans.retire(milder.pk, reason="test", business_date=DAY)
    assert recovered() == 25_000  # the product's own table takes all within six instalments


@pytest.mark.guards
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE commission_plans SET value = '{}'",
        "UPDATE commission_plans SET period = '[2020-01-01,)'",
        "UPDATE commission_plans SET status = 'DRAFT'",
        "UPDATE commission_plans SET checked_by = made_by",
        "DELETE FROM commission_plans",
    ],
)
def test_the_database_keeps_plans_as_they_were_checked(term_life, attack):
    activated()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(attack)


def test_what_differs_is_said_path_by_path():
    after = with_steps((1, 1, 240), (7, 7, 100))
    after["overrides"] = []
    found = {one.path: (one.before, one.after) for one in differences(VALUE, after)}
    assert found == {
        ("overrides", "LEADER", "percent"): (10, None),
        ("overrides", "LEADER", "rank"): ("LEADER", None),
        ("schedule", "*/*", "steps", "1–1", "rate"): (250, 240),
    }


def test_the_shipped_plans_stand_every_test_of_their_regimes():
    from tests.factories import products

    products.published("TERM01", "WHOLE01", "CANCER01")
    assert shipped.load(business_date=DAY) == 9
    assert shipped.load(business_date=DAY) == 0
    kept = CommissionPlan.objects.filter(status="ACTIVE")
    assert set(kept.values_list("regime", flat=True)) == {"KR-2026-07", "KR-2027", "KR-2029"}
    assert not kept.filter(made_by="system:sales-checker").exists()


# ------------------------------------------------------------------ on screen


@pytest.fixture
def actuaries(team):
    return person("actuary", "product_actuary"), person("actuary2", "product_actuary")


def posted(value=VALUE):
    import json

    return {
        "product_code": "TERM01",
        "starts": "2026-07-01",
        "ends": "2027-01-01",
        "value": json.dumps(value),
        "note": "2026-07",
    }


def test_one_actuary_drafts_and_the_other_activates(client, actuaries, team):
    maker, checker = actuaries
    client.force_login(maker)
    new = reverse("sales:plan_new")
    assert client.get(new).status_code == 200
    above = client.post(new, posted(with_steps((1, 1, 1_300))))
    assert above.status_code == 422
    assert "1,200" in above.content.decode()
    assert not CommissionPlan.objects.exists()
    made = client.post(new, posted())
    assert made.status_code == 303
    key = CommissionPlan.objects.get().pk
    activate = reverse("sales:plan_activate", args=[key])
    assert client.post(activate).status_code in (403, 422)
    client.force_login(team["bob"])
    assert client.post(activate).status_code == 403
    client.force_login(checker)
    assert client.post(activate).status_code == 303
    assert CommissionPlan.objects.get().status == "ACTIVE"
    detail = client.get(reverse("sales:plan_detail", args=[key])).content.decode()
    for shown in ("TERM01", "KR-2026-07", "250 %", "Nearest"):
        assert shown in detail, shown
    board = client.get(reverse("sales:arbitrage_board") + f"?plan={key}")
    assert board.status_code == 200
    assert len(board.context["board"].charts) == len(CommissionPlan.objects.get().trial["models"])


def test_two_versions_are_compared_and_one_is_retired_with_a_reason(client, actuaries):
    activated()
    second = activated(with_steps((1, 1, 240)))
    client.force_login(actuaries[0])
    page = client.get(reverse("sales:plan_compare", args=[second.pk])).content.decode()
    assert "250" in page
    assert "240" in page
    retire = reverse("sales:plan_retire", args=[second.pk])
    assert client.post(retire, {"reason": ""}).status_code == 422
    assert client.post(retire, {"reason": "개정"}).status_code == 303
    assert not CommissionPlan.objects.filter(status="ACTIVE").exists()
    new = reverse("sales:plan_new") + f"?from={second.pk}"
    assert "240" in client.get(new).content.decode()


def test_the_cap_board_keeps_to_the_scope_and_a_grant_shows_its_entries(client, team, sold):
    mine, other = sold["alice"][0], sold["charlie"][0]
    for name, seen in (("alice", {mine}), ("manager", {mine}), ("bob", {mine, other})):
        client.force_login(team[name])
        text = client.get(reverse("sales:cap_board")).content.decode()
        assert {key for key in (mine, other) if key in text} == seen, name
    client.force_login(team["accountant"])
    url = reverse("sales:grant_new")
    agent = team["agents"]["alice"].agent_id
    form = {"kind": "INCENTIVE", "agent_id": agent, "amount": "1000000", "contracts": mine}
    over = client.post(url, form | {"_confirmed": "1"})
    assert over.status_code == 422
    # cap 120,000; 25,000 paid and 10,000 scheduled
    assert "85,000" in over.content.decode()
    preview = client.post(url, form | {"amount": "85000"})
    assert preview.status_code == 200
    assert not Commission.objects.filter(kind="INCENTIVE").exists()
    assert client.post(url, form | {"amount": "85000", "_confirmed": "1"}).status_code == 303
    assert Commission.objects.get(kind="INCENTIVE").amount == 85_000
    why = reverse("why", args=["commission", Commission.objects.get(kind="INCENTIVE").pk])
    assert "85,000" in client.get(why).content.decode()


def test_a_manager_shares_contracts_and_places_agents_of_the_branch(client, team, sold):
    mine, other = sold["alice"][0], sold["charlie"][0]
    alice, charlie = (team["agents"][name].agent_id for name in ("alice", "charlie"))
    client.force_login(team["manager"])
    url = reverse("sales:contract_share", args=[mine])
    assert f"{alice} 100" in client.get(url).content.decode()
    bad = {"shares": f"{alice} 60", "starts": "2026-04-01"}
    assert client.post(url, bad).status_code == 422
    assert client.post(url, {"shares": "nonsense", "starts": "2026-04-01"}).status_code == 422
    good = {"shares": f"{alice} 60\n{charlie}, 40 %", "starts": "2026-04-01"}
    assert client.post(url, good).status_code == 303
    assert dict(ContractShare.objects.values_list("agent_id", "share")) == {
        alice: 6_000,
        charlie: 4_000,
    }
    elsewhere = reverse("sales:contract_share", args=[other])
    assert client.post(elsewhere, good).status_code == 404
    place = reverse("sales:agent_post", args=[alice])
    given = {"rank": "FC", "tier": "GOLD", "reports_to": charlie, "starts": "2026-03-03"}
    assert client.post(place, given).status_code == 303
    assert AgentPost.objects.get().tier == "GOLD"
    page = client.get(reverse("sales:agent_detail", args=[alice])).content.decode()
    assert "GOLD" in page
    client.force_login(team["alice"])
    assert client.post(place, given).status_code == 403
    assert client.post(url, good).status_code == 403
