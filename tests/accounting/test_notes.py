"""The notes come from the ledger and tie to the run; a reviewer recalculates from the workbook."""

from __future__ import annotations

import pytest
from openpyxl import load_workbook

from accounting.models import FiscalPeriod, PostingRule
from accounting.rules import notes as rules
from accounting.rules.notes import COMPONENTS, COVERAGE
from accounting.selectors import measured, notes, runs
from accounting.views.recalculation import workbook

from .world import DECEMBER, NOVEMBER, insurer, live

pytestmark = pytest.mark.django_db


@pytest.fixture
def books() -> None:
    """Two closed months."""
    insurer()
    live(DECEMBER)


def test_every_table_foots_and_ties_to_the_won(books):
    for period in FiscalPeriod.objects.filter(status="CLOSED"):
        run = measured.run_of(period.pk)
        for group in ("", "TERM-2026-B", "WHOLE-2026-B"):
            for name in (COVERAGE, COMPONENTS):
                tied = notes.table(name, period.starts_on, period.ends_on, group=group, run=run)
                for column in tied.note.columns:
                    assert tied.note.miss(column) == 0, (period, group, name, column)
                    assert tied.gap(column) == 0, (period, group, name, column)


def test_a_year_is_its_months(books):
    whole = notes.table(COVERAGE, NOVEMBER.replace(day=1), DECEMBER).note
    parts = [
        notes.table(COVERAGE, month.starts_on, month.ends_on).note
        for month in FiscalPeriod.objects.filter(status="CLOSED").order_by("period")
    ]
    assert whole.opening == parts[0].opening
    assert whole.closing == parts[-1].closing
    revenue = {
        note: sum(a["LRC"] for row, a in note_.rows if row is not None and row.row == "REVENUE")
        for note, note_ in enumerate([whole, *parts])
    }
    assert revenue[0] == revenue[1] + revenue[2] < 0


def test_moves_between_components_change_no_total(books):
    for row, amounts in notes.table(COVERAGE, NOVEMBER.replace(day=1), DECEMBER).note.rows:
        if row is not None and row.row == "WITHIN":
            assert sum(amounts.values()) == 0


def test_rows_name_rules_that_exist_each_once():
    known = set(PostingRule.objects.values_list("rule_code", flat=True))
    for name in (COVERAGE, COMPONENTS):
        named = [rule for row in rules.layout(name).rows for rule in row.rules]
        assert len(named) == len(set(named))
        assert set(named) <= known


def test_what_no_row_names_is_shown_as_other():
    filled = rules.fill(
        COVERAGE,
        {"2110": 5},
        {("STRANGE", "2110"): 7, ("IBNR_MOVED", "2220"): 2},
        {"2110": 12, "2220": 2},
    )
    assert [(row.row if row else None, a["LRC"], a["LIC"]) for row, a in filled.rows] == [
        ("LIC_CHANGES", 0, 2),
        (None, 7, 0),
    ]
    assert filled.miss("LRC") == filled.miss("LIC") == 0


def test_the_workbook_recalculates_the_run(books):
    run = measured.run_of("2026-11")
    book = load_workbook(workbook(run, "TERM-2026-B"))
    flows, roll = book["Flows"], book["RollForward"]
    assert flows["C2"].value.startswith("=SUMPRODUCT(C6:C")
    rows = range(6, flows.max_row + 1)
    worth = sum(flows.cell(r, 3).value * flows.cell(r, 9).value for r in rows)
    labels = {roll.cell(r, 1).value: r for r in range(1, roll.max_row + 1)}
    assert roll.cell(labels["Closing of the run"], 3).value == pytest.approx(worth, abs=0.51)
    closing = labels["Closing: sum of the steps"]
    steps = sum(roll.cell(r, 3).value for r in range(2, closing))
    assert steps == roll.cell(labels["Closing of the run"], 3).value
    assert roll.cell(closing, 3).value == f"=SUM(C2:C{closing - 1})"
    month, own, ahead = runs.rates_of(run, "TERM-2026-B", 3)
    assert (book["About"]["B9"].value, book["About"]["B10"].value) == (month, own)
    assert [flows.cell(r, 11).value for r in (6, 7, 8)] == pytest.approx(ahead)
    margin = book["Margin"]
    assert margin["B6"].value == "=B1+B2+B3+B5"
    assert margin["B10"].value == sum(margin[f"B{n}"].value for n in (1, 2, 3, 5, 7))


def test_the_margin_is_released_over_the_cover(books):
    run = measured.run_of("2026-11")
    shares = {code: (years, total) for code, years, total in runs.margin_by_year(run)}
    csm = measured.facts(run)["CSM", "CLOSING", "TERM-2026-B"]
    years, total = shares["TERM-2026-B"]
    assert total > csm > 0
    assert min(years) >= 0


def test_contracts_sum_to_their_group(books):
    run = measured.run_of("2026-11")
    found = runs.contracts_of(run, "TERM-2026-B")
    facts = measured.facts(run)
    assert sum(one.fulfilment for one in found) == pytest.approx(
        facts["PVFCF", "CLOSING", "TERM-2026-B"] + facts["RA", "CLOSING", "TERM-2026-B"],
        abs=len(found),
    )
    assert len(runs.contracts_of(run, "TERM-2026-B", most=2)) == 2
