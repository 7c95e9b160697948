"""Published examples of effective interest, yields, day counts and returns."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from investments.rules import bonds, credit, days, duration, effective, returns, yields
from investments.rules.effective import NoRate


def fraction(start: str, end: str, basis: str) -> float:
    one = [np.array([text], "datetime64[D]") for text in (start, end)]
    return float(days.year_fraction(*one, np.array([basis], object))[0])


class TestEffectiveInterest:
    def test_the_bond_of_the_guidance(self):
        """IAS 39 IG B.26: 1,000 for 59 a year and 1,250 after five years: 10 %."""
        found = effective.schedule(1000, [59, 59, 59, 59, 1309])
        assert found.rate == pytest.approx(0.10, abs=5e-5)
        assert found.closing == pytest.approx([1041, 1086, 1136, 1190, 0], abs=0.6)
        assert found.interest == pytest.approx([100, 104, 109, 113, 119], abs=0.6)

    def test_half_of_it_is_prepaid(self):
        """IAS 39 IG B.26: half of the principal comes two years early; 52 of gain, 1,138."""
        known = effective.schedule(1000, [59, 59, 59, 59, 1309])
        gain, later = effective.revise(known, after=2, cash=[684, 29.5, 654.5])
        assert gain == pytest.approx(52, abs=0.5)
        assert later.opening == pytest.approx([1138, 568, 595], abs=0.6)
        assert later.closing[-1] == pytest.approx(0, abs=1e-9)
        assert later.rate == known.rate

    def test_fees_are_part_of_the_rate(self):
        """A loan of 100 at 10 % for two years, a fee of 2 received: 10/98, 110."""
        found = effective.schedule(100, [10, 110], fees=-2)
        assert found.opening[0] == 98
        assert 10 / (1 + found.rate) + 110 / (1 + found.rate) ** 2 == pytest.approx(98)
        dearer = effective.schedule(100, [10, 110], fees=2)
        assert dearer.rate < 0.10 < found.rate

    def test_the_dated_flows_of_the_spreadsheet(self):
        """The example in the manual of XIRR: 37.34 %."""
        when = [date(2008, 1, 1), date(2008, 3, 1), date(2008, 10, 30), date(2009, 2, 15)]
        when.append(date(2009, 4, 1))
        found = effective.internal_rate_of_days(when, [-10_000, 2_750, 4_250, 3_250, 2_750])
        assert found == pytest.approx(0.373362535, abs=2e-9)

    def test_two_rates_are_no_rate_unless_one_is_near(self):
        """−100, 230, −132: 10 % and 20 %."""
        flows = ([0, 1, 2], [-100, 230, -132])
        with pytest.raises(NoRate, match=r"10 %, 20 %"):
            effective.internal_rate(*flows)
        assert effective.internal_rate(*flows, guess=0.0) == pytest.approx(0.1)
        assert effective.internal_rate(*flows, guess=0.3) == pytest.approx(0.2)

    @pytest.mark.parametrize(
        "flows",
        [([0, 1], [100, 100]), ([], []), ([0, 1], [-1]), ([0, 1, 2], [1, -1, 1]),
         ([0, 1], [np.nan, 1])],
    )  # fmt: skip
    def test_flows_without_a_rate(self, flows):
        with pytest.raises(NoRate):
            effective.internal_rate(*flows)

    def test_a_revision_after_the_end(self):
        with pytest.raises(NoRate):
            effective.revise(effective.schedule(100, [110]), after=2, cash=[1])
        with pytest.raises(NoRate):
            effective.internal_rate_of_days([], [])

    @given(
        cash=st.lists(st.floats(0, 1e6), min_size=1, max_size=12),
        rate=st.floats(-0.5, 1.0),
        fees=st.floats(-10, 10),
    )
    def test_a_schedule_ends_at_nothing_and_earns_what_it_pays(self, cash, rate, fees):
        worth = sum(c * (1 + rate) ** -(k + 1.0) for k, c in enumerate(cash))
        if worth < 100:
            return
        found = effective.schedule(worth - fees, cash, fees=fees)
        assert found.rate == pytest.approx(rate, abs=1e-9)
        assert found.closing[-1] == pytest.approx(0, abs=1e-6 * worth)
        assert found.interest.sum() == pytest.approx(sum(cash) - worth, abs=1e-6 * worth)


class TestYields:
    def test_a_bond_below_par(self):
        """Fabozzi: 20 years, 10 % half-yearly, to yield 11 %: 919.77 for 1,000."""
        found = yields.quote(face=1000, coupon=0.10, nominal_yield=0.11, periods=40)
        assert found.dirty == found.clean == pytest.approx(919.77, abs=0.005)
        back = yields.nominal_yield(face=1000, coupon=0.10, clean=found.clean, periods=40)
        assert back == pytest.approx(0.11, abs=1e-12)

    def test_duration_and_convexity(self):
        """Fabozzi: 25 years, 6 %, to yield 9 %: 70.3570; 11.10, 10.62 and 182.92."""
        terms = {"face": 100, "coupon": 0.06, "nominal_yield": 0.09, "periods": 50}
        assert yields.quote(**terms).clean == pytest.approx(70.3570, abs=5e-5)
        found = yields.risk(**terms)
        assert (found.macaulay, found.modified) == pytest.approx((11.10, 10.62), abs=0.01)
        assert found.convexity == pytest.approx(182.92, abs=0.01)

    @given(
        coupon=st.floats(0, 0.15), at=st.floats(-0.01, 0.2), periods=st.integers(1, 60),
        per_year=st.sampled_from([1, 2, 4, 12]), elapsed=st.floats(0, 0.99),
    )  # fmt: skip
    def test_slopes_of_the_price(self, coupon, at, periods, per_year, elapsed):
        terms = {"face": 100, "coupon": coupon, "periods": periods, "per_year": per_year}
        terms["elapsed"] = elapsed

        def price(y: float) -> float:
            return yields.quote(nominal_yield=y, **terms).dirty

        found, h = yields.risk(nominal_yield=at, **terms), 1e-4
        first = (price(at + h) - price(at - h)) / (2 * h)
        second = (price(at + h) - 2 * price(at) + price(at - h)) / h**2
        assert found.modified == pytest.approx(-first / price(at), rel=1e-4, abs=1e-6)
        assert found.convexity == pytest.approx(second / price(at), rel=1e-3, abs=1e-2)
        clean = yields.quote(nominal_yield=at, **terms).clean
        assert yields.nominal_yield(clean=clean, **terms) == pytest.approx(at, abs=1e-8)

    @pytest.mark.parametrize(
        "change", [{"periods": 0}, {"per_year": 0}, {"elapsed": 1.0}, {"nominal_yield": -2.0}]
    )
    def test_no_bond(self, change):
        terms = {"face": 100, "coupon": 0.06, "nominal_yield": 0.09, "periods": 2}
        with pytest.raises(NoRate):
            yields.risk(**{**terms, **change})


class TestDayCounts:
    """ISDA (1998), "EMU and market conventions", and the definitions themselves."""

    def test_actual_actual_over_a_turn_of_the_year(self):
        """1 November 2003 to 1 May 2004: 61/365 + 121/366; by coupon periods a half."""
        found = fraction("2003-11-01", "2004-05-01", days.ACT_ACT)
        assert found == pytest.approx(0.497724380567, abs=1e-12)
        one = [np.array([t], "datetime64[D]") for t in ("2003-11-01", "2004-05-01")]
        half = days.coupon_fraction(*one, period_start=one[0], period_end=one[1], per_year=2)
        assert half.tolist() == [0.5]

    def test_a_short_first_coupon(self):
        """1 February 1999 to 1 July 1999 of a yearly bond: 150/365 both ways."""
        assert fraction("1999-02-01", "1999-07-01", days.ACT_ACT) == pytest.approx(150 / 365)
        one = [np.array([t], "datetime64[D]") for t in ("1999-02-01", "1999-07-01")]
        begun = np.array(["1998-07-01"], "datetime64[D]")
        found = days.coupon_fraction(*one, period_start=begun, period_end=one[1], per_year=1)
        assert found == pytest.approx([150 / 365])

    @pytest.mark.parametrize(
        ("basis", "years"),
        [
            (days.ACT_365, 184 / 365),
            (days.ACT_360, 184 / 360),
            (days.ACT_ACT, 184 / 366),
            (days.THIRTY_360, 182 / 360),
            (days.THIRTY_E_360, 181 / 360),
        ],
    )
    def test_from_the_end_of_february_to_the_end_of_august(self, basis, years):
        """29 February to 31 August 2024: the 31st counts as the 30th only in the European rule."""
        assert fraction("2024-02-29", "2024-08-31", basis) == pytest.approx(years)
        assert fraction("2024-08-31", "2024-02-29", basis) == 0

    def test_thirties_by_hand(self):
        """30 January to 31 March: 60 days by both."""
        for basis in (days.THIRTY_360, days.THIRTY_E_360):
            assert fraction("2024-01-30", "2024-03-31", basis) == pytest.approx(60 / 360)

    @given(
        start=st.dates(date(2000, 1, 1), date(2040, 1, 1)),
        first=st.integers(0, 3000),
        second=st.integers(0, 3000),
    )
    def test_actual_days_add_up(self, start, first, second):
        a, b, c = (np.datetime64(start) + n for n in (0, first, first + second))
        for basis in (days.ACT_365, days.ACT_360, days.ACT_ACT):
            whole = fraction(str(a), str(c), basis)
            parts = fraction(str(a), str(b), basis) + fraction(str(b), str(c), basis)
            assert whole == pytest.approx(parts, abs=1e-12)

    def test_refusals(self):
        with pytest.raises(ValueError, match="ACT_370"):
            fraction("2024-01-01", "2024-02-01", "ACT_370")
        one = np.array(["2024-01-01"], "datetime64[D]")
        with pytest.raises(ValueError, match="at least one day"):
            days.coupon_fraction(one, one, period_start=one, period_end=one, per_year=1)


class TestReturns:
    def test_valuations_before_each_flow(self):
        """100 → 110, 50 put in, 160 → 152: 10 % and −5 %."""
        found = returns.by_valuations(np.array([100, 110, 152]), np.array([50]))
        assert found == pytest.approx(1.10 * 0.95 - 1)

    def test_modified_dietz_by_hand(self):
        """100 to 130, 20 put in with a quarter of the month left: 10 / 105."""
        found = returns.modified_dietz(100, 130, np.array([20]), np.array([0.25]))
        assert found == pytest.approx(10 / 105)

    @given(
        growth=st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=6),
        flows=st.lists(st.floats(-20, 50), min_size=6, max_size=6),
    )
    def test_flows_do_not_move_a_time_weighted_return(self, growth, flows):
        worth, values = 1000.0, [1000.0]
        moved = np.array(flows[: len(growth) - 1])
        for k, r in enumerate(growth):
            worth *= 1 + r
            values.append(worth)
            worth += moved[k] if k < len(moved) else 0.0
        found = returns.by_valuations(np.array(values), moved)
        assert found == pytest.approx(np.prod(1 + np.array(growth)) - 1)

    @pytest.mark.parametrize(
        "call",
        [
            lambda: returns.by_valuations(np.array([100.0]), np.array([])),
            lambda: returns.by_valuations(np.array([100.0, 110, 120]), np.array([])),
            lambda: returns.by_valuations(np.array([0.0, 110]), np.array([])),
            lambda: returns.modified_dietz(100, 110, np.array([1]), np.array([1.5])),
            lambda: returns.modified_dietz(-5, 110, np.array([1]), np.array([1])),
        ],
    )
    def test_no_return(self, call):
        with pytest.raises(ValueError, match=r"return|flow|valuation|Each"):
            call()


class TestWhatNoBondHas:
    def test_due_before_it_begins(self):
        one = bonds.Bonds(
            np.array([100]), np.array([5.0]), np.array(["2027-01-01"], "datetime64[D]"),
            np.array(["2026-01-01"], "datetime64[D]"), np.array([12]), np.array([12]),
            np.array(["ACT_365"], object),
        )  # fmt: skip
        with pytest.raises(ValueError, match="Bond 0 is due before"):
            bonds.payments(one)

    def test_keys(self):
        assert duration.key_weights(np.array([1.0, 9.0]), (5.0,)).tolist() == [[1], [1]]
        for keys in ((), (5.0, 5.0), (5.0, 3.0)):
            with pytest.raises(ValueError, match="ascend"):
                duration.key_weights(np.array([1.0]), keys)


class TestCreditLosses:
    def test_twelve_months_of_the_guidance(self):
        """IFRS 9 IE Example 8: 1,000,000, 0.5 % of default within a year, a quarter lost: 1,250."""
        found = credit.expected_by_year(exposure=1_000_000, marginal_pd=[0.005], lgd=0.25, rate=0.0)
        assert found.tolist() == [1250]

    @given(
        pd=st.floats(0, 0.5), rate=st.floats(-0.01, 0.2), moment=st.sampled_from([0.0, 0.5, 1.0])
    )
    def test_a_constant_rate_of_default_is_a_curve_of_its_own(self, pd, rate, moment):
        years = 5
        curve = pd * (1 - pd) ** np.arange(years)
        by_year = credit.expected_by_year(
            exposure=1e9, marginal_pd=curve, lgd=0.4, rate=rate, moment=moment
        )
        found = credit.expected(
            exposure=np.array([10**9]), stage=np.array([2]), pd=np.array([pd]),
            lgd=np.array([0.4]), rate=np.array([rate]), years=np.array([5.0]), moment=moment,
        )  # fmt: skip
        assert found.twelve_months[0] == pytest.approx(by_year[0], abs=0.6)
        assert found.allowance[0] == pytest.approx(by_year.sum(), abs=0.6)

    @pytest.mark.parametrize(
        "terms", [{"marginal_pd": [0.6, 0.6]}, {"marginal_pd": [-0.1]}, {"lgd": 1.2}]
    )
    def test_refusals(self, terms):
        given_terms = {"exposure": 1.0, "marginal_pd": [0.1], "lgd": 0.4, "rate": 0.0, **terms}
        with pytest.raises(ValueError, match="0 to 1"):
            credit.expected_by_year(**given_terms)
