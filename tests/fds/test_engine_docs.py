import doctest
from pathlib import Path

from django.utils import translation

PAGE = Path(__file__).resolve().parents[2] / "docs" / "engines" / "fraud.md"


def test_every_example_of_the_manual_holds():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    text = "\n".join("" if line.startswith("```") else line for line in lines) + "\n"
    examples = doctest.DocTestParser().get_doctest(text, {}, "fraud", str(PAGE), 0)
    with translation.override("en"):
        found = doctest.DocTestRunner().run(examples)
    assert found.attempted > 25
    assert found.failed == 0
