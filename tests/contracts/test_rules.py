from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import rules
from core.clock import add_months, is_business_day


def days(*texts: str) -> np.ndarray:
    return np.array(texts, "datetime64[D]")


@given(st.dates(date(1994, 1, 1), date(2060, 12, 31)), st.integers(0, 1400))
def test_months_later_is_the_clock_s_own(day, months):
    later = rules.months_later(np.array([day], "datetime64[D]"), np.array([months]))
    assert later[0].item() == add_months(day, months)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.integers(0, 4000))
def test_completed_months_and_months_later_agree(start, later):
    begun = np.array([start], "datetime64[D]")
    on = begun + later
    months = rules.completed_months(begun, on)
    assert rules.months_later(begun, months)[0] <= on[0]
    assert rules.months_later(begun, months + 1)[0] > on[0]


def test_due_dates_return_to_the_31st_and_end():
    begun = days("2026-01-31", "2026-01-31", "2026-01-31", "2026-01-31")
    due = rules.next_due(begun, np.array([2, 3, 12, 13]), np.full(4, 12))
    assert due[:3].astype(str).tolist() == ["2026-02-28", "2026-03-31", "2026-12-31"]
    assert np.isnat(due[3])
    assert rules.instalment_at(begun[:3], due[:3]).tolist() == [2, 3, 12]


def test_how_many_instalments():
    monthly = np.array(["MONTHLY", "MONTHLY", "MONTHLY", "SINGLE"], dtype=object)
    total = rules.instalments(monthly, np.array([120, 0, 0, 120]), np.array([240, 240, 0, 240]))
    assert total.tolist() == [120, 240, rules.ENDLESS, 1]


def test_an_unpaid_month_adds_no_reserve_but_a_paid_up_contract_goes_on():
    got = rules.reserve_months(np.array([5, 5, 30]), np.array([3, 6, 24]), np.array([240, 240, 24]))
    assert got.tolist() == [3, 5, 30]


def test_cover_is_lost_on_the_day_it_ends_and_not_before():
    start, end = days("2026-01-15", "2026-01-15"), days("2027-01-15", "NaT")
    ended = days("NaT", "2026-05-02")
    assert rules.in_force(start, end, ended, days("2026-01-14", "2026-05-01")).tolist() == [
        False,
        True,
    ]
    assert rules.in_force(start, end, ended, days("2027-01-14", "2026-05-02")).tolist() == [
        True,
        False,
    ]
    assert not rules.in_force(start, end, ended, days("2027-01-15", "2026-01-14")).any()
    never = days("NaT")
    assert not rules.in_force(never, never, never, days("2026-01-20")).any()


def test_cooling_off_is_the_earlier_of_two_periods():
    # policy received 12 January: 15 days end on Tuesday the 27th, before 30 days from the 5th
    early = rules.cooling_off(
        applied_on=date(2026, 1, 5), delivered_on=date(2026, 1, 12), term_months=240
    )
    assert early.last == date(2026, 1, 27)
    # received late: the 30 days from the application end first
    late = rules.cooling_off(
        applied_on=date(2026, 1, 5), delivered_on=date(2026, 1, 30), term_months=240
    )
    assert late.last == date(2026, 2, 4)
    # not received: only the application counts
    none = rules.cooling_off(applied_on=date(2026, 1, 5), delivered_on=None, term_months=0)
    assert none.last == date(2026, 2, 4)


def test_cooling_off_ends_with_a_working_day():
    # 15 days from 1 February end on Monday 16 February 2026: Seollal until the 18th
    one = rules.cooling_off(
        applied_on=date(2026, 2, 1), delivered_on=date(2026, 2, 1), term_months=240
    )
    assert one.counted == date(2026, 2, 16)
    assert one.last == date(2026, 2, 19)
    assert one.skipped == [date(2026, 2, 16), date(2026, 2, 17), date(2026, 2, 18)]


@pytest.mark.parametrize(("months", "right"), [(3, False), (4, True), (0, True)])
def test_short_terms_have_no_cooling_off(months, right):
    found = rules.cooling_off(applied_on=date(2026, 1, 5), delivered_on=None, term_months=months)
    assert (found is not None) is right


def test_grace_is_fourteen_days_and_the_lapse_comes_after():
    # notice on Monday 2 March: the first day does not count, 14 days end on Monday the 16th
    assert rules.grace(date(2026, 3, 2), 240).last == date(2026, 3, 16)
    assert rules.lapse_day(date(2026, 3, 2), 240) == date(2026, 3, 17)
    # notice on Saturday 7 March ends on Saturday 21, so on Monday 23
    assert rules.lapse_day(date(2026, 3, 7), 240) == date(2026, 3, 24)
    # seven days when the term is under a year, fourteen from a year on
    assert rules.lapse_day(date(2026, 3, 2), 11) == date(2026, 3, 10)
    assert rules.lapse_day(date(2026, 3, 2), 12) == date(2026, 3, 17)


@given(st.dates(date(2024, 1, 1), date(2029, 12, 31)), st.sampled_from([0, 6, 12, 240]))
def test_grace_is_never_shorter_than_the_law_and_ends_on_a_working_day(day, term):
    end = rules.grace(day, term)
    assert (end.last - day).days >= (7 if 0 < term < 12 else 14)
    assert is_business_day(end.last)
    assert not any(is_business_day(one) for one in end.skipped)


def test_a_contract_without_its_first_premium_is_rescinded_after_two_months():
    assert rules.rescission_day(date(2026, 1, 15)) == date(2026, 3, 16)


def test_money_pays_whole_bills_oldest_first():
    assert rules.covered_bills([100, 100, 120], 100) == 1
    assert rules.covered_bills([100, 100, 120], 320) == 3
    assert rules.covered_bills([100, 100, 120], 150) is None
    assert rules.covered_bills([], 100) is None


def test_rows_of_equal_keys_are_numbered():
    keys = np.array(["b", "a", "b", "b", "a"], dtype=object)
    assert rules.occurrence(keys).tolist() == [0, 0, 1, 2, 1]
