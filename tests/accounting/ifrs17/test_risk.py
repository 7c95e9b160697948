"""Risk adjustment: quantiles, cost of capital, diversification, what is ceded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from accounting.rules.ifrs17 import errors, risk
from accounting.rules.ifrs17.discount import Timing
from accounting.rules.ifrs17.risk import Distribution

BEGIN = Timing.BEGIN


class TestConfidence:
    def test_the_hand_calculation(self):
        """z(0.75) × 10 % × 19,702."""
        assert risk.by_confidence(19702, 1970.2, 0.75) == pytest.approx(1328.8797058363202)

    @pytest.mark.parametrize(
        ("shape", "oracle"),
        [
            (Distribution.NORMAL, stats.norm(1000, 300)),
            (
                Distribution.LOGNORMAL,
                stats.lognorm(np.sqrt(np.log1p(0.09)), scale=1000 / np.sqrt(1.09)),
            ),
            (Distribution.GAMMA, stats.gamma(1 / 0.09, scale=90)),
        ],
    )
    def test_shapes_keep_their_moments(self, shape, oracle):
        for level in (0.6, 0.75, 0.995):
            assert risk.quantile(1000, 300, level, shape) == pytest.approx(oracle.ppf(level))
            adjustment = risk.by_confidence(1000, 300, level, shape)
            assert risk.confidence_of(adjustment, 1000, 300, shape) == pytest.approx(level)
        assert oracle.mean() == pytest.approx(1000)
        assert oracle.std() == pytest.approx(300)

    def test_skewness_adds(self):
        z = stats.norm.ppf(0.9)
        assert risk.by_confidence(
            0, 1, 0.9, Distribution.CORNISH_FISHER, skewness=0.6
        ) == pytest.approx(z + 0.1 * (z * z - 1))

    def test_samples(self):
        samples = np.arange(101.0)
        assert risk.by_samples(samples, 0.75) == pytest.approx(25)

    def test_tail(self):
        assert risk.by_tail(0, 1, 0.95) == pytest.approx(2.0627128)

    @pytest.mark.parametrize(
        ("shape", "oracle"),
        [
            (Distribution.NORMAL, stats.norm(1000, 300)),
            (
                Distribution.LOGNORMAL,
                stats.lognorm(np.sqrt(np.log1p(0.09)), scale=1000 / np.sqrt(1.09)),
            ),
            (Distribution.GAMMA, stats.gamma(1 / 0.09, scale=90)),
        ],
    )
    @pytest.mark.parametrize("level", [0.6, 0.9])
    def test_the_tail_of_every_shape(self, shape, oracle, level):
        beyond = oracle.expect(lambda x: x, lb=oracle.ppf(level), conditional=True)
        assert risk.by_tail(1000, 300, level, shape) == pytest.approx(beyond - 1000, rel=1e-7)
        assert float(risk.by_tail(1000, 0, level, shape)) == pytest.approx(0)

    def test_samples_and_their_tail(self):
        """Ten outcomes 1 … 10, mean 5.5: beyond 80 % lie 9 and 10; beyond 75 % half of 8 too."""
        samples = np.arange(10.0, 0.0, -1.0)
        assert risk.by_samples(samples, 0.8, method="inverted_cdf") == pytest.approx(8 - 5.5)
        assert risk.by_samples(samples, 0.8, tail=True) == pytest.approx(9.5 - 5.5)
        part = (0.5 * 8 + 9 + 10) / 2.5
        assert risk.by_samples(samples, 0.75, tail=True) == pytest.approx(part - 5.5)
        columns = np.stack([samples, 2 * samples], axis=1)
        assert risk.by_samples(columns, 0.8, tail=True) == pytest.approx([4, 8])

    def test_scenarios_with_probabilities(self):
        """100, 200 and 400 with 50, 30 and 20 %: mean 190; 75 % is met by 200, 85 % by 400."""
        odds = ([100, 400, 200], [0.5, 0.2, 0.3])
        assert risk.by_scenarios(*odds, 0.75) == pytest.approx((190, 10))
        assert risk.by_scenarios(*odds, 0.8) == pytest.approx((190, 10))
        assert risk.by_scenarios(*odds, 0.85) == pytest.approx((190, 210))
        beyond = (0.05 * 200 + 0.2 * 400) / 0.25
        assert risk.by_scenarios(*odds, 0.75, tail=True) == pytest.approx((190, beyond - 190))
        assert risk.by_scenarios(*odds, 0.4) == pytest.approx((190, 0))

    @given(
        outcomes=st.lists(st.floats(0, 1e6), min_size=1, max_size=8),
        level=st.floats(0.01, 0.99),
        scale=st.floats(0.1, 10),
    )
    def test_the_tail_is_coherent(self, outcomes, level, scale):
        """Never less than the level's own adjustment, homogeneous, blind to what is added."""
        even = np.full(len(outcomes), 1 / len(outcomes))
        _, at = risk.by_scenarios(outcomes, even, level)
        _, beyond = risk.by_scenarios(outcomes, even, level, tail=True)
        assert beyond >= at - 1e-6
        _, larger = risk.by_scenarios(np.array(outcomes) * scale, even, level, tail=True)
        assert larger == pytest.approx(beyond * scale, abs=1e-5)
        _, shifted = risk.by_scenarios(np.array(outcomes) + 100, even, level, tail=True)
        assert shifted == pytest.approx(beyond, abs=1e-5)

    def test_nothing_uncertain_nothing_to_pay_for(self):
        for shape in (Distribution.NORMAL, Distribution.LOGNORMAL, Distribution.GAMMA):
            assert risk.by_confidence(1000, 0, 0.9, shape) == pytest.approx(0)

    @pytest.mark.parametrize(
        ("reason", "call"),
        [
            (errors.BadShare, lambda: risk.by_confidence(1, 1, 1.0)),
            (errors.BadMeasurement, lambda: risk.by_confidence(1, -1, 0.9)),
            (errors.BadMeasurement, lambda: risk.by_confidence(0, 1, 0.9, Distribution.GAMMA)),
            (errors.BadCorrelation, lambda: risk.diversify([1, 1], [[1, 0.5], [0.4, 1]])),
            (errors.BadCorrelation, lambda: risk.diversify([1, 1], [[1, 1.5], [1.5, 1]])),
            (errors.LengthMismatch, lambda: risk.diversify([1, 1, 1], np.eye(2))),
            (errors.BadMeasurement, lambda: risk.ceded(10, 11)),
            (errors.BadMeasurement, lambda: risk.by_cost_of_capital([-1], cost=0.06, rates=0)),
            (errors.LengthMismatch, lambda: risk.by_cost_of_capital([1], cost=[1, 2], rates=0)),
            (errors.BadMeasurement, lambda: risk.by_samples([], 0.75)),
            (errors.BadMeasurement, lambda: risk.by_samples([1, 2], 0.75, method="guess")),
            (errors.BadShare, lambda: risk.by_samples([1, 2], 1.0)),
            (errors.BadShare, lambda: risk.by_scenarios([1, 2], [0.5, 0.4], 0.75)),
            (errors.BadShare, lambda: risk.by_scenarios([1, 2], [0.5, 0.5], 0.0)),
            (errors.LengthMismatch, lambda: risk.by_scenarios([1, 2], [1.0], 0.75)),
            (errors.BadMeasurement, lambda: risk.by_tail(1, 1, 0.9, Distribution.CORNISH_FISHER)),
            (errors.LengthMismatch, lambda: risk.diversify([], np.zeros((0, 0)))),
            (errors.BadShare, lambda: risk.by_group(10, [0, 0])),
        ],
    )
    def test_refusals(self, reason, call):
        with pytest.raises(reason):
            call()


class TestCostOfCapital:
    def test_by_hand(self):
        """6 % of 100, 60, 20, discounted at 3 %."""
        found = risk.by_cost_of_capital([100, 60, 20], cost=0.06, rates=0.03)
        assert found.adjustment[0] == pytest.approx(6 / 1.03 + 3.6 / 1.03**2 + 1.2 / 1.03**3)
        assert found.adjustment[2] == pytest.approx(1.2 / 1.03)
        assert found.release.sum() == pytest.approx(found.adjustment[0])

    def test_costs_may_fall_at_the_start_and_differ_by_period(self):
        found = risk.by_cost_of_capital([100, 60], cost=[0.06, 0.05], rates=0.03, timing=BEGIN)
        assert found.adjustment == pytest.approx([6 + 3 / 1.03, 3, 0])
        flat = risk.by_cost_of_capital([100, 60], cost=0.06, rates=0.03, unwind=False)
        assert flat.adjustment == pytest.approx([9.6, 3.6, 0])
        assert risk.by_cost_of_capital([], cost=0.06, rates=0.03).adjustment.tolist() == [0]

    @given(
        capital=st.lists(st.floats(0, 1e9), min_size=1, max_size=10),
        rate=st.floats(-0.01, 0.1),
    )
    def test_it_rolls_forward(self, capital, rate):
        """Adjustment × (1 + r) − cost of the period is the next adjustment."""
        a = risk.by_cost_of_capital(capital, cost=0.06, rates=rate).adjustment
        assert a[:-1] * (1 + rate) - 0.06 * np.array(capital) == pytest.approx(a[1:], abs=1e-3)


class TestAggregation:
    def test_by_hand(self):
        whole, parts = risk.diversify([30, 40], np.eye(2))
        assert whole == pytest.approx(50)
        assert parts == pytest.approx([18, 32])

    @given(alone=st.lists(st.floats(0.1, 1e6), min_size=2, max_size=4), rho=st.floats(0, 1))
    def test_never_more_than_the_sum_and_fully_allocated(self, alone, rho):
        n = len(alone)
        matrix = np.full((n, n), rho) + (1 - rho) * np.eye(n)
        whole, parts = risk.diversify(alone, matrix)
        assert whole <= sum(alone) * (1 + 1e-12)
        assert parts.sum() == pytest.approx(whole)

    def test_run_off_and_split(self):
        assert risk.run_off(120, [300, 200, 100, 0]) == pytest.approx([120, 80, 40, 0])
        assert risk.by_group(90, [1, 2]) == pytest.approx([30, 60])
        assert risk.ceded(60, 42) == pytest.approx(18)
