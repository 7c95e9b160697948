"""Tables of the house: one base class and the column types that every list uses.

class ThingTable(HouseTable):
number = NumberLinkColumn("things:thing_detail")
status = StatusColumn()
opened = DateColumn(verbose_name=_("Opened"))
amount = MoneyColumn(total=True, verbose_name=_("Amount (KRW)"))

class Meta:
model = Thing
fields = ("number", "status", "opened", "amount")
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django_tables2.utils import A

from .people import name_of
from .reach import way
from .templatetags.house import chip, percent, why_link, won
from .tones import tone_of


class HouseTable(tables.Table):
    """A table with the house's sorting and templates; ``hidden`` columns wait in the chooser."""

    hidden: ClassVar[tuple[str, ...]] = ()
    bulk: str = ""
    caption: Any = ""
    sums: Mapping[str, Decimal] = {}
    swap: str | SafeString = ""
    sorts: bool = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("order_by_field", "sort")
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)
        for bound in self.columns:
            if not hasattr(bound.column, "css"):
                bound.column.css = ""


class TextColumn(tables.Column):
    """Words; long ones are cut by the page, not by the data."""

    css = "text"


class PersonColumn(TextColumn):
    """Who did it: people by their names, programmes in words."""

    def render(self, value: Any) -> str:
        """Show the name."""
        return name_of(value)

    def value(self, value: Any) -> str:
        """Give the name to a spreadsheet."""
        return name_of(value)


class MoneyColumn(tables.Column):
    """Whole won, right-aligned; ``total=True`` sums it over the whole filtered list.

    Args:
        total: show the sum under the column. The accessor must then be a database expression.
    """

    css = "num"

    def __init__(self, *args: Any, total: bool = False, **kwargs: Any) -> None:
        self.total = total
        super().__init__(*args, **kwargs)

    def render(self, value: Any) -> str:
        """Show won with separators."""
        return won(value)

    def value(self, value: Any) -> Any:
        """Give the number to a spreadsheet."""
        return value


class CountColumn(MoneyColumn):
    """A count or another whole number, right-aligned."""

    def render(self, value: Any) -> str:
        """Show separators; zero stays zero."""
        return f"{value:,}"


class PercentColumn(tables.Column):
    """A ratio (0.125) as 12.5%, right-aligned."""

    css = "num"

    def __init__(self, *args: Any, digits: int = 1, **kwargs: Any) -> None:
        self.digits = digits
        super().__init__(*args, **kwargs)

    def render(self, value: Any) -> str:
        """Show the percentage."""
        return percent(value, self.digits)

    def value(self, value: Any) -> Any:
        """Give the ratio to a spreadsheet."""
        return value


class DateColumn(tables.Column):
    """A day (2026-03-01) or an instant to the minute, Korean time."""

    css = "nowrap"

    def render(self, value: Any) -> str:
        """Show it the ISO way."""
        if isinstance(value, datetime):
            return f"{localtime(value):%Y-%m-%d %H:%M}"
        return str(value.isoformat())

    def value(self, value: Any) -> Any:
        """Give the day to a spreadsheet; instants lose their zone, in Korean time."""
        return localtime(value).replace(tzinfo=None) if isinstance(value, datetime) else value


class StatusColumn(tables.Column):
    """The chip of a status.

    Args:
        tones: status → tone, where neither the model's ``TONES`` nor the house's table fits.
    """

    css = "nowrap"

    def __init__(self, *args: Any, tones: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        self.tones = tones
        super().__init__(*args, **kwargs)

    def render(self, value: Any, record: Any, bound_column: Any) -> SafeString:
        """Show the chip; tables2 has already turned a choice into its label."""
        key = A(bound_column.accessor).resolve(record, quiet=True)
        return chip(value, tone_of(key, self.tones or getattr(record, "TONES", None)))

    def value(self, value: Any) -> Any:
        """Give the label to a spreadsheet."""
        return str(value)


class NumberLinkColumn(tables.Column):
    """A business number that leads to its record.

    Args:
        view_name: URL name that takes the number as its only argument.
        key: accessor of the argument, where it is not the column's own value.
    """

    css = "nowrap"

    def __init__(self, view_name: str, *args: Any, key: str = "", **kwargs: Any) -> None:
        self.view_name = view_name
        self.key = key
        super().__init__(*args, **kwargs)

    def render(self, value: Any, record: Any) -> SafeString:
        """Show the link, or the number alone where the reader may not open the record."""
        key = A(self.key).resolve(record) if self.key else value
        if url := way(self.view_name, key):
            return format_html('<a class="number" href="{}">{}</a>', url, value)
        return format_html('<span class="number">{}</span>', value)

    def value(self, value: Any) -> Any:
        """Give the number to a spreadsheet."""
        return str(value)


class WhyColumn(MoneyColumn):
    """A computed amount that answers "why?".

    Args:
        kind: a registered kind of ``core.explain``.
        key: accessor of the explanation's key.
    """

    def __init__(self, kind: str, *args: Any, key: str = "number", **kwargs: Any) -> None:
        self.kind = kind
        self.key = key
        super().__init__(*args, **kwargs)

    def render(self, value: Any, record: Any) -> str:  # type: ignore[override]
        """Show the amount as a quiet link."""
        shown = won(value) if isinstance(value, int | Decimal) else value
        return why_link(self.kind, A(self.key).resolve(record), shown)
