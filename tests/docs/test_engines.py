"""The manuals of the engines: every figure is what the engine says, every function is shown."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.utils import translation

from accounting.rules import discounting, projection
from products.rules import (
    commutation,
    contingencies,
    lapses,
    monthly,
    premium,
    reserve,
    schedule,
    surrender,
    unearned,
)

MANUALS = Path(__file__).resolve().parents[2] / "docs" / "engines"
PAGES: dict[str, tuple[ModuleType, ...]] = {
    "life": (
        commutation,
        contingencies,
        lapses,
        monthly,
        premium,
        reserve,
        schedule,
        surrender,
        unearned,
    ),
    "discounting": (discounting,),
    "projection": (projection,),
}
INSIDE = {"net_of", "yearly", "cover_months"}
"""Steps of other functions that no reader calls."""

PACKAGES = {
    "accounting.rules.ifrs17": ("ifrs17", "ifrs17-parts", "ibnr"),
    "accounting.rules.discounting": ("discounting",),
    "accounting.rules.projection": ("projection",),
    "investments.rules": ("returns",),
    "products.rules.contingencies": ("life",),
    "reinsurance.rules": ("reinsurance",),
}
HELPERS = {
    "accounting.rules.ifrs17.arrays", "accounting.rules.projection.kernel",
    "accounting.rules.projection.walk", "ordered", "mask_of", "checked_tenors", "sized", "unroll",
    "life_of", "pays_in", "sum_by", "bucket_of", "worse", "concerned", "in_units", "part_of",
    "within", "fault_of_panel", "fault_of_scale", "checked", "until",
}  # fmt: skip
"""Modules and functions that engines call and readers do not."""


def parts(package: str) -> Iterator[ModuleType]:
    """Return a package and all its modules."""
    found = importlib.import_module(package)
    yield found
    for one in pkgutil.walk_packages(found.__path__, f"{package}."):
        yield importlib.import_module(one.name)


def own_functions(module: ModuleType) -> dict[str, Callable[..., object]]:
    """Return the public functions that a module defines."""
    return {
        name: one
        for name, one in inspect.getmembers(module, inspect.isfunction)
        if one.__module__ == module.__name__ and not name.startswith("_") and name not in HELPERS
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_every_function_of_an_engine_is_worked_on_its_page(package: str) -> None:
    text = "".join((MANUALS / f"{p}.md").read_text(encoding="utf-8") for p in PACKAGES[package])
    missing = [
        f"{module.__name__}.{name}"
        for module in parts(package)
        if module.__name__ not in HELPERS
        for name in own_functions(module)
        if name not in text
    ]
    assert not missing


@pytest.mark.parametrize("package", [*PACKAGES, "products.rules"])
def test_every_package_says_what_it_offers(package: str) -> None:
    found = importlib.import_module(package)
    assert found.__doc__
    for name in found.__all__:
        assert hasattr(found, name), name
    for module in parts(package):
        for name, one in own_functions(module).items():
            assert inspect.getdoc(one), f"{module.__name__}.{name}"


def test_the_index_leads_to_functions_and_pages() -> None:
    text = (MANUALS / "README.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:accounting|investments|products|reinsurance)\.[\w.]+)`", text)
    assert len(paths) > 80
    for path in paths:
        module, _, name = path.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name)), path
    pages = set(re.findall(r"\]\(([\w-]+\.md)\)", text))
    assert pages == {p.name for p in MANUALS.glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("page", PAGES)
def test_every_figure_is_what_the_engine_says(page: str) -> None:
    path = MANUALS / f"{page}.md"
    lines = path.read_text(encoding="utf-8").splitlines()
    text = "\n".join("" if line.startswith("```") else line for line in lines) + "\n"
    examples = doctest.DocTestParser().get_doctest(text, {}, page, str(path), 0)
    with translation.override("en"):
        found = doctest.DocTestRunner().run(examples)
    assert found.attempted > 20
    assert found.failed == 0


@pytest.mark.parametrize("page", PAGES)
def test_every_public_function_is_shown(page: str) -> None:
    text = (MANUALS / f"{page}.md").read_text(encoding="utf-8")
    for module in PAGES[page]:
        for name, one in inspect.getmembers(module, inspect.isfunction):
            own = one.__module__.startswith(module.__name__)
            if own and not name.startswith("_") and name not in INSIDE:
                assert name in text, f"{module.__name__}.{name}"
