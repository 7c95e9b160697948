"""Templates: no inline code, an opening comment, known icons, no word of a stage in the kit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import get_resolver
from django_htmx.middleware import HtmxDetails

from core.forms import HouseForm
from core.htmx import render_page
from core.tables import HouseTable, PersonColumn

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NAMES = [str(path.relative_to(ROOT / "templates")) for path in TEMPLATES]
INLINE = re.compile(
    r"""\sstyle\s*=|\son[a-z]+\s*=\s*["']|\shx-on|<style\b|javascript:|hx-vals=["']js:""", re.I
)
SCRIPT = re.compile(r"<script\b([^>]*)>", re.I)
ICON = re.compile(r"""\{%\s*icon\s+["']([a-z0-9-]+)["']""")
BUSINESS = re.compile(
    r"premium|insur|underwrit|commission|policyholder|보험|계약|청구|보상|설계사|수수료", re.I
)


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_no_code_stands_in_a_template(path):
    text = path.read_text(encoding="utf-8")
    assert not INLINE.findall(text)
    for attributes in SCRIPT.findall(text):
        assert "src=" in attributes or 'type="application/json"' in attributes


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_every_icon_exists(path):
    if not settings.ICONS_DIR.exists():
        pytest.skip("the front-end packages are not installed")
    for name in ICON.findall(path.read_text(encoding="utf-8")):
        assert (settings.ICONS_DIR / f"{name}.svg").exists(), name


PAGES = [p for p in TEMPLATES if not p.name.startswith("_") and p.name != "500.html"]


@pytest.mark.parametrize("path", PAGES, ids=[str(p.relative_to(ROOT / "templates")) for p in PAGES])
def test_every_page_begins_by_saying_what_it_is(path):
    assert path.read_text(encoding="utf-8").startswith("{#")


def test_the_kit_knows_no_word_of_the_business():
    shared = [*(ROOT / "core").rglob("*.py"), *(ROOT / "templates/kit").rglob("*.html")]
    shared += [*(ROOT / "templates/core").rglob("*.html"), *(ROOT / "static").rglob("*.*")]
    for path in shared:
        if path.suffix in {".py", ".html", ".js", ".css"} and "migrations" not in path.parts:
            found = BUSINESS.findall(path.read_text(encoding="utf-8"))
            assert not found, f"{path.relative_to(ROOT)}: {sorted(set(found))}"


def test_every_entry_of_the_menu_leads_somewhere():
    from config.navigation import NAVIGATION

    for section in NAVIGATION:
        for entry in section.entries:
            assert entry.url, entry.url_name
        if settings.ICONS_DIR.exists():
            assert (settings.ICONS_DIR / f"{section.icon}.svg").exists(), section.icon


ACTOR = r"\.(?:\w+_by|actor|investigator|adjuster) *(?:\|(?!person|urlencode)[^}]*)?\}\}"


@pytest.mark.parametrize("path", TEMPLATES, ids=NAMES)
def test_people_are_shown_by_their_names(path):
    raw = re.findall(ACTOR, path.read_text(encoding="utf-8"))
    assert not raw, "an actor is a login or a programme: {{ row.made_by|person }}"


def test_columns_of_people_show_their_names():
    assert get_resolver().url_patterns  # the tables of every stage are loaded
    tables = [HouseTable]
    for table in tables:
        tables += table.__subclasses__()
    raw = [
        f"{table.__name__}.{name}"
        for table in tables
        for name, column in table.base_columns.items()
        if (name.endswith("_by") or name in {"actor", "investigator", "adjuster"})
        and not isinstance(column, PersonColumn)
    ]
    assert not raw


@pytest.mark.parametrize("path", PAGES, ids=[str(p.relative_to(ROOT / "templates")) for p in PAGES])
def test_a_form_page_answers_htmx_with_its_own_form(path, rf):
    name = str(path.relative_to(ROOT / "templates"))
    if 'extends "kit/form.html"' not in path.read_text(encoding="utf-8"):
        return
    request = rf.post("/", headers={"HX-Request": "true"})
    request.htmx = HtmxDetails(request)
    context = {"form": HouseForm(), "submit": "보내기"}
    text = render_page(request, name, context, partial="form", status=422).content.decode()
    assert text.strip().startswith('<form id="form"')
