"""Filters and tags that every template has: amounts, dates, reasons."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template

from core.explain import why_url
from core.money import korean_reading

register = template.Library()


@register.filter
def won(value: Any) -> str:
    """Show whole won with separators; zero is a dash, negative is marked."""
    if value is None or value == "":
        return ""
    amount = Decimal(value).quantize(Decimal(1))
    if amount == 0:
        return "–"
    return f"−{-amount:,}" if amount < 0 else f"{amount:,}"


register.filter("korean_reading", korean_reading)
register.simple_tag(why_url, name="why_url")
