"""Step by step: present values, margin and loss with switching, loss recovery."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules.ifrs17 import aoc, errors
from accounting.rules.ifrs17.aoc import Move, Novelty, Opening, Step
from tests.golden import agree, case

N, C = Novelty.NEW, Novelty.COMBINED
QUARTER = 1.002**0.25 - 1


def found_moves(moves) -> dict:
    return {f"{s}.{n}": {"csm": m.csm, "lc": m.loss} for (s, n), m in moves.items()}


def waterfall(name: str) -> None:
    example = case(name)
    given = example.inputs["technical_margin_steps"]
    steps, opening, expected_premium = {}, Opening(), 0.0
    for key, value in given.items():
        step, _, novelty = key.partition("_")
        if key == "BOP_I_lc":
            opening = Opening(loss=value)
        elif step == "CF":
            expected_premium += value
        elif step != "AM":
            steps[Step(step), Novelty(novelty or "C")] = value
    moves = aoc.technical_margin(
        steps,
        opening=opening,
        rate=example.inputs["locked_rate"],
        factor=example.inputs["amortisation_factor"],
        experience=aoc.premium_experience(
            {}, {"PR": expected_premium}, premium_share=example.inputs["premium_allocation"]
        ),
    )
    agree(found_moves(moves), example.exact)
    agree(found_moves(moves), example.published, tolerance=example.tolerance)


class TestTechnicalMargin:
    @pytest.mark.parametrize("name", ["sys_csm_lc_no_switch", "sys_csm_lc_multiple_switch"])
    def test_waterfalls(self, name):
        waterfall(name)

    def test_a_switch_without_combined_step(self):
        moves = aoc.technical_margin(
            {(Step.BOP, N): 100, (Step.MC, N): -150},
            rate=QUARTER,
            factor=0.5,
            experience=8,
        )
        assert moves[Step.MC, N] == Move(50, -100)
        assert moves[Step.EOP, C].csm == pytest.approx(29.0124906)

    def test_old_margin_and_new_loss_are_one_group_in_the_combined_step(self):
        moves = aoc.technical_margin(
            {(Step.BOP, N): 50}, opening=Opening(csm=100), rate=QUARTER, factor=0.5
        )
        agree(
            found_moves(moves),
            {
                "IA.I": {"csm": 0.049962543, "lc": 0},
                "IA.N": {"csm": 0, "lc": 0.0249812718},
                "CL.C": {"csm": -50.0249813, "lc": -50.0249813},
                "EOP.C": {"csm": 25.0124906, "lc": 0},
            },
        )

    @given(
        st.dictionaries(
            st.tuples(st.sampled_from([Step.BOP, Step.MC, Step.AU, Step.EV]), st.just(N)),
            st.floats(-1e6, 1e6),
        ),
        st.floats(0, 1e6),
        st.floats(0, 1),
    )
    def test_balances_are_sums_of_moves_and_never_both(self, steps, csm, factor):
        moves = aoc.technical_margin(steps, opening=Opening(csm=csm), rate=0.01, factor=factor)
        end = moves.pop((Step.EOP, C))
        assert sum(m.csm for m in moves.values()) == pytest.approx(end.csm, abs=1e-6)
        assert sum(m.loss for m in moves.values()) == pytest.approx(end.loss, abs=1e-6)
        assert end.csm >= -1e-6
        assert end.loss >= -1e-6
        assert min(end.csm, end.loss) < 1e-6


class TestOrder:
    """Experience before assumptions, or assumptions before experience."""

    OTHER = (Step.EV, Step.AU, Step.YCU, Step.CRU)

    def test_the_order_decides_the_switch_and_not_the_end(self):
        """Margin 50; experience −80, assumptions +60: a loss and its reversal, or neither."""
        steps = {(Step.BOP, N): -50, (Step.EV, N): 80, (Step.AU, N): -60}
        usual = aoc.technical_margin(steps, factor=0.5)
        other = aoc.technical_margin(steps, factor=0.5, order=self.OTHER)
        assert usual[Step.AU, N] == Move(60, 0)
        assert usual[Step.EV, N] == Move(-80, 0)
        assert other[Step.EV, N] == Move(-50, 30)
        assert other[Step.AU, N] == Move(30, -30)
        assert usual[Step.EOP, C] == other[Step.EOP, C] == Move(15, 0)
        assert [s for s, _ in other] == [Step.BOP, Step.EV, Step.AU, Step.AM, Step.EOP]

    def test_values_by_step_in_both_orders(self):
        """Claims of 10 a month for a year more: 11 by assumption; 90 % of contracts are left."""
        flows = aoc.Projected("NIC", [-10.0] * 24)
        both, first = [-11.0 * 0.9] * 12, [-10.0 * 0.9] * 12
        usual = aoc.value_steps(
            flows, rates=0.0, months=12,
            updates=aoc.Updates(assumptions=[-11.0] * 12, experience=both),
        )  # fmt: skip
        other = aoc.value_steps(
            flows, rates=0.0, months=12, order=self.OTHER,
            updates=aoc.Updates(assumptions=both, experience=first),
        )  # fmt: skip
        agree({str(f.step): f.value for f in usual},
              {"BOP": 240, "CF": -120, "AU": 12, "EV": -13.2, "EOP": 118.8})  # fmt: skip
        agree({str(f.step): f.value for f in other},
              {"BOP": 240, "CF": -120, "EV": -12, "AU": 10.8, "EOP": 118.8})  # fmt: skip

    def test_a_whole_group_and_its_reinsurance(self):
        def run(flows, *, reinsurance=False):
            return aoc.run_group(
                aoc.GroupPeriod(
                    months=12, locked=0.0, current=0.0,
                    new=aoc.Contracts(
                        [aoc.Projected("NIC", [-flows] * 24)],
                        {"NIC": aoc.Updates(
                            experience=[-0.9 * flows] * 12, assumptions=[-0.8 * flows] * 12
                        )},
                    ),
                    coverage_units=[1.0] * 24, reinsurance=reinsurance, order=self.OTHER,
                )
            )  # fmt: skip

        gross, held = run(10.0), run(-5.0, reinsurance=True)
        aoc.check(gross.facts)
        losses = {str(s): m.loss for (s, _), m in gross.moves.items()}
        agree(losses, {"BOP": 240, "EV": -12, "AU": -12, "AM": -108, "EOP": 108})
        recovery = aoc.recover_group(gross, held, recovered=0.5, order=self.OTHER)
        agree(
            {str(f.step): f.value for f in recovery},
            {"BOP": -120, "EV": 6, "AU": 6, "AM": 54, "EOP": -54},
        )

    def test_the_loss_may_be_released_by_its_own_share(self):
        moves = aoc.technical_margin({(Step.BOP, N): 100}, factor=0.5, loss_factor=0.4)
        assert moves[Step.EOP, C] == Move(0, 60)

    @pytest.mark.parametrize("order", [(), (Step.AU, Step.YCU, Step.CRU), (Step.AU,) * 4])
    def test_an_order_holds_every_step_once(self, order):
        with pytest.raises(errors.BadMeasurement, match="order"):
            aoc.technical_margin({}, order=order)
        with pytest.raises(errors.BadMeasurement, match="order"):
            aoc.value_steps(aoc.Projected("NIC", [1.0]), rates=0.0, months=1, order=order)
