"""What import contracts cannot show."""

import ast
import inspect
import re
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import orjson
import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from core.columns import DTYPES
from core.events import Event, column_kinds, decode, encode, event_classes

ROOT = Path(__file__).resolve().parents[2]
PLACE = {stage: i for i, stage in enumerate(["core", *settings.STAGES])}
PLACE["investments"] = PLACE["claims"]  # strangers, side by side
PLACE["reinsurance"] = PLACE["fds"]
ONWARD = {("sales.Commission", "contract")}  # a commission belongs to a contract (docs/adr/0004)
MOVES_OR_SENDS = re.compile(
    r"\.(policy_)?status = (?!')|\.fds_gate = (?!')|\.delay\(|\.apply_async\("
)  # SQL in single quotes compares, it does not move
OURS = [m for stage in ["core", *settings.STAGES] for m in apps.get_app_config(stage).get_models()]
EVENTS = {n: c for n, c in event_classes().items() if not n.startswith("tests.")}


def sources(*names: str):
    for stage in ["core", *settings.STAGES]:
        for path in sorted((ROOT / stage).rglob("*.py")):
            if "migrations" not in path.parts and (not names or path.stem in names):
                yield path


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_foreign_keys_point_to_earlier_stages_and_protect(model):
    for field in model._meta.get_fields():
        if not isinstance(field, models.ForeignKey):
            continue
        target = field.related_model._meta.app_label
        if target == model._meta.app_label or target not in PLACE:
            continue
        if (model._meta.label, field.name) not in ONWARD:
            assert PLACE[target] < PLACE[model._meta.app_label], field
        assert field.remote_field.on_delete is models.PROTECT, field
        if target != "core":
            assert field.remote_field.related_name == "+", field


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_no_money_in_floats_and_every_choice_is_a_constraint(model):
    checks = " ".join(
        str(c.condition) for c in model._meta.constraints if isinstance(c, models.CheckConstraint)
    )
    for field in model._meta.local_fields:
        assert not isinstance(field, models.FloatField), field
        inherited = model._meta.label == "core.User" and field.name not in {"theme", "density"}
        if field.choices and not inherited:
            assert field.name in checks, f"{field} has choices that the database does not know"


def test_statuses_and_delays_appear_in_core_only():
    """Comparisons in SQL have their literal in single quotes; Python's are in double ones."""
    offenders = []
    for path in sources():
        if path.parts[len(ROOT.parts)] == "core":
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if MOVES_OR_SENDS.search(line):
                offenders.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert not offenders


def test_no_model_signals_carry_business():
    offenders = [
        str(path.relative_to(ROOT))
        for path in sources()
        if re.search(r"\b(post_save|pre_save|post_delete|m2m_changed)\b", path.read_text())
    ]
    assert not offenders


def test_below_the_edge_nobody_asks_the_system_for_the_date():
    offenders = []
    for path in sources("rules", "services", "selectors", "models", "handlers"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r"date\.today\(|datetime\.now\(|localdate\(", line):
                offenders.append(f"{path.relative_to(ROOT)}:{number}")
    assert not offenders


def test_core_has_no_insurance_word():
    words = re.compile(r"\b(premium|claim|polic(y|ies)|agent|commission|insur\w*)\b", re.IGNORECASE)
    allowed = re.compile(r"claims? ?(a |one|due|\(|_)|_claim|claimed|insurers work", re.IGNORECASE)
    offenders = []
    for path in sources():
        if path.parts[len(ROOT.parts)] != "core":
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if words.search(line) and not allowed.search(line):
                offenders.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert not offenders


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_every_event_has_a_page_and_can_be_decoded(name):
    cls: type[Event] = EVENTS[name]
    page = ROOT / "docs" / "events" / f"{name}.md"
    assert page.exists(), f"docs/events/{name}.md is missing"
    text = page.read_text()
    kinds = column_kinds(cls)
    for column in kinds:
        assert f"`{column}`" in text, f"{page.name} does not describe {column}"
    samples = {"keys": "K", "won": 5, "ints": 7, "days": np.datetime64("2026-03-02"), "flags": True}
    import datetime

    event = cls(
        business_date=datetime.date(2026, 3, 2), **{c: [samples[k]] for c, k in kinds.items()}
    )
    again = decode(name, orjson.loads(encode(event)))
    for column in kinds:
        assert getattr(again, column).tolist() == getattr(event, column).tolist()


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_event_columns_are_typed(name):
    cls = EVENTS[name]
    header = {"business_date", "event_id"}
    for field, hint in get_type_hints(cls, include_extras=True).items():
        if field in header or "ClassVar" in str(hint) or field in {"booked", "name", "kinds"}:
            continue
        assert get_args(hint)[-1] in DTYPES, f"{name}.{field}"


def test_events_are_named_for_their_app():
    for name, cls in EVENTS.items():
        app = inspect.getmodule(cls).__name__.split(".")[0]
        assert re.fullmatch(rf"{app}\.[a-z_]+\.v\d+", name), name


def test_files_stay_short():
    long = [
        f"{path.relative_to(ROOT)}: {count}"
        for path in sources()
        if (count := len(path.read_text().splitlines())) > 400
    ]
    assert not [entry for entry in long if "models" not in entry]


def test_services_refuse_by_name():
    """A DomainError subclass has a docstring that says why."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and any(
                getattr(base, "id", "") == "DomainError" for base in node.bases
            ):
                assert ast.get_docstring(node), f"{path}: {node.name}"
