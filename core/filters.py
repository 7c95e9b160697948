"""Filters of the house: a search box over named columns, dates as a pair, few fields in the row.

class ThingFilter(HouseFilterSet):
search_fields = ("number__icontains", "owner__name__icontains")
opened = PeriodFilter(label=_("Opened"))

class Meta:
model = Thing
fields = ("status", "opened")
"""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.widgets import RangeWidget


class _PairWidget(RangeWidget):
    template_name = "kit/_pair.html"

    def __init__(self, widget: type[forms.Widget], attrs: dict[str, Any] | None = None) -> None:
        forms.MultiWidget.__init__(self, (widget, widget), attrs)


class _DayPairWidget(_PairWidget):
    suffixes = ["after", "before"]


class _DateInput(forms.DateInput):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        given = {"class": "form-control", "data-date": "", "inputmode": "numeric"}
        super().__init__({**given, "placeholder": "2026-03-01", **(attrs or {})})


class _AmountInput(forms.NumberInput):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "form-control num", "inputmode": "numeric", **(attrs or {})})


class PeriodFilter(django_filters.DateFromToRangeFilter):
    """From a day to a day, both included; 20260301 is taken too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", _DayPairWidget(_DateInput))
        super().__init__(*args, **kwargs)


class AmountFilter(django_filters.RangeFilter):
    """From an amount to an amount, both included."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", _PairWidget(_AmountInput))
        super().__init__(*args, **kwargs)


class HouseFilterSet(django_filters.FilterSet):
    """A filter set with a search box ``q`` over ``search_fields``.

    The first ``in_row`` fields stand in the row; the rest wait under "More filters".
    """

    search_fields: ClassVar[tuple[str, ...]] = ()
    in_row: ClassVar[int] = 4
    q = django_filters.CharFilter(method="search", label=_("Search"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.search_fields:
            del self.filters["q"]

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep rows in which every word occurs in one of the search fields."""
        for word in value.split():
            hit = Q()
            for lookup in self.search_fields:
                hit |= Q(**{lookup: word})
            queryset = queryset.filter(hit)
        return queryset
