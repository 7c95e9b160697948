"""Chain ladder, Mack, Bornhuetter–Ferguson and Cape Cod."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules.ifrs17 import errors, ibnr
from tests.golden import agree, case

TAYLOR_ASHE = [
    [357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463],
    [352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085],
    [290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315],
    [310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268],
    [443160, 1136350, 2128333, 2897821, 3402672, 3873311],
    [396132, 1333217, 2180715, 2985752, 3691712],
    [440832, 1288463, 2419861, 3483130],
    [359480, 1421128, 2864498],
    [376686, 1363294],
    [344014],
]
QUARG_MACK_PAID = [
    [576, 1804, 1970, 2024, 2074, 2102, 2131],
    [866, 1948, 2162, 2232, 2284, 2348],
    [1412, 3758, 4252, 4416, 4494],
    [2286, 5292, 5724, 5850],
    [1868, 3778, 4648],
    [1442, 4010],
    [2044],
]
QUARG_MACK_INCURRED = [
    [978, 2104, 2134, 2144, 2174, 2182, 2174],
    [1844, 2552, 2466, 2480, 2508, 2454],
    [2904, 4354, 4698, 4600, 4644],
    [3502, 5958, 6070, 6142],
    [2812, 4882, 4852],
    [2642, 4406],
    [5022],
]
SMALL = [[100, 150, 165], [120, 168, None], [110, None, None]]


class TestMack:
    def test_the_raa_triangle(self):
        example = case("mack_raa")
        found = ibnr.mack(example.inputs["triangle"])
        answer = {
            "ibnr": found.developed.total,
            "mack_se": found.total,
            "ldf": found.developed.factors,
            "ultimate": found.developed.ultimate,
            "se_by_origin": found.errors,
        }
        agree(answer, {k: example.exact[k] for k in answer})
        agree(answer, example.published, tolerance=example.tolerance)

    def test_the_triangle_of_macks_own_paper(self):
        """Mack (1993), table 1: reserves in thousands and standard errors in per cent."""
        found = ibnr.mack(TAYLOR_ASHE)
        agree(
            found.developed.ibnr[1:] / 1000,
            [95, 470, 710, 985, 1419, 2178, 3920, 4279, 4626],
            tolerance=0.5,
        )
        agree(
            found.errors[1:] / found.developed.ibnr[1:],
            [0.80, 0.26, 0.19, 0.27, 0.29, 0.26, 0.22, 0.23, 0.29],
            tolerance=0.006,
        )
        agree([found.developed.total, found.total], [18_680_856, 2_447_095], tolerance=1.0)

    def test_the_total_follows_macks_own_formula(self):
        """The corollary's double sum over origins, written out."""
        values = case("mack_raa").inputs["triangle"]
        m = ibnr.mack(values)
        d, n = m.developed, len(values)
        total = 0.0
        for i in range(1, n):
            inner = sum(
                2
                * m.sigma[k] ** 2
                / d.factors[k] ** 2
                / sum(d.full[j, k] for j in range(n - k - 1))
                for k in range(n - 1 - i, n - 1)
            )
            total += m.errors[i] ** 2 + d.ultimate[i] * d.ultimate[i + 1 :].sum() * inner
        assert m.total == pytest.approx(np.sqrt(total), rel=1e-10)

    def test_the_variance_of_the_last_development_by_a_line(self):
        example = case("mack_raa")
        found = ibnr.mack(example.inputs["triangle"], variance=ibnr.Variance.LOG_LINEAR)
        agree(found.total, example.exact["chainladder_py"]["mack_se"])

    def test_a_tail_adds_its_own_error(self):
        values = case("mack_raa").inputs["triangle"]
        plain = ibnr.mack(values)
        tail = ibnr.mack(values, tail=1.05, tail_sigma=10.0, tail_error=0.02)
        assert tail.developed.ultimate == pytest.approx(plain.developed.ultimate * 1.05)
        assert tail.errors[0] == pytest.approx(
            np.hypot(10.0 * np.sqrt(18834.0), 0.02 * 18834.0), rel=1e-12
        )
        assert (tail.errors > plain.errors).all()


class TestOneYear:
    def test_the_triangle_of_taylor_and_ashe(self):
        """Merz and Wüthrich (2008), the example of their paper, total 1,778,968."""
        found = ibnr.one_year(ibnr.mack(TAYLOR_ASHE))
        agree([found.total], [1_778_968], tolerance=1.0)
        agree(
            found.errors[1:],
            [75_535, 105_309, 79_846, 235_115, 318_427, 361_089, 629_681, 588_662, 1_029_925],
            tolerance=1.0,
        )

    def test_two_periods_are_one_year_and_no_more(self):
        """Where the end comes within a year, a year is all there is."""
        m = ibnr.mack([[100, 150], [110, 160], [120]])
        found = ibnr.one_year(m)
        assert found.errors == pytest.approx(m.errors)
        assert found.total == pytest.approx(m.total)

    @given(
        rows=st.lists(st.lists(st.floats(1, 1e4), min_size=5, max_size=5), min_size=5, max_size=5)
    )
    def test_a_year_is_never_more_than_the_whole(self, rows):
        values = np.cumsum(np.array(rows), axis=1)
        values[np.add.outer(np.arange(5), np.arange(5)) > 4] = np.nan
        m = ibnr.mack(values)
        found = ibnr.one_year(m)
        assert found.total <= m.total * (1 + 1e-9) + 1e-6
        assert (found.errors <= m.errors * (1 + 1e-9) + 1e-6).all()

    def test_a_negative_amount_has_no_weight(self):
        with pytest.raises(errors.BadMeasurement):
            ibnr.one_year(ibnr.mack([[100, 150, 160], [110, 160], [-5]]))


class TestMunich:
    def test_the_triangles_of_the_paper(self):
        """Quarg and Mack (2004), last σ of 0.1 as there: ultimates paid and incurred."""
        found = ibnr.munich(QUARG_MACK_PAID, QUARG_MACK_INCURRED, variance=0.1)
        agree(found.paid_ultimate, [2131, 2383, 4597, 6119, 4937, 4656, 7549], tolerance=0.55)
        agree(found.incurred_ultimate, [2174, 2444, 4629, 6176, 4950, 4665, 7650], tolerance=0.55)
        agree([found.lambda_paid, found.lambda_incurred], [0.64, 0.44], tolerance=0.005)
        assert found.ibnr.sum() == pytest.approx(found.incurred_ultimate.sum() - 29694)

    def test_where_one_tells_nothing_of_the_other_it_is_the_chain_ladder(self):
        paid = np.array([[100.0, 150, 180], [110, 160, np.nan], [130, np.nan, np.nan]])
        found = ibnr.munich(paid, 2 * paid)
        assert found.lambda_paid == found.lambda_incurred == 0
        assert found.paid_ultimate == pytest.approx(ibnr.chain_ladder(paid).ultimate)
        assert found.incurred_ultimate == pytest.approx(2 * ibnr.chain_ladder(paid).ultimate)

    def test_refusals(self):
        with pytest.raises(errors.LengthMismatch):
            ibnr.munich(SMALL, [[1, 2, 3], [1, 2, None], [1, 2, None]])
        with pytest.raises(errors.BadTriangle):
            ibnr.munich(SMALL, [[1, 2, 3], [1, 2, None], [0, None, None]])


class TestTail:
    def test_an_exponential_decay_is_followed_to_its_end(self):
        factors = 1 + 0.5 * 0.5 ** np.arange(4)
        rest = np.prod(1 + 0.5 * 0.5 ** np.arange(4, 104))
        assert ibnr.tail_factor(factors) == pytest.approx(rest)
        assert ibnr.tail_factor(factors, horizon=1) == pytest.approx(1 + 0.5**5)
        assert ibnr.tail_factor([3.0, *factors], first=1) == pytest.approx(rest)

    def test_an_inverse_power_decays_more_slowly(self):
        factors = 1 + 0.4 / np.arange(1.0, 6.0) ** 2
        rest = np.prod(1 + 0.4 / np.arange(6.0, 16.0) ** 2)
        found = ibnr.tail_factor(factors, decay=ibnr.Decay.INVERSE_POWER, horizon=10)
        assert found == pytest.approx(rest)

    def test_bondy_repeats_the_last(self):
        assert ibnr.tail_factor([1.5, 1.1, 1.02], decay=ibnr.Decay.BONDY) == 1.02

    @pytest.mark.parametrize("factors", [[], [1.5], [1.5, 0.9, 1.0], [1.1, 1.2, 1.3]])
    def test_no_tail(self, factors):
        with pytest.raises(errors.BadTriangle):
            ibnr.tail_factor(factors)


class TestChainLadder:
    def test_by_hand(self):
        found = ibnr.chain_ladder(SMALL)
        assert found.factors == pytest.approx([318 / 220, 1.1])
        assert found.ultimate == pytest.approx([165, 168 * 1.1, 110 * 318 / 220 * 1.1])
        assert found.payments() == pytest.approx([168 * 0.1 + 110 * 98 / 220, 15.9, 0])

    def test_an_excluded_link_does_not_count(self):
        assert ibnr.chain_ladder(SMALL, excluded=[(0, 0)]).factors[0] == pytest.approx(1.4)
        mask = np.zeros((3, 2), bool)
        mask[0, 0] = True
        assert ibnr.chain_ladder(SMALL, excluded=mask).factors[0] == pytest.approx(1.4)

    def test_averages(self):
        simple = ibnr.chain_ladder(SMALL, average=ibnr.Average.SIMPLE).factors[0]
        assert simple == pytest.approx((1.5 + 1.4) / 2)
        square = ibnr.chain_ladder(SMALL, average=ibnr.Average.REGRESSION).factors[0]
        assert square == pytest.approx((100 * 150 + 120 * 168) / (100**2 + 120**2))

    @given(scale=st.floats(0.1, 1000))
    def test_scale_only_scales(self, scale):
        values = ibnr.triangle(SMALL)
        assert ibnr.chain_ladder(values * scale).ibnr == pytest.approx(
            ibnr.chain_ladder(values).ibnr * scale
        )

    def test_payments_sum_to_ibnr(self):
        found = ibnr.chain_ladder(case("mack_raa").inputs["triangle"], tail=1.03)
        assert found.payments().sum() == pytest.approx(found.total)


class TestExpectation:
    def test_bornhuetter_ferguson_by_hand(self):
        found = ibnr.bornhuetter_ferguson(SMALL, exposure=[250, 260, 270], loss_ratio=0.7)
        emerged = np.array([1.0, 1 / 1.1, 220 / 318 / 1.1])
        assert found.ibnr == pytest.approx(np.array([175, 182, 189]) * (1 - emerged))

    def test_with_the_chain_ladders_own_ultimate_as_prior_nothing_changes(self):
        ladder = ibnr.chain_ladder(SMALL)
        found = ibnr.bornhuetter_ferguson(SMALL, ladder.ultimate, 1.0)
        assert found.ultimate == pytest.approx(ladder.ultimate)

    def test_benktander_lies_between(self):
        """One round is Bornhuetter–Ferguson, two by hand, many the chain ladder."""
        first = ibnr.bornhuetter_ferguson(SMALL, [200, 200, 200], 0.8)
        same = ibnr.benktander(SMALL, [200, 200, 200], 0.8, rounds=1)
        assert same.ultimate == pytest.approx(first.ultimate)
        second = ibnr.benktander(SMALL, [200, 200, 200], 0.8)
        open_ = 1 - second.developed
        assert second.ultimate == pytest.approx(first.latest + open_ * first.ultimate)
        many = ibnr.benktander(SMALL, [200, 200, 200], 0.8, rounds=200)
        assert many.ultimate == pytest.approx(ibnr.chain_ladder(SMALL).ultimate)
        with pytest.raises(errors.BadMeasurement):
            ibnr.benktander(SMALL, [200, 200, 200], 0.8, rounds=0)

    def test_a_single_link_takes_the_deviation_it_is_given(self):
        found = ibnr.mack(SMALL, variance=0.5)
        assert found.sigma[-1] == 0.5
        assert ibnr.mack([[100, 150], [100, None]], variance=2.0).total > 0

    def test_cape_cod_asks_the_triangle_for_the_ratio(self):
        found, ratios = ibnr.cape_cod(SMALL, exposure=[250, 260, 270])
        emerged = np.array([1.0, 1 / 1.1, 220 / 318 / 1.1])
        ratio = (165 + 168 + 110) / (np.array([250, 260, 270]) * emerged).sum()
        assert ratios == pytest.approx([ratio] * 3)
        assert found.ibnr == pytest.approx(ratio * np.array([250, 260, 270]) * (1 - emerged))

    def test_full_decay_is_the_chain_ladder(self):
        found, _ = ibnr.cape_cod(SMALL, exposure=[250, 260, 270], decay=0.0)
        assert found.ultimate == pytest.approx(ibnr.chain_ladder(SMALL).ultimate)

    def test_trend_raises_later_origins(self):
        _, ratios = ibnr.cape_cod(SMALL, exposure=[250, 260, 270], trend=0.1)
        assert ratios[1] / ratios[0] == pytest.approx(1.1)

    def test_expected_loss_ignores_what_was_seen(self):
        found = ibnr.expected_loss(SMALL, [250, 260, 270], 0.7)
        assert found.ultimate == pytest.approx([175, 182, 189])
        assert found.ibnr == pytest.approx([10, 14, 79])


class TestTriangle:
    def test_from_claim_rows(self):
        found = ibnr.build(
            [0, 0, 1, 0, 1, 2, 2],
            [0, 1, 0, 2, 1, 0, 1],
            [100, 50, 120, 15, 48, 110, 999],
            origins=3,
            ages=[3, 2, 1],
        )
        np.testing.assert_array_equal(found, ibnr.triangle(SMALL))

    def test_there_and_back(self):
        values = ibnr.triangle(SMALL)
        back = ibnr.cumulative(ibnr.incremental(values))
        np.testing.assert_allclose(back, values)

    @pytest.mark.parametrize(
        "values",
        [
            [[1.0], [2.0]],
            [[1, None, 3], [1, 2, None]],
            [[1, None, None], [1, 2, None]],
            [[None, 2], [1, None]],
        ],
    )
    def test_no_triangle(self, values):
        with pytest.raises(errors.BadTriangle):
            ibnr.chain_ladder(values)

    def test_a_development_without_links(self):
        with pytest.raises(errors.BadTriangle, match="development 1"):
            ibnr.chain_ladder(SMALL, excluded=[(0, 1)])

    def test_a_link_outside(self):
        with pytest.raises(errors.LengthMismatch):
            ibnr.chain_ladder(SMALL, excluded=[(5, 0)])
