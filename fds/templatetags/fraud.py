"""Names and sentences of fraud rules in templates: ``{% load fraud %}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from fds.rules import names

register = template.Library()


@register.filter
def rule_title(rule: Any) -> str:
    """Show the title of a rule (a row, or its part of a report) in the reader's language."""
    if isinstance(rule, Mapping):
        return names.title_of(str(rule["code"]), str(rule.get("title", "")))
    return names.title_of(rule.code, rule.title)


@register.filter
def code_title(code: str) -> str:
    """Show the title of a rule by its code."""
    return names.title_of(code)


@register.filter
def rule_sentence(rule: Mapping[str, Any]) -> str:
    """Say what the stored operands of a rule mean."""
    return names.sentence(str(rule["code"]), rule["operands"])


@register.filter
def params(rule: Any) -> list[tuple[str, Any]]:
    """Return the parameters of a rule with their names."""
    return [(names.param_label(name), value) for name, value in sorted(rule.params.items())]


@register.filter
def hits_first(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the rules that hit before the others, each part in its order."""
    return sorted(rules, key=lambda rule: not rule["hit"])
