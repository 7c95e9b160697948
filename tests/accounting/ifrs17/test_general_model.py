"""The general model on the standard's own examples, and what always holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting.rules import ifrs17
from accounting.rules.ifrs17 import errors
from accounting.rules.ifrs17.discount import Timing, forwards, weighted_rate
from accounting.rules.ifrs17.margin import coverage_units
from accounting.rules.ifrs17.plan import Actual, Plan, Revision, Walk, walk
from accounting.rules.ifrs17.records import Period, balance
from tests.golden import agree, case

ROWS = {
    "opening": "OPENING",
    "new": "NEW",
    "cash_in": "CASH_IN",
    "ife": "FINANCE",
    "future": "FUTURE",
    "current": "CURRENT",
    "cash_out": "CASH_OUT",
    "closing": "CLOSING",
}


def tables(walked: Walk) -> dict:
    """Roll-forwards by year, as the standard prints them."""
    return {
        f"Y{k}": {
            row: {c.lower(): float(steps[step][0]) for c, steps in r.components.items()}
            for row, step in ROWS.items()
        }
        for k, r in enumerate(walked.periods, 1)
    }


def with_total(values) -> list[float]:
    return [*map(float, values), float(sum(values))]


def meets(found, name: str) -> None:
    """Hold figures against both columns of a worked example."""
    example = case(name)
    agree(found, example.exact)
    agree(found, example.published, tolerance=example.tolerance)


def example_2(**changes) -> Walk:
    plan = Plan(claims=[200] * 3, premiums=900, ra=[120, 80, 40, 0], rate=0.05)
    return walk(plan, **changes)


class TestRecognition:
    def test_example_1(self):
        given = case("ie01_initial_recognition").inputs
        found: dict = {"after_premium": {}}
        for name in ("A", "B"):
            day = ifrs17.recognise_flows(
                premiums=[given["premium"], 0, 0],
                outflows=given[f"outflows_1{name}"],
                rates=given["rate"],
                ra=given["risk_adjustment"],
            )
            found[name] = {
                "pv_in": day.inflows,
                "pv_out": day.outflows,
                "pvfcf": day.pvfcf,
                "ra": day.ra,
                "fcf": day.fcf,
                "csm": day.csm,
                "loss": day.loss,
                "liability": day.liability,
            }
            paid = float(day.pvfcf) + given["premium"]
            found["after_premium"][name] = {
                "pvfcf": paid,
                "ra": day.ra,
                "fcf": paid + float(day.ra),
                "csm": day.csm,
                "liability": paid + float(day.ra) + float(day.csm),
            }
        meets(found, "ie01_initial_recognition")

    def test_the_hand_calculation_of_two_months(self):
        """Two months' cover, premiums due monthly in advance, margin by contracts in force."""
        example = case("fcf_handcalc")
        given = example.inputs
        alive = np.array([1.0, (1 - given["q_monthly"]) * (1 - given["w_monthly"])])
        claims = alive * given["q_monthly"] * given["death_benefit"]
        ra = 0.1 * 0.6744897501960817 * claims.sum()  # z(0.75)
        day = ifrs17.recognise_flows(
            premiums=alive * given["premium_monthly"],
            outflows=claims,
            rates=0.0,
            ra=ra,
            outflow_timing=Timing.END,
        )
        released = ifrs17.run_off(day.csm, alive)
        found = {
            "pv_claims": day.outflows,
            "pv_premiums": -day.inflows,
            "bel": day.pvfcf,
            "ra": day.ra,
            "csm0": day.csm,
            "csm1": day.csm - released[0],
            "csm2": day.csm - released.sum(),
        }
        agree(found, example.exact)
        agree(found, example.published)

    def test_an_asset_paid_before_recognition_reduces_the_margin(self):
        """38(c)(i): nothing is earned by taking the asset off the books."""
        day = ifrs17.recognise(inflows=900, outflows=600, ra=50, assets_derecognised=100)
        assert float(day.csm) == 150
        assert float(day.liability) == -100  # the asset has become part of the liability

    def test_an_asset_that_the_contracts_do_not_earn_back_is_a_loss(self):
        day = ifrs17.recognise(inflows=900, outflows=850, assets_derecognised=80)
        assert (float(day.csm), float(day.loss)) == (0, 30)

    def test_cost_of_no_portfolio_is_an_expense(self):
        day = ifrs17.recognise_flows(
            premiums=[900, 0, 0],
            outflows=[200] * 3,
            rates=0.0,
            ra=15,
            acquisition=120,
            acquisition_attributable=0.75,
        )
        assert (float(day.csm), float(day.expense)) == (195, 30)


class TestExamples:
    def test_example_2a(self):
        given = case("ie02a_subsequent_favourable").inputs
        walked = example_2(
            actual=Actual(claims=given["actual_outflows"]),
            revisions={2: Revision(claims=[140], ra=30)},
        )
        found = tables(walked)
        liability = walked.column("components", "TOTAL", "CLOSING")
        cash = -900 + np.cumsum(given["actual_outflows"])
        found["sofp"] = {"cash": cash, "liability": liability, "equity": -cash - liability}
        finance = walked.sums("finance")
        service = walked.profit + finance
        found["pl"] = {
            "current_service": with_total(service),
            "loss_future": with_total(walked.line("loss", "LOSS")),
            "ife": with_total(-finance),
            "profit": with_total(walked.profit),
        }
        meets(found, "ie02a_subsequent_favourable")

    def test_example_2b(self):
        """Y2 claims 400 instead of 200, Y3 450 instead of 200, risk adjustment 88 not 40."""
        walked = example_2(
            actual=Actual(claims=[200, 400, 450]), revisions={2: Revision(claims=[450], ra=88)}
        )
        second = walked.periods[1]
        agree(
            {step: second.components["CSM"][step][0] for step in ("FUTURE", "CURRENT", "CLOSING")},
            {"FUTURE": -173, "CURRENT": 0, "CLOSING": 0},
            tolerance=0.5,
        )
        agree(second.components["PVFCF"]["FUTURE"], [238], tolerance=0.5)
        agree(second.loss["LOSS"], [113], tolerance=0.5)
        agree(walked.column("components", "TOTAL", "CLOSING"), [617, 517, 0], tolerance=0.5)
        agree(walked.profit, [83, -300, 67], tolerance=0.6)
        agree(walked.profit.sum(), -150.0)

    def test_example_3a(self):
        walked = walk(
            Plan(claims=[100] * 3, investment=100, premiums=900, ra=[120, 80, 40, 0], rate=0.05),
            actual=Actual(claims=[100, 50, 40]),
            revisions={2: Revision(claims=[40], ra=30)},
        )
        found = {}
        for k, r in enumerate(walked.periods, 1):
            lrc, lc = r.coverage["LRC"], r.coverage["LC"]
            found[f"Y{k}"] = {
                "opening_lrc_ex": lrc["OPENING"][0],
                "opening_lc": lc["OPENING"][0],
                "cash_in": lrc["CASH_IN"][0],
                "ife_lrc_ex": lrc["FINANCE"][0],
                "ife_lc": lc["FINANCE"][0],
                "revenue": lrc["REVENUE"][0],
                "ise_lc": lc["EXPENSE"][0],
                "ise_lic": r.expense["CLAIMS"][0],
                "investment_component": -lrc["INVESTMENT"][0],
                "cash_out": r.components["PVFCF"]["CASH_OUT"][0],
                "closing_lrc_ex": lrc["CLOSING"][0],
                "closing_lc": lc["CLOSING"][0],
            }
        revenue, expense = walked.sums("revenue"), walked.sums("expense")
        found["pl"] = {
            "revenue": with_total(revenue),
            "service_expenses": with_total(-expense),
            "service_result": with_total(revenue - expense),
            "finance": with_total(-walked.sums("finance")),
            "profit": with_total(walked.profit),
        }
        meets(found, "ie03a_presentation")

    def test_example_3b(self):
        """The loss component carries its share of finance (5) and of expenses (118)."""
        walked = walk(
            Plan(claims=[100] * 3, investment=100, premiums=900, ra=[120, 80, 40, 0], rate=0.05),
            actual=Actual(claims=[100, 300, 350]),
            revisions={2: Revision(claims=[350], ra=88)},
        )
        agree(walked.sums("revenue"), [222, 140, 320], tolerance=0.5)
        agree(walked.column("coverage", "LC", "EXPENSE"), [0, 113, -118], tolerance=0.5)
        agree(walked.column("coverage", "LC", "FINANCE"), [0, 0, 5], tolerance=0.5)
        agree(walked.column("coverage", "LRC", "FINANCE"), [39, 27, 17], tolerance=0.5)
        agree(walked.column("coverage", "LC", "CLOSING")[-1], 0.0)
        finance = walked.sums("finance").sum() - walked.column("coverage", "LC", "FINANCE").sum()
        agree(walked.sums("revenue").sum(), 900 + finance - 300)
        agree(walked.sums("revenue").sum(), 682, tolerance=1.5)  # printed from rounded figures

    def test_example_7(self):
        plan = Plan(claims=[200] * 3, premiums=900, acquisition=90, ra=15)
        walked = walk(plan)
        paid = [float(r.closing.pvfcf[0] + r.closing.ra[0]) for r in walked.periods]
        other = np.array([-30.0, 0, 0])  # acquisition cost of no portfolio
        service = walked.sums("revenue") - walked.sums("expense")
        found = {
            "pv_out": walked.recognition.outflows,
            "pvfcf": walked.recognition.pvfcf,
            "fcf": walked.recognition.fcf,
            "csm": walked.recognition.csm,
            "csm_release": walked.line("revenue", "CSM"),
            "iacf_amortisation": walked.line("revenue", "ACQUISITION"),
            "revenue": walked.sums("revenue"),
            "service_expenses": -walked.sums("expense"),
            "service_result": service,
            "other_expenses": other,
            "profit": service + other,
            "fcf_path": [walked.recognition.fcf, *paid],
        }
        meets(found, "ie07_acquisition_cashflows")

    def test_example_8(self):
        """39.8 % of every release reverses the loss (50(a)) before good news does (50(b))."""
        walked = walk(
            Plan(claims=[400] * 3, premiums=800, ra=[240, 160, 80, 0], rate=0.05),
            actual=Actual(claims=[400, 400, 100]),
            revisions={2: Revision(claims=[100])},
        )
        agree(walked.recognition.loss, 529, tolerance=0.5)
        agree(walked.line("loss", "FINANCE"), [22, 15, 0], tolerance=0.5)
        agree(walked.line("loss", "RELEASE"), [-191, -191, 0], tolerance=0.5)
        agree(walked.line("loss", "REVERSAL"), [0, -183, 0], tolerance=0.6)
        agree(walked.line("loss", "CLOSING"), [360, 0, 0], tolerance=0.5)
        agree(walked.column("components", "CSM", "FUTURE"), [0, 103, 0], tolerance=1.0)
        agree(walked.profit.sum(), -100.0)

    def test_where_general_model_and_premium_allocation_part(self):
        given = case("ey52_gmm_vs_paa").inputs
        walked = walk(
            Plan(claims=given["outflows"], premiums=given["premium"]),
            actual=Actual(claims=[900, 950]),
            revisions={1: Revision(claims=[950])},
        )
        first = walked.periods[0]
        found = {
            "csm0": walked.recognition.csm,
            "csm_after_change": walked.recognition.csm + first.components["CSM"]["FUTURE"][0],
            "csm_release": walked.line("revenue", "CSM"),
            "lrc_gmm_y1": first.components["TOTAL"]["CLOSING"][0],
            "revenue_gmm": walked.sums("revenue"),
        }
        example = case("ey52_gmm_vs_paa")
        agree(found, {k: v for k, v in example.exact.items() if k != "paa"})


amount = st.floats(0, 1e9, allow_nan=False)
signed = st.floats(-1e9, 1e9, allow_nan=False)
rate = st.floats(-0.02, 0.15)


@st.composite
def walks(draw: st.DrawFn) -> Walk:
    n = draw(st.integers(1, 6))
    flows = st.lists(st.floats(0, 1e6), min_size=n, max_size=n)
    ra = draw(st.lists(st.floats(0, 1e5), min_size=n, max_size=n))
    changes = {}
    for k in draw(st.sets(st.integers(1, n), max_size=2)):
        left = st.lists(st.floats(0, 1e6), min_size=n - k, max_size=n - k)
        changes[k] = Revision(
            claims=draw(left),
            ra=[*draw(st.lists(st.floats(0, 1e5), min_size=n - k, max_size=n - k)), 0.0],
            rate=draw(st.one_of(st.none(), rate)),
        )
    return walk(
        Plan(
            claims=draw(flows),
            premiums=draw(flows),
            investment=draw(flows),
            acquisition=draw(st.floats(0, 1e5)),
            ra=[*ra, 0.0],
            rate=draw(rate),
            coverage_units=draw(st.lists(st.floats(0.1, 10), min_size=n, max_size=n)),
        ),
        actual=Actual(claims=draw(flows), premiums=draw(flows), investment=draw(flows)),
        revisions=changes,
        allocation=draw(st.sampled_from(ifrs17.LossAllocation)),
    )


SIGNED = (
    "new_pvfcf", "finance_pvfcf", "financial", "future_locked", "future_current", "future_ra",
)  # fmt: skip
POSITIVE = (
    "new_ra", "new_outflows", "new_assets", "premiums", "premiums_expected", "acquisition",
    "acquisition_expected", "claims", "claims_expected", "investment", "investment_expected",
    "finance_outflows", "finance_ra", "release_ra", "units", "units_future",
)  # fmt: skip


class TestProperties:
    @given(walks())
    @settings(max_examples=50)
    def test_everything_foots_and_nothing_is_both_margin_and_loss(self, walked: Walk):
        for r in walked.periods:
            for table in (r.components, r.coverage, {"LOSS": r.loss}):
                for miss in ifrs17.footing(table).values():
                    assert np.abs(miss).max() < 1e-4
            assert r.closing.csm[0] >= 0
            assert r.closing.lc[0] >= 0
            assert r.closing.csm[0] < 1e-6 or r.closing.lc[0] < 1e-6
            covered = r.coverage["LRC"]["CLOSING"] + r.coverage["LC"]["CLOSING"]
            assert covered == pytest.approx(r.components["TOTAL"]["CLOSING"], abs=1e-4)
            assert r.coverage["LC"]["CLOSING"] == pytest.approx(r.loss["CLOSING"], abs=1e-4)

    @given(walks())
    @settings(max_examples=50)
    def test_the_end_is_zero_and_profit_is_net_cash(self, walked: Walk):
        """52: nothing of the loss component remains; profit is cash, whatever its pattern."""
        last = walked.periods[-1]
        assert last.closing.lc[0] == pytest.approx(0, abs=1e-4)
        assert last.closing.csm[0] == pytest.approx(0, abs=1e-4)
        assert last.closing.total[0] == pytest.approx(0, abs=1e-4)
        cash = sum(
            float(r.components["TOTAL"]["CASH_IN"][0] + r.components["TOTAL"]["CASH_OUT"][0])
            for r in walked.periods
        )
        assert walked.profit.sum() == pytest.approx(cash, abs=1e-3)

    @given(walks())
    @settings(max_examples=50)
    def test_revenue_is_premium_and_its_finance_less_investment_components(self, walked: Walk):
        """B120, B123: total revenue is the consideration adjusted for finance, without deposits."""
        lrc = [r.coverage["LRC"] for r in walked.periods]
        total = {s: sum(float(t[s][0]) for t in lrc) for s in lrc[0]}
        premiums = total["CASH_IN"] + total["ACQUISITION"]  # acquisition is earned back as revenue
        assert -total["REVENUE"] == pytest.approx(
            premiums + total["FINANCE"] + total["INVESTMENT"], abs=1e-3
        )

    @given(walks())
    @settings(max_examples=40)
    def test_what_goes_through_oci_comes_to_nothing(self, walked: Walk):
        """B130(b): the total over the life is the same; without changes of rates there is none."""
        assert walked.oci.sum() == pytest.approx(0, abs=1e-4)
        assert walked.accumulated_oci[-1] == pytest.approx(0, abs=1e-4)

    @given(data=st.data(), allocation=st.sampled_from(ifrs17.LossAllocation))
    @settings(max_examples=60)
    def test_any_period_of_any_groups_foots(self, data, allocation):
        """Whatever happens in a period, contracts added in it included."""
        n = 3

        def numbers(low):
            return st.lists(st.floats(low, 1e6), min_size=n, max_size=n)

        margin = np.array(data.draw(numbers(0)))
        onerous = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
        opening = balance(
            n,
            pvfcf=data.draw(numbers(-1e6)),
            ra=data.draw(numbers(0)),
            csm=np.where(onerous, 0.0, margin),
            lc=np.where(onerous, margin, 0.0),
            outflows=margin + np.array(data.draw(numbers(0))),
            acquisition=data.draw(numbers(0)),
        )
        inputs = {name: data.draw(numbers(-1e6)) for name in SIGNED}
        inputs |= {name: data.draw(numbers(0)) for name in POSITIVE}
        inputs |= {"premiums_future": data.draw(st.floats(0, 1)), "locked": data.draw(rate)}
        r = ifrs17.roll(opening, Period(**inputs), allocation=allocation)
        for table in (r.components, r.coverage, {"LOSS": r.loss}):
            for miss in ifrs17.footing(table).values():
                assert np.abs(miss).max() < 1e-3
        assert (r.closing.csm >= 0).all()
        assert (r.closing.lc >= 0).all()
        assert (np.minimum(r.closing.csm, r.closing.lc) < 1e-6).all()
        covered = r.coverage["LRC"]["CLOSING"] + r.coverage["LC"]["CLOSING"]
        assert covered == pytest.approx(r.closing.total, abs=1e-3)
        moved = r.closing.total - opening.total
        cash = r.components["TOTAL"]["CASH_IN"] + r.components["TOTAL"]["CASH_OUT"]
        assets = np.array(inputs["new_assets"])
        assert r.profit == pytest.approx(cash - moved - assets, abs=1e-2)

    @given(units=st.lists(st.floats(0.1, 10), min_size=3, max_size=3))
    def test_profit_does_not_depend_on_the_pattern_of_the_margin(self, units):
        plan = Plan(claims=[200] * 3, premiums=900, ra=120, rate=0.05, coverage_units=units)
        assert walk(plan).profit.sum() == pytest.approx(300)

    @given(rows=st.lists(st.tuples(amount, signed, st.booleans(), amount), min_size=1, max_size=5))
    def test_groups_do_not_touch_each_other(self, rows):
        """All groups in one call measure as each by itself, in any order."""
        margin, change, onerous, claims = map(np.array, zip(*rows, strict=True))
        columns = {
            "csm": np.where(onerous, 0.0, margin),
            "lc": np.where(onerous, margin, 0.0),
            "outflows": margin + claims,
        }
        inputs = {
            "future_locked": change,
            "claims": claims,
            "locked": 0.03,
            "units": 1.0,
            "units_future": 2.0,
        }
        together = ifrs17.roll(balance(len(rows), **columns), Period(**inputs))
        for k in range(len(rows)):
            single = ifrs17.roll(
                balance(1, **{n: v[k] for n, v in columns.items()}),
                Period(**{n: v[k] if np.ndim(v) else v for n, v in inputs.items()}),
            )
            assert single.closing.csm[0] == together.closing.csm[k]
            assert single.closing.lc[0] == together.closing.lc[k]
            assert single.profit[0] == pytest.approx(together.profit[k], rel=1e-12)


class TestOrder:
    def test_interest_is_locked_in_and_comes_before_release(self):
        r = ifrs17.roll(
            balance(csm=1_000), Period(locked=0.1, finance_pvfcf=7, units=1, units_future=1)
        )
        assert r.components["CSM"]["FINANCE"][0] == pytest.approx(100)
        assert r.components["CSM"]["CURRENT"][0] == pytest.approx(-550)

    def test_contracts_that_join_later_accrete_for_less(self):
        r = ifrs17.roll(
            balance(csm=1_000),
            Period(new_pvfcf=-500, locked=0.1, locked_new=0.04, units=0, units_future=1),
        )
        assert r.components["CSM"]["FINANCE"][0] == pytest.approx(100 + 20)

    def test_a_loss_released_by_units_accretes_like_a_margin(self):
        """Opening loss for the whole period at 10 %, what joins in its course at 4 %."""
        r = ifrs17.roll(
            balance(lc=1_000),
            Period(new_pvfcf=500, locked=0.1, locked_new=0.04, units=0, units_future=1),
            allocation=ifrs17.LossAllocation.UNITS,
        )
        assert r.loss["FINANCE"][0] == pytest.approx(100 + 20)
        assert r.closing.lc[0] == pytest.approx(1_620)

    def test_the_gap_between_rates_is_finance_and_not_margin(self):
        """B97(a), Example 6: 55 at the locked-in 10 % adjusts the margin, the rest is finance."""
        r = ifrs17.roll(
            balance(csm=200),
            Period(future_locked=50 * 1.1, future_current=60, units=1, units_future=1),
        )
        assert r.components["CSM"]["FUTURE"][0] == pytest.approx(-55)
        assert r.finance["PVFCF"][0] == pytest.approx(5)

    def test_premiums_of_future_service_adjust_the_margin_those_of_the_past_revenue(self):
        future = ifrs17.roll(
            balance(csm=100), Period(premiums=120, premiums_expected=100, units=0, units_future=1)
        )
        assert future.components["CSM"]["FUTURE"][0] == 20
        past = ifrs17.roll(
            balance(csm=100),
            Period(premiums=120, premiums_expected=100, premiums_future=0, units=0, units_future=1),
        )
        assert past.components["CSM"]["FUTURE"][0] == 0
        assert past.revenue["EXPERIENCE"][0] == 20

    def test_investment_components_paid_early_adjust_the_margin(self):
        """B96(c): 30 more paid now, 30 less to come later: no income."""
        r = ifrs17.roll(
            balance(csm=100),
            Period(
                investment=80,
                investment_expected=50,
                future_locked=-30,
                units=0,
                units_future=1,
            ),
        )
        assert r.components["CSM"]["FUTURE"][0] == 0
        assert r.profit[0] == 0

    def test_good_news_reverses_the_loss_before_it_is_margin(self):
        change = ifrs17.absorb(0.0, 40.0, 100.0)
        assert (float(change.lc), float(change.csm), float(change.reversed)) == (0, 60, 40)

    def test_both_policies_end_at_zero_by_different_ways(self):
        plan = Plan(claims=[100, 300, 50], premiums=200, ra=0, rate=0.05, coverage_units=[3, 2, 1])
        by_ratio = walk(plan)
        by_units = walk(plan, allocation=ifrs17.LossAllocation.UNITS)
        assert by_ratio.line("loss", "RELEASE")[0] != by_units.line("loss", "RELEASE")[0]
        for walked in (by_ratio, by_units):
            assert walked.line("loss", "CLOSING")[-1] == pytest.approx(0)


class TestCoverageUnits:
    def test_quantity_and_duration(self):
        found = coverage_units([100, 100, 100], in_force=[10, 9, 8])
        assert found.tolist() == [1000, 900, 800]

    def test_services_are_weighted(self):
        """B119B: cover of 100 a year and an account that grows, at a tenth of its weight."""
        found = coverage_units([[100, 100], [50, 80]], [1.0, 0.1])
        assert found == pytest.approx([105, 108])


class TestRates:
    def test_a_group_locks_in_its_average(self):
        """28, B73: contracts join at 3 % and at 4 %."""
        assert weighted_rate([0.03, 0.04], [300, 100]) == pytest.approx(0.0325)

    def test_forwards_of_spots(self):
        assert forwards([0.02, 0.03]) == pytest.approx([0.02, 1.03**2 / 1.02 - 1])

    @pytest.mark.parametrize("timing", list(Timing))
    def test_flows_may_fall_anywhere_in_their_period(self, timing):
        walked = walk(
            Plan(claims=[200] * 3, premiums=900, ra=120, rate=0.05, outflow_timing=timing)
        )
        value = 200 * (1.05**-1 + 1.05**-2 + 1.05**-3) * 1.05 ** (1 - timing.value)
        assert float(walked.recognition.outflows) == pytest.approx(value)
        assert walked.profit.sum() == pytest.approx(300)
        assert walked.periods[-1].closing.total[0] == pytest.approx(0)
        first = float(walked.periods[0].finance["PVFCF"][0])
        assert first == pytest.approx(value * 0.05 - 200 * (1.05 ** (1 - timing.value) - 1))

    def test_lower_rates_cost_finance_and_leave_the_margin(self):
        plan = Plan(claims=[200] * 3, premiums=900, ra=[120, 80, 40, 0], rate=0.05)
        plain = walk(plan)
        lower = walk(plan, revisions={1: Revision(rate=0.02)})
        assert lower.line("revenue", "CSM") == pytest.approx(plain.line("revenue", "CSM"))
        assert lower.periods[0].finance["PVFCF"][0] == pytest.approx(
            plain.periods[0].finance["PVFCF"][0]
            + 200 * (1 / 1.02 + 1 / 1.02**2)
            - 200 * (1 / 1.05 + 1 / 1.05**2)
        )
        assert lower.profit.sum() == pytest.approx(plain.profit.sum())

    def test_the_loss_component_carries_its_share_of_changed_rates(self):
        plan = Plan(claims=[400] * 3, premiums=800, ra=[240, 160, 80, 0], rate=0.05)
        lower = walk(plan, revisions={1: Revision(rate=0.02)})
        ratio = lower.periods[0].closing
        share = float(ratio.lc[0] / (ratio.outflows[0] + ratio.ra[0]))
        assert share == pytest.approx(529.2992117 / (1089.2992117 + 240))
        assert lower.line("loss", "CLOSING")[-1] == 0


class TestRefusals:
    @pytest.mark.parametrize(
        ("reason", "call"),
        [
            (errors.NegativeUnits, lambda: ifrs17.released_share(-1.0, 2.0)),
            (errors.LengthMismatch, lambda: walk(Plan(claims=[1, 2], investment=[1, 2, 3]))),
            (errors.CurveTooShort, lambda: ifrs17.recognise_flows(
                premiums=[1, 2], outflows=[1, 2], rates=[0.01])),
            (errors.BadShare, lambda: ifrs17.roll(balance(), Period(premiums_future=1.5))),
            (errors.BadRate, lambda: walk(Plan(claims=[1], rate=-1.0))),
            (errors.NegativeBalance, lambda: ifrs17.roll(balance(csm=-1), Period())),
            (errors.BadMeasurement, lambda: walk(Plan(claims=[1]), revisions={2: Revision()})),
            (errors.BadMeasurement, lambda: ifrs17.recognise(inflows=float("nan"), outflows=0)),
        ],
    )  # fmt: skip
    def test_what_cannot_be_measured_is_refused_by_name(self, reason, call):
        with pytest.raises(reason):
            call()
