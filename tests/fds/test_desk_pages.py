"""Snoozes, rules, models, board and papers, as pages and as figures."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from claims.models import Claim
from core.acting import acting
from core.clock import advance
from core.errors import NotAllowed
from core.models import AccessRow, User
from fds import services
from fds.models import Backtest, CaseEvent, LearnedModel, ModelCheck, RuleSet, Snooze
from fds.selectors import board
from tests.factories import claims as make
from tests.fds.test_learning import trained

TODAY = date(2026, 3, 24)
SNOOZE = {
    "code": "R03", "entity": "PROVIDER", "key": "H001", "start": "2026-03-25",
    "end": "2026-06-01", "reason": "정상 다빈도 병원",
}  # fmt: skip


def url(name, *args):
    return reverse(f"fds:{name}", args=args)


@pytest.fixture
def enter(client, people):
    """Return a function that logs someone in on the business day."""
    advance(TODAY)
    make.person("auditor", "auditor")
    make.person("seller", "agent", own_number="A0001")

    def entered(name, language="ko"):
        User.objects.filter(username=name).update(language=language)
        client.force_login(User.objects.get(username=name))
        return client

    return entered


def snoozed(start=date(2026, 3, 1), end=date(2026, 6, 1)):
    with acting("siu"):
        made = services.propose_snooze(
            entity="PROVIDER", key="H001", code="R03", start=start, end=end, reason="정상"
        )
    with acting("siu2"):
        services.approve_snooze(snooze_id=made)
    return made


def test_a_snooze_is_proposed_agreed_and_lifted_on_pages(enter):
    client = enter("siu")
    assert client.post(url("snooze_new"), {**SNOOZE, "end": "2028-01-01"}).status_code == 422
    assert not Snooze.objects.exists()
    assert client.post(url("snooze_new"), SNOOZE).status_code == 303
    page = url("snooze_detail", "R03", "provider", "H001", "2026-03-25")
    agree = url("snooze_approve", "R03", "provider", "H001", "2026-03-25")
    assert client.post(agree).status_code == 422
    assert Snooze.objects.get().approved_by == ""
    other = enter("siu2")
    assert other.get(page).status_code == 200
    assert other.post(agree).status_code == 303
    assert other.post(page, {"on": "2026-05-01"}).status_code == 303
    assert Snooze.objects.get().period.upper == date(2026, 5, 1)
    listed = enter("auditor").get(url("snooze_list"), follow=True).content.decode()
    assert "H001" in listed
    for address in (page, url("snooze_new")):
        assert enter("auditor").get(address).status_code == 403
    assert enter("manager").post(agree).status_code == 403
    assert enter("seller").get(url("snooze_list")).status_code == 403


@pytest.mark.parametrize("on", [TODAY, TODAY - timedelta(days=1), date(2026, 6, 1)])
def test_a_snooze_is_never_lifted_for_the_past(people, on):
    made = snoozed()
    with acting("siu"), pytest.raises(services.BadSnooze):
        services.lift_snooze(snooze_id=made, on=on, business_date=TODAY)
    assert Snooze.objects.get().period.upper == date(2026, 6, 1)
    with acting("batch:x"), pytest.raises(NotAllowed):
        services.lift_snooze(snooze_id=made, on=date(2026, 4, 1), business_date=TODAY)


def test_the_rules_have_names_and_figures_in_both_languages(enter, suspicious):
    page = enter("siu", "en").get(url("ruleset_list")).content.decode()
    assert "Overlapping stays at two hospitals" in page
    assert "중복 입원" not in page
    assert "CRITICAL_TIMING" not in page
    assert "중복 입원" in enter("siu", "ko").get(url("ruleset_list")).content.decode()
    why = enter("siu", "en").get(reverse("why", args=["risk-score", suspicious]))
    assert "Accident soon after the cover began" in why.content.decode()


def test_a_version_is_tried_and_its_report_shows_what_changes(enter, suspicious):
    client = enter("siu")
    with acting("siu"):
        version = services.draft(name="엄격")
        services.edit_draft(version=version, threshold=80, points={}, params={})
    address = url("ruleset_backtest", version)
    terms = {"since": "2026-03-01", "until": "2026-03-31"}
    assert enter("auditor").post(address, terms).status_code == 403
    assert not Backtest.objects.exists()
    client = enter("siu")
    assert client.post(address, terms).status_code == 303
    page = client.get(url("ruleset_trials", version)).content.decode()
    assert suspicious in page  # would no longer be suspicious
    assert url("ruleset_activate", version) not in page
    assert (
        url("ruleset_activate", version)
        in enter("siu2").get(url("ruleset_trials", version)).content.decode()
    )
    assert RuleSet.objects.get(pk=version).status == "DRAFT"


def test_a_model_is_shown_compared_and_moved_by_a_second_person(enter):
    first, second = trained(), trained("LIGHTGBM")
    with acting("siu2"):
        services.promote(model_id=first.pk, to="CHAMPION", reason="검증 확인")
    ModelCheck.objects.create(
        model=first, on=TODAY, claims=10, matured=4, frauds=1, worst_psi="0.3", score_psi="0.1",
        figures={"marks": {"roc_auc": 0.7}}, alarm=True,
    )  # fmt: skip
    for name, language in (("siu", "ko"), ("auditor", "en"), ("manager", "ko")):
        client = enter(name, language)
        assert client.get(url("model_list")).status_code == 200
        card = client.get(url("model_card", first.pk)).content.decode()
        assert first.sha256 in card
        assert f"{first.metrics['roc_auc']:.3f}" in card
        assert client.get(url("model_compare", second.pk, first.pk)).status_code == 200
        assert (url("model_promote", first.pk) in card) == (name == "siu")
    address = url("model_promote", second.pk)
    assert enter("auditor").get(address).status_code == 403
    terms = {"to": "CHAMPION", "reason": "더 낫다", "_confirmed": "1"}
    assert enter("siu").post(address, terms).status_code == 422  # its maker
    assert LearnedModel.objects.get(status="CHAMPION") == first
    sent = enter("siu2").post(address, {"to": "CHALLENGER", "reason": "비교", "_confirmed": "1"})
    assert sent.status_code == 303
    assert LearnedModel.objects.get(status="CHALLENGER") == second
    assert enter("seller").get(url("model_list")).status_code == 403
    assert enter("siu").get(url("model_card", 999)).status_code == 404


def test_the_board_counts_what_was_found(enter, watch):
    watch()
    numbers = [
        make.received(make.contract(start=date(2026, 3, 10)), provider_code="H001")
        for _ in range(3)
    ]
    with acting("siu"):
        services.conclude(
            reception_id=numbers[0],
            finding=services.Finding(
                state="CONFIRMED", reason="자백", kind="STAGED", ground="FRAUD",
                amount=1_500_000, evidence="자백서",
            ),
            business_date=date(2026, 3, 26),
        )  # fmt: skip
        services.conclude(
            reception_id=numbers[1],
            finding=services.Finding(state="INNOCENT", reason="소명", false_alarm="EXPLAINED"),
            business_date=date(2026, 3, 24),
        )
    found = board.board(date(2026, 3, 1), date(2026, 4, 1), date(2026, 3, 27))
    assert (found.scored, found.alerts, found.decided, found.frauds) == (3, 3, 2, 1)
    assert (found.rate, found.precision, found.saved, found.days) == (0.5, 0.5, 1_500_000, 2.0)
    rules = {row.code: row for row in board.rule_figures(date(2026, 3, 1), date(2026, 4, 1))}
    assert (rules["R01"].hits, rules["R01"].marginal, rules["R01"].precision) == (3, 3, 0.5)
    assert (rules["R02"].hits, rules["R02"].precision, rules["R02"].share) == (0, None, 0.0)
    for name in ("siu", "manager", "auditor"):
        assert enter(name).get(url("board") + "?days=30").status_code == 200
    assert enter("seller").get(url("board")).status_code == 403


def rows_of(response):
    sheet = load_workbook(BytesIO(b"".join(response.streaming_content))).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("kind", ["accidents", "payments", "stays", "offences"])
def test_papers_leave_with_a_purpose_that_is_logged(enter, suspicious, kind):
    client = enter("siu")
    address = url("case_export", suspicious, kind)
    assert client.post(address, {"purpose": " "}).status_code == 422
    assert not AccessRow.objects.filter(action="EXPORT").exists()
    assert not CaseEvent.objects.exists()
    sent = client.post(address, {"purpose": "수사의뢰 첨부"})
    assert len(rows_of(sent)) >= 1
    logged = AccessRow.objects.get(action="EXPORT")
    assert (logged.subject, logged.purpose, logged.actor) == (suspicious, "수사의뢰 첨부", "siu")
    assert CaseEvent.objects.get().kind == "EXPORTED"
    for name in ("manager", "auditor", "adjuster"):
        assert enter(name).post(address, {"purpose": "x"}).status_code == 403
    assert enter("siu").post(url("case_export", suspicious, "all"), {}).status_code == 404


def test_the_list_of_offences_adds_up_what_was_established(enter, suspicious):
    with acting("siu"):
        services.conclude(
            reception_id=suspicious,
            finding=services.Finding(
                state="CONFIRMED", reason="자백", kind="INFLATED", ground="FRAUD",
                amount=1_200_000, evidence="=HYPERLINK(1)",
            ),
            business_date=TODAY,
        )  # fmt: skip
    rows = rows_of(enter("siu").post(url("case_export", suspicious, "offences"), {"purpose": "x"}))
    claim = Claim.objects.get()
    assert rows[1][1] == suspicious
    assert rows[1][8] == int(claim.claimed_amount)
    assert rows[1][10] == rows[2][10] == 1_200_000
    assert rows[1][11] == "=HYPERLINK(1)"
