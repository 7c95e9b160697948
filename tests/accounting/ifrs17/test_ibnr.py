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
