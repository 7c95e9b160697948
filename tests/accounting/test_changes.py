"""Changes in equity and cash flows: they foot, meet the statements, and every rule has its row."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.face.changes import explain_cash_flow
from accounting.models import FiscalPeriod, JournalEntry
from accounting.rules import changes as rules
from accounting.rules.changes import COLUMNS, cash_flows, changes, layout
from accounting.selectors.changes import span
from accounting.services import journals, loading
from accounting.services.journals import Row
from core.acting import acting
from core.errors import NotFound
from core.permissions import Scope

from .world import DECEMBER, JANUARY, START, insurer, live

COLUMN = {
    "3110": "CAPITAL",
    "3310": "RETAINED",
    "3320": "SURRENDER_RESERVE",
    "3510": "AOCI",
    "3520": "AOCI",
    "4110": "CURRENT_YEAR",
    "5110": "CURRENT_YEAR",
}


def accounts_of(choice: object) -> set[str]:
    """All accounts that a line of a rule may choose."""
    if isinstance(choice, str):
        return {choice}
    found: set[str] = set()
    for one in [*choice.get("of", {}).values(), choice.get("else", "")]:
        found |= accounts_of(one) if one else set()
    return found


def test_every_shipped_rule_that_moves_cash_has_its_row():
    shipped = json.loads((loading.DATA / "posting_rules.json").read_text(encoding="utf-8"))
    moving = {
        rule["code"]
        for rule in shipped
        if any("1110" in accounts_of(line["account"]) for line in rule["lines"])
    }
    named = [rule for one in layout(rules.CASH) for rule in one.rules]
    assert len(named) == len(set(named))
    assert set(named) - {"MANUAL_JOURNAL", "MANUAL_JOURNAL_EQUITY"} == moving


def test_equity_by_hand():
    """A year of 100 earned, 30 appropriated, carried to retained earnings; 500 paid in."""
    booked = {
        ("MANUAL_JOURNAL_EQUITY", "3110"): 500,
        ("REVENUE_CLAIMS", "4110"): 160,
        ("CLAIM_RECEIVED", "5110"): -60,
        ("RATES_BEL_OCI", "3520"): -7,
        ("SURRENDER_RESERVE", "3310"): -30,
        ("SURRENDER_RESERVE", "3320"): 30,
        ("YEAR_CLOSED", "4110"): -160,
        ("YEAR_CLOSED", "5110"): 60,
        ("YEAR_CLOSED", "3310"): 100,
    }
    end = {"3110": 500, "3310": 70, "3320": 30, "3520": -7}
    found = changes({}, booked, end, COLUMN)
    rows = {one.row: amounts for one, amounts in found.rows}
    assert list(rows) == ["CARRIED", "NET_INCOME", "OCI_INSURANCE", "APPROPRIATED", "OWNERS"]
    assert found.total("NET_INCOME") == 100
    assert rows["CARRIED"] == {**dict.fromkeys(COLUMNS, 0), "RETAINED": 100, "CURRENT_YEAR": -100}
    assert found.total("APPROPRIATED") == 0
    assert found.total("OWNERS") == 500
    assert not any(found.miss(column) for column in COLUMNS)
    assert sum(found.closing.values()) == 593


def test_cash_by_hand():
    found = cash_flows(
        10, {"ISSUE_PREMIUM": 50, "CLAIM_PAID": -20, "ASSET_PURCHASED": -25, "NEW_RULE": 3}, 18
    )
    parts = [found.of(part) for part in ("OPERATING", "INVESTING", "FINANCING")]
    assert parts == [33, -25, 0]
    assert found.miss == 0
    assert [one.row for one, _amount, _rules in found.rows][-2:] == ["OTHER_OPERATING", "BOUGHT"]


@given(
    st.dictionaries(
        st.tuples(
            st.sampled_from(["YEAR_CLOSED", "SURRENDER_RESERVE", "ASSET_SOLD", "ANY", ""]),
            st.sampled_from(sorted(COLUMN)),
        ),
        st.integers(-(10**12), 10**12),
    )
)
def test_whatever_is_booked_stands_in_exactly_one_row(booked):
    end: dict[str, int] = {}
    for (_rule, account), amount in booked.items():
        end[account] = end.get(account, 0) + amount
    found = changes({}, booked, end, COLUMN)
    assert not any(found.miss(column) for column in COLUMNS)


@pytest.mark.django_db
def test_both_statements_meet_the_others_and_reversals_go_back_where_they_came_from():
    insurer()
    with acting("kim"):
        rent = journals.draft(
            entry_date=START, description="임차료", rows=[Row("5610", "1110", 70_000)]
        )
    with acting("lee"):
        journals.approve(rent.pk)
    live(JANUARY)
    months = {month.pk: month for month in FiscalPeriod.objects.all()}
    for month in months.values():
        for year in (False, True):
            found = span(month, year=year)
            assert found.ties, (month, year, found.gaps)
    november = span(months["2026-11"])
    cash = {one.row: amount for one, amount, _rules in november.cash.rows}
    assert cash["OWNERS"] == 10_000_000_000 == november.cash.of("FINANCING")
    assert cash["OTHER_OPERATING"] == -70_000
    assert cash["PREMIUMS"] > 0
    december = span(months["2026-12"], year=True)
    assert december.end == DECEMBER
    assert december.equity.closing["CURRENT_YEAR"] == 0
    carried = next(amounts for one, amounts in december.equity.rows if one.row == "CARRIED")
    assert carried["RETAINED"] == december.equity.total("NET_INCOME") != 0
    why = explain_cash_flow("2026-11~month~PREMIUMS", Scope())
    assert why.answer == cash["PREMIUMS"] == sum(step.value for step in why.steps)
    for key in ("2031-01~month~PREMIUMS", "2026-11~week~PREMIUMS", "2026-11~month~NOTHING"):
        with pytest.raises(NotFound):
            explain_cash_flow(key, Scope())


@pytest.mark.django_db
def test_a_reversal_stands_where_the_entry_stood():
    insurer()
    with acting("kim"):
        rent = journals.draft(
            entry_date=START, description="임차료", rows=[Row("5610", "1110", 70_000)]
        )
    with acting("lee"):
        journals.approve(rent.pk)
        entry = JournalEntry.objects.get(reference_id=rent.pk)
        back = journals.draft_reversal(entry_id=entry.pk, entry_date=START, reason="착오")
    with acting("kim"):
        journals.approve(back.pk)
    found = span(FiscalPeriod.objects.get(pk="2026-11"))
    assert "OTHER_OPERATING" not in {one.row for one, _amount, _rules in found.cash.rows}
    assert found.ties
