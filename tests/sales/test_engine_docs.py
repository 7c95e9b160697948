"""The worked examples of the commission engine's page are true."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "engines" / "commission.md"


def test_every_example_holds():
    text = PAGE.read_text(encoding="utf-8")
    blocks = list(re.finditer(r"```python\n(.*?)```", text, re.DOTALL))
    assert len(blocks) >= 10
    said: dict[str, object] = {}
    for block in blocks:
        above = "\n" * text.count("\n", 0, block.start(1))  # a fault names the line of the page
        exec(compile(above + block.group(1), str(PAGE), "exec"), said)
