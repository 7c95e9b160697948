"""Portfolios of contracts stand as assets or as liabilities, each as a whole (IFRS 17.78)."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounting import services
from accounting.face.portfolios import explain_portfolio_position
from accounting.face.statements import explain_statement_line
from accounting.models import FinancialStatement, FiscalPeriod, StatementLine
from accounting.rules.notes import COVERAGE
from accounting.rules.notes import layout as layout_of_note
from accounting.rules.statements import (
    AccountNature,
    balance_sheet,
    layout,
    positions,
)
from accounting.selectors import balances, controls, notes, statements
from accounting.selectors.portfolios import by_side, positions_at
from accounting.views.statements import _portfolios
from core.errors import NotFound
from core.permissions import Scope

from .batches import accrued, billed, issued
from .world import DECEMBER, NOVEMBER, insurer, live

CHART = [
    AccountNature("1110", "ASSET", "CASH"),
    AccountNature("1350", "ASSET", "RI_ASSETS"),
    AccountNature("2110", "LIABILITY", "LRC_BEL"),
    AccountNature("2130", "LIABILITY", "LRC_CSM"),
    AccountNature("2220", "LIABILITY", "LIC_IBNR"),
    AccountNature("2410", "LIABILITY", "RI_PAYABLES"),
    AccountNature("3110", "EQUITY", "CAPITAL"),
    AccountNature("4110", "REVENUE", "REV_CLAIMS"),
]
GROUPS = {"TERM-2026": "TERM", "TERM-2027": "TERM", "MOTOR-2026": "MOTOR", "QS": "QS", "XL": "XL"}
SIDE_BY_SIDE = {
    ("1110", ""): 1_000,
    ("2110", "TERM-2026"): 500,  # premiums to come exceed claims
    ("2110", "TERM-2027"): -100,
    ("2130", "TERM-2026"): -150,
    ("2220", "TERM-2026"): -50,
    ("2110", "MOTOR-2026"): -300,
    ("2220", "MOTOR-2026"): -200,
    ("1350", "QS"): 80,
    ("1350", "XL"): -30,
    ("3110", ""): -750,
}


def sheet(held, groups=GROUPS, presentation=2) -> dict[str, int]:
    lines = balance_sheet(CHART, held, groups, presentation)
    return {one.definition.line: one.amount for one in lines}


def test_an_asset_and_a_liability_side_by_side():
    """By hand: TERM 500−100−150−50 = 200, an asset; MOTOR −500; QS 80; XL −30."""
    found = sheet(SIDE_BY_SIDE)
    assert (found["INS_ASSETS_LRC"], found["INS_ASSETS_LIC"], found["INS_ASSETS"]) == (
        250,
        -50,
        200,
    )
    assert (found["LRC_BEL"], found["LRC_CSM"], found["LIC_IBNR"]) == (300, 0, 200)
    assert found["INS_LIABILITIES"] == 500
    assert (found["RI_ASSETS"], found["RI_LIABILITIES"]) == (80, 30)
    assert found["ASSETS"] == 1_000 + 200 + 80 == found["LIABILITIES_AND_EQUITY"]


def test_groups_of_one_portfolio_are_not_split():
    """The group of 2027 alone would be a liability; the portfolio decides, not the group."""
    (term,) = [p for p in positions(CHART, SIDE_BY_SIDE, GROUPS) if p.portfolio == "TERM"]
    assert (term.side, term.balance) == ("ASSET", 200)
    assert {group for _code, group in term.held} == {"TERM-2026", "TERM-2027"}


def test_a_portfolio_of_nothing_is_no_asset():
    held = {("2110", "TERM-2026"): 70, ("2130", "TERM-2026"): -70}
    (term,) = positions(CHART, held, GROUPS)
    assert (term.balance, term.side) == (0, "LIABILITY")
    assert sheet(held)["INS_ASSETS"] == 0


def test_the_first_presentation_still_shows_one_liability():
    found = sheet(SIDE_BY_SIDE, presentation=1)
    assert found["INS_LIABILITIES"] == 300
    assert found["RI_ASSETS"] == 50
    assert found["ASSETS"] == 1_050 == found["LIABILITIES_AND_EQUITY"]
    assert "INS_ASSETS" not in found
    assert {one.line for one in layout(2)} - {one.line for one in layout(1)} == {
        "INS_ASSETS_LRC",
        "INS_ASSETS_LIC",
        "INS_ASSETS",
        "RI_LIABILITIES",
    }


@given(
    st.dictionaries(
        st.tuples(st.sampled_from([a.code for a in CHART]), st.sampled_from(["", *sorted(GROUPS)])),
        st.integers(-(10**12), 10**12),
    )
)
def test_presentation_moves_both_sides_alike(held):
    """Whatever is held: no side below zero, equity untouched, what is moved is moved twice."""
    one, two = sheet(held, presentation=1), sheet(held)
    assert min(two["INS_ASSETS"], two["INS_LIABILITIES"], two["RI_ASSETS"]) >= 0
    assert two["RI_LIABILITIES"] >= 0
    assert two["EQUITY"] == one["EQUITY"]
    assert two["ASSETS"] - two["LIABILITIES"] == one["ASSETS"] - one["LIABILITIES"]
    assert two["INS_LIABILITIES"] - two["INS_ASSETS"] == one["INS_LIABILITIES"]
    assert two["RI_ASSETS"] - two["RI_LIABILITIES"] == one["RI_ASSETS"]


@pytest.fixture
def two_months() -> None:
    insurer()
    live(DECEMBER)


@pytest.mark.django_db
class TestInTheBooks:
    def test_sides_tie_to_the_ledger(self, two_months):
        for day in (NOVEMBER, DECEMBER):
            stored = statements.stated(f"{day:%Y-%m}")
            held = balances.closing_at(day)
            contracts = sum(v for (a, _), v in held.items() if a[:2] in {"21", "22"})
            assert stored.get("BS", "INS_ASSETS") - stored.get("BS", "INS_LIABILITIES") == contracts
            for one in positions_at(day):
                mine = {(a, g): v for (a, g), v in held.items() if (a, g) in one.held}
                assert one.balance == sum(mine.values())
            statement = FinancialStatement.objects.get(closing_period=stored.period)
            assert statement.presentation == stored.presentation == 2
            assert stored.get("BS", "ASSETS") == stored.get("BS", "LIABILITIES_AND_EQUITY")
            assert statement.total_assets == stored.get("BS", "ASSETS")

    def test_the_note_says_how_much_stands_on_either_side(self, two_months):
        """99(b): the columns split by side are the closing, and the lines of the balance sheet."""
        columns = layout_of_note(COVERAGE).columns
        stored = statements.stated("2026-12")
        sides = by_side(DECEMBER, columns)
        note = notes.table(COVERAGE, DECEMBER.replace(day=1), DECEMBER).note
        for column in columns:
            assert sides["LIABILITY"][column] + sides["ASSET"][column] == note.closing[column]
        assert sum(sides["LIABILITY"].values()) == stored.get("BS", "INS_LIABILITIES")
        assert -sum(sides["ASSET"].values()) == stored.get("BS", "INS_ASSETS") > 0

    def test_every_line_is_explained_by_its_portfolios(self, two_months):
        stored = statements.stated("2026-11")
        for line in ("INS_ASSETS_LRC", "LRC_BEL", "LRC_PAA", "LIC_IBNR", "RI_ASSETS"):
            why = explain_statement_line(f"2026-11~BS~{line}", Scope())
            assert sum(step.value for step in why.steps) == stored.get("BS", line) == why.answer
        for line in ("INS_ASSETS", "INS_LIABILITIES"):
            whole = explain_statement_line(f"2026-11~BS~{line}", Scope())
            sides = [step.value for step in whole.sources if "portfolio_position" in step.url]
            assert sum(sides) == stored.get("BS", line) == sum(s.value for s in whole.steps)
        assert stored.get("BS", "INS_ASSETS") > 0
        for one in positions_at(NOVEMBER):
            key = f"2026-11~{one.family}~{one.portfolio}"
            why = explain_portfolio_position(key, Scope())
            assert why.answer == abs(one.balance) == sum(step.value for step in why.steps)
        for key in ("2031-01~INSURANCE~TERM", "2026-11~INSURANCE~NONE", "2026-11"):
            with pytest.raises(NotFound):
                explain_portfolio_position(key, Scope())

    def test_a_month_sealed_in_the_first_presentation_verifies_and_is_compared(self, two_months):
        """An older close keeps its lines; beside a newer month it is stated again."""
        month = FiscalPeriod.objects.get(pk="2026-11")
        old = statements.restated(month, statements.natures(), 1)
        as_of_old(old)
        breaches = {name: count for name, count, _first in controls.findings()}
        assert breaches["statements tie to the ledger"] == 0
        kept = statements.stated("2026-11")
        assert kept.amounts == old
        assert ("BS", "INS_ASSETS") not in kept.amounts
        again, latest = statements.closed(2)
        assert (again.period, again.presentation, again.final) == ("2026-11", 2, True)
        assert again.get("BS", "INS_ASSETS") - again.get("BS", "INS_LIABILITIES") == -kept.get(
            "BS", "INS_LIABILITIES"
        )
        assert latest.period == "2026-12"


def as_of_old(amounts: dict[tuple[str, str], int]) -> None:
    """Turn the closed November into one that an installation of before has."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        statement = FinancialStatement.objects.get(closing_period="2026-11")
        StatementLine.objects.filter(statement=statement).delete()
        StatementLine.objects.bulk_create(
            StatementLine(
                statement=statement, section=section, line=line, position=n, amount=amount
            )
            for n, ((section, line), amount) in enumerate(amounts.items(), 1)
        )
        FinancialStatement.objects.filter(pk=statement.pk).update(
            presentation=1,
            total_assets=amounts["BS", "ASSETS"],
            total_liabilities=amounts["BS", "LIABILITIES"],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.mark.django_db
def test_a_portfolio_that_turns_between_two_month_ends():
    """By hand: 2 × 30,000 of premium less 270,000 of commission; then 10 premiums more."""
    services.post(issued(2, day=NOVEMBER))
    services.post(accrued(3, day=NOVEMBER))
    services.post(billed(10, day=DECEMBER))
    november, december = positions_at(NOVEMBER), positions_at(DECEMBER)
    assert [(p.portfolio, p.side, p.balance) for p in november] == [("TERM", "ASSET", 210_000)]
    assert [(p.portfolio, p.side, p.balance) for p in december] == [("TERM", "LIABILITY", -90_000)]
    first, then = statements.stated("2026-11"), statements.stated("2026-12")
    assert (first.get("BS", "INS_ASSETS"), first.get("BS", "INS_LIABILITIES")) == (210_000, 0)
    assert (then.get("BS", "INS_ASSETS"), then.get("BS", "INS_LIABILITIES")) == (0, 90_000)
    for one in (first, then):
        assert one.get("BS", "ASSETS") == one.get("BS", "LIABILITIES_AND_EQUITY")
    turned = [
        (row.name, row.asset, row.turned, row.balance_before) for row in _portfolios("2026-12")
    ]
    assert [row[1:] for row in turned] == [(False, True, -210_000)]
