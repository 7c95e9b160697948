"""Pages of fraud detection: monitor, review, holds, watch-list, rules."""

from datetime import date

import pytest
from django.urls import reverse

from claims.models import Claim
from core.clock import advance
from core.models import User
from fds.models import Case, Hold, RuleSet, WatchEntry
from tests.factories import claims as make

TODAY = date(2026, 3, 24)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def enter(client, people):
    """Return a function that logs someone in on the business day."""
    advance(TODAY)
    make.person("seller", "agent", own_number="A0001")
    make.person("auditor", "auditor")

    def entered(name):
        client.force_login(User.objects.get(username=name))
        return client

    return entered


def url(name, *args):
    return reverse(f"fds:{name}", args=args)


def test_the_monitor_shows_scores_and_marks_the_suspicious(enter, suspicious):
    calm = make.received(make.contract(start=date(2025, 6, 1)))
    for name in ("siu", "adjuster", "auditor"):
        page = enter(name).get(url("monitor")).content.decode()
        assert suspicious in page
        assert calm in page
        assert "risk-high" in page
    waiting = enter("siu").get(url("monitor") + "?show=waiting").content.decode()
    assert suspicious in waiting
    assert calm not in waiting
    part = enter("siu").get(url("monitor"), headers=HTMX).content.decode()
    assert "<html" not in part
    assert enter("seller").get(url("monitor")).status_code == 403


def test_the_live_risk_polls_while_it_can_change_and_stops_with_286(enter, suspicious):
    client = enter("siu")
    live = client.get(url("risk", suspicious), headers=HTMX)
    assert live.status_code == 200
    assert "every 5s" in live.content.decode()
    client.post(
        url("review_decide", suspicious),
        {"state": "INNOCENT", "reason": "진료 기록 확인", "_confirmed": "1"},
    )
    settled = client.get(url("risk", suspicious), headers=HTMX)
    assert settled.status_code == 286
    assert "every 5s" not in settled.content.decode()
    assert client.get(url("risk", suspicious)).status_code == 200
    assert enter("seller").get(url("risk", suspicious)).status_code == 403


def test_the_score_answers_why_with_operands_and_rows(enter, suspicious):
    page = enter("siu").get(reverse("why", args=["risk-score", suspicious])).content.decode()
    for text in ("R01", "R02", "R03", "2026-03-10", "2026-03-20", "H001"):
        assert text in page
    assert enter("siu").get(reverse("why", args=["risk-score", "CLM-0"])).status_code == 404


def test_a_case_is_taken_put_back_and_decided_on_the_work_page(enter, suspicious):
    client = enter("siu")
    assert client.post(url("review_next"))["Location"] == url("review_case", suspicious)
    assert client.get(url("review")).status_code == 200
    other = enter("siu2")
    page = other.get(url("review_case", suspicious))
    assert page.status_code == 200
    assert url("review_decide", suspicious) not in page.content.decode()
    refused = other.post(
        url("review_decide", suspicious), {"state": "INNOCENT", "reason": "확인", "_confirmed": "1"}
    )
    assert refused.status_code == 422
    assert Case.objects.get().status == "WORKING"
    client = enter("siu")
    client.post(url("review_put_back", suspicious))
    client.post(url("review_take", suspicious))
    assert (
        client.post(url("review_decide", suspicious), {"state": "INNOCENT", "reason": ""})
    ).status_code == 422
    done = client.post(
        url("review_decide", suspicious),
        {
            "state": "CONFIRMED",
            "reason": "허위 입원 자백",
            "kind": "FALSE_ACCIDENT",
            "ground": "FRAUD",
            "amount": "2,500,000",
            "evidence": "자백서",
            "_confirmed": "1",
        },
    )
    assert done.status_code == 303
    assert Case.objects.get().status == "CONFIRMED"
    assert client.get(url("review_case", suspicious)).status_code == 200
    assert client.get(url("review")).status_code == 200
    assert client.get(url("case_list"), follow=True).status_code == 200


def test_readers_may_not_decide_or_hold(enter, suspicious):
    client = enter("auditor")
    for name in ("review_take", "review_put_back", "review_decide", "hold_new"):
        assert client.post(url(name, suspicious), {}).status_code == 403
    assert client.post(url("review_next")).status_code == 403
    assert enter("adjuster").get(url("hold_new", suspicious)).status_code == 403
    assert enter("siu").get(url("home")).status_code == 200


def test_a_hold_is_placed_shown_and_released_by_forms(enter, suspicious):
    client = enter("manager")
    terms = {"ground": "CRIMINAL", "explanation": "수사 개시 통보", "notified_on": "2026-03-24"}
    assert client.get(url("hold_new", suspicious)).status_code == 200
    bad = client.post(url("hold_new", suspicious), terms | {"ground": "SCORE"})
    assert bad.status_code == 422
    assert client.post(url("hold_new", suspicious), terms).status_code == 200  # rehearsed
    assert not Hold.objects.exists()
    done = client.post(url("hold_new", suspicious), terms | {"_confirmed": "1"})
    assert done.status_code == 303
    assert Claim.objects.get(pk=suspicious).fds_gate == "HELD"
    advance(date(2026, 4, 20))
    for address in (url("hold_list"), url("hold_release", suspicious), url("risk", suspicious)):
        assert enter("siu").get(address, follow=True).status_code == 200
    assert "D+13" in enter("siu").get(url("home")).content.decode()
    enter("manager").post(url("hold_release", suspicious), {"reason": "무혐의", "_confirmed": "1"})
    assert Claim.objects.get(pk=suspicious).fds_gate == "REVIEW"


def test_the_watch_list_by_two_people(enter):
    make.provider()
    client = enter("siu")
    client.post(
        url("watch_new"), {"provider_code": "H001", "start": "2026-03-01", "reason": "민원"}
    )
    assert client.get(url("watch_list"), follow=True).status_code == 200
    assert client.post(url("watch_approve", "H001", "2026-03-01")).status_code == 422
    other = enter("siu2")
    assert other.get(url("watch_detail", "H001", "2026-03-01")).status_code == 200
    assert other.post(url("watch_approve", "H001", "2026-03-01")).status_code == 303
    assert WatchEntry.objects.get().approved_by == "siu2"
    assert other.get(reverse("claims:provider_detail", args=["H001"])).status_code == 200
    assert other.get(url("panel_provider", "H001")).status_code == 200
    other.post(url("watch_detail", "H001", "2026-03-01"), {"on": "2026-04-01"})
    assert WatchEntry.objects.get().period.upper == date(2026, 4, 1)
    assert other.get(url("watch_detail", "H001", "2020-01-01")).status_code == 404


def test_the_rules_are_drafted_tried_and_activated_on_pages(enter, suspicious):
    client = enter("siu")
    assert client.get(url("ruleset_list")).status_code == 200
    client.post(url("ruleset_new"), {"name": "엄격"})
    draft = RuleSet.objects.get(status="DRAFT")
    data = {
        "threshold": 80, "points_R01": 40, "points_R02": 30, "points_R03": 30,
        "param_R01_max_days": 30, "param_R02_window_days": 365, "param_R02_at_least": 3,
    }  # fmt: skip
    saved = client.post(url("ruleset_edit", draft.version), data)
    assert saved.status_code == 303
    tried = client.get(saved["Location"]).content.decode()
    assert suspicious in tried  # would no longer be suspicious
    assert client.post(url("ruleset_activate", draft.version)).status_code == 422
    assert enter("siu2").post(url("ruleset_activate", draft.version)).status_code == 303
    assert RuleSet.objects.get(status="ACTIVE").version == draft.version
    assert enter("siu2").get(url("ruleset_list")).status_code == 200


def test_the_contract_shows_its_scores(enter, suspicious):
    contract = Claim.objects.get(pk=suspicious).contract_id
    page = enter("siu").get(url("panel_contract", contract)).content.decode()
    assert "R01 단기 사고" in page
    assert enter("siu").get(url("panel_contract", "CON-0")).status_code == 200
