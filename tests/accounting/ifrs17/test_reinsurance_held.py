"""Reinsurance held: deferral of cost or gain, recovery of losses, non-performance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.rules import ifrs17
from accounting.rules.ifrs17 import disclosure, errors, lic, paa
from accounting.rules.ifrs17.ceded import CededPeriod, ceded, roll_ceded
from accounting.rules.ifrs17.plan import Actual, Plan, Revision, walk
from accounting.rules.ifrs17.reinsurance import (
    HeldPeriod,
    default_loss,
    held,
    recognise_held,
    roll_held,
)
from tests.golden import agree, case


class TestRecognition:
    def test_example_11(self):
        example = case("ie11_reinsurance_initial")
        under, share = example.inputs["underlying"], example.inputs["cession"]
        found = {}
        for name in ("A", "B"):
            day = recognise_held(
                recoveries=share * under["pv_out"],
                premium=example.inputs[f"premium_{name}"],
                ra=share * under["ra"],
            )
            found[name] = {
                "recoveries": day.recoveries,
                "premium": day.premium,
                "pvfcf": day.pvfcf,
                "ra": day.ra,
                "fcf": day.fcf,
                "csm": day.csm,
                "asset": day.asset,
                "pl": day.recovery - day.past_cost,
            }
        agree(found, example.exact)
        agree(found, example.published, tolerance=example.tolerance)

    def test_a_loss_of_the_underlying_contracts_is_recovered_at_once(self):
        """66A, B119D: 30 % of a loss of 160 is income; the margin pays for it later."""
        day = recognise_held(recoveries=300, premium=330, underlying_loss=160, recovered=0.3)
        assert float(day.recovery) == 48
        assert float(day.csm) == -30 - 48
        assert float(day.asset) == -48

    def test_only_contracts_that_are_covered_count(self):
        """B119E: half of the onerous group is reinsured."""
        day = recognise_held(
            recoveries=300, premium=330, underlying_loss=160, recovered=0.3, onerous_share=0.5
        )
        assert float(day.recovery) == 24

    def test_cost_for_the_past_is_an_expense(self):
        """65A: of a net cost of 50, 20 buys cover for what has happened."""
        day = recognise_held(recoveries=250, premium=300, past_cost=20)
        assert float(day.csm) == -30
        assert float(day.asset) == 20  # still to be paid, and no asset for it

    def test_what_a_failing_reinsurer_costs(self):
        """63: 2 % a year, 60 % of it lost, on 100 a year for two years at 5 %."""
        found = default_loss([100, 100], 0.05, default_rate=0.02, loss_given_default=0.6)
        assert float(found) == pytest.approx(
            0.6 * (100 * 0.02 / 1.05 + 100 * (1 - 0.98**2) / 1.05**2)
        )

    def test_the_reinsurer_may_fail(self):
        assert float(recognise_held(recoveries=300, premium=250, default_loss=10).csm) == 40


class TestSubsequent:
    def test_example_12(self):
        example = case("ie12ab_reinsurance_subsequent")
        given = example.inputs
        share, before = given["cession"], given["before"]
        found = {}
        for name in ("A", "B"):
            more = given[f"increase_{name}"]
            gross = ifrs17.absorb(before["underlying"]["csm"], 0.0, -more)
            r = roll_held(
                held(pvfcf=before["reinsurance"]["fcf"], csm=before["reinsurance"]["csm"]),
                HeldPeriod(
                    future_locked=-share * more,
                    underlying_loss=float(gross.loss),
                    recovered=share,
                    units=0,
                    units_future=1,
                ),
            )
            fcf = before["underlying"]["fcf"] + more
            found[name] = {
                "underlying": {
                    "fcf": fcf,
                    "csm": gross.csm,
                    "liability": fcf + float(gross.csm),
                    "pl": -gross.loss,
                },
                "reinsurance": {
                    "fcf": r.closing.pvfcf[0] + r.closing.ra[0],
                    "csm": r.closing.csm[0],
                    "asset": r.closing.total[0],
                    "pl": r.profit[0],
                },
            }
        agree(found, example.exact)
        agree(found, example.published, tolerance=example.tolerance)

    def test_example_12c(self):
        """30 % of a profitable and an onerous group: what the loss takes, reinsurance recovers.

        Premiums 1,110 (900 and 210), claims of 300 a year (200 and 100), premium ceded 315; at the
        end of the second year claims of the third are expected a tenth higher.
        """
        profitable = walk(
            Plan(claims=[200] * 3, premiums=900),
            actual=Actual(claims=[200, 200, 220]),
            revisions={2: Revision(claims=[220])},
        )
        onerous = walk(
            Plan(claims=[100] * 3, premiums=210),
            actual=Actual(claims=[100, 100, 110]),
            revisions={2: Revision(claims=[110])},
        )
        agree(
            [
                profitable.recognition.csm,
                onerous.recognition.loss,
                onerous.periods[0].closing.lc[0],
            ],
            [300, 90, 60],
        )
        day = recognise_held(
            recoveries=270, premium=315, underlying_loss=onerous.recognition.loss, recovered=0.3
        )
        agree([day.fcf, day.csm, day.recovery, day.asset], [45, -72, 27, -27])
        balance, results = held(), []
        for k in range(3):
            first, second = k == 0, k == 1
            r = roll_held(
                balance,
                HeldPeriod(
                    new_pvfcf=day.fcf if first else 0,
                    new_recovery=day.recovery if first else 0,
                    premiums=315 if first else 0,
                    recoveries=99 if k == 2 else 90,
                    future_locked=-9 if second else 0,
                    underlying_loss=onerous.line("loss", "LOSS")[k],
                    recovered=0.3,
                    recovery_share=1 / (3 - k),
                    recovery_limit=onerous.line("loss", "CLOSING")[k],
                    units=1,
                    units_future=2 - k,
                ),
            )
            results.append(r)
            balance = r.closing
        csm = [
            [r.components["CSM"][s][0] for s in ("FUTURE", "CURRENT", "CLOSING")] for r in results
        ]
        agree(csm, [[0, 24, -48], [6, 21, -21], [0, 21, 0]])
        agree([r.closing.recovery[0] for r in results], [18, 12, 0])
        agree([r.allocation[0] for r in results], [105, 102, 108])
        agree(sum(r.profit[0] for r in results), 279 - 315)
        agree(balance.total, [0.0])

    def test_non_performance_is_profit_or_loss(self):
        """67: the reinsurer's rating falls; the margin does not move."""
        r = roll_held(
            held(pvfcf=-100, csm=20), HeldPeriod(non_performance=7, units=0, units_future=1)
        )
        assert r.closing.csm[0] == 20
        assert r.profit[0] == -7

    def test_a_year_as_expected_costs_its_share(self):
        r = roll_held(
            held(pvfcf=-90, ra=-18, csm=-30),
            HeldPeriod(recoveries=30, release_ra=6, locked=0.1, units=1, units_future=2),
        )
        assert r.components["CSM"]["FINANCE"][0] == pytest.approx(-3)
        assert r.components["CSM"]["CURRENT"][0] == pytest.approx(11)
        assert r.allocation[0] == pytest.approx(30 + 6 + 11)
        assert r.income["CLAIMS"][0] == 30

    def test_the_recovery_runs_off_with_the_loss(self):
        """B119F: never more than the reinsured share of what is left of the underlying loss."""
        r = roll_held(
            held(csm=-48, recovery=48),
            HeldPeriod(
                recovered=0.3,
                recovery_share=0.4,
                recovery_limit=80,
                units=1,
                units_future=1,
            ),
        )
        assert r.recovery["RELEASE"][0] == pytest.approx(-19.2)
        assert r.recovery["CLOSING"][0] == pytest.approx(24)
        assert r.closing.recovery[0] <= 0.3 * 80 + 1e-9

    @given(
        pvfcf=st.floats(-1e6, 1e6),
        csm=st.floats(-1e6, 1e6),
        recovery=st.floats(0, 1e6),
        change=st.floats(-1e6, 1e6),
        loss=st.floats(-1e6, 1e6),
        share=st.floats(0, 1),
        limit=st.floats(0, 1e6),
        cash=st.tuples(*[st.floats(0, 1e5)] * 4),
        new=st.floats(-1e5, 1e5),
    )
    def test_everything_foots(self, pvfcf, csm, recovery, change, loss, share, limit, cash, new):
        premiums, expected, recoveries, due = cash
        r = roll_held(
            held(pvfcf=pvfcf, csm=csm, recovery=recovery),
            HeldPeriod(
                new_pvfcf=new,
                premiums=premiums,
                premiums_expected=expected,
                recoveries=recoveries,
                recoveries_expected=due,
                future_locked=change,
                underlying_loss=loss,
                recovered=share,
                recovery_limit=limit,
                locked=0.03,
                units=1,
                units_future=2,
            ),
        )
        incurred = lic.roll_claims(
            lic.claims(pv=100), lic.ClaimsPeriod(incurred=recoveries, investment=3, paid=50)
        )
        note = disclosure.by_asset(r, incurred)
        assert r.coverage["ARC"]["CLOSING"] + r.coverage["LR"]["CLOSING"] == pytest.approx(
            r.closing.total, abs=1e-4
        )
        for table in (r.components, {"RECOVERY": r.recovery}, note):
            for miss in ifrs17.footing(table).values():
                assert np.abs(miss).max() < 1e-4
        assert 0 <= r.closing.recovery[0] <= share * limit + 1e-4
        moved = r.closing.total[0] - pvfcf - csm
        assert r.profit[0] == pytest.approx(-(moved + premiums - recoveries), abs=1e-4)

    def test_a_negative_recovery_is_refused(self):
        with pytest.raises(errors.NegativeBalance):
            roll_held(held(recovery=-1), HeldPeriod())


class TestAllocation:
    def test_half_of_the_cover_is_received(self):
        r = roll_ceded(
            ceded(),
            CededPeriod(premiums=300, commission=60, allocated=paa.earned(240, passed=6, left=6)),
        )
        assert r.closing.total[0] == -120
        assert r.allocation[0] == 120

    def test_losses_are_recovered_as_long_as_they_last(self):
        """70A: the asset is adjusted, income follows the underlying loss component."""
        first = roll_ceded(
            ceded(), CededPeriod(premiums=100, allocated=50, recovered=0.4, underlying_lc=120)
        )
        assert first.income[0] == pytest.approx(48)
        assert first.closing.total[0] == pytest.approx(-98)
        second = roll_ceded(
            first.closing, CededPeriod(allocated=50, recovered=0.4, underlying_lc=0)
        )
        assert second.income[0] == pytest.approx(-48)
        assert second.closing.total[0] == pytest.approx(0)
        for r in (first, second):
            for miss in ifrs17.footing(r.coverage).values():
                assert miss == pytest.approx(0)

    def test_refusals(self):
        with pytest.raises(errors.NegativeBalance):
            roll_ceded(ceded(), CededPeriod(underlying_lc=-1))
        with pytest.raises(errors.BadShare):
            roll_ceded(ceded(), CededPeriod(recovered=1.2))
