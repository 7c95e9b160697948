"""The worked examples of the manual give what they say."""

from __future__ import annotations

import doctest
from pathlib import Path

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "engines" / "returns.md"


def test_the_manual_of_the_engine_is_right() -> None:
    run = doctest.testfile(str(MANUAL), module_relative=False)
    assert run.attempted > 30
    assert run.failed == 0
