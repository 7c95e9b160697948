"""The measurement engine: projections, roll-forwards, margins and losses."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting.rules import cells as cell_rules
from accounting.rules import measurement, projection
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


amount = st.integers(-(10**11), 10**11)
positive = st.integers(0, 10**11)


def amounts_of(fulfilment: int, services: int = 0, units: float = 1e9, claims: int = 0):
    def one(v):
        return np.array([float(v)])

    return projection.Amounts(
        premium=one(max(0, -fulfilment)),
        claims=one(claims or services),
        claims_expense=one(0),
        repaid=one(max(0, fulfilment) - services),
        expense=one(0),
        commission=one(0),
        units=one(units),
    )


def opening(**given: int) -> measurement.Opening:
    values = {f.name: np.array([0]) for f in dataclasses.fields(measurement.Opening)}
    return measurement.Opening(**{**values, **{k: np.array([v]) for k, v in given.items()}})


def cash(premiums: int = 0, acquisition: int = 0, refunds: int = 0) -> measurement.Cash:
    return measurement.Cash(np.array([premiums]), np.array([acquisition]), np.array([refunds]))


def present(value, new=None, coming=None, first=None, unearned=0.0, earned=0.0, rate=0.03):
    none = amounts_of(0, units=0)
    return measurement.Present(
        value=value,
        coming=coming or none,
        new=new or none,
        first=first or none,
        unearned=np.array([float(unearned)]),
        earned=np.array([float(earned)]),
        rate=np.array([rate]),
    )


def steps(measured, component):
    return {k: int(v[0]) for k, v in measured.facts[component].items()}


def check(measured: measurement.Measured) -> None:
    """What holds for every measurement."""
    for component, miss in measurement.footing(measured.facts).items():
        assert not miss.any(), component
    csm = measured.facts.get("CSM", {}).get("CLOSING", np.zeros(1))
    lc = measured.facts["LC"]["CLOSING"]
    assert (csm >= 0).all()
    assert (lc >= 0).all()
    assert not ((csm > 0) & (lc > 0)).any()


class TestGeneralModel:
    @given(
        bel=amount,
        csm=positive,
        lc=positive,
        onerous=st.booleans(),
        new=amount,
        closing=amount,
        premiums=positive,
        acquisition=positive,
        refunds=positive,
        services=positive,
        left=st.sampled_from([0.0, 1.0, 1e9]),
    )
    @settings(max_examples=300, deadline=None)
    def test_everything_foots(
        self, bel, csm, lc, onerous, new, closing, premiums, acquisition, refunds, services, left
    ):
        start = opening(
            pvfcf=bel,
            csm=0 if onerous else csm,
            lc=lc if onerous else 0,
            outflows=max(1, 5 * services),
            services=services,
            acq=acquisition,
            units=10**9,
        )
        measured = measurement.gmm(
            start,
            cash(premiums, acquisition, refunds),
            present(amounts_of(closing, units=left), new=amounts_of(new, units=0)),
            np.array([7]),
        )
        check(measured)
        moves = {k: int(v[0]) for k, v in measured.movements.items()}
        # The ledger: what the posting rule makes of the movements, account by account.
        lrc = (
            premiums
            - refunds
            - acquisition
            - moves["revenue_claims"]
            - moves["revenue_acquisition"]
            - moves["revenue_csm"]
            + moves["acquisition_amortised"]
            + moves["finance"]
            + moves["csm_finance"]
            + moves["loss_finance"]
            + moves["loss"]
            - moves["loss_released"]
            + moves["rounding"]
        )
        assert bel + int(start.csm[0]) + lrc == steps(measured, "LRC")["CLOSING"]
        margin = (
            int(start.csm[0]) + moves["csm_finance"] + moves["csm_future"] - moves["revenue_csm"]
        )
        assert margin == steps(measured, "CSM")["CLOSING"]
        assert abs(moves["rounding"]) <= 1

    def test_profitable_contracts_earn_nothing_at_issue(self):
        measured = measurement.gmm(
            opening(), cash(), present(amounts_of(-1_000), new=amounts_of(-1_000, units=0)), zero()
        )
        assert steps(measured, "CSM")["NEW"] == 1_000
        assert steps(measured, "LC")["CLOSING"] == 0

    def test_onerous_contracts_lose_at_once(self):
        measured = measurement.gmm(
            opening(), cash(), present(amounts_of(800), new=amounts_of(800, units=0)), zero()
        )
        assert int(measured.movements["loss"][0]) == 800 + steps(measured, "LC")["ESTIMATES"]
        assert steps(measured, "CSM")["CLOSING"] == 0

    def test_bad_news_takes_the_margin_before_it_costs(self):
        measured = measurement.gmm(
            opening(csm=1_000, units=0), cash(), present(amounts_of(300)), zero()
        )
        assert steps(measured, "CSM")["ESTIMATES"] == -300
        assert steps(measured, "LC")["CLOSING"] == 0
        worse = measurement.gmm(
            opening(csm=1_000, units=0), cash(), present(amounts_of(1_500), rate=0.0), zero()
        )
        assert steps(worse, "CSM")["CLOSING"] == 0
        assert steps(worse, "LC")["CLOSING"] == 500

    def test_good_news_takes_back_the_loss_before_it_is_margin(self):
        measured = measurement.gmm(
            opening(pvfcf=400, lc=400), cash(), present(amounts_of(-200), rate=0.0), zero()
        )
        assert steps(measured, "LC")["ESTIMATES"] == -400
        assert steps(measured, "CSM")["ESTIMATES"] == 200

    def test_margin_is_released_by_service(self):
        measured = measurement.gmm(
            opening(csm=1_200, units=100),
            cash(),
            present(amounts_of(0, units=1_100), rate=0.0),
            zero(),
        )
        assert steps(measured, "CSM")["RELEASE"] == -100

    def test_interest_accretes_before_release_at_the_locked_in_rate(self):
        measured = measurement.gmm(
            opening(csm=1_000_000, units=0), cash(), present(amounts_of(0)), zero()
        )
        assert steps(measured, "CSM")["FINANCE"] == round(1_000_000 * (1.03 ** (1 / 12) - 1))

    def test_the_last_contract_takes_margin_loss_and_cost_with_it(self):
        gone = amounts_of(0, units=0)
        measured = measurement.gmm(opening(csm=500, acq=300), cash(), present(gone), zero())
        assert steps(measured, "CSM")["CLOSING"] == steps(measured, "ACQ")["CLOSING"] == 0
        measured = measurement.gmm(opening(lc=500), cash(), present(gone), zero())
        assert steps(measured, "LC")["CLOSING"] == 0

    def test_a_life_as_expected_has_no_change_of_estimates(self):
        """A big book that lives exactly as assumed: margin falls only by its release."""
        one = cells(cover=24, commission=np.array([[2.0]]))
        table = projection.project(one, 30)
        size, sa, premium = 10_000.0, 50_000_000.0, 62_000.0
        alive, start, total_revenue, total_release = size, opening(), 0, 0
        for m in range(26):
            book = Book(
                cell=np.zeros(1, np.int64),
                group=np.zeros(1, np.int64),
                elapsed=np.array([m]),
                sum_assured=np.array([sa]),
                premium=np.array([premium]),
                risk=np.ones(1),
                claims_expense=np.zeros(1),
            )

            def scaled(units, count, book=book):
                return projection.amounts(units * count, book, 1)

            flow, survive = projection.step(one, m)
            here = scaled(flow, alive)
            flows = cash(round(here.premium[0]), round(here.commission[0]), round(here.repaid[0]))
            new = scaled(projection.at_issue(table, book), size) if m == 0 else None
            first = here if m == 0 else None
            alive *= survive[0]
            measured = measurement.gmm(
                start,
                flows,
                present(
                    scaled(projection.at_month_end(table, book), alive),
                    new=new,
                    first=first,
                    coming=scaled(projection.next_month(table, book), alive),
                ),
                zero(),
            )
            check(measured)
            assert abs(steps(measured, "PVFCF")["ESTIMATES"]) <= 3, m
            total_revenue += int(measured.movements["revenue_claims"][0])
            total_release += int(measured.movements["revenue_csm"][0])
            last = {c: steps(measured, c) for c in measured.facts}
            start = opening(
                pvfcf=last["PVFCF"]["CLOSING"],
                csm=last["CSM"]["CLOSING"],
                lc=last["LC"]["CLOSING"],
                acq=last["ACQ"]["CLOSING"],
                outflows=last["EXPECTED"]["OUTFLOWS"],
                services=last["EXPECTED"]["SERVICES"],
                claims=last["EXPECTED"]["CLAIMS"],
                units=last["EXPECTED"]["UNITS"],
            )
        assert total_release > 0
        assert last["CSM"]["CLOSING"] == last["ACQ"]["CLOSING"] == 0
        assert abs(last["LRC"]["CLOSING"]) <= 60  # won that rounding left over two years


def zero() -> np.ndarray:
    return np.array([0])


class TestPremiumAllocation:
    def test_premium_is_earned_by_time(self):
        """Twelve months of cover, paid at once in the middle of a month: 1/24 earned at its end."""
        measured = measurement.paa(
            opening(),
            cash(premiums=2_400, acquisition=240),
            present(amounts_of(0, units=1e6), unearned=2_300, earned=100),
            zero(),
        )
        check(measured)
        assert int(measured.movements["revenue_paa"][0]) == 100
        assert steps(measured, "LRC")["CLOSING"] == 2_300 - 230

    def test_an_onerous_group_books_its_loss(self):
        measured = measurement.paa(
            opening(),
            cash(premiums=1_000),
            present(amounts_of(1_300), unearned=900, earned=100),
            zero(),
        )
        check(measured)
        assert int(measured.movements["loss"][0]) == 400

    @given(upr=positive, premiums=positive, refunds=positive, unearned=positive, need=amount)
    def test_everything_foots(self, upr, premiums, refunds, unearned, need):
        measured = measurement.paa(
            opening(upr=upr, acq=upr // 10, lc=5),
            cash(premiums, premiums // 10, refunds),
            present(amounts_of(need), unearned=unearned, earned=premiums / 12),
            np.array([3]),
        )
        check(measured)
        moves = {k: int(v[0]) for k, v in measured.movements.items()}
        lrc = (
            upr
            - upr // 10
            + 5
            + premiums
            - premiums // 10
            - refunds
            - moves["revenue_paa"]
            + moves["acquisition_amortised"]
            + moves["loss"]
        )
        assert lrc == steps(measured, "LRC")["CLOSING"]


def test_ibnr_is_what_expected_claims_have_not_reported():
    claims = np.array([[1_000.0, 0.0], [2_000.0, 500.0]])
    reported = np.array([[0.4, 0.4], [0.9, 0.9]])
    assert measurement.ibnr(claims, reported).tolist() == [800, 50]
