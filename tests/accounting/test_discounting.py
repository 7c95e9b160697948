"""Discount curves: worked examples, exact repricing, convergence, the Korean two passes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting.rules import discounting as d
from accounting.rules.discounting import smith_wilson
from tests.golden import agree, case

TENORS = np.array([0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 15, 20, 30])
YIELDS = np.array(
    [2.6, 2.62, 2.63, 2.65, 2.66, 2.68, 2.7, 2.72, 2.8, 2.85, 2.9, 2.95, 2.93, 2.9, 2.8]
) / 100  # fmt: skip
MID_2026 = d.Parameters(
    ltfr=0.043,
    last_liquid_point=23,
    convergence_point=60,
    liquidity_premium=0.00414,
    coupons_per_year=2,
    first_alpha=0.1,
    tolerance=0.0001,
    lowest_alpha=0.0001,
)


class TestSmithWilson:
    def test_unit_case(self):
        golden = case("sw_unit")
        given, zeta = golden.inputs, golden.inputs["zeta_case"]
        market = d.zero_rates(tenors=given["maturities"], rates=given["rates"])
        curve = d.fit(market, ufr=given["ufr"], alpha=given["alpha"])
        found = {"rates": curve.spot(given["target"])}
        other = d.zero_rates(tenors=zeta["maturities"], rates=given["rates"])
        # the source weighs by W⁻¹(μ − P), which turns the sign and leaves the curve
        found["zeta"] = -d.fit(other, ufr=zeta["ufr"], alpha=zeta["alpha"]).zeta
        agree(found, golden.exact)
        agree(found, golden.published, tolerance=golden.tolerance)

    def test_zero_rates_to_sixty_five_years(self):
        golden = case("sw_eiopa_tool_2015")
        given = golden.inputs
        market = d.zero_rates(tenors=given["maturities"], rates=given["spot"])
        curve = d.fit(market, ufr=given["ufr_annual"], alpha=given["alpha"])
        agree(curve.spot(given["target"]), golden.exact, tolerance=1e-12)
        agree(curve.spot(given["target"]), golden.published, tolerance=golden.tolerance)

    def test_the_speed_of_the_same_example_is_found(self):
        """The workbook prints α = 0.142068: 1 bp at 60 years, six places, rounded up."""
        given = case("sw_eiopa_tool_2015").inputs
        market = d.zero_rates(tenors=given["maturities"], rates=given["spot"])
        assert d.converge(market, ufr=given["ufr_annual"]).alpha == given["alpha"]

    @pytest.mark.parametrize(("row", "key"), [(0, "ex1"), (1, "ex2")])
    def test_par_swaps_paid_once_and_four_times_a_year(self, row, key):
        golden = case("sw_finanstilsynet_par_swaps")
        given = golden.inputs
        market = d.par_swaps(
            tenors=given["maturities"],
            rates=given["par_rates"],
            per_year=given["settlements_per_year"][row],
        )
        curve = d.fit(market, ufr=given["ufr_annual"], alpha=given["alpha"])
        target = given["target"]
        found = {
            "zeta": curve.zeta,
            "P4": curve.discount(target),
            "spot4": curve.spot(target),
        }
        agree(found, golden.exact[key])
        agree(found, golden.published[key], tolerance=golden.tolerance)

    def test_the_intensity_is_the_slope_of_the_logarithm(self):
        curve = d.fit(
            d.par_swaps(tenors=[1, 5, 20], rates=[0.02, 0.03, 0.035]), ufr=0.04, alpha=0.1
        )
        years, h = np.linspace(0.01, 80, 200), 1e-5
        slope = np.log(curve.discount(years - h) / curve.discount(years + h)) / (2 * h)
        np.testing.assert_allclose(curve.intensity(years), slope, atol=1e-7)
        assert curve.intensity(500.0) == pytest.approx(np.log(1.04), abs=1e-12)

    def test_a_forward_rate_of_no_time_is_that_of_the_moment(self):
        curve = d.fit(
            d.zero_rates(tenors=[1, 5, 10], rates=[0.02, 0.03, 0.03]), ufr=0.04, alpha=0.1
        )
        at = np.array([0.0, 3.0, 40.0])
        np.testing.assert_allclose(curve.forward(at, at), np.expm1(curve.intensity(at)))
        np.testing.assert_allclose(curve.forward(at, at + 1e-6), curve.forward(at, at), atol=1e-7)

    def test_a_credit_risk_adjustment_comes_off_the_quotes(self):
        tenors, rates = [1.0, 5.0, 10.0], np.array([0.02, 0.03, 0.03])
        for make in (d.zero_rates, d.par_swaps):
            plain = make(tenors=tenors, rates=rates - [0.001, 0.0012, 0.0035])
            less = make(tenors=tenors, rates=rates, credit_risk=[0.001, 0.0012, 0.0035])
            np.testing.assert_array_equal(plain.prices, less.prices)
            np.testing.assert_array_equal(plain.flows, less.flows)

    def test_a_premium_moves_what_is_liquid_and_not_the_ultimate_rate(self):
        base = d.fit(
            d.zero_rates(tenors=[1, 10, 20], rates=[0.02, 0.03, 0.03]), ufr=0.04, alpha=0.1
        )
        same = d.with_premium(base, tenors=[1, 10, 20], premium=0.0)
        years = np.linspace(0, 100, 41)
        np.testing.assert_allclose(same.discount(years), base.discount(years), atol=1e-14)
        higher = d.with_premium(base, tenors=[1, 10, 20], premium=[0.001, 0.002, 0.003])
        at = np.array([1.0, 10.0, 20.0])
        np.testing.assert_allclose(higher.spot(at), base.spot(at) + np.array([0.001, 0.002, 0.003]))
        assert higher.alpha == base.alpha
        assert float(higher.intensity(300)) == pytest.approx(base.omega, abs=1e-6)
        with pytest.raises(d.BadCurve, match="above −1"):
            d.with_premium(base, tenors=[1], premium=-1.1)

    def test_the_gap_beyond_the_last_tenor_is_that_of_the_closed_formula(self):
        """f(T) = ω + α / (1 − κ e^(αT)), κ = (1 + α u'Qb) / (sinh(αu)'Qb)."""
        given = case("sw_eiopa_tool_2015").inputs
        market = d.zero_rates(tenors=given["maturities"], rates=given["spot"])
        curve = d.fit(market, ufr=0.042, alpha=0.1)
        weighted = np.exp(-curve.omega * curve.times) * curve.weights
        kappa = 1 + 0.1 * curve.times @ weighted
        kappa /= np.sinh(0.1 * curve.times) @ weighted
        expected = curve.omega + 0.1 / (1 - kappa * np.exp(0.1 * 60))
        assert float(curve.intensity(60.0)) == pytest.approx(expected, rel=1e-10)

    def test_a_slower_speed_does_not_converge(self):
        given = case("sw_eiopa_tool_2015").inputs
        market = d.zero_rates(tenors=given["maturities"], rates=given["spot"])
        until = d.Convergence()
        assert smith_wilson.gap(market, ufr=0.042, alpha=0.142068, until=until) <= 0.0001
        assert smith_wilson.gap(market, ufr=0.042, alpha=0.142066, until=until) > 0.0001

    def test_a_curve_at_its_ultimate_rate_takes_the_lowest_speed(self):
        market = d.zero_rates(tenors=[1, 10, 20], rates=[0.04] * 3)
        curve = d.converge(market, ufr=0.04)
        assert curve.alpha == 0.05
        np.testing.assert_allclose(curve.spot(np.arange(0, 121)), 0.04, atol=1e-12)

    def test_quotes_beyond_the_last_liquid_point_are_left_out(self):
        rates = [0.02, 0.025, 0.03, 0.031]
        market = d.par_swaps(tenors=[1, 5, 20, 30], rates=rates, per_year=2)
        liquid = market.until(20)
        assert liquid.times[-1] == liquid.tenors[-1] == 20
        plain = d.par_swaps(tenors=[1, 5, 20], rates=rates[:3], per_year=2)
        one = d.converge(liquid, ufr=0.042, until=d.Convergence.after(20))
        two = d.converge(plain, ufr=0.042)
        assert one.alpha == two.alpha
        np.testing.assert_array_equal(one.spot(np.arange(90)), two.spot(np.arange(90)))
        assert d.Convergence.after(50).point == 90
        with pytest.raises(d.BadCurve, match="last liquid point of 0.5 years"):
            market.until(0.5)

    def test_no_speed_is_enough(self):
        market = d.zero_rates(tenors=[1, 59], rates=[0.01, 0.02])
        with pytest.raises(d.NotConverging, match="60 years"):
            d.converge(market, ufr=0.08, until=d.Convergence(highest=0.3))


LEVELS = st.floats(-0.005, 0.06)
SPEEDS = st.floats(0.05, 0.4)
COUPONS = st.sampled_from([1, 2, 4])


def quoted(
    tenors: np.ndarray, level: float, often: int, data: st.DataObject
) -> list[d.Instruments]:
    """Return one set of yields, near a level, quoted in the three ways of the market."""
    spread = st.lists(st.floats(-0.002, 0.002), min_size=len(tenors), max_size=len(tenors))
    rates = level + np.array(data.draw(spread))
    return [
        d.zero_rates(tenors=tenors, rates=rates),
        d.par_swaps(tenors=tenors, rates=rates, per_year=often),
        d.treasury_yields(tenors=tenors, yields=rates, per_year=2),
    ]


def reprice(curve: d.SmithWilson, market: d.Instruments) -> None:
    worth = market.flows @ curve.discount(market.times)
    np.testing.assert_allclose(worth, market.prices, atol=1e-8)


class TestRepricing:
    @settings(max_examples=60, deadline=None)
    @given(st.sets(st.integers(1, 20), min_size=1, max_size=8), LEVELS, COUPONS, SPEEDS, st.data())
    def test_every_instrument_keeps_its_price(self, years, level, often, alpha, data):
        for market in quoted(np.array(sorted(years), float), level, often, data):
            reprice(d.fit(market, ufr=0.045, alpha=alpha), market)

    @settings(max_examples=60, deadline=None)
    @given(st.sets(st.integers(1, 80), min_size=1, max_size=8), LEVELS, COUPONS, SPEEDS, st.data())
    def test_odd_tenors_are_repriced_or_refused(self, quarters, level, often, alpha, data):
        """Coupons a quarter apart may contradict each other: then no price is made up."""
        for market in quoted(np.array(sorted(quarters)) / 4.0, level, often, data):
            with suppress(d.BadCurve):
                reprice(d.fit(market, ufr=0.045, alpha=alpha), market)

    def test_quotes_that_contradict_each_other_are_refused(self):
        market = d.treasury_yields(tenors=[12.75, 13.0, 18.0], yields=[0.046875] * 3, per_year=2)
        with pytest.raises(d.BadCurve, match="at 15 years is not positive; look at the quotes"):
            reprice(d.fit(market, ufr=0.045, alpha=0.25), market)

    def test_bonds_without_coupons_are_zero_bonds(self):
        tenors, rates = [1.0, 3.0, 7.0], np.array([0.02, 0.025, 0.03])
        prices = (1 + rates) ** -np.array(tenors)
        one = d.fit(d.zero_prices(tenors=tenors, prices=prices), ufr=0.04, alpha=0.1)
        other = d.bonds(tenors=tenors, coupons=[0, 0, 0], prices=prices, per_year=0)
        two = d.fit(other, ufr=0.04, alpha=0.1)
        three = d.fit(d.zero_rates(tenors=tenors, rates=rates), ufr=0.04, alpha=0.1)
        years = np.arange(0, 50, 0.5)
        np.testing.assert_allclose(one.discount(years), two.discount(years), atol=1e-14)
        np.testing.assert_allclose(one.discount(years), three.discount(years), atol=1e-14)

    def test_a_par_bond_is_a_par_swap(self):
        tenors, rates = [1.0, 2.0, 5.0], [0.02, 0.03, 0.035]
        swap = d.fit(d.par_swaps(tenors=tenors, rates=rates, per_year=2), ufr=0.04, alpha=0.1)
        bond = d.bonds(tenors=tenors, coupons=rates, prices=[1, 1, 1], per_year=2)
        years = np.arange(0, 20, 0.25)
        np.testing.assert_allclose(
            swap.discount(years), d.fit(bond, ufr=0.04, alpha=0.1).discount(years), atol=1e-13
        )

    def test_a_bond_at_a_price_away_from_par(self):
        """A two-year bond at 102 with 4 %: (102 − 4 P(1)) / 104 after a one-year zero at 3 %."""
        market = d.bonds(
            tenors=[1.0, 2.0], coupons=[0.0, 0.04], prices=[1 / 1.03, 1.02], per_year=1
        )
        curve = d.fit(market, ufr=0.04, alpha=0.1)
        assert float(curve.discount(2.0)) == pytest.approx((1.02 - 0.04 / 1.03) / 1.04)

    def test_treasury_yields_of_whole_and_broken_periods(self):
        market = d.treasury_yields(tenors=[0.25, 0.5, 1.0], yields=[0.02, 0.024, 0.03])
        curve = d.fit(market, ufr=0.03, alpha=0.1)
        assert float(curve.discount(0.25)) == pytest.approx(1 / (1 + 0.02 / 4))
        half = 1 / (1 + 0.024 / 2)
        assert float(curve.discount(0.5)) == pytest.approx(half)
        assert float(curve.discount(1.0)) == pytest.approx((1 - 0.015 * half) / 1.015)


class TestMonths:
    def test_spot_forward_and_discount_agree(self):
        market = d.par_swaps(tenors=[1, 5, 20], rates=[0.02, 0.03, 0.035])
        curve = d.converge(market, ufr=0.042)
        months = d.by_month(curve, 1_200)
        assert months.discount[0] == 1.0
        assert len(months) == 1_200
        rolled = np.cumprod((1 + months.forward) ** (-1 / 12))
        np.testing.assert_allclose(rolled, months.discount[1:], rtol=1e-12)
        np.testing.assert_allclose(months.spot, curve.spot(np.r_[1, 1:1201] / 12), atol=1e-12)
        np.testing.assert_allclose((1 + months.forward_monthly) ** 12 - 1, months.forward)
        assert float(curve.forward(5, 10)) == pytest.approx(
            (float(curve.discount(5)) / float(curve.discount(10))) ** 0.2 - 1
        )

    def test_a_flat_curve_is_flat(self):
        months = d.by_month(d.Flat(0.03), 24)
        np.testing.assert_allclose(months.discount, 1.03 ** -(np.arange(25) / 12))
        np.testing.assert_allclose(months.forward, 0.03)

    def test_spot_rates_that_hold_through_a_year(self):
        months = d.by_month(d.SpotByYear(np.array([0.0, 0.01, 0.02])), 40)
        assert months.discount[11] == 1.0
        assert months.discount[12] == pytest.approx(1.01**-1)
        assert months.discount[23] == pytest.approx(1.01 ** (-23 / 12))
        assert months.discount[39] == pytest.approx(1.02 ** (-39 / 12))


class TestKorea:
    def test_the_second_pass_is_the_first_one_and_the_premium(self):
        curve = d.korean_curve(tenors=TENORS, yields=YIELDS, parameters=MID_2026)
        assert curve.tenors[-1] == 23
        assert 30 not in curve.tenors
        np.testing.assert_allclose(curve.spot, curve.market.spot(curve.tenors))
        np.testing.assert_allclose(curve.base.spot(curve.tenors), curve.spot, atol=1e-9)
        found = curve.adjusted.spot(curve.tenors)
        np.testing.assert_allclose(found, curve.spot + 0.00414, atol=1e-9)

    def test_it_converges_to_the_long_term_forward_rate_and_no_faster(self):
        curve = d.korean_curve(tenors=TENORS, yields=YIELDS, parameters=MID_2026)
        at = abs(float(np.expm1(curve.adjusted.intensity(60.0))) - 0.043)
        assert 0.00009 < at <= 0.0001
        assert curve.by_month(1_200).forward[-1] == pytest.approx(0.043, abs=1e-5)

    def test_yields_at_par_come_back(self):
        curve = d.korean_curve(tenors=TENORS, yields=YIELDS, parameters=MID_2026).market
        times = np.arange(1, 21) / 2
        value = YIELDS[11] / 2 * curve.discount(times).sum() + float(curve.discount(10.0))
        assert value == pytest.approx(1.0, abs=1e-10)

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ({"ltfr": -1}, "out of range"),
            ({"convergence_point": 20}, "after the last liquid point"),
            ({"coupons_per_year": 3}, "Coupons are paid"),
            ({"lowest_alpha": 0}, "out of range"),
            ({"tolerance": 0}, "out of range"),
        ],
    )
    def test_parameters_that_contradict_themselves(self, change, says):
        with pytest.raises(d.BadCurve, match=says):
            replace(MID_2026, **change).check()

    def test_yields_that_end_before_the_last_liquid_point(self):
        with pytest.raises(d.BadCurve, match="last yield is that of 20 years"):
            d.korean_curve(tenors=TENORS[:-1], yields=YIELDS[:-1], parameters=MID_2026)


@pytest.mark.parametrize(
    ("tenors", "quotes", "says"),
    [
        ([1, 5, 3], [0.01] * 3, "3 follows 5"),
        ([1, 3, 3], [0.01] * 3, "tenor 3 stands twice"),
        ([0, 1], [0.01] * 2, "tenor 0 is not a positive"),
        ([float("nan"), 1], [0.01] * 2, "not a positive"),
        ([], [], "at least one tenor"),
        ([1, 2], [0.01], "2 tenors, but 1 quotes"),
        ([1, 2], [0.01, float("inf")], "tenor 2 is not a number"),
    ],
)
def test_quotes_that_no_curve_can_be_drawn_from(tenors, quotes, says):
    for read in (
        lambda: d.zero_rates(tenors=tenors, rates=quotes),
        lambda: d.zero_prices(tenors=tenors, prices=quotes),
        lambda: d.par_swaps(tenors=tenors, rates=quotes),
        lambda: d.treasury_yields(tenors=tenors, yields=quotes),
    ):
        with pytest.raises(d.BadCurve, match=says):
            read()


def test_prices_rates_and_coupons_out_of_range():
    with pytest.raises(d.BadCurve, match="price at tenor 2 is -0.5"):
        d.zero_prices(tenors=[1, 2], prices=[0.9, -0.5])
    with pytest.raises(d.BadCurve, match="rate at tenor 1 is -1"):
        d.par_swaps(tenors=[1], rates=[-1.0])
    with pytest.raises(d.BadCurve, match="coupon at tenor 1 is negative"):
        d.bonds(tenors=[1], coupons=[-0.01], prices=[1])
    with pytest.raises(d.BadCurve, match="whole number"):
        d.par_swaps(tenors=[1], rates=[0.01], per_year=1.5)


def test_parameters_of_a_fit_out_of_range():
    market = d.zero_rates(tenors=[1, 2], rates=[0.02, 0.02])
    with pytest.raises(d.BadCurve, match="ultimate forward rate -1"):
        d.fit(market, ufr=-1, alpha=0.1)
    with pytest.raises(d.BadCurve, match="speed of convergence 0"):
        d.fit(market, ufr=0.04, alpha=0)
    with pytest.raises(d.BadCurve, match="convergence point 2"):
        d.converge(market, ufr=0.04, until=d.Convergence(point=2))
    with pytest.raises(d.BadCurve, match="at least one month"):
        d.by_month(d.Flat(0.02), 0)
