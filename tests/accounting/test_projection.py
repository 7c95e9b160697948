"""Projection: worked examples, two engines with one answer, unions, permutations, refusals."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting.rules import discounting
from accounting.rules import projection as p
from bench import basicterm
from products.rules import lapses, monthly, surrender, tables
from tests.golden import DIRECTORY, agree, case

AMOUNTS = [one.name for one in dataclasses.fields(p.Amounts)]


def cells(n: int = 3, years: int = 12, seed: int = 0, **changes: Any) -> p.Cells:
    rng = np.random.default_rng(seed)
    exits = rng.uniform(0, 0.05, (n, years))
    made: dict[str, Any] = {
        "exit_rate": exits,
        "claims_sum": exits * rng.uniform(0.5, 1.5, (n, 1)),
        "claims_fixed": rng.uniform(0, 1e4, (n, years)),
        "lapse": rng.uniform(0, 0.2, (n, years)),
        "surrender": np.sort(rng.uniform(0, 0.4, (n, years + 1)), axis=1),
        "maturity": rng.uniform(0, 1, n),
        "commission": rng.uniform(0, 2, (n, 5)),
        "cover": rng.integers(1, 12 * years, n),
        "expense": rng.uniform(500, 2_000, n),
        "inflation": rng.uniform(0, 0.03, n),
        "expense_premium": rng.uniform(0, 0.05, n),
        "rate": rng.uniform(0, 0.05, n),
        "expense_issue": rng.uniform(0, 5e4, n),
    }
    made["instalments"] = np.minimum(made["cover"], rng.integers(1, 12 * years, n))
    return p.Cells(**{**made, **changes})


def book(n: int, of: p.Cells, seed: int = 1, *, future: bool = False, groups: int = 3) -> p.Book:
    rng = np.random.default_rng(seed)
    return p.Book(
        cell=rng.integers(0, len(of), n),
        group=rng.integers(0, groups, n),
        elapsed=rng.integers(-20 if future else 0, 150, n),
        sum_assured=rng.uniform(1e6, 1e8, n),
        premium=rng.uniform(1e4, 1e5, n),
        risk=rng.uniform(1, 2, n),
        claims_expense=rng.uniform(0, 0.1, n),
        count=rng.integers(1, 50, n).astype(np.float64),
    )


def same(one: p.Amounts, other: p.Amounts, **tolerance: float) -> None:
    for name in AMOUNTS:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), **tolerance)


class TestTermAssuranceOfLifelib:
    @pytest.mark.parametrize("engine", ["numpy", "numba"])
    @pytest.mark.parametrize("alike", [True, False])
    def test_ten_thousand_points_value_by_value(self, engine, alike):
        expected = basicterm.data()["present_values"]
        of = basicterm.book(basicterm.model_points(10_000))
        found = basicterm.present_values(of, engine, alike=alike)
        agree(found[:200], expected["policies_10000"])
        np.testing.assert_allclose(found.sum(axis=0), expected["sums"]["10000"], rtol=1e-14)

    @pytest.mark.parametrize("engine", ["numpy", "numba"])
    def test_a_hundred_thousand_points(self, engine):
        expected = basicterm.data()["present_values"]
        of = basicterm.book(basicterm.model_points(100_000))
        found = basicterm.present_values(of, engine)
        agree(found[:10], expected["policies_100000"])
        np.testing.assert_allclose(found.sum(axis=0), expected["sums"]["100000"], rtol=1e-13)

    @pytest.mark.parametrize("engine", ["numpy", "numba"])
    def test_cash_flows_of_every_month(self, engine):
        of = basicterm.book(basicterm.model_points(10_000))
        found = p.cash_flows(basicterm.cells(), of, months=277, groups=1, engine=engine)
        columns = (found.premium, found.claims, found.expense, found.commission)
        months = np.stack([one[:, 0] for one in columns], axis=1)
        agree(months, basicterm.data()["cash_flows_10000"])


def test_two_months_by_hand():
    """q = 1 %, w = 2 % a month: 10,000 + 9,702 of claims, 12,000 × 1.9702 of premiums."""
    golden = case("fcf_handcalc")
    given = golden.inputs
    annual = 1 - (1 - np.array([[given["q_monthly"]]])) ** 12
    one = cells(
        1,
        1,
        exit_rate=annual,
        claims_sum=annual,
        claims_fixed=np.zeros((1, 1)),
        lapse=1 - (1 - np.array([[given["w_monthly"]]])) ** 12,
        surrender=np.zeros((1, 2)),
        maturity=np.zeros(1),
        commission=np.zeros((1, 1)),
        cover=np.array([given["term_months"]]),
        instalments=np.array([given["term_months"]]),
        expense=np.zeros(1),
        inflation=np.zeros(1),
        expense_premium=np.zeros(1),
        rate=np.zeros(1),
        expense_issue=None,
        conventions=basicterm.CONVENTIONS,
    )
    held = p.Book(
        cell=np.zeros(1, np.int64),
        group=np.zeros(1, np.int64),
        elapsed=np.zeros(1, np.int64),
        sum_assured=np.array([given["death_benefit"]]),
        premium=np.array([float(given["premium_monthly"])]),
        risk=np.ones(1),
        claims_expense=np.zeros(1),
    )
    value = p.present_values(one, held, np.ones(3))
    flows = p.cash_flows(one, held, months=2, groups=1)
    ra = 0.10 * value.claims[0] * 0.6744897501960817  # the 75 % quantile of the normal
    csm = -(value.fulfilment[0] + ra)
    passed = flows.units[:, 0]
    found = {
        "pv_claims": value.claims[0],
        "pv_premiums": value.premium[0],
        "bel": value.fulfilment[0],
        "ra": ra,
        "csm0": csm,
        "csm1": csm * passed[1] / passed.sum(),
        "csm2": 0,
    }
    agree(found, golden.exact)
    agree(found, golden.published)


class TestWholeLifeOfAnotherLibrary:
    """Low surrender values, log-linear lapses, deaths of a last year: flows summed over life."""

    @pytest.mark.parametrize("point", ["1", "2", "4"])
    @pytest.mark.parametrize("engine", ["numpy", "numba"])
    def test_cash_flows(self, point, engine):
        expected = case("krlib_wholelife").published[point]
        policy = expected["policy"]
        own = tables.read(DIRECTORY / "krlib_std_mortality.csv", "KRLIB")
        sex, age, size = int(policy["sex"] == "F"), policy["issue_age"], policy["sum_assured"]
        q = own.q[sex, age - own.first_age :]
        pay, months = 12 * policy["prem_term"], 12 * len(q)
        d = np.arange(months + 1)
        held = monthly.account(q, interest=0.025, pay_months=pay).value * size
        charge = expected["scalars"]["surr_chg_cap"] * np.maximum(0, 1 - d / 84)
        value = surrender.standard_value(held, charge)
        value = np.where(d < pay, policy["cv_floor_ratio"], 1.0) * value
        rates = lapses.log_linear(first=0.1, pay_years=policy["prem_term"], years=len(q))
        one = np.ones(1)
        whole = p.Cells(
            exit_rate=q[None],
            claims_sum=q[None],
            claims_fixed=np.zeros((1, len(q))),
            lapse=rates[None],
            surrender=np.zeros((1, 2)),
            surrender_monthly=value[None] / size,
            maturity=0 * one,
            commission=np.zeros((1, 1)),
            cover=np.array([months]),
            instalments=np.array([pay]),
            expense=0 * one,
            inflation=0 * one,
            expense_premium=0 * one,
            rate=0 * one,
            conventions=p.Conventions(grid=p.Grid.CONTRACT, spread=p.Spread.CONSTANT, usual=0.0),
        )
        contract = p.Book(
            cell=np.zeros(1, np.int64),
            group=np.zeros(1, np.int64),
            elapsed=np.zeros(1, np.int64),
            sum_assured=np.array([float(size)]),
            premium=np.array([expected["scalars"]["premium_month"]]),
            risk=one,
            claims_expense=0 * one,
        )
        flows = p.cash_flows(whole, contract, months=months, groups=1, engine=engine)
        found = {
            "premiums": flows.premium.sum(),
            "claims_death": flows.claims.sum(),
            "claims_lapse": flows.repaid.sum(),
        }
        totals = expected["cashflow_totals"]
        agree(found, {name: totals[name] for name in found}, tolerance=0.01)
        first = expected["cashflow_first"]
        agree(flows.premium[:3, 0], first["premiums"])
        agree(flows.claims[:3, 0], first["claims_death"])
        agree(flows.units[:3, 0] / size * first["pols_if"][0], first["pols_if"])


class TestOneEngine:
    """The backward pass of the measurement and the forward walk are one projection."""

    @pytest.mark.parametrize("grid", list(p.Grid))
    @pytest.mark.parametrize("spread", list(p.Spread))
    @pytest.mark.parametrize("usual", [0.0, 0.5, 1.0])
    def test_forward_and_backward_agree_at_a_flat_rate(self, grid, spread, usual):
        of = cells(
            4,
            rate=np.full(4, 0.03),
            conventions=p.Conventions(grid=grid, spread=spread, usual=usual),
        )
        held = book(200, of)
        table = p.project(of, 160)
        calendar = grid is p.Grid.CALENDAR
        start = held.elapsed + 1 if calendar else held.elapsed
        units = table.value[start, :, held.cell].T
        curve = discounting.by_month(discounting.Flat(0.03), 400).discount
        forward = p.present_values(of, held, curve, engine="numpy")
        same(forward.by_group(held.group, 3), p.amounts(units, held, 3), rtol=1e-11, atol=1e-6)

    def test_the_flows_of_the_months_are_the_present_value_without_interest(self):
        of = cells(5, conventions=basicterm.CONVENTIONS)
        held = book(300, of, future=True)
        value = p.present_values(of, held, np.ones(400), engine="numpy").by_group(held.group, 3)
        flows = p.cash_flows(of, held, months=400, groups=3, engine="numpy")
        summed = p.Amounts(**{name: getattr(flows, name).sum(axis=0) for name in AMOUNTS})
        same(value, summed, rtol=1e-10)

    def test_a_certain_death_pays_once(self):
        exits = np.array([[0.01, 0.3, 1.0]])
        for grid in p.Grid:
            for spread in p.Spread:
                one = cells(
                    1,
                    3,
                    exit_rate=exits,
                    claims_sum=exits,
                    lapse=np.zeros((1, 3)),
                    cover=np.array([480]),
                    rate=np.zeros(1),
                    conventions=p.Conventions(grid=grid, spread=spread),
                )
                whole = p.project(one, 2)
                assert whole.initial[p.Flow.CLAIMS_SUM, 0] == pytest.approx(1.0, abs=1e-12)

    def test_maturity_is_paid_to_whoever_is_left(self):
        one = cells(
            1,
            2,
            exit_rate=np.array([[0.1, 0.2]]),
            lapse=np.zeros((1, 2)),
            maturity=np.ones(1),
            cover=np.array([24]),
            rate=np.full(1, 0.05),
            conventions=p.Conventions(grid=p.Grid.CONTRACT, spread=p.Spread.CONSTANT),
        )
        value = p.project(one, 2).initial[p.Flow.MATURITY, 0]
        assert value == pytest.approx(0.9 * 0.8 / 1.05**2, rel=1e-13)


@pytest.mark.parametrize(
    "conventions",
    [
        p.CALENDAR,
        basicterm.CONVENTIONS,
        p.Conventions(grid=p.Grid.CONTRACT, inflation=p.Inflation.VALUATION, usual=1.0),
    ],
)
@pytest.mark.parametrize("alike", [True, False])
def test_the_compiled_walk_equals_numpy(conventions, alike):
    of = cells(7, conventions=conventions)
    held = book(500, of, future=conventions.grid is p.Grid.CONTRACT)
    curve = 1.02 ** -(np.arange(400) / 12)
    walked = [p.present_values(of, held, curve, engine=e, alike=alike) for e in ("numpy", "numba")]
    same(walked[0], walked[1], rtol=1e-12)
    months = [
        p.cash_flows(of, held, months=90, groups=3, engine=engine) for engine in ("numpy", "numba")
    ]
    same(months[0], months[1], rtol=1e-9, atol=1e-6)


def test_pieces_do_not_change_the_figures(monkeypatch):
    of = cells(40, conventions=basicterm.CONVENTIONS)
    held = book(900, of, future=True)
    whole = p.present_values(of, held, np.ones(400), engine="numpy")
    monkeypatch.setattr(p.forward, "PIECE_BYTES", 40_000)
    monkeypatch.setattr(p.forward, "SLICE", 100)
    monkeypatch.setattr(p.walk, "BLOCK", 32)
    same(whole, p.present_values(of, held, np.ones(400), engine="numpy"), rtol=0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 60), st.integers(1, 59), st.integers(2, 5))
def test_unions_permutations_and_repetitions(seed, n, cut, times):
    """The value of a union is the sum of values; order and repetition change nothing else."""
    of = cells(4, seed=seed, conventions=basicterm.CONVENTIONS)
    held = book(n, of, seed=seed, future=True)
    curve = 1.03 ** -(np.arange(400) / 12)

    def total(some: p.Book) -> np.ndarray:
        value = p.present_values(of, some, curve, engine="numpy")
        return np.array([getattr(value, name).sum() for name in AMOUNTS])

    whole = total(held)
    left = np.arange(n) < cut
    parts = total(held.take(left)) + total(held.take(~left))
    np.testing.assert_allclose(parts, whole, rtol=1e-11)
    mixed = held.take(np.random.default_rng(seed).permutation(n))
    np.testing.assert_allclose(total(mixed), whole, rtol=1e-11)
    many = held.take(np.repeat(np.arange(n), times))
    np.testing.assert_allclose(total(many), times * whole, rtol=1e-11)
    bigger = dataclasses.replace(
        held,
        sum_assured=times * held.sum_assured,
        premium=times * held.premium,
        count=times * held.count,
    )
    np.testing.assert_allclose(total(bigger), times * whole, rtol=1e-11)


class TestRefusals:
    def refused(self, says: str, of: p.Cells, held: p.Book, curve: Any = None) -> None:
        curve = np.ones(400) if curve is None else curve
        with pytest.raises(p.BadProjection, match=says):
            p.present_values(of, held, curve)

    def test_probabilities_out_of_range(self):
        good = cells()
        bad = good.exit_rate.copy()
        bad[1, 2] = 1.2
        self.refused("exit_rate of cell 1", dataclasses.replace(good, exit_rate=bad), book(9, good))
        with pytest.raises(p.BadProjection, match="exit_rate of cell 1"):
            p.project(dataclasses.replace(good, exit_rate=bad), 2)

    def test_gaps_and_lengths(self):
        good = cells()
        lapse = good.lapse.copy()
        lapse[0, 0] = np.nan
        self.refused("lapse holds a gap", dataclasses.replace(good, lapse=lapse), book(9, good))
        short = dataclasses.replace(good, expense=good.expense[:1])
        self.refused("expense has 1 cells, not 3", short, book(9, good))
        never = dataclasses.replace(good, cover=np.zeros(3, np.int64))
        self.refused("covers no month", never, book(9, good))

    def test_contracts_that_belong_nowhere(self):
        of = cells()
        lost = dataclasses.replace(book(9, of), cell=np.full(9, 7))
        self.refused("cell that is not there", of, lost)
        with pytest.raises(p.BadProjection, match="group that is not there"):
            p.cash_flows(of, book(9, of, groups=3), months=2, groups=2)
        other = dataclasses.replace(book(9, of), group=np.full(9, 1))
        for engine in ("numpy", "numba"):  # even where there is but one group
            with pytest.raises(p.BadProjection, match="group that is not there"):
                p.cash_flows(of, other, months=3, groups=1, engine=engine)
        early = dataclasses.replace(book(9, of), elapsed=np.full(9, -2))
        self.refused("issued this month or earlier", of, early)

    def test_curves_that_are_too_short_or_not_positive(self):
        of = cells(cover=np.full(3, 120))
        held = dataclasses.replace(book(9, of), elapsed=np.zeros(9, np.int64))
        self.refused("curve has 12 months", of, held, np.ones(12))
        curve = np.ones(400)
        curve[5] = 0
        self.refused("not a positive number", of, held, curve)
        with pytest.raises(p.BadProjection, match="at least one month"):
            p.cash_flows(of, held, months=0, groups=3)


def test_an_empty_book_is_worth_nothing():
    of = cells()
    value = p.present_values(of, book(0, of), np.ones(400))
    assert len(value.premium) == 0
