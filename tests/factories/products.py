"""Products for tests, made by the ordinary services."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from functools import cache
from typing import Any

from products.management.commands.load_products import SHIPPED, load
from products.rules.ruleset import RuleSet

SALE_START = date(2025, 1, 1)


@cache
def _shipped(code: str) -> dict[str, Any]:
    return json.loads((SHIPPED / f"{code}.json").read_text(encoding="utf-8"))


def shipped(code: str) -> dict[str, Any]:
    """Return a shipped product as data, free to change."""
    return deepcopy(_shipped(code))


def rules(code: str = "TERM01") -> dict[str, Any]:
    """Return the rules of a shipped product, free to change."""
    return shipped(code)["rules"]


@cache
def ruleset(code: str = "TERM01") -> RuleSet:
    """Return the compiled rules of a shipped product."""
    return RuleSet(code, 1, _shipped(code)["rules"])


def published(*codes: str) -> None:
    """Register and publish shipped products (all four without names), sold from 2025-01-01."""
    for code in codes or ("TERM01", "WHOLE01", "CANCER01", "DRIVER01"):
        load(SHIPPED / f"{code}.json")
