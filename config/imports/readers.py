"""How a mapping reads a value out of a row: a small, closed vocabulary, no code in mappings.

A reader is a JSON object with one of these keys:

- ``column``: the text of a column; ``map`` translates it (``"*"`` for any other
  value, ``else_text`` a template for it),
  ``number`` makes it a number (``{"times": 1000, "digits": 0}``), ``empty`` replaces an empty one.
- ``value``: always this; ``value_date``: always this day.
- ``text``: a template such as ``"car-{PolicyNumber}"``.
- ``calendar``: a day from year, month name, week of the month and weekday name (readers each);
  ``not_before`` takes the next year's if it would come before another day.
- ``years_after``: a day that lies a decimal number of years (a reader) after ``base``.
- ``minus``: a day (``day``) minus ``days`` or ``years`` (readers).
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

Row = Mapping[str, str]
Reader = Mapping[str, Any]
MONTHS = {name: i for i, name in enumerate(calendar.month_abbr) if name}
WEEKDAYS = {name: i for i, name in enumerate(calendar.day_name)}


class BadValue(ValueError):
    """A row's value cannot be read; the text says which column and what is expected."""


class BadFile(ValueError):
    """The file is not of a kind that can be read; the text says what would help."""


class BadMapping(ValueError):
    """The mapping itself is wrong; nothing was read."""


def read(reader: Reader, row: Row) -> Any:
    """Read one value of a row.

    Raises:
        BadValue: the row's value does not fit.
        BadMapping: the reader is not of the vocabulary, or names a column that is not there.
    """
    for kind, function in _READERS.items():
        if kind in reader:
            return function(reader, row)
    raise BadMapping(f"A reader needs one of {', '.join(_READERS)}: {dict(reader)}")


def text_of(row: Row, column: str) -> str:
    """Return a column's text.

    Raises:
        BadMapping: there is no such column.
    """
    if column not in row:
        raise BadMapping(f"The file has no column {column!r}.")
    return (row[column] or "").strip()


def _column(reader: Reader, row: Row) -> Any:
    name = reader["column"]
    text = text_of(row, name)
    if text == "" and "empty" in reader:
        return reader["empty"]
    if "map" in reader:
        table = reader["map"]
        if text not in table and "else_text" in reader:
            return _text({"text": reader["else_text"]}, row)
        if text not in table and "*" not in table:
            raise BadValue(f"{name}: {text!r} is none of {', '.join(sorted(table))}")
        return table.get(text, table.get("*"))
    if "number" in reader:
        return _number(name, text, reader["number"])
    if text == "":
        raise BadValue(f"{name}: empty")
    return text


def _number(name: str, text: str, how: Mapping[str, Any]) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as wrong:
        raise BadValue(f"{name}: {text!r} is not a number") from wrong
    if not number.is_finite():
        raise BadValue(f"{name}: {text!r} is not a number")
    number *= Decimal(str(how.get("times", 1)))
    digits = int(how.get("digits", 0))
    number = number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    if "least" in how and number < Decimal(str(how["least"])):
        raise BadValue(f"{name}: {text!r} is below {how['least']}")
    return number


def _text(reader: Reader, row: Row) -> str:
    try:
        return str(reader["text"]).format_map({k: (v or "").strip() for k, v in row.items()})
    except KeyError as missing:
        raise BadMapping(f"The file has no column {missing}.") from missing


def _calendar(reader: Reader, row: Row) -> date:
    parts = reader["calendar"]
    year = _count(read(parts["year"], row), "a year")
    month = _named(read(parts["month"], row), MONTHS, "a month")
    weekday = _named(read(parts["weekday"], row), WEEKDAYS, "a weekday")
    week = _count(read(parts["week"], row), "a week of the month")
    if not 1900 <= year < 2200 or not 1 <= week <= 6:
        raise BadValue(f"week {week} of {year} is no week of a month")
    day = day_in_week(year, month, week, weekday)
    if "not_before" in parts and day < (floor := read(parts["not_before"], row)):
        later = day_in_week(year + 1, month, week, weekday)
        same_month = (month, year) == (floor.month, floor.year)
        day = floor if same_month else later
    return day


def _count(text: Any, what: str) -> int:
    try:
        return int(text)
    except ValueError as wrong:
        raise BadValue(f"{text!r} is not {what}") from wrong


def _decimal(text: Any, what: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as wrong:
        raise BadValue(f"{text!r} is not {what}") from wrong


def _named(text: str, names: Mapping[str, int], what: str) -> int:
    if text not in names:
        raise BadValue(f"{text!r} is not {what}")
    return names[text]


def day_in_week(year: int, month: int, week: int, weekday: int) -> date:
    """Return the day of a weekday in the n-th calendar week of a month, kept inside the month.

    Args:
        year: for example 1994.
        month: 1 to 12.
        week: 1 to 6; weeks begin on Monday, the first may be short.
        weekday: 0 Monday to 6 Sunday.
    """
    first = date(year, month, 1)
    monday = first - timedelta(days=first.weekday()) + timedelta(weeks=week - 1)
    last = date(year, month, calendar.monthrange(year, month)[1])
    return min(max(monday + timedelta(days=weekday), first), last)


def _years_after(reader: Reader, row: Row) -> date:
    how = reader["years_after"]
    years = _decimal(read(how["years"], row), "a number of years")
    return date.fromisoformat(how["base"]) + timedelta(days=int(years * Decimal("365.25")))


def _minus(reader: Reader, row: Row) -> date:
    how = reader["minus"]
    days = _decimal(read(how["days"], row), "a number of days") if "days" in how else Decimal(0)
    if "years" in how:
        days += _decimal(read(how["years"], row), "a number of years") * Decimal("365.25")
    return read(how["day"], row) - timedelta(days=int(days))


_READERS = {
    "value": lambda reader, row: reader["value"],
    "value_date": lambda reader, row: date.fromisoformat(reader["value_date"]),
    "column": _column,
    "text": _text,
    "calendar": _calendar,
    "years_after": _years_after,
    "minus": _minus,
}
