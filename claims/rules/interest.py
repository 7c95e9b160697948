"""Late interest: the policy-loan rate, plus 4, 6, 8 percentage points by the day of delay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

_YEAR = 365
_PPM = 1_000_000  # 1 % a year = 10,000 ppm


@dataclass(frozen=True, slots=True)
class Rate:
    """A dated rate.

    Args:
        start: first day on which it holds.
        end: first day on which it no longer does; None: open.
        base: policy-loan rate, % a year, at most four decimals.
        steps: (first day of delay, percentage points added), ascending, from day 1.
    """

    start: date
    end: date | None
    base: Decimal
    steps: tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Interest:
    """An amount of late interest with the lines that it was summed from."""

    amount: int
    trace: dict[str, Any]


def late_interest(
    principal: int, runs: Sequence[tuple[date, date]], rates: Sequence[Rate]
) -> Interest:
    """Compute simple interest for the days of delay; a fraction of a won is cut once, at the end.

    Args:
        principal: benefit that was late, won.
        runs: periods [start, end) of delay, ascending; their days are numbered from 1.
        rates: dated rates that cover the periods.

    Raises:
        LookupError: no rate is known for a day of delay.

    Source: 표준약관 부표 「보험금을 지급할 때의 적립이율 계산」 (지급기일의 다음 날부터; 31–60일
        +4.0 %p, 61–90일 +6.0 %p, 91일 이후 +8.0 %p), 1년을 365일로 하는 단리.
    """
    lines: list[dict[str, Any]] = []
    for day, number in _numbered(runs):
        rate = _rate_on(day, rates)
        percent = rate.base + _added(number, rate.steps)
        if lines and lines[-1]["rate"] == str(percent) and lines[-1]["to_day"] == number - 1:
            lines[-1] |= {"to_day": number, "to": day.isoformat(), "days": lines[-1]["days"] + 1}
            continue
        lines.append(
            {
                "from_day": number,
                "to_day": number,
                "from": day.isoformat(),
                "to": day.isoformat(),
                "days": 1,
                "rate": str(percent),
            }
        )
    ppm_days = sum(line["days"] * int(Decimal(line["rate"]) * 10_000) for line in lines)
    amount = principal * ppm_days // (_YEAR * _PPM)
    return Interest(amount, {"principal": principal, "lines": lines, "year_days": _YEAR})


def _numbered(runs: Sequence[tuple[date, date]]) -> list[tuple[date, int]]:
    days = [a + timedelta(days=n) for a, b in runs for n in range((b - a).days)]
    return list(zip(days, range(1, len(days) + 1), strict=True))


def _rate_on(day: date, rates: Sequence[Rate]) -> Rate:
    for rate in rates:
        if rate.start <= day and (rate.end is None or day < rate.end):
            return rate
    raise LookupError(f"No late-interest rate is known for {day}.")


def _added(number: int, steps: Sequence[tuple[int, Decimal]]) -> Decimal:
    return max(((first, add) for first, add in steps if first <= number), default=(0, Decimal(0)))[
        1
    ]
