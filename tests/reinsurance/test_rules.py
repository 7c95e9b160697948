"""The engine of reinsurance by hand and by its laws."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reinsurance import rules
from reinsurance.rules import EXCESS, QUOTA_SHARE, Layer, Terms


def quota(code: str, percent: str, position: int = 1, left: int | None = None) -> Layer:
    return Layer(code, QUOTA_SHARE, position, percent=Decimal(percent), left=left)


def excess(
    code: str, retention: int, limit: int, position: int = 1, left: int | None = None
) -> Layer:
    return Layer(code, EXCESS, position, retention=retention, limit=limit, left=left)


def test_quota_share_first_then_excess_on_the_rest() -> None:
    layers = [excess("XL", 50_000_000, 150_000_000), quota("QS", "30")]
    losses = np.array([10_000_000, 100_000_000, 400_000_000, 0])
    paid = rules.recover(losses, layers)
    # of 100 million: 30 to the quota share, and of the 70 left what is above 50
    assert paid[:, 1].tolist() == [3_000_000, 30_000_000, 120_000_000, 0]
    assert paid[:, 0].tolist() == [0, 20_000_000, 150_000_000, 0]


def test_layers_stack_up() -> None:
    layers = [excess("1", 100, 200, 1), excess("2", 300, 700, 2)]
    paid = rules.recover(np.array([100, 101, 300, 301, 1_000, 5_000]), layers)
    assert paid.tolist() == [[0, 0], [1, 0], [200, 0], [200, 1], [200, 700], [200, 700]]


def test_a_quota_share_is_cut_to_whole_won() -> None:
    layers = [quota("A", "33.3333"), quota("B", "66.6667")]
    paid = rules.recover(np.array([1, 100, 10**15 + 1]), layers)
    assert paid[0].tolist() == [0, 0]
    assert paid[1].tolist() == [33, 66]
    assert paid[2].sum() in (10**15, 10**15 + 1)


def test_a_limit_for_the_period_is_used_up_in_order() -> None:
    layers = [excess("XL", 100, 400, left=500)]
    paid = rules.recover(np.array([400, 150, 900, 1_000]), layers)
    assert paid[:, 0].tolist() == [300, 50, 150, 0]


def test_only_covered_losses_are_shared() -> None:
    covers = np.array([[True], [False]])
    assert rules.recover(np.array([100, 100]), [quota("A", "50")], covers).tolist() == [[50], [0]]


def test_no_treaties_and_no_losses() -> None:
    assert rules.recover(np.array([5, 6]), []).shape == (2, 0)
    assert rules.recover(np.empty(0, dtype=np.int64), [quota("A", "50")]).shape == (0, 1)
    with pytest.raises(ValueError, match="negative"):
        rules.recover(np.array([-1]), [])


percents = st.integers(1, rules.WHOLE).map(lambda n: Decimal(n) / 10_000)
layers = st.lists(
    st.one_of(
        st.builds(
            lambda p, n, left: Layer(f"Q{n}", QUOTA_SHARE, n, percent=p, left=left),
            percents,
            st.integers(1, 5),
            st.one_of(st.none(), st.integers(0, 10**12)),
        ),
        st.builds(
            lambda r, limit, n, left: Layer(
                f"X{n}", EXCESS, n, retention=r, limit=limit, left=left
            ),
            st.integers(1, 10**12),
            st.integers(1, 10**12),
            st.integers(1, 5),
            st.one_of(st.none(), st.integers(0, 10**12)),
        ),
    ),
    max_size=6,
)
losses = st.lists(st.integers(0, 10**15), max_size=30)


@given(losses, layers)
def test_reinsurers_never_pay_more_than_the_loss(values: list[int], given: list[Layer]) -> None:
    gross = np.array(values, dtype=np.int64)
    paid = rules.recover(gross, given)
    assert (paid >= 0).all()
    assert (paid.sum(axis=1) <= gross).all()
    for number, layer in enumerate(given):
        if layer.kind == EXCESS:
            assert (paid[:, number] <= layer.limit).all()
        if layer.left is not None:
            assert paid[:, number].sum() <= layer.left


@given(losses, layers, st.randoms(use_true_random=False))
def test_the_order_of_the_list_does_not_matter(
    values: list[int], given: list[Layer], random: object
) -> None:
    names = {(layer.kind, layer.position, layer.code) for layer in given}
    if len(names) < len(given):
        return
    shuffled = list(range(len(given)))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    gross = np.array(values, dtype=np.int64)
    paid = rules.recover(gross, given)
    again = rules.recover(gross, [given[i] for i in shuffled])
    assert (again == paid[:, shuffled]).all()


@given(
    losses,
    st.integers(0, 50).map(Decimal),
    st.lists(st.integers(1, 10**10), min_size=1, max_size=5),
    st.integers(1, 10**10),
)
def test_contiguous_layers_pay_like_one(
    values: list[int], percent: Decimal, widths: list[int], retention: int
) -> None:
    gross = np.array(values, dtype=np.int64)
    first = [Layer("Q", QUOTA_SHARE, 1, percent=percent)] if percent else []
    tops = np.cumsum([retention, *widths]).tolist()
    parts = [excess(str(i), tops[i], widths[i], i + 1) for i in range(len(widths))]
    split = rules.recover(gross, [*first, *parts])
    whole = rules.recover(gross, [*first, excess("1", retention, sum(widths))])
    assert (split.sum(axis=1) == whole.sum(axis=1)).all()


@given(losses, layers)
def test_a_larger_loss_never_leaves_less_to_the_reinsurers(
    values: list[int], given: list[Layer]
) -> None:
    unlimited = [Layer(x.code, x.kind, x.position, x.percent, x.retention, x.limit) for x in given]
    gross = np.sort(np.array(values, dtype=np.int64))
    assert (np.diff(rules.recover(gross, unlimited).sum(axis=1)) >= 0).all()


def test_ceded_premium_and_commission_by_hand() -> None:
    ceded = rules.cede_premium(1_234_567, percent=Decimal(30), commission_percent=Decimal("28.5"))
    assert ceded == (370_370, 105_555)  # 370,370.1 and 105,555.45
    assert rules.cede_premium(-1_000, percent=Decimal(30), commission_percent=Decimal(0)) == (
        -300,
        0,
    )


def terms(code: str, kind: str = EXCESS, **changes: object) -> Terms:
    base: dict[str, object] = {
        "start": date(2026, 1, 1),
        "end": date(2027, 1, 1),
        "retention": Decimal(100),
        "limit": Decimal(100),
    }
    return Terms(code, kind, **{**base, **changes})  # type: ignore[arg-type]


def test_layers_overlap_in_days_and_amounts_only() -> None:
    signed = [terms("A")]
    touching = terms("B", retention=Decimal(200))
    next_year = terms("C", start=date(2027, 1, 1), end=date(2028, 1, 1))
    inside = terms("D", start=date(2026, 12, 31), end=date(2028, 1, 1), retention=Decimal(199))
    assert rules.overlapping(touching, signed) is None
    assert rules.overlapping(next_year, signed) is None
    assert rules.overlapping(inside, signed) == signed[0]
    assert rules.overlapping(terms("Q", QUOTA_SHARE), signed) is None


def test_quota_shares_are_summed_day_by_day() -> None:
    shares = [
        terms("A", QUOTA_SHARE, percent=Decimal(60)),
        terms("B", QUOTA_SHARE, percent=Decimal(30), start=date(2026, 7, 1)),
        terms("C", QUOTA_SHARE, percent=Decimal(50), start=date(2027, 1, 1), end=date(2028, 1, 1)),
    ]
    assert rules.highest_share(shares) == (Decimal(90), date(2026, 7, 1))
    assert rules.highest_share([]) == (Decimal(0), None)


def test_age_classes() -> None:
    assert [rules.age_class(d) for d in (0, 30, 31, 60, 61, 90, 91, 400)] == [
        0, 0, 1, 1, 2, 2, 3, 3,
    ]  # fmt: skip
