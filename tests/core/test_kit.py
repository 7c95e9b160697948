"""Records, boards, explanations, search, progress and the small tags."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.template.exceptions import TemplateSyntaxError
from django.utils import translation

from core.boards import Figure
from core.models import JobRun
from core.templatetags.house import days_from, percent, short_won, won
from core.tones import tone_of

from . import kit_pages
from .conftest import make_runs

pytestmark = [pytest.mark.django_db, pytest.mark.urls(kit_pages.__name__)]


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def test_a_record_shows_figures_facts_panels_and_tabs(as_alice, clock):
    run = make_runs(1)[0]
    page = as_alice.get(f"/things/{run.pk}/").content.decode()
    assert f"RUN-{run.pk}" in page
    assert f'hx-get="/things/{run.pk}/panel/" hx-trigger="load"' in page
    assert f'<a class="loading" href="/things/{run.pk}/panel/"' in page
    assert "▼ 1.5%p" in page
    assert f'href="/why/sample/{run.pk}/"' in page


def test_the_audit_tab_is_for_those_who_may(as_alice, as_bob, alice):
    assert "?tab=audit" in as_bob.get(f"/things/{make_runs(1)[0].pk}/").content.decode()
    as_alice.post(f"/people/{alice.username}/account/", {"account": "close"})
    shown = as_alice.get("/people/alice/?tab=audit").content.decode()
    assert "이 기록의 모든 변경" in shown


def test_a_board_carries_its_data_as_json_and_as_a_table(as_alice):
    page = as_alice.get("/things/board/").content.decode()
    found = re.search(r'<script id="chart-b-data" type="application/json">(.*?)</script>', page)
    data = json.loads(found[1])
    assert data["categories"] == ["가", "나", "다"]
    assert data["urls"][0] == "/things/?q=a"
    assert page.count("표로 보기") == 4
    assert "−5,400,000" in page


@pytest.mark.parametrize(
    ("figure", "change", "mood"),
    [
        (Figure("x", 110, before=100, better="up"), Decimal("0.1"), "good"),
        (Figure("x", 90, before=100, better="up"), Decimal("-0.1"), "bad"),
        (Figure("x", Decimal("0.2"), before=Decimal("0.3"), better="down", kind="percent"),
         Decimal("-0.1"), "good"),
        (Figure("x", 5, before=0, better="up"), None, ""),
        (Figure("x", 100, before=100, better="up"), Decimal(0), ""),
        (Figure("x", "말", before="글", kind="text"), None, ""),
    ],
)  # fmt: skip
def test_figures_compare_with_last_month(figure, change, mood):
    assert figure.change == change
    assert figure.mood == mood


def test_why_answers_in_the_drawer_and_on_a_page(as_alice, as_charlie):
    page = as_alice.get("/why/sample/7/").content.decode()
    assert "<html" in page
    assert "12,300" in page
    part = as_alice.get("/why/sample/7/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<article id="why"')
    assert 'hx-get="/why/sample/7-1/" hx-target="#drawer-body"' in part
    assert as_charlie.get("/why/sample/7/").status_code == 403
    assert as_alice.get("/why/unknown/7/").status_code == 404


def test_search_finds_what_the_person_may_see(as_alice, as_charlie):
    make_runs(2)
    part = as_alice.get("/search/?q=job001", headers={"HX-Request": "true"}).content.decode()
    assert "job001" in part
    assert "<html" not in part
    assert "job001</strong>" not in as_charlie.get("/search/?q=job001").content.decode()
    hostile = as_alice.get("/search/?q=<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in hostile


def test_polling_ends_with_286(client):
    assert client.get("/things/progress/3/").status_code == 200
    finished = client.get("/things/progress/10/")
    assert finished.status_code == 286
    assert "hx-get" not in finished.content.decode()


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "–"), (Decimal("1234567.4"), "1,234,567"), (-5000, "−5,000"), (None, ""), ("", "")],
)
def test_won(value, shown):
    assert won(value) == shown


def test_ratios_units_and_days_in_both_languages():
    assert percent(Decimal("0.1255")) == "12.6%"
    assert percent(Decimal("-0.02")) == "−2.0%"
    with translation.override("ko"):
        assert short_won(1_234_000_000) == "12.3억"
        assert short_won(-20_000) == "−2.0만"
        assert days_from(date(2026, 3, 28), date(2026, 3, 31)) == "3일 전"
    with translation.override("en"):
        assert short_won(1_234_000_000) == "1.2bn"
        assert days_from(date(2026, 4, 1), date(2026, 3, 31)) == "in 1 day"
        assert days_from(date(2026, 3, 31), date(2026, 3, 31)) == "today"


def test_statuses_have_a_tone_an_icon_and_a_word():
    shown = render("{% status run 'state' %}", run=JobRun(state="FAILED"))
    assert "chip-red" in shown
    assert "<svg" in shown
    assert tone_of("SOMETHING", {"SOMETHING": "amber"}) == "amber"
    assert tone_of("NEVER HEARD") == "grey"


def test_icons_are_inlined_once_and_names_are_checked():
    svg = render("{% icon 'user' %}")
    assert 'aria-hidden="true"' in svg
    assert "style=" not in svg
    with pytest.raises(TemplateSyntaxError):
        render("{% icon '../../etc/passwd' %}")


def test_text_in_a_quiet_link_is_escaped():
    shown = render("{% why 'sample' key %}{{ text }}{% endwhy %}", key="1", text="<b>")
    assert "&lt;b&gt;" in shown
    assert 'href="/why/sample/1/"' in shown
