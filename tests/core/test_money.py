from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money, MoneyError, cut_won, korean_reading, round_won, round_won_array, split


def test_a_float_is_refused():
    with pytest.raises(MoneyError, match="float"):
        Money(1.0)  # type: ignore[arg-type]


def test_a_fraction_of_a_won_is_refused():
    with pytest.raises(MoneyError, match="finer"):
        Money.won("10.5")


def test_currencies_do_not_mix():
    with pytest.raises(MoneyError, match="do not mix"):
        Money.won(1) + Money(Decimal(1), "USD")


@pytest.mark.parametrize(
    ("amount", "rounded"), [("0.5", 1), ("-0.5", -1), ("2.4999", 2), ("1234567.5", 1234568)]
)
def test_won_are_rounded_half_away_from_zero(amount, rounded):
    assert round_won(Decimal(amount)) == rounded
    assert round_won_array(np.array([float(amount)])).tolist() == [rounded]


def test_won_are_cut_to_ten():
    assert cut_won(Decimal("-1999.9"), unit=10) == -1990


@given(
    total=st.integers(-(10**15), 10**15),
    weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any),
)
def test_a_split_sums_to_the_whole_and_is_fair(total, weights):
    parts = split(Decimal(total), [Decimal(w) for w in weights])
    assert sum(parts) == total
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Decimal(total) * weight / whole) < 1


def test_a_split_without_weights_is_refused():
    with pytest.raises(MoneyError):
        split(Decimal(10), [])


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "금 영원정"),
        (1_000_000, "금 일백만원정"),
        (120_305, "금 일십이만삼백오원정"),
        (100_000_000, "금 일억원정"),
        (-5, "금 마이너스 오원정"),
    ],
)
def test_amounts_are_read_in_korean(amount, words):
    assert korean_reading(amount) == words
