"""Unit values of cells, and contracts that look them up."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest

from accounting.rules import cells as cell_rules
from accounting.rules import projection
from accounting.rules.assumptions import Assumptions, LineAssumptions
from accounting.rules.projection import Book, Cells, Flow, month
from products.rules.expectations import expected_of
from products.rules.premium import net_premium
from tests.factories import products as factory

PLAIN = LineAssumptions(
    lapse=(0.1, 0.05),
    claims_factor=1.0,
    expense_per_month=1_000.0,
    expense_of_premium=0.02,
    expense_of_claims=0.03,
    expense_inflation=0.0,
    reported=(0.5, 1.0),
)


def cells(n: int = 1, *, cover: int = 120, years: int | None = None, **changes) -> Cells:
    years = years or -(-cover // 12)
    given = {
        "exit_rate": np.full((n, years), 0.01),
        "claims_sum": np.full((n, years), 0.01),
        "claims_fixed": np.zeros((n, years)),
        "lapse": np.full((n, years), 0.06),
        "surrender": np.tile(np.linspace(0, 0.05, years + 1), (n, 1)),
        "maturity": np.zeros(n),
        "commission": np.array([[2.0, 0, 0, 0, 0, 0, 1.0]] * n),
        "cover": np.full(n, cover),
        "instalments": np.full(n, cover),
        "expense": np.full(n, 1_000.0),
        "inflation": np.full(n, 0.02),
        "expense_premium": np.full(n, 0.03),
        "rate": np.full(n, 0.03),
    }
    return Cells(**{**given, **changes})


def brute(one: Cells, start: int) -> np.ndarray:
    """Walk forward month by month, as slow and plain as possible."""
    v = 1.0 / (1.0 + one.rate[0])
    total, alive = np.zeros(projection.FLOWS), 1.0
    for m in range(start, int(one.cover[0]) + 1):
        flow, survive = projection.step(one, m)
        weight = np.full(projection.FLOWS, v ** ((m - start + 0.5) / 12.0))
        weight[Flow.UNITS] = 1.0
        total += weight * alive * flow[:, 0]
        alive *= survive[0]
    return total


class TestProjection:
    @pytest.mark.parametrize("start", [0, 1, 5, 12, 13, 60, 119, 120])
    def test_the_backward_pass_equals_a_forward_walk(self, start):
        one = cells()
        table = projection.project(one, 130)
        assert table.value[start, :, 0] == pytest.approx(brute(one, start), rel=1e-12)
        assert not table.value[121].any()

    def test_one_death_pays_once(self):
        """Without interest and lapses, claims of whole life sum to the sum assured."""
        exits = np.array([[0.01, 0.05, 0.3, 1.0]])
        one = cells(
            cover=48,
            exit_rate=exits,
            claims_sum=exits,
            lapse=np.zeros((1, 4)),
            rate=np.zeros(1),
        )
        whole = dataclasses.replace(one, cover=np.array([480]))
        assert projection.project(whole, 2).value[0, Flow.CLAIMS_SUM, 0] == pytest.approx(1.0)

    def test_expected_deaths_of_a_year_are_the_annual_rate(self):
        one = cells(lapse=np.zeros((1, 10)), rate=np.zeros(1))
        table = projection.project(one, 130)
        first_half = table.flow[0, Flow.CLAIMS_SUM, 0]
        assert first_half == pytest.approx(0.01 / 24)
        alive = 1.0
        deaths = 0.0
        for m in range(12):
            flow, survive = projection.step(one, m)
            deaths += alive * flow[Flow.CLAIMS_SUM, 0]
            alive *= survive[0]
        half = month._events(one, 12, np.array([0.5]))  # the half month that ends the year
        assert deaths + alive * half[1][0] == pytest.approx(0.01, rel=1e-9)

    def test_rolling_forward_is_free_of_surprises(self):
        """A(m)(1 + i) − flow(1 + i)^½ is what the survivors are worth: no change of estimates."""
        one = cells()
        table = projection.project(one, 125)
        i = 1.03
        discounted = [f for f in Flow if f is not Flow.UNITS]
        for m in (0, 3, 50, 119):
            _, survive = projection.step(one, m)
            rolled = table.value[m] * i ** (1 / 12) - table.flow[m] * i ** (1 / 24)
            assert rolled[discounted] == pytest.approx(
                (survive * table.value[m + 1])[discounted], abs=1e-6
            )

    def test_the_book_is_the_sum_of_its_contracts(self):
        table = projection.project(cells(2), 20)
        book = Book(
            cell=np.array([0, 1, 0]),
            group=np.array([0, 0, 1]),
            elapsed=np.array([0, 3, 3]),
            sum_assured=np.array([1e8, 2e8, 1e8]),
            premium=np.array([3e4, 5e4, 3e4]),
            risk=np.array([1.0, 1.5, 1.0]),
            claims_expense=np.full(3, 0.03),
        )
        whole = projection.amounts(projection.at_month_end(table, book), book, 2)
        parts = []
        for row in range(3):
            single = Book(
                **{f.name: getattr(book, f.name)[[row]] for f in dataclasses.fields(Book)}
            )
            single_value = projection.amounts(projection.at_month_end(table, single), single, 2)
            parts.append(single_value.fulfilment)
        assert np.sum(parts, axis=0) == pytest.approx(whole.fulfilment)

    def test_claims_are_worth_the_net_single_premium_of_the_same_basis(self):
        """Without lapses, at the product's own interest, pricing and measuring meet."""
        rules = factory.ruleset("TERM01")
        expected = expected_of(rules)
        rates = cell_rules.Rates(
            **{f.name: getattr(expected, f.name) for f in dataclasses.fields(cell_rules.Rates)}
        )
        points = cell_rules.Points(
            version=np.zeros(2, np.int64),
            line=np.array(["TERM", "TERM"], object),
            cohort=np.full(2, 2026),
            sex=np.array([0, 1]),
            age=np.array([40, 40]),
            cover=np.full(2, 240),
            instalments=np.full(2, 240),
            elapsed=np.zeros(2, np.int64),
            sum_assured=np.full(2, 100_000_000),
            premium=np.array([44_000, 25_000]),
        )
        still = dataclasses.replace(PLAIN, lapse=(0.0,))
        assumed = Assumptions({"default": rules.basis.interest}, {"TERM": still})
        built, index = cell_rules.build(
            points, [rates], assumed, lambda _n, at, _p, years: np.zeros((len(at), years + 1))
        )
        table = projection.project(built, 3)
        net = net_premium(
            rules.basis,
            weights=rules.basis.ratios,
            maturity=0.0,
            sex=points.sex,
            age=points.age,
            term_months=points.cover,
            pay_months=points.instalments,
            per_year=np.array([0, 0]),
        )
        assert table.initial[Flow.CLAIMS_SUM][index] == pytest.approx(net.single, rel=5e-4)

    def test_a_hundred_thousand_contracts_in_seconds(self):
        n = 3_000
        rng = np.random.default_rng(1)
        many = cells(n, cover=360, years=90)
        many = dataclasses.replace(many, cover=rng.integers(120, 1_080, n))
        began = time.perf_counter()
        table = projection.project(many, 40)
        book = Book(
            cell=rng.integers(0, n, 100_000),
            group=rng.integers(0, 12, 100_000),
            elapsed=rng.integers(0, 30, 100_000),
            sum_assured=np.full(100_000, 1e8),
            premium=np.full(100_000, 4e4),
            risk=np.ones(100_000),
            claims_expense=np.full(100_000, 0.03),
        )
        projection.amounts(projection.at_month_end(table, book), book, 12)
        assert time.perf_counter() - began < 10
