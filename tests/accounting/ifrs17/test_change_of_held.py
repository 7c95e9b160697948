"""Analysis of change: losses recovered by reinsurance held, and groups from projected flows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules import ifrs17
from accounting.rules.ifrs17 import aoc, errors
from accounting.rules.ifrs17.aoc import Basis, Estimate, Novelty, Opening, Step
from accounting.rules.ifrs17.discount import Timing
from tests.golden import agree, case

N, C = Novelty.NEW, Novelty.COMBINED
QUARTER = 1.002**0.25 - 1


def recovery_of(gross_steps, held_steps, *, factor=0.5, opening=None, gross_factor=0.5, ea=0.0):
    gross = aoc.technical_margin(
        gross_steps, opening=opening, rate=QUARTER, factor=gross_factor, experience=ea
    )
    held = aoc.technical_margin(held_steps, rate=QUARTER, factor=factor, reinsurance=True)
    return held, aoc.loss_recovery(gross, held, recovered=1.0, factor=factor)


class TestLossRecovery:
    """Waterfalls of Systemorph's engine, reinsurance paying all of the claims."""

    def test_no_loss_nothing_to_recover(self):
        held, recovery = recovery_of(
            {(Step.BOP, N): -100, (Step.EV, N): -100, (Step.CL, C): 100},
            {(Step.BOP, N): 100, (Step.CL, C): -30},
        )
        agree(held[Step.EOP, C].csm, -35.0249813)
        assert recovery == {(Step.EOP, C): 0.0}

    def test_a_loss_that_turns_into_margin(self):
        held, recovery = recovery_of(
            {(Step.BOP, N): 100, (Step.MC, N): -150},
            {(Step.BOP, N): -100, (Step.CL, C): -30},
            ea=8,
        )
        agree(held[Step.EOP, C].csm, 65.0249813)
        assert recovery == {(Step.BOP, N): -100, (Step.MC, N): 100, (Step.EOP, C): 0}

    def test_a_loss_that_stays(self):
        held, recovery = recovery_of(
            {(Step.BOP, N): 100, (Step.MC, N): -50},
            {(Step.BOP, N): -100, (Step.MC, N): -10, (Step.CL, C): -30},
        )
        agree(held[Step.EOP, C].csm, 70.02747, tolerance=1e-5)
        agree(
            {f"{s}.{n}": v for (s, n), v in recovery.items()},
            {"BOP.N": -100, "MC.N": 50, "IA.N": -0.024981, "AM.C": 25.01249, "EOP.C": -25.01249},
            tolerance=1e-5,
        )

    def test_netting_with_old_margin_takes_it_back(self):
        _, recovery = recovery_of(
            {(Step.BOP, N): 50},
            {(Step.BOP, N): -100, (Step.CL, C): -30},
            opening=Opening(csm=100),
        )
        agree(
            {f"{s}.{n}": v for (s, n), v in recovery.items()},
            {"BOP.N": -50, "IA.N": -0.02498127, "CL.C": 50.0249813, "EOP.C": 0},
        )

    def test_it_moves_with_the_reinsurance_within_its_bound(self):
        held, recovery = recovery_of(
            {
                (Step.BOP, N): 20,
                (Step.MC, N): 10,
                (Step.AU, N): 5,
                (Step.EV, N): 5,
                (Step.CL, C): -5,
            },
            {(Step.BOP, N): -10, (Step.MC, N): 19, (Step.AU, N): 15, (Step.EV, N): 55},
            gross_factor=1.0,
        )
        agree(held[Step.EOP, C].csm, -39.502248)
        agree(
            {f"{s}.{n}": v for (s, n), v in recovery.items()},
            {"BOP.N": -20, "MC.N": 19, "IA.N": 0.0044966, "AU.N": 0.9955033, "EOP.C": 0},
        )


class TestProjection:
    def test_a_year_of_the_reference_engine(self):
        example = case("sys_dt11_2020_12")
        given = example.inputs
        months = given["time_step_months"]
        rate = aoc.monthly(given["yearly_curve_flat"], 1)[0]
        facts = []
        found: dict = {}
        for kind in ("PR", "NIC", "DAE", "RA"):
            timing = Timing.BEGIN if kind == "PR" else Timing.END
            steps = aoc.value_steps(
                aoc.Projected(
                    kind,
                    given["monthly_nominal"][kind],
                    timing,
                    Estimate.RA if kind == "RA" else Estimate.BE,
                ),
                rates=rate,
                months=months,
                basis=Basis.LOCKED,
            )
            facts += steps
            found[kind] = {f.step: f.value for f in steps}
        aoc.check(facts)
        factor = aoc.release_factor(given["monthly_nominal"]["CU"], rate, months)
        new = sum(f.value for f in facts if f.step is Step.BOP)
        expected = {k: sum(given["monthly_nominal"][k][:months]) for k in ("PR", "DAE")}
        moves = aoc.technical_margin(
            {(Step.BOP, N): new},
            rate=given["yearly_curve_flat"],
            factor=factor,
            experience=aoc.premium_experience(
                given["actuals"], expected, premium_share=given["premium_allocation"]
            ),
        )
        found["F"] = factor
        found["CSM"] = {step: move.csm for (step, _), move in moves.items()}
        found["DA"] = aoc.deferral(
            found["DAE"][Step.BOP],
            rate=given["yearly_curve_flat"],
            experience=expected["DAE"] - given["actuals"]["DAE"],
            factor=factor,
        )
        found["BEPA"] = given["premium_allocation"] * given["actuals"]["PR"]
        agree(found, example.exact)
        agree(found, example.published, tolerance=example.tolerance)

    def test_the_same_year_in_one_call(self):
        """The reference engine's group by ``run_group``; its interest is the whole year's."""
        example = case("sys_dt11_2020_12")
        nominal, rate = example.inputs["monthly_nominal"], aoc.monthly(0.002, 1)[0]
        kinds = (
            ("PR", Timing.BEGIN, Estimate.BE),
            ("NIC", Timing.END, Estimate.BE),
            ("DAE", Timing.END, Estimate.BE),
            ("RA", Timing.END, Estimate.RA),
        )
        found = aoc.run_group(
            aoc.GroupPeriod(
                months=12,
                locked=rate,
                current=rate,
                new=aoc.Contracts([aoc.Projected(k, nominal[k], t, e) for k, t, e in kinds]),
                coverage_units=nominal["CU"],
                unit_rates=rate,
                actual={k: v for k, v in example.inputs["actuals"].items() if k != "NIC"},
                premium_share=0.8,
            )
        )
        aoc.check(found.facts)
        margin = aoc.by_step(found.facts, Estimate.CSM, Basis.LOCKED)
        agree({k: margin[Step(k)] for k in example.exact["CSM"]}, example.exact["CSM"])
        deferred = aoc.by_step(found.facts, Estimate.DEFERRAL, Basis.LOCKED)
        agree({k: deferred[Step(k)] for k in example.exact["DA"]}, example.exact["DA"])
        assert found.factor == pytest.approx(example.exact["F"])

    def test_old_and_new_contracts_at_two_rates(self):
        """Current values feel the curve, the margin does not; all estimates foot."""
        claims = aoc.Projected("NIC", [-10.0] * 24)
        premiums = aoc.Projected("PR", [12.0] * 24, Timing.BEGIN)

        def group(curve):
            return aoc.run_group(
                aoc.GroupPeriod(
                    months=6,
                    locked=0.002,
                    current=0.001,
                    in_force=aoc.Contracts(
                        [claims, premiums],
                        {
                            "NIC": aoc.Updates(assumptions=[-11.0] * 18, curve=curve),
                            "PR": aoc.Updates(curve=curve),
                        },
                    ),
                    new=aoc.Contracts([claims, premiums]),
                    coverage_units=[1.0] * 24,
                    opening=Opening(csm=30.0),
                    actual={"PR": 150.0},
                )
            )

        low, high = group(0.001), group(0.004)
        aoc.check(low.facts)
        aoc.check(high.facts)
        assert low.moves == high.moves
        assert low.moves[Step.EA, C].csm == pytest.approx(150 - 2 * 72)
        assert low.factor == pytest.approx(0.25)
        current = aoc.by_step(high.facts, Estimate.BE, Basis.CURRENT)
        assert current[Step.YCU] != 0
        assert aoc.by_step(low.facts, Estimate.BE, Basis.CURRENT)[Step.YCU] == 0
        assert aoc.by_step(high.facts, Estimate.BE, Basis.LOCKED)[Step.YCU] == 0

    @given(
        premiums=st.lists(st.floats(0, 1e4), min_size=24, max_size=24),
        claims=st.lists(st.floats(0, 1e4), min_size=24, max_size=24),
        units=st.lists(st.floats(0.1, 10), min_size=24, max_size=24),
        rate=st.floats(0, 0.01),
    )
    def test_step_by_step_and_by_period_are_one(self, premiums, claims, units, rate):
        """A new group's year: margin and loss of both engines, loss by coverage units."""
        found = aoc.run_group(
            aoc.GroupPeriod(
                months=12,
                locked=rate,
                current=rate,
                new=aoc.Contracts(
                    [
                        aoc.Projected("PR", premiums, Timing.BEGIN),
                        aoc.Projected("NIC", [-c for c in claims]),
                    ]
                ),
                coverage_units=units,
            )
        )
        aoc.check(found.facts, tolerance=1e-4)
        new = sum(
            f.value for f in found.facts if f.step is Step.BOP and f.basis is Basis.LOCKED
            and f.estimate is Estimate.BE
        )  # fmt: skip
        year = (1 + rate) ** 12 - 1
        r = ifrs17.roll(
            ifrs17.balance(),
            ifrs17.Period(
                new_pvfcf=new, locked=year, units=sum(units[:12]), units_future=sum(units[12:])
            ),
            allocation=ifrs17.LossAllocation.UNITS,
        )
        end = found.moves[Step.EOP, C]
        assert end.csm == pytest.approx(r.closing.csm[0], abs=1e-4)
        assert end.loss == pytest.approx(r.closing.lc[0], abs=1e-4)

    def test_reinsurance_recovers_along_its_group(self):
        gross = aoc.run_group(
            aoc.GroupPeriod(
                months=12,
                locked=0.0,
                current=0.0,
                new=aoc.Contracts(
                    [aoc.Projected("NIC", [-10.0] * 24), aoc.Projected("PR", [8.0] * 24)]
                ),
                coverage_units=[1.0] * 24,
            )
        )
        assert gross.moves[Step.BOP, N].loss == 48
        held = aoc.run_group(
            aoc.GroupPeriod(
                months=12,
                locked=0.0,
                current=0.0,
                new=aoc.Contracts(
                    [aoc.Projected("NIC", [5.0] * 24), aoc.Projected("PR", [-4.5] * 24)]
                ),
                coverage_units=[1.0] * 24,
                reinsurance=True,
            )
        )
        recovery = aoc.recover_group(gross, held, recovered=0.5)
        agree({str(f.step): f.value for f in recovery}, {"BOP": -24.0, "AM": 12.0, "EOP": -12.0})

    def test_every_update_is_a_step_and_the_end_is_the_last_value(self):
        flows = [-10.0] * 24
        facts = aoc.value_steps(
            aoc.Projected("NIC", flows),
            rates=0.001,
            months=12,
            novelty=Novelty.IN_FORCE,
            updates=aoc.Updates(
                corrected=[-11.0] * 24,
                assumptions=[-12.0] * 12,
                curve=0.002,
                experience=[-9.0] * 12,
                combined=[-20.0] * 12,
            ),
        )
        steps = {f.step: f.value for f in facts}
        assert list(steps) == ["BOP", "MC", "CF", "IA", "AU", "YCU", "EV", "CL", "EOP"]
        assert steps[Step.EOP] == pytest.approx(20 * (1 - 1.002**-12) / 0.002)
        assert steps[Step.CF] == pytest.approx(-132)
        aoc.check(facts)
        assert next(f for f in facts if f.step is Step.CL).novelty is C

    def test_facts_that_do_not_foot_are_refused(self):
        facts = aoc.value_steps(aoc.Projected("NIC", [-1.0] * 3), rates=0.0, months=2)
        with pytest.raises(errors.BadMeasurement, match="BE"):
            aoc.check([*facts[:-1], aoc.Fact(Step.EOP, C, "NIC", Estimate.BE, Basis.CURRENT, 9)])

    def test_units_of_both_signs_are_refused(self):
        with pytest.raises(errors.NegativeUnits):
            aoc.release_factor([1, -3, 1], 0.0, 1)
