"""The Korean catalogue: merged from parts, whole, and refused where it is not."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest

from config import messages


def part(folder: Path, name: str, *pairs: tuple[str, str], head: str = "") -> None:
    text = "\n".join(f'{head}msgid "{english}"\nmsgstr "{korean}"\n' for english, korean in pairs)
    (folder / f"{name}.po").write_text(text)


def test_parts_merge_in_one_order_and_compile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part(tmp_path, "b", ("Branch", "지점"), ("Agent", "설계사"))
    part(tmp_path, "a", ("Agent", "설계사"), head="")
    monkeypatch.setattr(messages, "CATALOGUE", tmp_path / "ko/django.po")
    monkeypatch.setattr(messages, "PARTS", tmp_path)
    monkeypatch.setattr(messages.merge, "__defaults__", (tmp_path,))
    assert messages.build().faults == []
    once = (tmp_path / "ko/django.po").read_bytes()
    messages.build()
    assert (tmp_path / "ko/django.po").read_bytes() == once
    with (tmp_path / "ko/django.mo").open("rb") as compiled:
        korean = gettext.GNUTranslations(compiled)
    assert korean.gettext("Branch") == "지점"
    assert [p.name for p in (tmp_path / "ko").iterdir() if p.suffix not in {".po", ".mo"}] == []


@pytest.mark.parametrize(
    ("pairs", "head", "fault"),
    [
        ([("Agent", "설계사"), ("Agent", "대리점")], "", "use one, or pgettext"),
        ([("Agent", "")], "", "has no Korean"),
        ([("Agent", "설계사")], "#, fuzzy\n", "is fuzzy"),
        ([("%(n)s rows", "%(m)s행")], "", "differ in their placeholders"),
        ([("{n} rows", "행")], "", "differ in their placeholders"),
    ],
)
def test_what_is_refused(
    tmp_path: Path, pairs: list[tuple[str, str]], head: str, fault: str
) -> None:
    for number, pair in enumerate(pairs):
        part(tmp_path, f"p{number}", pair, head=head)
    [found] = messages.merge(tmp_path).faults
    assert fault in found


def test_messages_are_found_in_templates_and_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = (
        "{% load i18n %}<p>{% translate 'Plain' %}</p>\n"
        "   {% blocktranslate count n=rows trimmed %}\n  {{ n }} row\n {% plural %}{{ n }} rows\n"
        " {% endblocktranslate %} {% translate 'Right' context 'side' %}"
    )
    (tmp_path / "page.html").write_text(template)
    (tmp_path / "code.py").write_text('label = _("From code")\nother = str("not this")\n')
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    import subprocess

    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert set(messages.used()) == {
        (None, "Plain"),
        (None, "%(n)s row"),
        ("side", "Right"),
        (None, "From code"),
    }
    part(tmp_path, "a", ("%(n)s row", "%(n)s행"), ("Plain", "평문"))
    still = messages.missing(messages.merge(tmp_path))
    assert set(still) == {(None, "%(n)s row"), ("side", "Right"), (None, "From code")}, (
        "an entry without its plural form is not found at run time"
    )
    (tmp_path / "a.po").write_text(
        'msgid "%(n)s row"\nmsgid_plural "%(n)s rows"\nmsgstr[0] "%(n)s행"\n'
    )
    assert (None, "%(n)s row") not in messages.missing(messages.merge(tmp_path))
