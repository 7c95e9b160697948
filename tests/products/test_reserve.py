"""Identities that every reserve must keep."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from products.rules import reserve, rounding, surrender, unearned
from products.rules.basis import Basis
from products.rules.reserve import Contracts
from products.rules.surrender import SurrenderBasis
from tests.factories import products as factory

LIFE = {"TERM01": (20, 60), "WHOLE01": (15, 65), "CANCER01": (15, 65)}


@st.composite
def contracts(draw: st.DrawFn) -> tuple[Basis, dict[str, int]]:
    code = draw(st.sampled_from(sorted(LIFE)))
    low, high = LIFE[code]
    years = draw(st.integers(1, 30))
    term = 0 if code == "WHOLE01" else 12 * years
    person = {
        "sex": draw(st.integers(0, 1)),
        "age": draw(st.integers(low, high)),
        "term_months": term,
        "pay_months": 12 * draw(st.integers(1, years)),
    }
    return factory.ruleset(code).reserve_basis, person


def values(basis: Basis, person: dict[str, int], months: object, total: int = 1) -> np.ndarray:
    held = Contracts.of(**person, elapsed_months=months, sum_assured=total, per_year=1)
    return reserve.net_premium_reserve(basis, held)


@settings(max_examples=80, deadline=None)
@given(contracts())
def test_prospective_equals_retrospective(case: tuple[Basis, dict[str, int]]) -> None:
    basis, person = case
    back = reserve.retrospective(basis, **person)
    forward = values(basis, person, 12 * np.arange(len(back)))
    last = basis.table.omega[person["sex"]] - person["age"]  # nobody is left after this year
    np.testing.assert_allclose(forward[:last], back[:last], atol=1e-8)


@settings(max_examples=60, deadline=None)
@given(contracts(), st.integers(0, 400), st.integers(1, 500))
def test_reserves_start_at_zero_scale_and_interpolate(
    case: tuple[Basis, dict[str, int]], month: int, millions: int
) -> None:
    basis, person = case
    total = millions * 1_000_000
    assert values(basis, person, 0)[0] == 0.0
    one, many = values(basis, person, month)[0], values(basis, person, month, total)[0]
    assert many == pytest.approx(one * total, rel=1e-12)
    if person["term_months"]:
        assert values(basis, person, person["term_months"])[0] == 0.0
    year, part = divmod(month, 12)
    ends = values(basis, person, [12 * year, 12 * year + 12])
    assert one == pytest.approx(ends[0] + (ends[1] - ends[0]) * part / 12, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(contracts().filter(lambda c: c[1]["term_months"] > 0), min_size=1, max_size=6))
def test_batch_equals_single(cases: list[tuple[Basis, dict[str, int]]]) -> None:
    basis = factory.ruleset("TERM01").reserve_basis
    rows = [person for _, person in cases]
    months = np.arange(len(rows)) * 17
    batch = Contracts.of(
        **{name: [row[name] for row in rows] for name in rows[0]},
        elapsed_months=months,
        sum_assured=100_000_000,
        premium=20_000,
        per_year=12,
    )
    terms = SurrenderBasis()
    together = surrender.surrender_value(basis, batch, surrender=terms)
    for number, row in enumerate(rows):
        alone = Contracts.of(
            **row,
            elapsed_months=months[number],
            sum_assured=100_000_000,
            premium=20_000,
            per_year=12,
        )
        assert surrender.surrender_value(basis, alone, surrender=terms)[0] == together[number]
        single = reserve.policy_reserve(basis, alone)
        assert single[0] == reserve.policy_reserve(basis, batch)[number]


def test_surrender_value_is_the_rounded_reserve_less_the_rounded_cost() -> None:
    rules = factory.ruleset("WHOLE01")
    held = Contracts.of(
        sex=0,
        age=40,
        term_months=0,
        pay_months=240,
        elapsed_months=np.arange(0, 300),
        sum_assured=100_000_000,
        premium=224_442,
        per_year=12,
    )
    basis = rules.reserve_basis
    value = surrender.surrender_value(basis, held, surrender=rules.surrender)
    cost = surrender.unamortised_cost(basis, held, surrender=rules.surrender)
    assert cost[0] == pytest.approx(
        min(12 * 224_442, 1.4 * surrender.standard_deduction(basis, held)[0])
    )
    assert np.all(cost[84:] == 0)
    expected = np.maximum(0, reserve.policy_reserve(basis, held) - rounding.whole(cost))
    np.testing.assert_array_equal(value, expected)
    assert value[0] == 0
    assert np.all(np.diff(value[84:]) > 0)


def test_low_surrender_product_pays_in_full_after_the_last_premium() -> None:
    basis = factory.ruleset("WHOLE01").reserve_basis
    held = Contracts.of(
        sex=0, age=40, term_months=0, pay_months=120, elapsed_months=[119, 120],
        sum_assured=100_000_000, premium=400_000, per_year=12,
    )  # fmt: skip
    full = surrender.surrender_value(basis, held, surrender=SurrenderBasis())
    half = surrender.surrender_value(basis, held, surrender=SurrenderBasis(guarantee_ratio=0.5))
    assert half[0] == rounding.whole(full[0] * 0.5)
    assert half[1] == full[1]


def test_premium_paid_ahead_is_held() -> None:
    basis = factory.ruleset("TERM01").reserve_basis
    held = Contracts.of(
        sex=0, age=40, term_months=240, pay_months=240, elapsed_months=3,
        sum_assured=100_000_000, per_year=12,
    )  # fmt: skip
    net = reserve.net_of(basis, basis.ratios, 0.0, held).annual[0] * 100_000_000
    bare = reserve.net_premium_reserve(basis, held)[0]
    ahead = reserve.net_premium_reserve(basis, held, paid_months=[12])[0]
    assert ahead - bare == pytest.approx(net * 9 / 12)
    late = reserve.net_premium_reserve(basis, held, paid_months=[2])[0]
    assert late == bare


def test_a_hundred_thousand_reserves_are_quick() -> None:
    rng, n = np.random.default_rng(7), 100_000
    held = Contracts.of(
        sex=rng.integers(0, 2, n),
        age=rng.integers(20, 61, n),
        term_months=240,
        pay_months=rng.choice([120, 240], n),
        elapsed_months=rng.integers(0, 240, n),
        sum_assured=rng.integers(10, 501, n) * 1_000_000,
        premium=30_000,
        per_year=12,
    )
    basis = factory.ruleset("TERM01").reserve_basis
    reserve.policy_reserve(basis, held)
    begun = time.perf_counter()
    amounts = reserve.policy_reserve(basis, held)
    assert time.perf_counter() - begun < 1.0
    assert amounts.dtype == np.int64
    assert np.all(amounts >= 0)


@pytest.mark.parametrize(
    ("as_of", "left"),
    [("2025-12-31", 365_000), ("2026-01-01", 364_000), ("2026-12-30", 1_000), ("2026-12-31", 0)],
)
def test_unearned_premium_by_days(as_of: str, left: int) -> None:
    found = unearned.daily(
        premium=[365_000],
        start=np.array(["2026-01-01"], "datetime64[D]"),
        end=np.array(["2027-01-01"], "datetime64[D]"),
        as_of=np.datetime64(as_of),
    )
    assert found.tolist() == [left]


def test_unearned_premium_by_twentyfourths() -> None:
    past = np.arange(0, 14)
    found = unearned.twenty_fourths(premium=240_000, months=12, month_ends_past=past)
    assert found.tolist() == [*range(230_000, 0, -20_000), 0, 0]


@pytest.mark.parametrize(
    ("amount", "half_up", "down", "up"),
    [(2.5, 3, 2, 3), (-2.5, -3, -2, -3), (2.4999999999, 3, 2, 3), (0.1, 0, 0, 1), (7.0, 7, 7, 7)],
)
def test_rounding_is_named(amount: float, half_up: int, down: int, up: int) -> None:
    modes = (rounding.Mode.HALF_UP, rounding.Mode.DOWN, rounding.Mode.UP)
    assert [int(rounding.whole(amount, mode=mode)) for mode in modes] == [half_up, down, up]


def test_rounding_to_tens() -> None:
    assert int(rounding.whole(12_349.6, unit=10, mode=rounding.Mode.DOWN)) == 12_340
    assert int(rounding.whole(12_345, unit=10)) == 12_350
