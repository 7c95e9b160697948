"""The engine of investments against worked figures and against its own laws."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from investments.rules import interest
from investments.rules.days import payment_days, pays_in, year_fraction
from investments.rules.limits import Basis, Counterparty, concerned, limits
from investments.rules.returns import (
    Months,
    annualised,
    earned,
    month_return,
    time_weighted,
    together,
)

KEYS = np.array(["ACT_365", "THIRTY_360"], dtype=object)


def day(text: str) -> np.ndarray:
    return np.array([text], dtype="datetime64[D]")


@pytest.mark.parametrize(
    ("start", "end", "basis", "expected"),
    [
        ("2026-01-01", "2026-07-01", "ACT_365", 181 / 365),
        ("2024-02-28", "2024-03-01", "ACT_365", 2 / 365),
        ("2026-01-31", "2026-02-28", "THIRTY_360", 28 / 360),
        ("2026-01-30", "2026-03-31", "THIRTY_360", 60 / 360),
        ("2025-12-31", "2026-12-31", "THIRTY_360", 1.0),
        ("2026-05-02", "2026-05-01", "ACT_365", 0.0),
    ],
)
def test_year_fraction(start: str, end: str, basis: str, expected: float) -> None:
    found = year_fraction(day(start), day(end), np.array([basis], dtype=object))
    assert found[0] == pytest.approx(expected, abs=1e-15)


def test_unknown_day_count_is_refused() -> None:
    with pytest.raises(ValueError, match="ACT_370"):
        year_fraction(day("2026-01-01"), day("2026-02-01"), np.array(["ACT_370"], dtype=object))


def test_coupon_of_a_quarter_by_actual_days() -> None:
    amount = interest.coupon(
        base=np.array([10_000_000_000]),
        annual_percent=np.array([3.25]),
        start=day("2026-03-31"),
        end=day("2026-06-30"),
        day_count=np.array(["ACT_365"], dtype=object),
    )
    assert amount.tolist() == [81_027_397]  # 10^10 × 3.25 % × 91 / 365 = 81,027,397.26


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(1, 900),
    st.integers(1, 900),
    st.integers(1_000, 10**12),
    st.integers(0, 200_000).map(lambda n: n / 10_000),
    st.sampled_from(["ACT_365", "THIRTY_360"]),
)
def test_interest_never_falls_as_days_pass(
    start: date, first: int, more: int, face: int, percent: float, basis: str
) -> None:
    ends = [start + timedelta(days=first), start + timedelta(days=first + more)]
    short, long = interest.coupon(
        base=np.array([face, face]),
        annual_percent=np.array([percent, percent]),
        start=np.array([start, start], dtype="datetime64[D]"),
        end=np.array(ends, dtype="datetime64[D]"),
        day_count=np.array([basis, basis], dtype=object),
    ).tolist()
    assert 0 <= short <= long


def test_income_is_paid_every_quarter_of_the_anchor() -> None:
    months = np.arange(1, 13)
    paying = months[pays_in(months, np.full(12, 3), np.full(12, 2))]
    assert paying.tolist() == [2, 5, 8, 11]
    assert payment_days(after=date(2026, 2, 28), until=date(2026, 12, 31), every=3, anchor=2) == [
        date(2026, 5, 31),
        date(2026, 8, 31),
        date(2026, 11, 30),
    ]


def bond(**changes: object) -> interest.Debt:
    terms: dict[str, object] = {
        "face": 10_000_000_000,
        "annual_percent": 3.0,
        "start": date(2025, 12, 31),
        "maturity": date(2028, 12, 31),
        "every": 6,
        "anchor": 6,
        "day_count": "THIRTY_360",
    }
    return interest.Debt(**{**terms, **changes})  # type: ignore[arg-type]


def test_flows_of_a_bond() -> None:
    flows = interest.flows(bond(), after=date(2027, 6, 30))
    assert [(f.day, f.kind, f.amount) for f in flows] == [
        (date(2027, 12, 31), "COUPON", 150_000_000),
        (date(2028, 6, 30), "COUPON", 150_000_000),
        (date(2028, 12, 31), "COUPON", 150_000_000),
        (date(2028, 12, 31), "REDEMPTION", 10_000_000_000),
    ]


def test_effective_rate_of_a_zero_coupon_bond() -> None:
    zero = bond(annual_percent=0.0, maturity=date(2026, 12, 31))
    assert interest.effective_rate(zero, 9_600_000_000) == pytest.approx(100 / 96 - 1, abs=1e-9)


def test_par_needs_no_amortisation_and_a_senseless_price_is_refused() -> None:
    assert interest.effective_rate(bond(), bond().face) == 0.0
    with pytest.raises(ValueError, match="effective interest"):
        interest.effective_rate(bond(), 10**14)


@given(
    st.floats(0.85, 1.15),
    st.integers(0, 80_000).map(lambda n: n / 10_000),
    st.integers(40, 3_650),
    st.sampled_from([1, 3, 6, 12]),
)
def test_amortised_cost_runs_from_the_price_to_the_face(
    ratio: float, percent: float, days: int, every: int
) -> None:
    debt = bond(
        annual_percent=percent,
        maturity=date(2025, 12, 31) + timedelta(days=days),
        every=every,
        day_count="ACT_365",
    )
    price = int(debt.face * ratio)
    if price == debt.face:
        return
    rate = round(interest.effective_rate(debt, price), 10)
    at_start = interest.amortised_cost(debt, rate=rate, on=debt.start)
    assert abs(at_start - price) <= 20  # ten decimals of the rate, on ten thousand million won
    assert interest.amortised_cost(debt, rate=rate, on=debt.maturity) == debt.face


def test_amortised_cost_grows_by_the_effective_rate_from_coupon_to_coupon() -> None:
    debt = bond()
    rate = interest.effective_rate(debt, 9_700_000_000)
    days = [date(2025, 12, 31), date(2026, 6, 30), date(2026, 12, 31), date(2027, 6, 30)]
    costs = [interest.amortised_cost(debt, rate=rate, on=day) for day in days]
    for (day, cost), (then, grown) in pairwise(zip(days, costs, strict=True)):
        interest_earned = cost * ((1 + rate) ** ((then - day).days / 365) - 1)
        assert grown == pytest.approx(cost + interest_earned - 150_000_000, abs=2)


@given(st.floats(0.9, 0.999), st.integers(0, 60_000).map(lambda n: n / 10_000))
def test_a_discount_is_written_up_month_by_month(ratio: float, percent: float) -> None:
    debt = bond(annual_percent=percent, every=3)
    rate = interest.effective_rate(debt, int(debt.face * ratio))
    ends = payment_days(after=debt.start, until=debt.maturity, every=1, anchor=1)
    costs = [interest.amortised_cost(debt, rate=rate, on=day) for day in ends]
    steps = np.diff([int(debt.face * ratio), *costs])
    # a coupon's compounding within its quarter is worth less than 0.1 % of the face
    assert steps.min() > -debt.face * 0.001
    assert steps.max() < debt.face * (1 - ratio) / 6 + debt.face * 0.001


def test_return_rate_fits_its_column() -> None:
    rates = interest.return_rate(np.array([50, -50, 10**12, 7]), np.array([1_000, 1_000, 1, 0]))
    assert rates.tolist() == [5.0, -5.0, 999.99, 0.0]


def one(**changes: int | float) -> Months:
    parts = dict.fromkeys(Months.__dataclass_fields__, 0) | changes
    return Months(**{name: np.array([value]) for name, value in parts.items()})


def test_modified_dietz_by_hand() -> None:
    month = one(begin=1_000, end=1_350, bought=300, bought_weighted=150.0, received=20)
    assert earned(month).tolist() == [70]
    assert month_return(month)[0] == pytest.approx(70 / 1_150)
    assert month_return(one(end=0))[0] == 0.0


def test_returns_are_linked_and_a_short_time_is_not_annualised() -> None:
    assert time_weighted(np.array([0.1, -0.1, 0.2])) == pytest.approx(1.1 * 0.9 * 1.2 - 1)
    assert annualised(0.21, 24) == pytest.approx(0.1)
    assert annualised(0.05, 6) == 0.05


@given(
    st.lists(
        st.tuples(*[st.integers(0, 10**12)] * 7),
        min_size=1,
        max_size=20,
    ),
    st.integers(1, 4),
)
def test_a_group_earns_what_its_members_earn(rows: list[tuple[int, ...]], groups: int) -> None:
    columns = [np.array(c, dtype=np.int64) for c in zip(*rows, strict=True)]
    months = Months(*columns)  # type: ignore[arg-type]
    index = np.arange(len(rows)) % groups
    summed = together(months, index, groups)
    assert earned(summed).sum() == earned(months).sum()
    assert len(month_return(summed)) == groups


def test_limits_name_the_largest_and_say_how_far() -> None:
    uses = {
        use.code: use
        for use in limits(
            asset_type=np.array(["LOAN", "LOAN", "BOND", "STOCK", "REAL_ESTATE"], dtype=object),
            issuer=np.array(["A", "A", "B", "B", "Seoul"], dtype=object),
            value=np.array([20, 15, 40, 25, 160]),
            basis=Basis(1_000),
        )
    }
    assert (uses["BORROWER"].whose, uses["BORROWER"].share, uses["BORROWER"].state) == (
        "A",
        0.035,
        "OVER",
    )
    assert (uses["ISSUER"].whose, uses["ISSUER"].state) == ("B", "NEAR")
    assert (uses["PROPERTY"].amount, uses["PROPERTY"].state) == (160, "OVER")
    assert uses["LARGE_CREDITS"].amount == 35


def test_the_limit_on_one_issuer_does_not_concern_the_state() -> None:
    uses = limits(
        asset_type=np.array(["BOND", "BOND"], dtype=object),
        issuer=np.array(["대한민국 정부", "B"], dtype=object),
        value=np.array([900, 100]),
        basis=Basis(1_000),
    )
    assert {u.whose for u in uses if u.code == "ISSUER"} == {"B"}


def test_limits_of_nothing() -> None:
    none = np.empty(0, dtype=object)
    uses = limits(asset_type=none, issuer=none, value=np.empty(0, dtype=np.int64), basis=Basis(0))
    assert [(u.amount, u.share, u.state) for u in uses] == [(0, 0.0, "OK")] * 9


def test_what_a_limit_is_made_of_adds_up_to_its_use() -> None:
    columns = {
        "asset_type": np.array(["LOAN", "LOAN", "BOND", "STOCK", "REAL_ESTATE", "LOAN"], object),
        "issuer": np.array(["A", "A", "B", "C", "Seoul", "P"], object),
        "value": np.array([20, 15, 40, 25, 160, 500]),
    }
    parties = {
        "A": Counterparty(group="G", relation="SUBSIDIARY"),
        "B": Counterparty(group="G", relation="SHAREHOLDER"),
        "P": Counterparty(spread=True),
    }
    for use in limits(**columns, basis=Basis(1_000, 100), parties=parties):
        mask = concerned(use, **columns, parties=parties)
        assert columns["value"][mask].sum() == use.amount, use.code
    found = {use.code: use for use in limits(**columns, basis=Basis(1_000, 100), parties=parties)}
    assert (found["GROUP"].whose, found["GROUP"].amount, found["GROUP"].most) == ("G", 75, 120)
    assert (found["SUBSIDIARY"].amount, found["SUBSIDIARY"].most) == (35, 10)
    assert (found["RELATED_CREDIT"].amount, found["RELATED_CREDIT"].most) == (35, 20)
