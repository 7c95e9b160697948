"""Money and won rounding. KRW has no minor unit, so its amounts are whole won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Self

import numpy as np
from numpy.typing import NDArray

MINOR_DIGITS = {"KRW": 0, "USD": 2, "EUR": 2, "JPY": 0}


class MoneyError(ValueError):
    """An amount that its currency cannot carry, or two currencies in one sum."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount with its currency; refuses floats and fractions of the minor unit."""

    amount: Decimal
    currency: str = "KRW"

    def __post_init__(self) -> None:
        if isinstance(self.amount, float):
            raise MoneyError("Money is never made from a float.")
        amount = Decimal(self.amount)
        if self.currency not in MINOR_DIGITS:
            raise MoneyError(f"Unknown currency {self.currency}.")
        if amount != amount.quantize(Decimal(1).scaleb(-MINOR_DIGITS[self.currency])):
            raise MoneyError(f"{amount} is finer than {self.currency} can carry.")
        object.__setattr__(self, "amount", amount)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency}"

    def _same(self, other: Money) -> Decimal:
        if self.currency != other.currency:
            raise MoneyError(f"{self.currency} and {other.currency} do not mix.")
        return other.amount

    @classmethod
    def won(cls, amount: Decimal | int | str) -> Self:
        """Make an amount of Korean won."""
        return cls(Decimal(amount), "KRW")


def round_won(amount: Decimal) -> Decimal:
    """Round half away from zero to whole won (금액 원 미만 반올림)."""
    return amount.quantize(Decimal(1), rounding=ROUND_HALF_UP)


def cut_won(amount: Decimal, *, unit: int = 1) -> Decimal:
    """Cut toward zero to a multiple of ``unit`` won (원 미만·십원 미만 절사)."""
    return (amount / unit).quantize(Decimal(1), rounding=ROUND_DOWN) * unit


def round_won_array(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Round an array half away from zero to whole won, after a clean-up at nine decimals.

    Args:
        values: (n,) unrounded won.

    Returns:
        (n,) int64 whole won.
    """
    cleaned = np.round(values, 9)
    return (np.sign(cleaned) * np.floor(np.abs(cleaned) + 0.5)).astype(np.int64)


def split(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Split whole won by largest remainder, so that the parts sum to the whole.

    Args:
        total: whole won, either sign.
        weights: non-negative, not all zero.

    Raises:
        MoneyError: there is no weight, a negative one, or a fraction of a won.
    """
    whole = sum(weights, Decimal(0))
    if not weights or whole <= 0 or min(weights) < 0:
        raise MoneyError("A split needs non-negative weights that sum to more than zero.")
    if total != total.quantize(Decimal(1)):
        raise MoneyError(f"{total} is not whole won.")
    sign = -1 if total < 0 else 1
    exact = [abs(total) * w / whole for w in weights]
    parts = [e.quantize(Decimal(1), rounding=ROUND_DOWN) for e in exact]
    missing = int(abs(total) - sum(parts, Decimal(0)))
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[:missing]:
        parts[i] += 1
    assert sum(parts, Decimal(0)) == abs(total)
    return [sign * p for p in parts]


_DIGITS = "영일이삼사오육칠팔구"
_SMALL = ("", "십", "백", "천")
_LARGE = ("", "만", "억", "조", "경")


def korean_reading(amount: Decimal | int) -> str:
    """Read an amount as it is written on Korean documents, for example 금 일백만원정.

    Args:
        amount: whole won, below 10^20.
    """
    number = int(amount)
    if number == 0:
        return "금 영원정"
    words: list[str] = []
    rest, group = abs(number), 0
    while rest:
        rest, four = divmod(rest, 10_000)
        if four:
            words.insert(0, _four_digits(four) + _LARGE[group])
        group += 1
    sign = "마이너스 " if number < 0 else ""
    return f"금 {sign}{''.join(words)}원정"


def _four_digits(number: int) -> str:
    return "".join(
        _DIGITS[int(digit)] + _SMALL[place]
        for place, digit in zip(range(3, -1, -1), f"{number:04d}", strict=True)
        if digit != "0"
    )
