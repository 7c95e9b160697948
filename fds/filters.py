"""Filters of the lists of fraud detection."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.filters import HouseFilterSet, PeriodFilter
from fds.models import Case, Hold, WatchEntry

_STATE = (("open", _("Hold in force")), ("ended", _("Released")))
_WATCH = (("proposed", _("Proposed")), ("agreed", _("Agreed")))


class HoldFilter(HouseFilterSet):
    """Holds by claim, ground and state."""

    search_fields = ("claim__reception_id__icontains", "explanation__icontains")
    state = django_filters.ChoiceFilter(label=_("State"), choices=_STATE, method="by_state")
    ground = django_filters.ChoiceFilter(label=_("Ground"), choices=Hold.Ground)
    placed_on = PeriodFilter(label=_("Placed"))

    class Meta:
        model = Hold
        fields = ("state", "ground", "placed_on")

    def by_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep holds in force, or released ones."""
        return rows.filter(released_on__isnull=value == "open")


class WatchFilter(HouseFilterSet):
    """The watch-list by provider and state."""

    search_fields = ("provider__provider_name__icontains", "provider__provider_code__icontains")
    state = django_filters.ChoiceFilter(label=_("State"), choices=_WATCH, method="by_state")

    class Meta:
        model = WatchEntry
        fields = ("state",)

    def by_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep proposals, or what counts."""
        return rows.filter(approved_by="") if value == "proposed" else rows.exclude(approved_by="")


class CaseFilter(HouseFilterSet):
    """Cases by claim, state and investigator."""

    search_fields = ("claim__reception_id__icontains", "decision_reason__icontains")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Case.Status)
    investigator = django_filters.CharFilter(label=_("Investigator"), lookup_expr="iexact")
    opened_on = PeriodFilter(label=_("Opened"))

    class Meta:
        model = Case
        fields = ("status", "investigator", "opened_on")
