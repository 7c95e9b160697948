"""Pages: who may, who sees which rows, what they show, and that refusals write nothing."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contracts import services
from contracts.models import Contract, Customer, PremiumBill, PremiumReceipt, Underwriting
from core.models import AccessRow
from tests.contracts.test_underwriting import referred
from tests.factories.contracts import DAY, issued, world
from tests.factories.sales import clock, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return world()


@pytest.fixture
def team(place):
    return {
        "servicer": person("servicer", "policy_servicing"),
        "underwriter": person("underwriter", "underwriter"),
        "own": person("own", "agent", own=place.agents[0]),
        "other": person("other", "agent", own=place.agents[2]),
        "manager": person("manager", "branch_manager", branch="B01"),
        "auditor": person("auditor", "auditor"),
        "nobody": person("nobody", "administrator"),
    }


def as_(team, name):
    client = Client()
    client.force_login(team[name])
    return client


def text_of(response):
    return response.content.decode()


LISTS = ("contract_list", "customer_list", "bill_list", "underwriting_list")


@pytest.mark.parametrize("page", LISTS)
def test_lists_open_for_viewers_and_for_nobody_else(place, team, page):
    issued(place)
    url = reverse(f"contracts:{page}")
    for name, status in (("auditor", 200), ("servicer", 200), ("own", 200), ("nobody", 403)):
        assert as_(team, name).get(url).status_code == status, name


@pytest.mark.parametrize("page", LISTS)
def test_a_list_asks_as_much_for_fifty_rows_as_for_one(
    place, team, page, django_assert_max_num_queries
):
    issued(place)
    client = as_(team, "auditor")
    url = reverse(f"contracts:{page}")
    client.get(url)

    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(url)
    issued(place, 60, start=100)
    with django_assert_max_num_queries(len(one)):
        client.get(url)


def test_an_agent_sees_own_contracts_a_manager_those_of_the_branch(place, team):
    (mine,) = issued(place, agent_id=place.agents[0])
    (same_branch,) = issued(place, agent_id=place.agents[1], start=1)
    (far,) = issued(place, agent_id=place.agents[2], start=2)
    seen = {
        "own": {mine},
        "other": {far},
        "manager": {mine, same_branch},
        "servicer": {mine, same_branch, far},
    }
    for name, numbers in seen.items():
        client = as_(team, name)
        listed = text_of(client.get(reverse("contracts:contract_list")))
        for number in (mine, same_branch, far):
            assert (number in listed) is (number in numbers), (name, number)
            customer = Contract.objects.get(pk=number).customer_id
            status = 200 if number in numbers else 404
            pages = [
                reverse("contracts:contract_detail", args=[number]),
                reverse("contracts:journey", args=[number]),
                reverse("contracts:panel_bills", args=[number]),
                reverse("contracts:panel_origin", args=[number]),
                reverse("contracts:panel_application", args=[number]),
                reverse("contracts:panel_issue", args=[number]),
                reverse("contracts:panel_reserves", args=[number]),
                reverse("contracts:panel_schedule", args=[number]),
                reverse("contracts:customer_detail", args=[customer]),
                reverse("contracts:panel_customer", args=[customer]),
                reverse("why", args=["contract_premium", number]),
                reverse("why", args=["cooling_off", number]),
            ]
            for page in pages:
                assert client.get(page).status_code == status, (name, page)


def test_the_record_shows_figures_and_logs_who_looked(place, team):
    (number,) = issued(place)
    page = text_of(as_(team, "servicer").get(reverse("contracts:contract_detail", args=[number])))
    contract = Contract.objects.get(pk=number)
    assert f"{contract.premium_amount:,.0f}" in page
    assert "고객0" in page
    assert "850315-1" not in page
    assert AccessRow.objects.filter(actor="servicer", subject=number, action="VIEW").exists()


def test_the_journey_has_a_station_of_each_stage(place, team):
    (number,) = issued(place)
    page = text_of(as_(team, "auditor").get(reverse("contracts:journey", args=[number])))
    stations = ("origin", "application", "issue", "bills", "reserves")
    at = [page.index(reverse(f"contracts:panel_{name}", args=[number])) for name in stations]
    assert at == sorted(at)
    assert "/sales/" in page  # commissions between bills and reserves


def test_search_finds_by_number_name_and_phone(place, team):
    (number,) = issued(place, start=77)
    client = as_(team, "servicer")
    for query in (number, "고객77", "0077"):
        assert number in text_of(client.get(reverse("search"), {"q": query})), query
        listed = text_of(client.get(reverse("contracts:contract_list"), {"q": query}))
        assert number in listed, query
    assert number not in text_of(as_(team, "other").get(reverse("search"), {"q": "고객77"}))


def test_a_premium_is_taken_on_the_screen_once(place, team):
    (number,) = issued(place)
    clock(date(2026, 2, 16))
    services.bill([number], day=date(2026, 2, 16))
    premium = Contract.objects.get(pk=number).premium_amount
    client = as_(team, "servicer")
    url = reverse("contracts:collect", args=[number])
    data = {
        "amount": f"{premium:,.0f}",
        "received_on": "2026-02-16",
        "channel": "COUNTER",
        "receipt_key": "SLIP-1",
        "_operation": "6d2c31f6-54f1-4f4c-9f0e-0d8f3c1d2e3f",
    }
    rehearsed = client.post(url, data)
    assert rehearsed.status_code == 200
    assert not PremiumReceipt.objects.exists()  # only shown what it would do
    for _ in range(2):
        assert client.post(url, {**data, "_confirmed": "1"}).status_code == 303
    assert PremiumReceipt.objects.get().taken_by == "servicer"
    assert PremiumBill.objects.get(contract_id=number, instalment=2).status == "COLLECTED"


def test_a_wrong_amount_comes_back_with_the_reason(place, team):
    (number,) = issued(place)
    services.bill([number], day=date(2026, 2, 16))
    data = {"amount": "100", "received_on": "2026-02-16", "channel": "COUNTER", "_confirmed": "1"}
    response = as_(team, "servicer").post(reverse("contracts:collect", args=[number]), data)
    assert response.status_code == 422
    assert "100" in text_of(response)
    assert not PremiumReceipt.objects.exists()


def test_a_surrender_is_previewed_then_done(place, team):
    (number,) = issued(place, code="DRIVER01")
    clock(date(2026, 1, 24))
    client = as_(team, "servicer")
    url = reverse("contracts:surrender", args=[number])
    figures = services.surrender_figures(number, day=date(2026, 1, 24))
    assert f"{figures.refund:,}" in text_of(client.get(url))
    preview = client.post(url, {"reason": "고객 요청"})
    assert preview.status_code == 200
    assert Contract.objects.get(pk=number).policy_status == "ACTIVE"
    done = client.post(url, {"reason": "고객 요청", "_confirmed": "1"})
    assert done.status_code == 303
    contract = Contract.objects.get(pk=number)
    assert contract.policy_status == "CANCELED"
    assert contract.terminations.get().requested_by == "servicer"
    again = client.post(url, {"reason": "x", "_confirmed": "1"})
    assert again.status_code == 422


def test_a_withdrawal_after_its_period_is_refused(place, team):
    (number,) = issued(place)
    clock(date(2026, 3, 3))
    client = as_(team, "servicer")
    url = reverse("contracts:withdraw", args=[number])
    assert "2026-01-30" in text_of(client.get(url))
    late = client.post(url, {"sent_on": "2026-03-03", "_confirmed": "1"})
    assert late.status_code == 422
    assert Contract.objects.get(pk=number).policy_status == "ACTIVE"
    early = client.post(url, {"sent_on": "2026-01-30", "evidence": "소인", "_confirmed": "1"})
    assert early.status_code == 422
    assert Contract.objects.get(pk=number).policy_status == "ACTIVE"


def test_actions_are_for_those_who_hold_the_right(place, team):
    (number,) = issued(place)
    customer = Contract.objects.get(pk=number).customer_id
    acts = [
        reverse("contracts:collect", args=[number]),
        reverse("contracts:surrender", args=[number]),
        reverse("contracts:withdraw", args=[number]),
        reverse("contracts:debit", args=[number]),
        reverse("contracts:customer_correct", args=[customer]),
        reverse("contracts:customer_unmask", args=[customer]),
    ]
    for url in acts:
        assert as_(team, "servicer").get(url).status_code == 200, url
        for name in ("own", "manager", "auditor", "underwriter"):
            assert as_(team, name).get(url).status_code == 403, (name, url)
            assert as_(team, name).post(url).status_code == 403, (name, url)


def test_a_resident_number_is_shown_for_a_purpose_and_logged(place, team):
    (number,) = issued(place)
    customer = Contract.objects.get(pk=number).customer_id
    client = as_(team, "servicer")
    url = reverse("contracts:customer_unmask", args=[customer])
    assert client.post(url, {"purpose": ""}).status_code == 422
    assert not AccessRow.objects.filter(action="UNMASK").exists()
    response = client.post(url, {"purpose": "지급 서류 대조"})
    assert "850315-1000000" in text_of(response)
    assert "no-store" in response["Cache-Control"]
    row = AccessRow.objects.get(action="UNMASK")
    assert (row.actor, row.subject, row.purpose) == ("servicer", str(customer), "지급 서류 대조")


def test_an_address_is_corrected(place, team):
    (number,) = issued(place)
    customer = Contract.objects.get(pk=number).customer
    client = as_(team, "servicer")
    url = reverse("contracts:customer_correct", args=[customer.pk])
    data = {"phone": customer.phone, "address": "제주시 1", "job_code": customer.job_code}
    assert client.post(url, data).status_code == 303
    assert Customer.objects.get(pk=customer.pk).address == "제주시 1"
    assert client.post(url, data).status_code == 422


def test_the_underwriter_works_the_queue(place, team):
    first = referred(place, person=1)
    second = referred(place, person=2)
    client = as_(team, "underwriter")
    home = text_of(client.get(reverse("contracts:underwriting_home")))
    assert first in home
    assert "Treatment within 3 months" in home
    url = reverse("contracts:underwriting_case", args=[first])
    assert client.post(url, {"result": "PASS", "comment": ""}).status_code == 422
    done = client.post(url, {"result": "PASS", "comment": "서류 확인"})
    assert done.status_code == 303
    assert done["Location"] == reverse("contracts:underwriting_case", args=[second])
    row = Underwriting.objects.get(application_id=first)
    assert (row.result, row.decided_by) == ("PASS", "underwriter")
    assert client.get(url).status_code == 200


def test_others_read_a_case_without_its_disclosures_and_do_not_decide(place, team):
    number = referred(place)
    url = reverse("contracts:underwriting_case", args=[number])
    health = "Admission, surgery"
    for name, status, discloses in (
        ("underwriter", 200, True),
        ("auditor", 200, True),
        ("servicer", 200, False),
        ("own", 200, False),
        ("other", 404, False),
        ("nobody", 403, False),
    ):
        response = as_(team, name).get(url)
        assert response.status_code == status, name
        assert (health in text_of(response)) is discloses, name
    for name in ("auditor", "servicer", "own"):
        done = as_(team, name).post(url, {"result": "PASS", "comment": "x"})
        assert done.status_code == 403, name
    assert Underwriting.objects.get(application_id=number).status == "REFERRED"


def test_a_decision_above_authority_is_refused_on_the_screen(place, team, monkeypatch):
    number = referred(place)
    monkeypatch.setattr("contracts.views.underwriting.limit_of", lambda user, right: 1_000)
    response = as_(team, "underwriter").post(
        reverse("contracts:underwriting_case", args=[number]), {"result": "PASS", "comment": "x"}
    )
    assert response.status_code == 422
    assert "1,000" in text_of(response)
    assert not Contract.objects.exists()


def test_the_servicing_desk_counts_what_waits(place, team):
    good, bad = issued(place, 2)
    services.report_debit_failures([bad], reason="FUNDS", start=DAY)
    for day in (date(2026, 2, 15), date(2026, 3, 3)):
        services.bill([good, bad], day=day)
        services.collect_by_debit([good, bad], day=day)
    services.remind([bad], day=date(2026, 3, 3))
    clock(date(2026, 3, 17))
    page = text_of(as_(team, "servicer").get(reverse("contracts:servicing_home")))
    assert bad in page
    assert good not in page
    assert "2026-03-18" in page
    risk = text_of(as_(team, "own").get(reverse("contracts:panel_at_risk")))
    assert bad in risk
    assert good not in risk


WHYS = [
    ("contract_premium", "{0}"),
    ("policy_reserve", "{0}.2026-01-15.ISSUE"),
    ("surrender_value", "{0}.2026-01-24"),
    ("due_date", "{0}.1"),
    ("cooling_off", "{0}"),
]


@pytest.mark.parametrize(("kind", "key"), WHYS)
@pytest.mark.parametrize("code", ["TERM01", "DRIVER01"])
def test_figures_answer_why(place, team, kind, key, code):
    (number,) = issued(place, code=code)
    url = reverse("why", args=[kind, key.format(number)])
    assert as_(team, "servicer").get(url).status_code == 200
    assert as_(team, "other").get(url).status_code == 404
    missing = reverse("why", args=[kind, key.format("CON-0")])
    assert as_(team, "servicer").get(missing).status_code == 404


def test_lapse_and_refund_answer_why(place, team):
    (number,) = issued(place)
    services.bill([number], day=date(2026, 3, 3))
    services.remind([number], day=date(2026, 3, 3))
    client = as_(team, "servicer")
    lapse = text_of(client.get(reverse("why", args=["lapse_date", f"{number}.2"])))
    assert "2026-03-17" in lapse
    assert "§650" in lapse
    services.surrender(contract_id=number, reason="x", day=date(2026, 3, 4), by="servicer")
    assert client.get(reverse("why", args=["refund", number])).status_code == 200
    ended = reverse("why", args=["policy_reserve", f"{number}.2026-03-04.ENDED"])
    assert client.get(ended).status_code == 200


def test_a_reserve_is_explained_as_it_was_not_as_it_would_be_now(place, team):
    (number,) = issued(place, code="DRIVER01")
    services.reserve_at_month_end([number], day=date(2026, 1, 31))
    reserve = Contract.objects.get(pk=number).reserves.get(occasion="MONTH_END")
    services.bill([number], day=date(2026, 2, 15))
    services.collect_by_debit([number], day=date(2026, 2, 15))
    page = text_of(
        as_(team, "servicer").get(reverse("why", args=["policy_reserve", reserve.figure_key]))
    )
    assert "2026-01-15 – 2026-02-14" in page
    premium = Contract.objects.get(pk=number).premium_amount
    assert reserve.reserve_amount == (premium * 14 / 31).quantize(Decimal(1))


def test_underwriting_answers_why(place, team):
    number = referred(place)
    client = as_(team, "underwriter")
    for kind in ("underwriting", "acceptance_due"):
        page = text_of(client.get(reverse("why", args=[kind, number])))
        assert number or page
        assert as_(team, "other").get(reverse("why", args=[kind, number])).status_code == 404
    panel = text_of(client.get(reverse("contracts:panel_underwriting", args=[number])))
    assert "2026-02-19" in panel
    other = as_(team, "other").get(reverse("contracts:panel_underwriting", args=[number]))
    assert other.status_code == 404


def test_a_case_is_passed_on_and_comes_first_to_the_chief(place, team):
    team["chief"] = person("chief", "chief_underwriter")
    first = referred(place, person=1)
    second = referred(place, person=2)
    client = as_(team, "underwriter")
    url = reverse("contracts:underwriting_escalate", args=[second])
    own = reverse("contracts:underwriting_case", args=[second])
    assert url in text_of(client.get(own))
    assert as_(team, "servicer").get(url).status_code == 403
    assert client.post(url, {"note": ""}).status_code == 422
    assert client.post(url, {"note": "합산 6억, 재정심사 필요"}).status_code == 303
    assert client.post(url, {"note": "again"}).status_code == 422
    page = text_of(as_(team, "chief").get(reverse("contracts:underwriting_home")))
    assert "합산 6억, 재정심사 필요" in page
    assert page.index(second) < page.index(first)
    assert url not in page
