"""Assets against liabilities: by hand, by law, and on the page."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from investments import api
from investments.rules import gap

from .conftest import BOUGHT, purchase

rows = st.lists(st.tuples(st.integers(1, 600), st.integers(-(10**12), 10**12)), max_size=30)


def columns(given_: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.array([m for m, _ in given_], dtype=np.int64),
        np.array([a for _, a in given_], dtype=np.int64),
    )


def test_buckets_by_hand() -> None:
    found = gap.buckets(*columns([(1, 100), (12, 50), (13, 70)]), *columns([(12, 200), (300, 90)]))
    assert found.assets.tolist() == [150, 70, 0, 0, 0, 0, 0]
    assert found.liabilities.tolist() == [200, 0, 0, 0, 0, 0, 90]
    assert found.cumulative.tolist() == [-50, 20, 20, 20, 20, 20, -70]


@given(rows, rows)
def test_no_cash_is_lost_in_buckets(
    assets: list[tuple[int, int]], liabilities: list[tuple[int, int]]
) -> None:
    found = gap.buckets(*columns(assets), *columns(liabilities))
    whole = sum(a for _, a in assets) - sum(a for _, a in liabilities)
    assert found.gap.sum() == found.cumulative[-1] == whole


def test_a_duration_gap_by_hand() -> None:
    """100 in two years against 50 in four, at 5 %: 2 ÷ 1.05 − 4 ÷ 1.05 × 41.14 ÷ 90.70."""
    assets = gap.present(*columns([(24, 100)]), rate=0.05)
    liabilities = gap.present(*columns([(48, 50)]), rate=0.05)
    assert (assets.value, liabilities.value) == pytest.approx((100 / 1.05**2, 50 / 1.05**4))
    expected = 2 / 1.05 - 4 / 1.05 * liabilities.value / assets.value
    assert gap.duration_gap(assets, liabilities) == pytest.approx(expected)
    nothing = gap.present(*columns([]), rate=0.05)
    assert gap.duration_gap(nothing, nothing) == 0.0


@pytest.mark.django_db
def test_the_portfolio_against_liabilities(buy: Callable[..., str]) -> None:
    buy(purchase())
    found = api.gap(BOUGHT, liabilities={1: -5_000_000, 24: 2_000_000_000, 130: 9_000_000_000})
    assert found.rows[0].liabilities == -5_000_000
    assert found.rows[2].assets > 10_000_000_000  # repaid in the third year
    assert found.rows[-1].cumulative == sum(row.gap for row in found.rows)
    assert 0.03 < found.rate < 0.034
    assert found.liabilities.modified > found.assets.modified
    assert found.years < 0
    empty = api.gap(BOUGHT, liabilities={})
    assert empty.liabilities.value == 0
