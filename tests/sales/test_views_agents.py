"""Agents on screen: kept by their manager, found within the scope."""

from datetime import date

import pytest
from django.urls import reverse

from tests.factories.sales import TODAY

pytestmark = pytest.mark.django_db


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
