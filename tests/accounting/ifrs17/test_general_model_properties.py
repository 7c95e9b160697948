"""What always holds of the general model, whatever the plan."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounting.rules import ifrs17
from accounting.rules.ifrs17.plan import Actual, Plan, Revision, Walk, walk
from accounting.rules.ifrs17.records import Period, balance

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

    @given(
        opening=st.tuples(st.floats(0, 1e6), st.floats(0, 1e6), st.booleans()),
        new=st.floats(-1e6, 1e6),
        future=st.floats(-1e6, 1e6),
        rates=st.tuples(rate, rate),
        served=st.tuples(st.floats(0, 10), st.floats(0.1, 10)),
    )
    def test_the_order_of_the_margin(self, opening, new, future, rates, served):
        """44: new contracts, interest at the rate locked in, future service, release of the rest.

        Property 5; and property 6: what current rates do to values and estimates never reaches it.
        """
        size, outflows, onerous = opening
        start = {"csm": 0.0 if onerous else size, "lc": size if onerous else 0.0}
        locked, current = rates
        r = ifrs17.roll(
            balance(**start, outflows=outflows + size),
            Period(
                new_pvfcf=new, new_outflows=abs(new), locked=locked, future_locked=future,
                future_current=future * (1 + current), financial=1e5 * current,
                finance_pvfcf=size * current, units=served[0], units_future=served[1],
            ),
            allocation=ifrs17.LossAllocation.UNITS,
        )  # fmt: skip
        share = served[0] / (served[0] + served[1])
        margin = start["csm"] - start["lc"] - new
        csm, loss = max(margin, 0.0) * (1 + locked), max(-margin, 0.0) * (1 + locked)
        after = csm - loss * (1 - share) - future
        near = {"rel": 1e-9, "abs": 1e-6}
        assert r.closing.csm[0] == pytest.approx(max(after, 0.0) * (1 - share), **near)
        assert r.closing.lc[0] == pytest.approx(max(-after, 0.0), **near)

    @given(k=st.integers(1, 6), changed=rate)
    def test_current_rates_do_not_reach_the_margin(self, k: int, changed: float):
        """B72(c), B97(a): the same plan under another curve from a period end on."""
        plan = Plan(claims=[200.0] * 6, premiums=1_500, ra=[60, 50, 40, 30, 20, 10, 0], rate=0.03)
        told = {3: Revision(claims=[250.0, 180.0, 200.0])}
        other = {**told, k: Revision(claims=told[3].claims if k == 3 else None, rate=changed)}
        one, two = walk(plan, revisions=told), walk(plan, revisions=other)
        for step in ("FUTURE", "CURRENT", "FINANCE", "CLOSING"):
            assert two.column("components", "CSM", step) == pytest.approx(
                one.column("components", "CSM", step)
            )
        assert two.profit.sum() == pytest.approx(one.profit.sum())
        gap = two.column("components", "PVFCF", "CLOSING") - np.array(two.at_locked)
        assert two.accumulated_oci == pytest.approx(gap)

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
