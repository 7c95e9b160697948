"""The engine's promises hold for any input: cap, shares, advances, recoveries at their target."""

import itertools
import math
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales import rules
from sales.selectors import plans


def won(*values):
    return np.asarray(values, np.int64)


def keys(*values):
    return np.asarray(values, dtype=object)


def plan(first=400, later=30, **more):
    steps = [{"from": 1, "to": 1, "rate": first}, {"from": 2, "to": 24, "rate": later}]
    return {"schedule": [{"tier": "*", "rank": "*", "steps": steps}], **more}


@st.composite
def shared_rows(draw):
    rows = draw(st.integers(1, 6))
    row, share, factor = [], [], []
    for number in range(rows):
        cuts = sorted(draw(st.sets(st.integers(1, 9_999), max_size=4)))
        parts = np.diff([0, *cuts, 10_000]).tolist()
        row += [number] * len(parts)
        share += parts
        factor += draw(st.lists(st.integers(0, 500), min_size=len(parts), max_size=len(parts)))
    return {
        "premium": won(*draw(st.lists(st.integers(1, 10**8), min_size=rows, max_size=rows))),
        "instalment": won(*draw(st.lists(st.integers(1, 24), min_size=rows, max_size=rows))),
        "room": won(*draw(st.lists(st.integers(-5, 10**9), min_size=rows, max_size=rows))),
        "parts": rules.Parts(
            row=won(*row),
            share=won(*share),
            factor=won(*factor),
            tier=np.zeros(len(row), np.int64),
            rank=np.zeros(len(row), np.int64),
        ),
    }


@given(shared_rows(), st.integers(0, 99_999), st.integers(0, 99_999))
def test_shares_are_exact_and_never_over_the_cap(given_, first, later):
    scheme = rules.scheme_of(plan(first / 100, later / 100))
    parts = given_["parts"]
    out = rules.divided(
        premium=given_["premium"],
        instalment=given_["instalment"],
        parts=parts,
        scheme=scheme,
        headroom=given_["room"],
    )
    for row in range(len(given_["premium"])):
        mine = parts.row == row
        exact = [
            Fraction(int(given_["premium"][row]) * int(r) * int(f) * int(s), 10**10)
            for r, f, s in zip(out.rate[mine], parts.factor[mine], parts.share[mine], strict=True)
        ]
        total = math.floor(sum(exact) + Fraction(1, 2))
        assert out.uncapped[mine].sum() == total
        assert all(abs(int(a) - e) < 1 for a, e in zip(out.uncapped[mine], exact, strict=True))
        limit = max(0, int(given_["room"][row]))
        first_year = given_["instalment"][row] <= 12
        assert out.amount[mine].sum() == (min(total, limit) if first_year else total)
        assert (out.amount[mine] >= 0).all()
        assert (out.amount[mine] <= out.uncapped[mine]).all()


def test_shares_that_miss_a_hundredth_are_refused():
    scheme = rules.scheme_of(plan())
    parts = rules.Parts(won(0, 0), won(5_000, 4_999), won(100, 100), won(0, 0), won(0, 0))
    with pytest.raises(rules.BadShares):
        rules.divided(premium=won(1), instalment=won(1), parts=parts, scheme=scheme)


BANDS = [
    {"table": [{"to": 6, "percent": 100}, {"to": 12, "percent": 70}, {"to": 24, "percent": 33.3}]},
    {"table": [{"to": 12, "percent": 40}], "always_full": ["COOLING_OFF"]},
    {"table": []},
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["LAPSE", "SURRENDER", "WITHDRAWAL", "", "DEATH"]),
            st.integers(0, 30),
            st.integers(0, 10**7),
            st.integers(0, 2),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_any_history_ends_at_the_target(history):
    """Lapse, reinstatement, back-dating, more commission, a changed table, in any order."""
    earned = recovered = 0
    for kind, paid, more, table in history:
        earned += more
        moved = rules.recovery(
            earned=won(earned),
            recovered=won(recovered),
            paid_instalments=won(paid),
            kind=keys(kind),
            table=rules.clawback_of(BANDS[table]),
        )
        recovered += int(moved.change[0])
        assert recovered == moved.target[0]
        assert 0 <= recovered <= earned
    alone = rules.recovery(
        earned=won(earned),
        recovered=won(0),
        paid_instalments=won(history[-1][1]),
        kind=keys(history[-1][0]),
        table=rules.clawback_of(BANDS[history[-1][3]]),
    )
    assert recovered == alone.target[0]


@given(
    st.integers(1, 10**7),
    st.integers(1, 500),
    st.integers(1, 10_000),
    st.integers(0, 10_000),
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
)
def test_an_advance_is_redeemed_or_outstanding(premium, factor, percent, share, earns):
    share = max(share, 1)
    scheme = rules.scheme_of(
        plan(advance={"percent": percent / 100, "instalments": [13, 14, 15, 16]})
    )
    advance = scheme.advance
    paid = rules.granted(
        premium=won(premium),
        rates=scheme.rates[0, 0][advance.instalments][None, :],
        factor=won(factor),
        share=won(share),
        advance=advance,
    )
    left, redeemed = int(paid[0]), 0
    expected = premium * 3_000 * factor * share // 10**10
    for number, times in zip((13, 14, 15, 16), earns, strict=True):
        earned = expected * times
        now = int(
            rules.redeemed(
                earned=won(earned), outstanding=won(left), instalment=won(number), advance=advance
            )[0]
        )
        assert 0 <= now <= min(earned, left)
        left, redeemed = left - now, redeemed + now
    assert paid[0] == redeemed + left


def test_tiers_and_ranks_the_more_exact_wins():
    steps = lambda rate: [{"from": 1, "to": 1, "rate": rate}]  # noqa: E731
    scheme = rules.scheme_of(
        {
            "schedule": [
                {"tier": "GOLD", "rank": "LEADER", "steps": steps(500)},
                {"tier": "*", "rank": "*", "steps": steps(300)},
                {"tier": "GOLD", "rank": "*", "steps": steps(400)},
                {"tier": "*", "rank": "LEADER", "steps": steps(350)},
            ]
        }
    )
    tier = scheme.tier_of(["", "GOLD", "GOLD", "SILVER"])
    rank = scheme.rank_of(["FC", "FC", "LEADER", "LEADER"])
    rate = scheme.rate(instalment=won(1, 1, 1, 1), tier=tier, rank=rank)
    assert rate.tolist() == [30_000, 40_000, 50_000, 35_000]
    assert scheme.rate(instalment=won(99), tier=won(0), rank=won(0)).tolist() == [0]


def test_a_circle_in_the_hierarchy_is_named():
    posts = {"A": rules.Post("FC", "", "B"), "B": rules.Post("LEADER", "", "A")}
    with pytest.raises(rules.CircularHierarchy, match="A"):
        rules.superiors("A", posts)


def test_an_override_passes_by_who_has_left_and_ranks_that_are_empty():
    posts = {
        "A": rules.Post("FC", "", "L1"),
        "L1": rules.Post("LEADER", "", "L2", active=False),
        "L2": rules.Post("LEADER", "", "M"),
        "M": rules.Post("MANAGER"),
    }
    above = rules.overrides(
        agent_id=keys("A", "M"),
        amount=won(1_000, 1_000),
        plan=(rules.Override("LEADER", 1_000), rules.Override("MANAGER", 500)),
        posts=posts,
    )
    assert list(zip(above.row.tolist(), above.agent_id, above.amount.tolist(), strict=True)) == [
        (0, "L2", 100),
        (0, "M", 50),
    ]


@pytest.mark.parametrize(
    ("day", "code", "exclusive", "agency"),
    [
        (date(2020, 12, 31), None, -1, -1),
        (date(2026, 6, 30), "KR-2021", 1_200, 1_200),
        (date(2026, 7, 1), "KR-2026-07", 1_200, 1_203),
        (date(2026, 12, 31), "KR-2026-07", 1_200, 1_203),
        (date(2027, 1, 1), "KR-2027", 1_200, 1_203),
        (date(2028, 12, 31), "KR-2027", 1_200, 1_203),
        (date(2029, 1, 1), "KR-2029", 1_200, 1_203),
    ],
)
def test_regimes_stand_side_by_side(day, code, exclusive, agency):
    found = plans.regime_on(day)
    assert (found.code if found else None) == code
    both = plans.caps(np.full(2, np.datetime64(day, "D")), keys("EXCLUSIVE", "GA"))
    assert both.tolist() == [exclusive, agency]


def test_regimes_have_no_gap_and_say_their_source():
    known = plans.regimes()
    for before, after in itertools.pairwise(known):
        assert before.ends == after.starts
    assert known[-1].ends is None
    assert all(plans.regime_words(one.code)[1] for one in known)
    assert [one.maintenance_months for one in known] == [0, 0, 48, 84]
    assert [one.arbitrage_months for one in known] == [12, None, None, None]


MODEL = rules.Model(premium=won(100_000), cost=won(1_000_000), pay_months=won(240))


def codes(value, day):
    return [p.code for p in rules.problems(rules.scheme_of(value), plans.regime_on(day), MODEL)]


def test_what_each_regime_asks():
    flat = plan(400, 30)
    assert codes(flat, date(2026, 7, 1)) == []
    assert codes(flat, date(2027, 1, 1)) == ["MAINTENANCE_MISSING"]
    trail = flat | {"maintenance": [{"from": 25, "to": 48, "rate": 15}]}
    assert codes(trail, date(2027, 1, 1)) == []  # 15,000 of 1,000,000 = 1.5 %
    assert codes(trail, date(2029, 1, 1)) == ["MAINTENANCE"]  # 0.8 % is allowed there
    assert codes(
        trail | {"maintenance": [{"from": 25, "to": 60, "rate": 8}]}, date(2027, 1, 1)
    ) == ["MAINTENANCE_TOO_LONG"]
    longer = flat | {
        "maintenance": [
            {"from": 25, "to": 48, "rate": 8},
            {"from": 49, "to": 84, "rate": 12},
        ]
    }
    assert codes(longer, date(2029, 1, 1)) == []
    # 760 % of 100,000 + nothing else = 760,000 ≤ 1,000,000; 1,010 % is more than all of it
    heavy = plan(680, 30, maintenance=trail["maintenance"])
    assert codes(heavy, date(2027, 1, 1)) == ["UPFRONT"]


def test_an_advance_counts_when_it_is_paid():
    value = plan(900, 20, advance={"percent": 50, "instalments": list(range(13, 23))})
    # 900 + 11 × 20 = 1,120 and half of 10 × 20 = 100: 1,220 %
    (problem, _agency) = rules.problems(
        rules.scheme_of(value), plans.regime_on(date(2026, 7, 1)), MODEL
    )
    assert (problem.code, problem.figure, problem.limit) == ("CAP", 1_220.0, 1_200.0)


@given(
    st.integers(1_000, 10**6),
    st.integers(0, 800),
    st.integers(0, 60),
    st.integers(0, 2),
    st.integers(0, 100),
)
def test_arbitrage_by_a_plain_loop(premium, first, later, table, value_percent):
    value = plan(first, later, clawback=BANDS[table], overrides=[{"rank": "LEADER", "percent": 10}])
    months = 30
    worth = np.asarray([premium * t * value_percent // 200 for t in range(1, months + 1)])
    found = rules.arbitrage(
        premium=won(premium),
        pay_months=won(20),
        value=worth[None, :],
        scheme=rules.scheme_of(value),
        factor=won(100),
        tier=won(0),
        rank=won(0),
    )
    earned = 0
    bands = BANDS[table]["table"]
    for t in range(1, months + 1):
        if t <= 20:
            line = (premium * (first if t == 1 else later if t <= 24 else 0) * 100 + 5_000) // 10**4
            earned += line + (line * 1_000 + 5_000) // 10**4
        paid = min(t, 20)
        percent = next((b["percent"] for b in bands if paid <= b["to"]), 0)
        back = (earned * round(percent * 100) + 5_000) // 10**4
        assert found.kept[0, t - 1] == earned - back
        assert found.premiums[0, t - 1] == premium * paid
        assert found.gain[0, t - 1] == earned - back + worth[t - 1] - premium * paid


def test_a_million_instalments_in_one_call():
    rng = np.random.default_rng(3)
    count = 1_000_000
    scheme = rules.scheme_of(plan(400, 30), multiple=1_200)
    row = np.arange(count)
    parts = rules.Parts(
        row=row,
        share=np.full(count, 10_000),
        factor=rng.integers(80, 130, count),
        tier=np.zeros(count, np.int64),
        rank=np.zeros(count, np.int64),
    )
    premium = rng.integers(10_000, 500_000, count)
    out = rules.divided(
        premium=premium, instalment=rng.integers(1, 25, count), parts=parts, scheme=scheme
    )
    assert (out.amount == rules.half_up(premium * out.rate * parts.factor, 10**6)).all()


def test_every_figure_of_a_regime_says_where_it_was_read():
    known = {"starts", "first_year_multiple", "counts", "arbitrage_months", "allowance"}
    known |= {"upfront_percent_of_cost", "maintenance_months", "maintenance_percent_of_cost"}
    known |= {"long_term_from"}
    for value in plans._kept():
        told = plans.evidence(value["code"])
        assert {one.figure for one in told} == known & value.keys()
        assert {one.state for one in told} <= {"STATUTE", "PRESS", "WEAK"}
        assert all(one.source for one in told)
