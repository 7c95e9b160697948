"""Applications on screen: applied for, drafted, quoted, refused; no resident number comes back."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from core.models import AccessRow, EventRecord
from core.privacy import seal
from sales.forms import seal_token
from sales.models import Application
from tests.factories.sales import row

pytestmark = pytest.mark.django_db
NUMBER = "900101-1234567"


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
        {"resident_number": "301231-3234567"},
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


def test_two_sell_together_and_the_page_says_so(client, team):
    client.force_login(team["alice"])
    mine, other = team["agents"]["alice"].agent_id, team["agents"]["charlie"].agent_id
    assert apply(client, partner_id=other).status_code == 422
    assert apply(client, partner_share="40").status_code == 422
    assert apply(client, partner_id=mine, partner_share="40").status_code == 422
    twice = {"second_partner_id": other, "second_partner_share": "1"}
    assert apply(client, partner_id=other, partner_share="40", **twice).status_code == 422
    assert not Application.objects.exists()
    assert apply(client, partner_id=other, partner_share="33.33", _draft="1").status_code == 303
    kept = Application.objects.get()
    assert kept.shares == {mine: 6_667, other: 3_333}
    edit = client.get(reverse("sales:application_edit", args=[kept.pk]))
    assert edit.context["form"]["partner_share"].value() == Decimal("33.33")
    shown = client.get(reverse("sales:application_detail", args=[kept.pk])).content.decode()
    assert f"({other}) 33.33 %" in shown
