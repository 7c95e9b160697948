"""Boards and statements show won in the reader's unit; everything else stays in won."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.template import Context, Template

from core.boards import Figure
from core.units import UNITS

WON, THOUSAND, MILLION = UNITS


def figures(*shown: Figure, scale: object = "") -> str:
    """Render figures as a page does."""
    page = Template('{% include "kit/_figures.html" %}')
    return page.render(Context({"figures": shown, "scale": scale}))


@pytest.mark.parametrize(
    ("amount", "unit", "shown"),
    [
        (1_234_567, WON, "1,234,567"),
        (1_234_567, THOUSAND, "1,235"),
        (-1_500_000, MILLION, "−2"),
        (95_721, MILLION, "0"),
        (-1, THOUSAND, "0"),
        (0, MILLION, "–"),
    ],
)
def test_an_amount_in_a_unit(amount, unit, shown):
    assert unit.show(Decimal(amount)) == shown


def test_only_won_is_scaled_and_only_where_the_page_offers_it():
    income = Figure("Income", 2_500_000, "won", plan=3_000_000)
    count = Figure("Contracts", 2_500_000, "n", kind="count")
    scaled = figures(income, count, scale=MILLION)
    assert ">3<" in scaled
    assert "백만원" in scaled or "million won" in scaled
    assert "2,500,000" in scaled  # the count
    assert "2,500,000" in figures(income)


def test_the_choice_is_kept_and_nothing_else_is_taken(as_alice):
    kept = as_alice.post("/preferences/", {"unit": "1000000", "next": "/people/"})
    assert kept["Location"] == "/people/"
    assert kept.cookies["unit"].value == "1000000"
    assert "unit" not in as_alice.post("/preferences/", {"unit": "7"}).cookies
