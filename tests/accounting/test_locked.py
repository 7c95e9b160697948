"""Rates locked in: averaged while contracts join, one full curve a group."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules.curves import flat_factors, flat_forwards, middles
from accounting.rules.flows import KINDS, Expected, Kind
from accounting.rules.locked import FLAT, Locked, Recognised, annual, joined, locked_rates
from accounting.rules.monthly import Cash, Measured, Opening, Policy, gmm, value

RISING = np.linspace(0.001, 0.004, 60)
LOW = np.full(60, 0.001)
CURVES = {1: RISING, 2: LOW, FLAT: np.full(60, 0.0025)}
JANUARY = 672


def lock(old: list[Recognised], new: list[Recognised], *, month: int, months: int = 6) -> Locked:
    return locked_rates([(old, new)], [CURVES], month=month, months=months)


def test_one_curve_is_followed_month_by_month_from_recognition():
    first = [Recognised(JANUARY, 1, 100)]
    found = lock([], first, month=JANUARY)
    assert found.own[0].tolist() == RISING[:7].tolist()
    assert found.before[0].tolist() == found.ahead[0].tolist() == RISING[1:7].tolist()
    later = lock(first, [], month=JANUARY + 3)
    assert later.month[0] == RISING[3]
    assert later.ahead[0].tolist() == RISING[4:10].tolist()


def test_contracts_that_join_are_averaged_in_by_what_they_pay():
    old, new = [Recognised(JANUARY, 1, 300)], [Recognised(JANUARY + 2, 2, 100)]
    found = lock(old, new, month=JANUARY + 2)
    assert found.month[0] == RISING[2]
    assert found.before[0] == pytest.approx(RISING[3:9])
    assert found.own[0].tolist() == LOW[:7].tolist()
    assert found.ahead[0] == pytest.approx(0.75 * RISING[3:9] + 0.25 * LOW[1:7])


def test_without_a_curve_the_rate_is_flat():
    found = lock([], [], month=JANUARY)
    assert found.ahead[0].tolist() == [0.0025] * 6
    assert annual(found.ahead)[0] == pytest.approx(1.0025**12 - 1)


def test_factors_of_flat_forwards_are_those_of_the_flat_rate():
    rate = np.array([0.03, 0.0, -0.01])
    assert middles(flat_forwards(rate, 40)) == pytest.approx(flat_factors(rate, 40))


def test_what_joined_is_what_the_run_before_did_not_know():
    before = [Recognised(JANUARY, 1, 100)]
    now = [Recognised(JANUARY, 1, 130), Recognised(JANUARY + 1, 2, 50)]
    assert joined(now, before) == (before, [Recognised(JANUARY, 1, 30), now[1]])
    assert joined(before, before) == (before, [])


def expected(old: list[float], fresh: list[float], at_issue: list[float]) -> Expected:
    """Claims alone: of old contracts, of fresh ones, and of these as they were issued."""
    flows = {name: np.zeros((1, KINDS, len(rows))) for name, rows in
             (("coming", old), ("fresh", old), ("new", at_issue))}  # fmt: skip
    flows["fresh"][0, Kind.CLAIMS] = fresh
    flows["coming"][0, Kind.CLAIMS] = np.add(old, fresh)
    flows["coming"][0, Kind.UNITS] = 1.0
    flows["new"][0, Kind.CLAIMS] = at_issue
    return Expected(**flows)


def measure(opening: Opening, flows: Expected, rates: Locked) -> Measured:
    none = np.zeros(1, np.int64)
    now = value(
        flows,
        locked=rates,
        current=rates.factors[0],
        unearned=none,
        earned=none,
        left=none,
        contracts=np.ones(1, np.int64),
    )
    return gmm(opening, Cash(none, none, none), now, Policy("GMM", "OCI", "RATIO"))


@given(
    st.lists(st.integers(0, 10**9), min_size=7, max_size=7),
    st.lists(st.integers(0, 10**9), min_size=7, max_size=7),
    st.integers(1, 10**9),
    st.integers(1, 10**9),
)
def test_if_all_comes_as_expected_averaging_moves_finance_and_never_the_margin(
    old, fresh, weight, joins
):
    """Old contracts valued on their own curve roll forward exactly; the average is finance."""
    before = [Recognised(JANUARY, 1, weight)]
    then = lock([], before, month=JANUARY, months=7)
    worth = round(float(np.dot(old, middles(then.ahead[0]))))
    kinds = np.zeros((1, 6), np.int64)
    kinds[0, Kind.CLAIMS] = worth
    coming = np.zeros((1, KINDS), np.int64)
    coming[0, Kind.CLAIMS], coming[0, Kind.UNITS] = old[0], 1
    plain = {f.name: np.zeros(1, np.int64) for f in dataclasses.fields(Opening)}
    start = Opening(
        **{
            **plain,
            "csm": np.array([10**12]),
            "locked": kinds,
            "current": kinds,
            "coming": coming,
        }
    )
    rates = lock(before, [Recognised(JANUARY + 1, 2, joins)], month=JANUARY + 1)
    flows = expected([*map(float, old[1:])], [*map(float, fresh[1:])], [*map(float, fresh)])
    found = measure(start, flows, rates)
    steps = {
        fact.step: int(values[0])
        for fact, values in found.facts.items()
        if fact[:3] == ("PVFCF", "CLAIMS", "L")
    }
    assert abs(steps["ESTIMATES"]) <= 3
    moved = np.add(old[1:], fresh[1:]) @ middles(rates.ahead[0]) - (
        np.dot(old[1:], middles(rates.before[0])) + np.dot(fresh[1:], middles(LOW[1:7]))
    )
    assert steps["AVERAGE"] == pytest.approx(moved, abs=1.01)
    csm = {fact.step: int(values[0]) for fact, values in found.facts.items() if fact[0] == "CSM"}
    assert abs(csm["ESTIMATES"]) <= 3
    assert csm["FINANCE"] == pytest.approx(
        10**12 * RISING[1] + csm["NEW"] * (1.001**0.5 - 1), abs=1.01
    )
    assert int(found.moves["FINANCE_BEL"][0]) == steps["FINANCE"] + steps["AVERAGE"]
