"""The worked examples in the documents are what the engine says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[3] / "docs" / "engines"


@pytest.mark.parametrize("name", ["ifrs17.md", "ifrs17-parts.md", "ibnr.md"])
def test_worked_examples(name):
    result = doctest.testfile(str(DOCS / name), module_relative=False)
    assert result.attempted > 10
    assert result.failed == 0
