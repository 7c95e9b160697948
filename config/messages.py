"""The Korean messages: merge ``locale/parts``, compile them, and say what has no Korean yet.

Each app keeps its own part; the catalogue of ``locale/ko`` is made from them and never edited.
Nothing but Babel is needed, no GNU gettext. ``build`` merges and compiles; ``check`` refuses
a message of the code or the templates without Korean, a fuzzy one, two translations of the
same message, and a translation whose placeholders differ from the message's. ``missing APP``
prints what an app's part lacks, ready to be filled in.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import normalize, read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PARTS = ROOT / "locale/parts"
CATALOGUE = ROOT / "locale/ko/LC_MESSAGES/django.po"
APPS_WITHOUT_TEXT = {"tests", "bench", "node_modules", "var", "locale"}
KEYWORDS = {
    "_": None,
    "_t": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
NAMED = re.compile(r"%\((\w+)\)|\{(\w*)[^{}]*\}|%([sd])")
Key = tuple[str | None, str]  # context, message (the singular one)


class Use(NamedTuple):
    """Where a message is first used, and its plural where it has one."""

    place: str
    plural: str


@dataclass
class Merged:
    """All parts in one catalogue, and what is wrong with them."""

    catalog: Catalog
    faults: list[str] = field(default_factory=list)


def merge(parts: Path = PARTS) -> Merged:
    """Merge the parts in the order of their names; the first translation of a message wins."""
    catalog = Catalog(
        locale="ko",
        project="mulgil",
        charset="utf-8",
        fuzzy=False,
        header_comment="# Made by config.messages from locale/parts; never edited.",
    )
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    merged = Merged(catalog)
    first: dict[Key, tuple[str, Message]] = {}
    for path in sorted(parts.glob("*.po")):
        for message in _read(path):
            key = (message.context, _single(message.id))
            name, known = first.setdefault(key, (path.name, message))
            if known.string != message.string:
                merged.faults.append(
                    f"{path.name}: “{key[1]}” is “{message.string}” here "
                    f"and “{known.string}” in {name}: use one, or pgettext"
                )
            merged.faults += [f"{path.name}: {fault}" for fault in _faults_of(message)]
    for context, single in sorted(first, key=lambda key: (key[0] or "", key[1])):
        message = first[context, single][1]
        merged.catalog.add(message.id, message.string, context=context, flags=message.flags)
    return merged


def _read(path: Path) -> Iterator[Message]:
    """Read one part; parts carry no header, so one is given to them."""
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    header += '"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
    text = path.read_text(encoding="utf-8")
    if not re.match(r'(#.*\n|\s)*msgid ""\nmsgstr ""\n"', text):
        text = header + text
    catalog = read_po(io.BytesIO(text.encode()), locale="ko", charset="utf-8", abort_invalid=True)
    return (message for message in catalog if message.id)


def _single(ids: str | tuple[str, ...] | list[str]) -> str:
    return ids if isinstance(ids, str) else ids[0]


def _faults_of(message: Message) -> Iterator[str]:
    single = _single(message.id)
    texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
    if message.fuzzy:
        yield f"“{single}” is fuzzy"
    if not texts or not all(texts):
        yield f"“{single}” has no Korean"
        return
    plural = single if isinstance(message.id, str) else message.id[-1]
    for text in texts:
        if _placeholders(text) not in (_placeholders(single), _placeholders(plural)):
            yield f"“{single}” and “{text}” differ in their placeholders"


def _placeholders(text: str) -> list[str]:
    return sorted({m[0] if m[3] else (m[1] or m[2] or "") for m in NAMED.finditer(text)})


def build() -> Merged:
    """Write the merged catalogue and its compiled form."""
    merged = merge()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    for path, write in ((CATALOGUE, write_po), (CATALOGUE.with_suffix(".mo"), write_mo)):
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        with fresh.open("wb") as handle:
            if write is write_po:
                write_po(handle, merged.catalog, width=100, omit_header=False)
            else:
                write_mo(handle, merged.catalog)
        fresh.replace(path)
    return merged


def used() -> dict[Key, Use]:
    """Return every message of the code and the templates."""
    found: dict[Key, Use] = {}
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py", "*.html", "*.txt"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in sorted(listed.stdout.splitlines()):
        path = ROOT / name
        if name.split("/")[0] in APPS_WITHOUT_TEXT or "migrations" in name or not path.exists():
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            text = _as_python(text, name)
        for line, ids, _comments, context in extract(
            "python", io.BytesIO(text.encode()), keywords=KEYWORDS
        ):
            key = (context, _single(ids))
            plural = ids[-1] if not isinstance(ids, str) else ""
            if key not in found or (plural and not found[key].plural):
                found[key] = Use(f"{name}:{line}", plural)
    found.pop((None, ""), None)
    return found


def _as_python(text: str, name: str) -> str:
    """Turn a template into lines of calls, one indentation, as Django does for xgettext."""
    from django.utils.translation.template import templatize

    return "\n".join(line.lstrip() for line in templatize(text, origin=name).splitlines())


def _of_django() -> Iterator[Message]:
    """Give what Django's own Korean catalogues translate already."""
    import django

    for path in Path(django.__file__).parent.glob("**/locale/ko/LC_MESSAGES/django.po"):
        with path.open("rb") as handle:
            yield from (message for message in read_po(handle) if message.id and message.string)


def missing(merged: Merged) -> dict[Key, Use]:
    """Return the messages that nobody has translated; one with a plural needs its plural form."""
    korean: dict[Key, bool] = {}
    for message in [*_of_django(), *merged.catalog]:
        key = (message.context, _single(message.id))
        korean[key] = korean.get(key, False) or not isinstance(message.id, str)
    return {
        key: use
        for key, use in used().items()
        if key not in korean or (use.plural and not korean[key])
    }


def check() -> list[str]:
    """Return everything that keeps the Korean from being whole."""
    merged = merge()
    return merged.faults + [
        f"{use.place}: no Korean{' plural' if use.plural else ''} for “{text}”"
        + (f" ({context})" if context else "")
        for (context, text), use in missing(merged).items()
    ]


def blanks(folder: str) -> str:
    """Return entries to fill in for what a folder's files still lack, ready for its part."""
    lines = []
    for (context, text), use in missing(merge()).items():
        if use.place.startswith((f"{folder}/", f"templates/{folder}/")):
            lines += [f"#: {use.place}"]
            lines += [f"msgctxt {normalize(context)}"] if context else []
            lines += [f"msgid {normalize(text)}"]
            lines += [f"msgid_plural {normalize(use.plural)}"] if use.plural else []
            lines += ['msgstr[0] ""' if use.plural else 'msgstr ""', ""]
    return "\n".join(lines)


def main(words: list[str]) -> None:
    """Build the catalogue, or refuse what is missing in it."""
    if words == ["build"]:
        if faults := build().faults:
            print(f"{len(faults)} faults: python -m config.messages check", file=sys.stderr)
    elif words == ["check"]:
        faults = check()
        print("\n".join(faults))
        sys.exit(f"{len(faults)} faults in the messages" if faults else 0)
    elif len(words) == 2 and words[0] == "missing":
        print(blanks(words[1]))
    else:
        sys.exit("usage: python -m config.messages build | check | missing APP")


if __name__ == "__main__":
    main(sys.argv[1:])
