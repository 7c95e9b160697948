"""Commission, clawback, settlement and persistency by hand."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales import rules

RULE = {
    "comm_rate": 250,
    "instalments": [
        {"instalment": 1, "rate": 250},
        {"instalment": 7, "rate": 100},
        {"instalment": 13, "rate": 100.5},
    ],
    "cap": {"first_year_multiple": 12},
}
TABLE = {
    "table": [
        {"from": 1, "to": 6, "percent": 100},
        {"from": 7, "to": 12, "percent": 70},
        {"from": 13, "to": 24, "percent": 33.33},
    ],
    "always_full": ["COOLING_OFF", "VOID"],
}


def won(*values):
    return np.asarray(values, np.int64)


def keys(*values):
    return np.asarray(values, dtype=object)


def test_commission_is_premium_by_rate_by_factor():
    earned = rules.commission(
        premium=won(23_450, 23_450, 23_450, 23_450),
        instalment=won(1, 7, 13, 2),
        agent_factor=won(105, 105, 105, 105),
        plan=rules.plan_of(RULE),
    )
    # 23,450 × 2.5 × 1.05 = 61,556.25; × 1.0 × 1.05 = 24,622.5; × 1.005 × 1.05 = 24,745.6125
    assert earned.amount.tolist() == [61_556, 24_623, 24_746, 0]
    assert earned.rate.tolist() == [25_000, 10_000, 10_050, 0]


def test_a_rule_without_instalments_pays_its_rate_on_the_first():
    earned = rules.commission(
        premium=won(100_000, 100_000),
        instalment=won(1, 2),
        agent_factor=won(100, 100),
        plan=rules.plan_of({"comm_rate": 10}),
    )
    assert earned.amount.tolist() == [10_000, 0]


def test_the_first_year_never_earns_over_the_cap():
    plan = rules.plan_of(RULE | {"cap": {"first_year_multiple": 3}})
    earned = rules.commission(
        premium=won(10_000, 10_000, 10_000),
        instalment=won(1, 7, 13),
        agent_factor=won(100, 100, 100),
        plan=plan,
    )
    assert earned.amount.tolist() == [25_000, 5_000, 10_050]
    assert earned.uncapped.tolist() == [25_000, 10_000, 10_050]


@given(
    premium=st.integers(1, 100_000_000),
    factor=st.integers(0, 500),
    rates=st.lists(st.integers(0, 99_999), min_size=1, max_size=6),
    cap=st.integers(0, 12),
)
def test_commission_properties(premium, factor, rates, cap):
    steps = [{"instalment": 1 + 4 * n, "rate": Decimal(r) / 100} for n, r in enumerate(rates)]
    plan = rules.plan_of({"instalments": steps, "cap": {"first_year_multiple": cap}})
    n = len(steps)
    earned = rules.commission(
        premium=np.full(n, premium),
        instalment=plan.instalments,
        agent_factor=np.full(n, factor),
        plan=plan,
    )
    for number, rate in enumerate(rates):
        exact = Decimal(premium) * rate / 10_000 * factor / 100
        assert earned.uncapped[number] == exact.quantize(Decimal(1), ROUND_HALF_UP)
    first_year = plan.instalments <= 12
    assert earned.amount[first_year].sum() == min(earned.uncapped[first_year].sum(), cap * premium)
    assert (earned.amount >= 0).all()
    assert (earned.amount[~first_year] == earned.uncapped[~first_year]).all()


def test_a_rate_finer_than_a_hundredth_is_refused():
    with pytest.raises(rules.UnusableRule):
        rules.plan_of({"comm_rate": 10.005})


def test_clawback_by_paid_instalments():
    taken = rules.clawback(
        earned=won(100_000, 100_000, 100_000, 100_001, 100_000),
        recovered=won(0, 0, 0, 0, 0),
        paid_instalments=won(0, 6, 7, 13, 25),
        kind=keys("LAPSE", "SURRENDER", "LAPSE", "LAPSE", "SURRENDER"),
        table=rules.clawback_of(TABLE),
    )
    assert taken.amount.tolist() == [100_000, 100_000, 70_000, 33_330, 0]
    assert taken.percent.tolist() == [10_000, 10_000, 7_000, 3_333, 0]


def test_a_withdrawal_takes_back_all_and_a_death_nothing():
    taken = rules.clawback(
        earned=won(50_000, 50_000, 50_000),
        recovered=won(0, 0, 0),
        paid_instalments=won(13, 1, 1),
        kind=keys("WITHDRAWAL", "DEATH", "EXPIRY"),
        table=rules.clawback_of(TABLE),
    )
    assert taken.amount.tolist() == [50_000, 0, 0]


@given(
    st.integers(0, 10**9),
    st.integers(0, 30),
    st.sampled_from(["LAPSE", "SURRENDER", "WITHDRAWAL"]),
)
def test_clawback_twice_takes_back_nothing_more(earned, paid, kind):
    table = rules.clawback_of(TABLE)
    given_ = {"earned": won(earned), "paid_instalments": won(paid), "kind": keys(kind)}
    first = rules.clawback(**given_, recovered=won(0), table=table)
    again = rules.clawback(**given_, recovered=first.amount, table=table)
    assert again.amount.tolist() == [0]
    assert 0 <= first.amount[0] <= earned


def test_no_rule_takes_nothing_back():
    taken = rules.clawback(
        earned=won(10),
        recovered=won(0),
        paid_instalments=won(1),
        kind=keys("LAPSE"),
        table=rules.clawback_of({}),
    )
    assert taken.amount.tolist() == [0]


def test_settlement_withholds_three_point_three_percent_in_tens_of_won():
    figures = rules.settle(
        carried_in=won(0, 0), earned=won(1_000_000, 123_456), clawed_back=won(0, 0)
    )
    # 3 % of 123,456 is 3,703.68 → 3,700; a tenth of that is 370
    assert figures.income_tax.tolist() == [30_000, 3_700]
    assert figures.local_tax.tolist() == [3_000, 370]
    assert figures.net_paid.tolist() == [967_000, 119_386]


def test_what_is_owed_is_taken_first_and_the_rest_carried():
    figures = rules.settle(
        carried_in=won(-30_000, 0), earned=won(20_000, 50_000), clawed_back=won(5_000, 10_000)
    )
    assert figures.recovered.tolist() == [20_000, 10_000]
    assert figures.carried_out.tolist() == [-15_000, 0]
    assert figures.net_paid.tolist() == [0, 40_000 - 1_200 - 120]


@given(st.integers(-(10**9), 0), st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_statement_adds_up(carried_in, earned, clawed_back):
    f = rules.settle(carried_in=won(carried_in), earned=won(earned), clawed_back=won(clawed_back))
    assert f.net_paid[0] >= 0
    assert f.carried_out[0] <= 0
    assert f.net_paid[0] == carried_in + earned - clawed_back - f.withheld[0] - f.carried_out[0]
    assert earned - f.recovered[0] == f.withheld[0] + f.net_paid[0]
    assert f.carried_out[0] == 0 or f.net_paid[0] == 0


def test_persistency_is_by_premium():
    ratio = rules.persistency(
        premium=won(100, 200, 300, 400),
        reached=won(13, 13, 1, 25),
        in_force=np.asarray([True, False, True, True]),
        instalment=13,
    )
    assert ratio == 0.5
    empty = won()
    assert (
        rules.persistency(premium=empty, reached=empty, in_force=empty.astype(bool), instalment=13)
        is None
    )


DAY = date(2026, 3, 2)
SELLER = rules.Seller(True, True, DAY, DAY, frozenset({"LIFE"}))


@pytest.mark.parametrize(
    ("seller", "kind", "on", "bar"),
    [
        (SELLER, "LIFE", DAY, ""),
        (None, "LIFE", DAY, "UNKNOWN"),
        (rules.Seller(False, True, DAY, DAY, frozenset({"LIFE"})), "LIFE", DAY, "RETIRED"),
        (SELLER, "LIFE", DAY - timedelta(days=1), "NOT_YET"),
        (SELLER, "NON_LIFE", DAY, "UNLICENSED"),
        (rules.Seller(True, False, DAY, DAY, frozenset({"LIFE"})), "LIFE", DAY, "UNLICENSED"),
        (SELLER, "LIFE", DAY + timedelta(days=1), "UNTRAINED"),
    ],
)
def test_who_may_sell(seller, kind, on, bar):
    assert rules.bar_to_sell(seller, product_type=kind, on=on) == bar
