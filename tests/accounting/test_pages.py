"""The pages of stage 7: who may, what they show, how one reaches a source from a statement."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounting import services
from accounting.handlers import MONEY
from accounting.models import (
    AccountBalance,
    FiscalPeriod,
    JournalEntry,
    LedgerLine,
    ManualJournal,
    PostingRule,
)
from accounting.rules.words import EVENTS
from accounting.selectors.balances import held_now
from accounting.services.journals import Row
from core.acting import acting
from core.panels import panels_for
from core.search import find
from tests.factories.sales import person

from .world import NOVEMBER, insurer, live, without_close

pytestmark = pytest.mark.django_db
DECEMBER = dt.date(2026, 12, 20)


@pytest.fixture
def books() -> None:
    """Books with a closed November and most of December."""
    insurer(contracts=2)
    live(DECEMBER)


def login(role: str, name: str = "") -> Client:
    user = person(name or role, role)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def alice(books: None) -> Client:
    return login("accountant", "alice")


def pages() -> dict[str, str]:
    entry = JournalEntry.objects.order_by("entry_id").first()
    rule = PostingRule.objects.first()
    assert entry is not None
    assert rule is not None
    return {
        "home": reverse("accounting:home"),
        "executive_home": reverse("accounting:executive_home"),
        "panel_checklist": reverse("accounting:panel_checklist"),
        "panel_breaks": reverse("accounting:panel_breaks"),
        "panel_parked": reverse("accounting:panel_parked"),
        "panel_waiting": reverse("accounting:panel_waiting"),
        "panel_trial": reverse("accounting:panel_trial"),
        "panel_entries": reverse("accounting:panel_entries", args=["CON-2026-0000001"]),
        "entry_list": reverse("accounting:entry_list"),
        "entry_detail": reverse("accounting:entry_detail", args=[entry.pk]),
        "event_detail": reverse("accounting:event_detail", args=[entry.event_id]),
        "line_list": reverse("accounting:line_list"),
        "account_list": reverse("accounting:account_list"),
        "account_detail": reverse("accounting:account_detail", args=["1110"]),
        "trial_balance": reverse("accounting:trial_balance"),
        "trial_month": reverse("accounting:trial_balance") + "?period=2026-11",
        "rule_list": reverse("accounting:rule_list"),
        "rule_new": reverse("accounting:rule_new") + f"?of={rule.pk}",
        "rule_detail": reverse("accounting:rule_detail", args=[rule.pk]),
        "assumption_list": reverse("accounting:assumption_list"),
        "assumption_new": reverse("accounting:assumption_new"),
        "assumption_detail": reverse("accounting:assumption_detail", args=[1]),
        "assumption_compare": reverse("accounting:assumption_compare"),
        "curve_list": reverse("accounting:curve_list"),
        "curve_new": reverse("accounting:curve_new"),
        "curve_detail": reverse("accounting:curve_detail", args=[1]),
        "run_list": reverse("accounting:run_list"),
        "run_new": reverse("accounting:run_new"),
        "run_compare": reverse("accounting:run_compare"),
        "run_detail": reverse("accounting:run_detail", args=["2026-11-1"]),
        "run_groups": reverse("accounting:run_groups", args=["2026-11-1"]),
        "run_group": reverse("accounting:run_group", args=["2026-11-1", "TERM-2026-B"]),
        "run_group_locked": reverse("accounting:run_group", args=["2026-11-1", "WHOLE-2026-B"])
        + "?basis=L",
        "run_group_paa": reverse("accounting:run_group", args=["2026-11-1", "ACCIDENT-2026"]),
        "triangles": reverse("accounting:triangles"),
        "triangles_paid": reverse("accounting:triangles") + "?line=WHOLE&measure=paid&tried=1",
        "run_margin": reverse("accounting:run_margin", args=["2026-11-1"]),
        "notes": reverse("accounting:notes", args=["2026-11"]),
        "notes_open": reverse("accounting:notes", args=["2026-12"]) + "?span=year",
        "why_measured": reverse("why", args=["measured", "2026-11-1~LRC~TERM-2026-B"]),
        "why_measured_all": reverse("why", args=["measured", "2026-11-1~CSM~"]),
        "period_list": reverse("accounting:period_list"),
        "period_closed": reverse("accounting:period_detail", args=["2026-11"]),
        "period_open": reverse("accounting:period_detail", args=["2026-12"]),
        "statements": reverse("accounting:statements", args=["2026-11"]),
        "statements_open": reverse("accounting:statements", args=["2026-12"]),
        "measurement": reverse("accounting:measurement"),
        "measurement_lrc": reverse("accounting:measurement") + "?component=LRC",
        "journal_list": reverse("accounting:journal_list"),
        "journal_new": reverse("accounting:journal_new"),
        "journal_detail": reverse(
            "accounting:journal_detail", args=[ManualJournal.objects.get().pk]
        ),
    }


WRITES = {"home", "rule_new", "assumption_new", "curve_new", "run_new", "journal_new"}


def test_who_may_open_which_page(alice):
    bob, charlie = login("auditor", "bob"), login("agent", "charlie")
    for name, url in pages().items():
        answer = alice.get(url)
        assert answer.status_code == 200, (name, answer.status_code)
        text = answer.content.decode()
        assert "style=" not in text.replace("data-style=", ""), name
        assert bob.get(url).status_code == (403 if name in WRITES else 200), name
        assert charlie.get(url).status_code == 403, name
        assert Client().get(url).status_code == 302, name


@pytest.mark.parametrize(
    "name", ["entry_list", "line_list", "trial_balance", "statements", "notes", "run_group"]
)
def test_excel(alice, name):
    url = pages()[name]
    answer = alice.get(url + ("&" if "?" in url else "?") + "export=xlsx")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats") or answer[
        "Content-Disposition"
    ].endswith('.xlsx"')
    assert b"".join(answer.streaming_content)[:2] == b"PK"


@pytest.mark.parametrize("name", ["entry_list", "line_list"])
def test_lists_cost_the_same_queries_at_one_and_at_many_rows(
    alice, name, django_assert_max_num_queries
):
    url = pages()[name]
    with django_assert_max_num_queries(20) as few:
        alice.get(url + "?per=25&q=CON-2026-0000001")
    with django_assert_max_num_queries(20) as many:
        alice.get(url + "?per=50")
    assert abs(len(few) - len(many)) <= 1


def links(client: Client, url: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', client.get(url).content.decode().replace("&amp;", "&"))


def test_from_a_statement_down_to_the_contract_and_back(alice):
    """Statement line → account → lines → entry → event and contract; contract → its entries."""
    assets = "/why/statement_line/2026-11~BS~ASSETS/"
    assert assets in links(alice, pages()["statements"])
    cash = next(u for u in links(alice, assets) if "BS~CASH" in u)
    account = next(u for u in links(alice, cash) if "account_balance" in u)
    listed = next(u for u in links(alice, account) if "rule_code=ISSUE_PREMIUM" in u)
    entry_url = next(u for u in links(alice, listed) if re.search(r"/entries/\d+/$", u))
    text = alice.get(entry_url).content.decode()
    assert "CON-2026-" in text
    assert "/accounting/events/" in text
    number = int(entry_url.rstrip("/").rsplit("/", 1)[1])
    reference = JournalEntry.objects.get(pk=number).reference_id
    panel = alice.get(reverse("accounting:panel_entries", args=[reference]))
    assert f"/accounting/entries/{number}/" in panel.content.decode()


def test_every_reason_answers(alice):
    line = LedgerLine.objects.exclude(account_id="1110").first()
    for kind, key in (
        ("statement_line", "2026-11~IS~INS_REVENUE"),
        ("statement_line", "2026-11~IS~REV_CSM"),
        ("statement_line", "2026-12~BS~CASH"),
        ("account_balance", "1110~2026-11-30"),
        ("account_balance", "4120~2026-11-01~2026-11-30"),
        ("entry_amount", f"{line.entry_id}~{line.line_no}"),
        ("csm", "2026-11"),
        ("csm", "2026-11~TERM-2026-B"),
        ("loss_ratio", "2026-11"),
        ("expense_ratio", "2026-11"),
        ("combined_ratio", "2026-11"),
    ):
        answer = alice.get(f"/why/{kind}/{key}/")
        assert answer.status_code == 200, (kind, key)
    for kind, key in (
        ("statement_line", "2031-01~BS~CASH"),
        ("statement_line", "x"),
        ("account_balance", "1110~yesterday"),
        ("account_balance", "0000~2026-11-30"),
        ("entry_amount", "1"),
        ("entry_amount", "99999999~1"),
        ("csm", "2031-01"),
    ):
        assert alice.get(f"/why/{kind}/{key}/").status_code == 404, (kind, key)


def test_the_reason_of_a_balance_adds_up(alice):
    from accounting.face.statements import explain_account_balance
    from core.permissions import Scope

    found = explain_account_balance("1110~2026-11-30", Scope())
    closing = AccountBalance.objects.get(period="2026-11", account="1110").closing
    assert found.answer == closing
    assert sum(step.value for step in found.steps) == closing


def test_a_manual_journal_by_two_people(alice):
    lee = login("accountant", "lee")
    form = {
        "entry_date": "2026-12-20",
        "description": "사무실 임차료",
        "debit_1": "5610",
        "credit_1": "1110",
        "amount_1": "120만",
    }
    answer = alice.post(reverse("accounting:journal_new"), form)
    journal = ManualJournal.objects.exclude(status="POSTED").get()
    assert answer.status_code == 303
    assert journal.lines[0]["amount"] == 1_200_000
    approve = reverse("accounting:journal_approve", args=[journal.pk])
    entries = JournalEntry.objects.count()
    assert alice.post(approve, {"_confirmed": "1"}).status_code == 422
    preview = lee.post(approve, {})
    assert "1,200,000" in preview.content.decode()
    assert JournalEntry.objects.count() == entries
    assert lee.post(approve, {"_confirmed": "1"}).status_code == 303
    assert JournalEntry.objects.count() == entries + 1
    entry = JournalEntry.objects.order_by("-pk").first()
    assert entry.posted_by == "lee"
    ask = reverse("accounting:entry_reverse", args=[entry.pk])
    reversal = {"entry_date": "2026-12-20", "reason": "금액 오류"}
    assert alice.post(ask, reversal).status_code == 303
    back = ManualJournal.objects.get(reverses=entry)
    done = lee.post(reverse("accounting:journal_approve", args=[back.pk]), {"_confirmed": "1"})
    assert done.status_code == 303
    text = alice.get(reverse("accounting:entry_detail", args=[entry.pk])).content.decode()
    assert f"/accounting/entries/{JournalEntry.objects.get(reverses=entry).pk}/" in text


def test_a_journal_on_a_control_account_is_refused(alice):
    form = {
        "entry_date": "2026-12-20",
        "description": "조정",
        "debit_1": "2310",
        "credit_1": "1110",
        "amount_1": "1",
    }
    before = ManualJournal.objects.count()
    assert alice.post(reverse("accounting:journal_new"), form).status_code == 422
    assert ManualJournal.objects.count() == before


def rule_form(**changes: Any) -> dict[str, Any]:
    return {
        "code": "CONTRACT_REFUND",
        "event_name": "contracts.ended.v1",
        "description": "해약환급금",
        "description_en": "Refund",
        "start": "2027-01-01",
        "keys": "contract_id",
        "lines": '[{"side": "D", "account": "2590", "amount": "refund"},'
        ' {"side": "C", "account": "1110", "amount": "refund"}]',
        **changes,
    }


def test_a_rule_is_drafted_checked_and_refused_with_path_and_reason(alice):
    lee = login("accountant", "lee")
    new = reverse("accounting:rule_new")
    before = PostingRule.objects.count()
    for lines, says in (
        ("[{", "JSON"),
        ('[{"side": "D", "account": "2590", "amount": "refund"}]', "lines"),
        (
            '[{"side": "D", "account": "2590", "amount": "refund"},'
            ' {"side": "C", "account": "1110", "amount": "premiums_paid"}]',
            "differ",
        ),
    ):
        answer = alice.post(new, rule_form(lines=lines))
        assert answer.status_code == 422
        assert says in answer.content.decode()
    assert PostingRule.objects.count() == before
    assert alice.post(new, rule_form()).status_code == 303
    draft = PostingRule.objects.get(status="DRAFT")
    activate = reverse("accounting:rule_activate", args=[draft.pk])
    assert alice.post(activate).status_code == 422
    draft.refresh_from_db()
    assert draft.status == "DRAFT"
    assert lee.post(activate).status_code == 303
    draft.refresh_from_db()
    assert (draft.status, draft.checked_by) == ("ACTIVE", "lee")


def test_a_month_is_closed_by_two_people_after_a_preview(settings):
    settings.CHAIN = without_close()
    insurer(contracts=1)
    live(NOVEMBER)
    kim, lee = login("accountant", "kim"), login("accountant", "lee")
    url = reverse("accounting:period_close", args=["2026-11"])
    assert kim.post(url, {"_confirmed": "1"}).status_code == 422
    assert kim.post(reverse("accounting:period_request", args=["2026-11"])).status_code == 303
    assert kim.post(url, {"_confirmed": "1"}).status_code == 422
    entries = JournalEntry.objects.count()
    preview = lee.post(url, {})
    assert preview.status_code == 200
    assert "2130" in preview.content.decode()
    assert JournalEntry.objects.count() == entries
    assert FiscalPeriod.objects.get().status == "OPEN"
    assert lee.post(url, {"_confirmed": "1"}).status_code == 303
    assert FiscalPeriod.objects.get().closed_by == "lee"
    assert JournalEntry.objects.count() > entries


def test_records_of_other_stages_show_their_entries(alice):
    person("exec", "executive")
    from core.models import User

    reader = User.objects.get(username="exec")
    for place in ("contract", "claim", "asset", "agent", "treaty"):
        urls = [panel.url("K-1") for panel in panels_for(place, reader)]
        assert reverse("accounting:panel_entries", args=["K-1"]) in urls
    hits = find(reader, "CON-2026-0000001")
    assert any(hit.url.startswith("/accounting/entries/") for hit in hits)


def test_pages_before_anything_happened():
    from core.clock import advance

    advance(dt.date(2026, 1, 2))
    client = login("accountant")
    for name in ("home", "executive_home", "statements_latest", "measurement", "trial_balance"):
        assert client.get(reverse(f"accounting:{name}")).status_code == 200, name


def test_the_preview_of_an_act_of_another_stage_shows_its_entries(books):
    from core.rehearsal import rehearse

    with acting("kim"):
        draft = services.journals.draft(
            entry_date=DECEMBER, description="임차료", rows=[Row("5610", "1110", 500)]
        )
    with acting("lee", cause="web:1"):
        seen = rehearse(lambda: services.journals.approve(draft.pk))
    assert [(line.debit, line.credit) for line in seen.lines] == [(500, 0), (0, 500)]


@pytest.mark.parametrize("owed", [500, 10**15])
def test_the_preview_says_when_cash_would_be_short(books, owed):
    from core.rehearsal import rehearse

    with acting("kim"):
        draft = services.journals.draft(
            entry_date=DECEMBER, description="임차료", rows=[Row("5610", "1110", owed)]
        )
    held = held_now("1110")
    with acting("lee", cause="web:2"), translation.override("en"):
        seen = rehearse(lambda: services.journals.approve(draft.pk))
        note = next(line.note for line in seen.lines if line.credit)
        services.journals.approve(draft.pk)  # a word, no refusal
    assert held_now("1110") == held - owed
    assert (f"short by {owed - held:,} won" in note) == (owed > held)
    assert bool(note) == (owed > held)


def test_events_are_called_by_words(alice):
    entry = JournalEntry.objects.filter(event_name="contracts.issued.v1").first()
    assert entry is not None
    for address in (
        reverse("accounting:entry_detail", args=[entry.pk]),
        reverse("accounting:event_detail", args=[entry.event_id]),
    ):
        assert "Contracts issued" in alice.get(address).content.decode()
    assert {event.name for event in MONEY} <= EVENTS.keys()
