"""Bonds in columns, sensitivities, credit losses, lots, money-weighted returns: by hand, by law."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from investments.rules import bonds as b
from investments.rules import credit, duration, interest, lots, returns

days = st.integers(0, 2_000).map(lambda n: date(2024, 1, 1) + timedelta(days=n))


@st.composite
def debts(draw: st.DrawFn) -> interest.Debt:
    start = draw(days)
    return interest.Debt(
        face=draw(st.integers(1_000_000, 10**11)),
        annual_percent=draw(st.integers(0, 1_200)) / 100,
        start=start,
        maturity=start + timedelta(days=draw(st.integers(40, 8_000))),
        every=draw(st.sampled_from([1, 2, 3, 4, 6, 12])),
        anchor=draw(st.integers(1, 12)),
        day_count=draw(st.sampled_from(["ACT_365", "THIRTY_360"])),
    )


def columns(rows: list[interest.Debt]) -> b.Bonds:
    words = np.empty(len(rows), dtype=object)
    words[:] = [r.day_count for r in rows]
    return b.Bonds(
        face=np.array([r.face for r in rows], dtype=np.int64),
        annual_percent=np.array([r.annual_percent for r in rows], dtype=np.float64),
        start=np.array([r.start for r in rows], dtype="datetime64[D]"),
        maturity=np.array([r.maturity for r in rows], dtype="datetime64[D]"),
        every=np.array([r.every for r in rows], dtype=np.int64),
        anchor=np.array([r.anchor for r in rows], dtype=np.int64),
        day_count=words,
    )


@given(st.lists(debts(), min_size=1, max_size=6))
def test_payments_in_columns_are_those_of_one_by_one(rows: list[interest.Debt]) -> None:
    found = b.payments(columns(rows))
    for number, row in enumerate(rows):
        mine = found.bond == number
        got = [
            (day.item(), int(amount))
            for day, amount in zip(found.day[mine], found.amount[mine], strict=True)
            if amount
        ]
        one: dict[date, int] = {}
        for flow in interest.flows(row, after=row.start):
            one[flow.day] = one.get(flow.day, 0) + flow.amount
        assert got == sorted(one.items())


@given(st.lists(debts(), min_size=1, max_size=4), st.integers(70, 130), st.integers(0, 60))
def test_amortised_cost_begins_at_the_price_and_ends_at_par(
    rows: list[interest.Debt], percent: int, part: int
) -> None:
    many = columns(rows)
    flows = b.payments(many)
    life = (many.maturity - many.start).astype(np.int64)
    on = many.start + (life * part // 100).astype("timedelta64[D]")
    price = many.face * percent // 100
    dirty = price + b.accrued(many, flows, on=on)
    rate = b.yields(flows, price=dirty, on=on)
    known = ~np.isnan(rate)
    rate = np.where(known, rate, 0.0)
    begins = b.amortised_cost(many, flows, rate=rate, on=on)
    slack = np.maximum(many.face // 10**9, 1)
    assert (np.abs(begins - price)[known] <= slack[known]).all()
    assert (b.amortised_cost(many, flows, rate=rate, on=many.maturity) == many.face).all()
    eve = b.amortised_cost(many, flows, rate=rate, on=many.maturity - np.timedelta64(1, "D"))
    calm = known & (np.abs(rate) < 0.5)
    assert (np.abs(eve - many.face)[calm] <= many.face[calm] * 0.003 + 2).all()


def test_a_bond_bought_between_coupons_by_hand() -> None:
    # 6 % paid on 30 June and 31 December, issued 2024-12-31, bought on 2026-03-31 at 101 % clean
    issued = columns(
        [
            interest.Debt(
                10_000_000, 6.0, date(2024, 12, 31), date(2027, 12, 31), 6, 12, "THIRTY_360"
            )
        ]
    )
    on = np.array(["2026-03-31"], dtype="datetime64[D]")
    start = b.bought_between(issued, on)
    assert start.astype(str).tolist() == ["2025-12-31"]
    bond = b.Bonds(
        issued.face, issued.annual_percent, start, issued.maturity, issued.every, issued.anchor,
        issued.day_count,
    )  # fmt: skip
    flows = b.payments(bond)
    assert flows.coupon.tolist() == [300_000] * 4
    assert b.accrued(bond, flows, on=on).tolist() == [150_000]  # 90 of 360 days
    rate = b.yields(flows, price=np.array([10_250_000]), on=on)
    june = np.array(["2026-06-30"], dtype="datetime64[D]")
    cost = b.amortised_cost(bond, flows, rate=rate, on=june)
    # by hand: 10,250,000 grows for 91 days, and the whole coupon of 300,000 is paid
    assert abs(cost[0] - (10_250_000 * (1 + rate[0]) ** (91 / 365) - 300_000)) <= 1
    eve = np.array(["2026-06-29"], dtype="datetime64[D]")
    before = b.amortised_cost(bond, flows, rate=rate, on=eve)[0] + b.accrued(bond, flows, on=eve)[0]
    assert before > 10_250_000


@given(debts(), st.integers(1, 20))
def test_key_rates_add_up_and_predict_the_price(debt: interest.Debt, percent: int) -> None:
    many = columns([debt])
    flows = b.payments(many)
    rate = np.array([percent / 100])
    found = duration.sensitivity(flows, on=many.start, rate=rate)
    assert found.key_rates.sum() == pytest.approx(found.modified[0], rel=1e-9)
    assert found.modified[0] == pytest.approx(found.macaulay[0] / (1 + rate[0]), rel=1e-9)
    shift = 1e-4
    moved = b.worth(flows, on=many.start, rate=rate + shift) / found.value - 1
    assert duration.price_change(found, shift)[0] == pytest.approx(moved[0], rel=2e-4, abs=1e-9)


def test_duration_by_hand() -> None:
    """A 3-year 10 % bond at par: (1·0.1/1.1 + 2·0.1/1.21 + 3·1.1/1.331) = 2.7355 years."""
    debt = interest.Debt(1_000_000, 10.0, date(2024, 12, 31), date(2027, 12, 31), 12, 12, "ACT_365")
    flows = b.payments(columns([debt]))
    on = np.array(["2024-12-31"], dtype="datetime64[D]")
    found = duration.sensitivity(flows, on=on, rate=np.array([0.10]))
    assert found.macaulay[0] == pytest.approx(2.7355, abs=1e-4)
    assert found.modified[0] == pytest.approx(2.7355 / 1.1, abs=1e-4)
    assert duration.bucket_of(np.array([0, 1, 12, 13, 500]), (0, 12, 36)).tolist() == [
        0,
        1,
        1,
        2,
        3,
    ]


PARAMETERS = credit.Parameters(
    pd=dict(
        zip(credit.GRADES, (0.0, 0.0, 0.0005, 0.001, 0.002, 0.01, 0.04, 0.2, 1.0), strict=True)
    ),
    lgd={"BOND": 0.45},
    notches=2,
    low_risk="BBB",
    past_due_days=30,
    default_days=90,
)


def test_stages_by_hand() -> None:
    grades = credit.grade_numbers
    now = grades(["AA", "BBB", "BB", "BB", "B", "AAA", "AAA", "D"])
    then = grades(["AA", "AA", "BBB", "A", "BBB", "AAA", "AAA", "A"])
    past_due = np.array([0, 0, 0, 0, 0, 30, 90, 0])
    assert credit.stages(now, then, past_due, PARAMETERS).tolist() == [1, 1, 1, 2, 2, 2, 3, 3]
    with pytest.raises(ValueError, match="ZZ"):
        grades(["ZZ"])


def test_expected_losses_by_hand() -> None:
    found = credit.expected(
        exposure=np.array([1_000_000] * 3),
        stage=np.array([1, 2, 3]),
        pd=np.full(3, 0.02),
        lgd=np.full(3, 0.45),
        rate=np.full(3, 0.05),
        years=np.full(3, 2.0),
    )
    first = 0.02 * 450_000 / 1.05**0.5
    second = 0.98 * 0.02 * 450_000 / 1.05**1.5
    assert found.allowance.tolist() == [round(first), round(first + second), 450_000]
    assert found.twelve_months.tolist() == [round(first)] * 3


@given(
    st.integers(1, 10**12),
    st.floats(0.0001, 0.9),
    st.floats(0, 1),
    st.floats(0, 0.3),
    st.floats(0.01, 40),
)
def test_allowances_rise_with_the_stage(
    exposure: int, pd: float, lgd: float, rate: float, years: float
) -> None:
    three = credit.expected(
        exposure=np.array([exposure] * 3),
        stage=np.array([1, 2, 3]),
        pd=np.full(3, pd),
        lgd=np.full(3, lgd),
        rate=np.full(3, rate),
        years=np.full(3, years),
    ).allowance
    assert 0 <= three[0] <= three[1] <= three[2] + 1


def test_parameters_that_do_not_fit_are_named() -> None:
    assert PARAMETERS.faults() == []
    wrong = credit.Parameters({"AAA": 2.0}, {"BOND": -1}, 0, "X", 90, 30)
    assert {"pd: AAA", "lgd: BOND", "notches, days", "low_risk", "pd: SOV"} <= set(wrong.faults())


def test_lots_by_hand() -> None:
    quantity, cost = np.array([100, 50]) * lots.UNITS, np.array([1_000, 900])
    first = lots.relieve(quantity, cost, sold=120 * lots.UNITS)
    assert (first.quantity // lots.UNITS).tolist() == [100, 20]
    assert first.cost.tolist() == [1_000, 360]
    average = lots.relieve(quantity, cost, sold=120 * lots.UNITS, policy="AVERAGE")
    assert (average.quantity // lots.UNITS).tolist() == [80, 40]
    assert average.cost.tolist() == [800, 720]
    for sold, policy in ((0, "FIFO"), (151 * lots.UNITS, "FIFO"), (1, "LIFO")):
        with pytest.raises(ValueError, match=r"sale|policy"):
            lots.relieve(quantity, cost, sold=sold, policy=policy)


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**10)), min_size=1, max_size=5),
    st.lists(st.integers(1, 10**6), max_size=6),
    st.sampled_from(["FIFO", "AVERAGE"]),
)
def test_all_sales_together_take_the_whole_cost(
    rows: list[tuple[int, int]], sales: list[int], policy: str
) -> None:
    quantity = np.array([q for q, _ in rows], dtype=np.int64)
    cost = np.array([c for _, c in rows], dtype=np.int64)
    whole, taken = int(cost.sum()), 0
    for sold in [*sales, None]:
        held = int(quantity.sum())
        if not held:
            break
        relief = lots.relieve(quantity, cost, sold=min(sold or held, held), policy=policy)
        assert (relief.quantity <= quantity).all()
        assert (relief.cost <= cost).all()
        quantity, cost = quantity - relief.quantity, cost - relief.cost
        taken += int(relief.cost.sum())
        assert (cost[quantity == 0] == 0).all()
    assert taken == whole - int(cost.sum())
    if not quantity.sum():
        assert taken == whole


def months(begin: list[int], end: list[int], **changes: list[float]) -> returns.Months:
    n = len(begin)
    nothing = np.zeros(n, dtype=np.int64)
    given_ = {name: np.array(values) for name, values in changes.items()}
    return returns.Months(
        begin=np.array(begin),
        end=np.array(end),
        bought=given_.get("bought", nothing).astype(np.int64),
        bought_weighted=given_.get("bought_weighted", np.zeros(n)),
        sold=given_.get("sold", nothing).astype(np.int64),
        sold_weighted=given_.get("sold_weighted", np.zeros(n)),
        received=given_.get("received", nothing).astype(np.int64),
    )


@given(st.integers(-300, 800), st.integers(1, 36))
def test_a_constant_return_is_what_both_measures_say(basis_points: int, n: int) -> None:
    monthly = basis_points / 10_000
    value = [10**12]
    for _ in range(n):
        value.append(round(value[-1] * (1 + monthly)))
    parts = months(value[:-1], value[1:])
    assert returns.time_weighted(returns.month_return(parts)) == pytest.approx(
        (1 + monthly) ** n - 1, abs=1e-9
    )
    found = returns.money_weighted(parts, np.zeros(n, dtype=np.int64), 1)
    assert found[0] == pytest.approx((1 + monthly) ** 12 - 1, abs=1e-6)


def test_money_weighted_by_hand() -> None:
    """100 for a year and 100 more from its middle on, 210 at the end: 100 x² + 100 x = 210."""
    parts = months(
        [100] + [0] * 11, [0] * 11 + [210],
        bought=[0] * 5 + [100] + [0] * 6, bought_weighted=[0.0] * 12,
    )  # fmt: skip
    found = returns.money_weighted(parts, np.zeros(12, dtype=np.int64), 1)[0]
    half = (-1 + (1 + 4 * 2.1) ** 0.5) / 2
    assert found == pytest.approx(half**2 - 1, abs=1e-9)
    nothing = months([0], [0])
    assert np.isnan(returns.money_weighted(nothing, np.zeros(1, dtype=np.int64), 1)[0])
