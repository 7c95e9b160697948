"""The manuals of the engines: every figure is what the engine says, every function is shown."""

from __future__ import annotations

import doctest
import inspect
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
