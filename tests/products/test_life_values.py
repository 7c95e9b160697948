"""The life engine: what it refuses, deductions and other figures, a million at once."""

from __future__ import annotations

import numpy as np
import pytest

from products.rules import (
    commutation,
    lapses,
    monthly,
    reserve,
    surrender,
    tables,
    unearned,
)
from products.rules.alike import alike
from products.rules.basis import Basis, Coverage
from products.rules.surrender import NOT_FACE_TO_FACE, Deduction, SurrenderBasis
from tests.golden import DIRECTORY, agree, case
from tests.products.lives import S, basis, held


class TestRefusals:
    @pytest.mark.parametrize("bad", [1.5, -0.1, np.nan])
    def test_rates_are_refused_by_name(self, bad):
        q = np.full((2, 100), 0.01)
        broken = q.copy()
        broken[1, 47] = bad
        for name in ("exits", "benefits", "waivers"):
            given = {"exits": [q], "benefits": [q], "waivers": [], name: [broken]}
            with pytest.raises(
                commutation.BadRates, match=f"{name[:-1]} 1: the female rate at age 47"
            ):
                commutation.build(interest=0.02, **given)  # type: ignore[arg-type]
        with pytest.raises(commutation.BadRates, match="lapse: the male rate"):
            commutation.build(exits=[q], benefits=[q], interest=0.02, lapse=np.array([0.1, bad]))
        with pytest.raises(commutation.BadRates, match="interest is -1"):
            commutation.build(exits=[q], benefits=[q], interest=-1.0)

    @pytest.mark.parametrize(
        ("rows", "says"),
        [
            (["0,0.1,0.1", "2,0.1,0.1"], "age 2 follows 0 with a gap"),
            (["0,0.1,0.1", "0,0.1,0.1"], "age 0 is out of order"),
            (["0,1.01,0.1"], "male rate at age 0 is 1.01"),
            (["0,0.1,", "1,0.1,0.2"], "no female rate at the first age 0"),
            ([], "no rows"),
        ],
    )
    def test_tables_are_refused_by_name(self, rows, says):
        given = [dict(zip(("age", "male", "female"), row.split(","), strict=True)) for row in rows]
        with pytest.raises(tables.BadTable, match=f"RISK.*{says}"):
            tables.parse("RISK", given)

    def test_columns_need_an_exit(self):
        with pytest.raises(commutation.BadRates, match="at least one exit"):
            commutation.build(exits=[], benefits=[], interest=0.02)

    @pytest.mark.parametrize(
        ("terms", "says"),
        [
            ({"age": 130}, "age 130: the tables begin at 0 and end at 110"),
            ({"term_months": 18}, "cover of 18 months"),
            ({"pay_months": 6}, "payment of 6 months"),
            ({"term_months": -12}, "cover of -12 months"),
            ({"elapsed_months": -1}, "-1 completed months"),
        ],
    )
    def test_contracts_that_have_no_price(self, terms, says):
        with pytest.raises(commutation.BadRates, match=says):
            reserve.net_premium_reserve(basis(), held(**terms))

    def test_an_age_before_the_table(self):
        late = tables.RateTable(table_id="LATE", first_age=50, q=np.array([[0.1, 1.0]] * 2))
        b = Basis(
            interest=0.02, exits=("LATE",), own_tables={"LATE": late},
            coverages=(Coverage(code="DEATH", table="LATE", sum_ratio=1.0),),
        )  # fmt: skip
        with pytest.raises(commutation.BadRates, match="age 40: the tables begin at 50"):
            reserve.net_premium_reserve(b, held(age=40))

    def test_nobody_is_left_to_be_paid_at_maturity(self):
        short = tables.RateTable(table_id="SHORT", first_age=0, q=np.array([[0.1, 0.2, 1.0]] * 2))
        b = Basis(
            interest=0.02, exits=("SHORT",), own_tables={"SHORT": short}, maturity_ratio=1.0,
            coverages=(Coverage(code="DEATH", table="SHORT", sum_ratio=1.0),),
        )  # fmt: skip
        c = held(age=0, term_months=60, pay_months=60, elapsed_months=[0, 12, 60], per_year=1)
        assert reserve.net_premium_reserve(b, c)[[0, 2]].tolist() == [0, 0]

    @pytest.mark.parametrize("given", [{"pay_months": 0}, {"interest": -1.0}])
    def test_a_monthly_account_without_premiums(self, given):
        how = {"interest": 0.02, "pay_months": 12, **given}
        with pytest.raises(commutation.BadRates):
            monthly.account(np.array([0.1, 0.2]), **how)
        with pytest.raises(commutation.BadRates):
            monthly.account(np.array([0.1, 1.2]), interest=0.02, pay_months=12)

    def test_lapse_rates_out_of_range(self):
        with pytest.raises(ValueError, match="between 0 and 1"):
            lapses.log_linear(first=0.0, pay_years=10, years=20)


class TestMoreColumns:
    def test_increasing_benefits_and_annuities(self):
        """(IA) and (Iä) by R and S against year after year."""
        table = basis(timing=commutation.Timing.YEAR_END).table
        at = {"sex": [0, 1], "age": [40, 60]}
        ones = np.array([1.0])
        each = [
            commutation.term_benefits(table, weights=ones, years=[n, n], **at) for n in range(21)
        ]
        by_hand = sum((t + 1) * (each[t + 1] - each[t]) for t in range(20))
        found = commutation.increasing_benefits(table, weights=ones, years=[20, 20], **at)
        np.testing.assert_allclose(found, by_hand, rtol=1e-9)
        paid = [commutation.pure_endowment(table, years=[n, n], **at) for n in range(20)]
        found = commutation.increasing_annuity(table, years=[20, 20], **at)
        np.testing.assert_allclose(found, sum((t + 1) * p for t, p in enumerate(paid)), rtol=1e-12)
        whole = commutation.increasing_annuity(table, sex=[0], age=[100], years=[60])
        rest = commutation.increasing_annuity(table, sex=[0], age=[100], years=[13])
        assert whole == pytest.approx(rest)  # the columns end with the last life

    def test_zillmer_over_part_of_the_payment(self):
        """After the period of seven years nothing is left to recover; before it more is."""
        b = basis()
        c = held(elapsed_months=[0, 12, 84, 120])
        full = reserve.zillmer(b, c, alpha=100_000)
        part = reserve.zillmer(b, c, alpha=100_000, period=7)
        net = reserve.net_premium_reserve(b, c)
        assert (full[0], part[0]) == (-100_000, -100_000)
        assert full[1] < part[1] < net[1]
        np.testing.assert_allclose(part[2:], net[2:])
        first = commutation.annuity_due(b.table, sex=[0], age=[40], years=[7])[0]
        second = commutation.annuity_due(b.table, sex=[0], age=[41], years=[6])[0]
        assert part[1] == pytest.approx(net[1] - 100_000 * second / first)
        with pytest.raises(commutation.BadRates, match="one year of premiums"):
            reserve.zillmer(b, c, alpha=1, period=0)


class TestDeductions:
    @pytest.mark.parametrize(
        ("kind", "by_hand"),
        [
            (Deduction.PROTECTION, lambda p, s: 0.05 * 20 * p + 0.01 * s),
            (Deduction.PROTECTION_NO_DEATH, lambda p, s: (0.05 * 20 + 0.45) * p),
            (Deduction.INDEMNITY, lambda p, s: (0.05 * 20 + 0.15) * p),
            (Deduction.SAVINGS, lambda p, s: 0.05 * 12 * p),
            (Deduction.LIFE_ANNUITY, lambda p, s: 0.05 * 12 * p),
            (Deduction.PENSION_SAVINGS, lambda p, s: 0.04 * 12 * p),
            (Deduction.PENSION_SAVINGS_NON_PAR, lambda p, s: 0.03 * 12 * p),
        ],
    )
    def test_each_kind_by_hand(self, kind, by_hand):
        b, c = basis(), held()
        annual = reserve.net_of(b, b.ratios, 0.0, c).annual[0] * S
        found = surrender.standard_deduction(b, c, kind=kind)[0]
        assert found == pytest.approx(by_hand(annual, S), rel=1e-12)
        remote = surrender.standard_deduction(b, c, kind=kind, channel_factor=NOT_FACE_TO_FACE)
        assert remote[0] == pytest.approx(0.7 * found, rel=1e-12)

    def test_short_payment_of_a_life_annuity(self):
        b, c = basis(), held(pay_months=60)
        annual = reserve.net_of(b, b.ratios, 0.0, c).annual[0] * S
        found = surrender.standard_deduction(b, c, kind=Deduction.LIFE_ANNUITY)[0]
        assert found == pytest.approx(0.06 * 5 * annual)

    def test_only_the_risk_premium_counts_where_something_is_saved(self):
        b, c = basis(maturity_ratio=0.5), held()
        whole = reserve.net_of(b, b.ratios, 0.5, c).standard[0] * S
        risk = reserve.net_of(b, b.ratios, 0.0, c).standard[0] * S
        found = surrender.standard_deduction(b, c, kind=Deduction.PROTECTION_NO_DEATH)[0]
        assert found == pytest.approx(0.05 * 20 * whole + 0.45 * risk)

    @pytest.mark.parametrize("ratio", [1.0, 0.5, 0.0])
    def test_standard_low_and_no_surrender_values(self, ratio):
        b = basis()
        c = held(term_months=0, pay_months=120, elapsed_months=np.arange(0, 180), premium=300_000)
        full = surrender.surrender_value(b, c, surrender=SurrenderBasis())
        terms = SurrenderBasis(guarantee_ratio=ratio)
        found = surrender.surrender_value(b, c, surrender=terms)
        paying = c.elapsed_months < 120
        np.testing.assert_array_equal(found[~paying], full[~paying])
        assert np.all(np.abs(found[paying] - full[paying] * ratio) <= 0.5)

    @pytest.mark.parametrize("point", ["1", "2", "4"])
    def test_low_surrender_values_of_the_monthly_account(self, point):
        expected = case("krlib_wholelife").published[point]
        policy = expected["policy"]
        own = tables.read(DIRECTORY / "krlib_std_mortality.csv", "KRLIB")
        sex, age, size = int(policy["sex"] == "F"), policy["issue_age"], policy["sum_assured"]
        pay = 12 * policy["prem_term"]
        path = monthly.account(own.q[sex, age - own.first_age :], interest=0.025, pay_months=pay)
        for text, values in expected["values"].items():
            month = int(text)
            value = surrender.standard_value(path.value[month] * size, values["surr_chg_pp"])
            ratio = policy["cv_floor_ratio"] if month < pay else 1.0
            found = {"cv_std_pp": value, "cv_pp": ratio * value}
            agree(found, {name: values[name] for name in found}, tolerance=0.01)


class TestOtherFigures:
    def test_zillmer(self):
        b, c = basis(), held(elapsed_months=[0, 12, 30, 120, 240])
        alpha = 1_000_000.0
        found = reserve.zillmer(b, c, alpha=alpha)
        plain = reserve.net_premium_reserve(b, c)
        assert found[0] == -alpha
        assert found[-1] == plain[-1] == 0.0
        at = {"sex": [0], "age": [50], "years": [10]}
        left = commutation.annuity_due(b.table, **at)
        whole = commutation.annuity_due(b.table, sex=[0], age=[40], years=[20])
        assert found[3] == pytest.approx(plain[3] - alpha * (left / whole)[0], rel=1e-12)

    def test_the_natural_risk_premium_is_the_price_of_the_year(self):
        """P − (v V_{t+1} − V_t) = v^½ q S − q v V_{t+1}."""
        b = basis()
        t = np.arange(20)
        c = held(elapsed_months=12 * t)
        later = reserve.net_premium_reserve(b, held(elapsed_months=12 * (t + 1)))
        q = b.exit_rates[0, 40 + t]
        expected = (q * S * 1.025**-0.5 - q * later / 1.025) / 12
        np.testing.assert_allclose(reserve.natural_risk_premium(b, c), expected, atol=1e-6)
        with_lapse = reserve.natural_risk_premium(b, c, lapse=0.1)
        np.testing.assert_allclose(with_lapse, expected - 0.1 * later / 1.025 / 12, atol=1e-6)

    def test_log_linear_lapses(self):
        found = lapses.log_linear(first=0.1, pay_years=20, years=25)
        assert found[0] == 0.1
        assert found[19] == pytest.approx(0.001)
        assert found[9] == pytest.approx(0.1 * 0.01 ** (9 / 19))
        assert found[20:].tolist() == [0.008] * 5
        assert lapses.log_linear(first=0.1, pay_years=20, years=25, bonus_year=10)[9] == 0.3

    def test_a_premium_for_no_month_has_nothing_left(self):
        past = np.arange(3)
        assert unearned.twenty_fourths(premium=100, months=0, month_ends_past=past).sum() == 0
        assert unearned.eighths(premium=100, quarters=0, quarter_ends_past=past).sum() == 0

    def test_unearned_premium_by_eighths(self):
        found = unearned.eighths(premium=80_000, quarters=4, quarter_ends_past=np.arange(6))
        assert found.tolist() == [70_000, 50_000, 30_000, 10_000, 0, 0]

    def test_rows_alike(self):
        a, b = np.array([3, 1, 3, 1, 10**9]), np.array([0, 0, 0, 1, 0])
        first, index = alike(a, b)
        assert len(first) == 4
        np.testing.assert_array_equal(a[first][index], a)
        np.testing.assert_array_equal(b[first][index], b)
        empty, none = alike(np.zeros(0, np.int64))
        assert len(empty) == len(none) == 0


def test_a_million_reserves_in_one_call():
    rng, n = np.random.default_rng(7), 1_000_000
    c = held(
        sex=rng.integers(0, 2, n),
        age=rng.integers(20, 61, n),
        pay_months=rng.choice([120, 240], n),
        elapsed_months=rng.integers(0, 240, n),
        sum_assured=rng.integers(10, 501, n) * 1_000_000,
        per_year=12,
    )
    b = basis()
    found = reserve.policy_reserve(b, c)
    some = rng.integers(0, n, 500)
    np.testing.assert_array_equal(found[some], reserve.policy_reserve(b, c.take(some)))
    value = b.table.m[0, c.sex[some], np.minimum(c.age[some] + 20, b.table.end)]
    assert np.all(np.isfinite(value))
