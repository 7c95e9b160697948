"""Filters of the lists of fraud detection."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.clock import business_date
from core.filters import AmountFilter, HouseFilterSet, PeriodFilter
from core.people import name_of
from fds import selectors
from fds.models import Case, Hold, Prediction, Snooze, Task, WatchEntry
from fds.rules import names

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


_STANDING = (
    ("free", _("Free to take")),
    ("mine", _("Mine")),
    ("taken", _("With somebody else")),
    ("aside", _("Put aside")),
)
_CLOCK = (
    ("late", _("Past the due date")),
    ("soon", _("Two days left or fewer")),
    ("later", _("More than two days left")),
)
_AGES = (("3", _("3 days or more")), ("10", _("10 days or more")), ("30", _("30 days or more")))


def _rules() -> list[tuple[str, str]]:
    return [(code, f"{code} {names.title_of(code)}") for code in names.TITLES]


def _investigators() -> list[tuple[str, str]]:
    working = Case.objects.filter(status=Case.Status.WORKING).exclude(investigator="")
    logins = sorted(set(working.values_list("investigator", flat=True)))
    return [(login, name_of(login)) for login in logins]


class QueueFilter(HouseFilterSet):
    """The queue by standing, kind, clock, rule, tier, investigator, age and amount."""

    search_fields = (
        "claim__reception_id__icontains",
        "claim__claimant_name__icontains",
        "claim__provider__provider_name__icontains",
    )
    standing = django_filters.ChoiceFilter(
        label=_("Standing"), choices=_STANDING, method="by_standing"
    )
    origin = django_filters.ChoiceFilter(label=_("Opened by"), choices=Case.Origin)
    clock = django_filters.ChoiceFilter(label=_("Payment due"), choices=_CLOCK, method="by_clock")
    rule = django_filters.ChoiceFilter(label=_("Rule that hit"), choices=_rules, method="by_rule")
    tier = django_filters.ChoiceFilter(label=_("Tier"), choices=Prediction.Tier, method="by_tier")
    investigator = django_filters.ChoiceFilter(label=_("Investigator"), choices=_investigators)
    age = django_filters.ChoiceFilter(label=_("Waiting for"), choices=_AGES, method="by_age")
    amount = AmountFilter(label=_("At stake (KRW)"))

    class Meta:
        model = Case
        fields = (
            "standing",
            "origin",
            "clock",
            "rule",
            "tier",
            "investigator",
            "age",
            "amount",
        )

    def by_standing(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep cases that are free, the reader's own, somebody else's, or put aside."""
        today = business_date()
        if value == "aside":
            return rows.exclude(selectors.in_queue(today))
        rows = rows.filter(selectors.in_queue(today))
        if value == "free":
            return rows.filter(Q(status=Case.Status.OPEN) | Q(kept_until__lt=today))
        mine = Q(investigator=self.request.user.get_username())
        working = rows.filter(status=Case.Status.WORKING)
        return working.filter(mine) if value == "mine" else working.exclude(mine)

    def by_clock(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep cases by the due date of their claims."""
        today = business_date()
        soon = today + timedelta(days=2)
        if value == "late":
            return rows.filter(claim__due_on__lt=today)
        if value == "soon":
            return rows.filter(claim__due_on__gte=today, claim__due_on__lte=soon)
        return rows.filter(claim__due_on__gt=soon)

    def by_rule(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep cases in whose score a rule hit."""
        return selectors.by_rule(rows, value)

    def by_age(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep cases that were opened so many days ago, or earlier."""
        return rows.filter(opened_on__lte=business_date() - timedelta(days=int(value)))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Leave out what was put aside, unless it is asked for."""
        rows = super().filter_queryset(queryset)
        if self.form.cleaned_data.get("standing") == "aside":
            return rows
        return rows.filter(selectors.in_queue(business_date()))

    def by_tier(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep cases of a tier."""
        return rows.filter(tier=value)


class TaskFilter(HouseFilterSet):
    """Tasks by claim, kind and state."""

    search_fields = ("case__claim__reception_id__icontains", "text__icontains")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Task.Status)
    kind = django_filters.ChoiceFilter(label=_("Task"), choices=Task.Kind)
    due_on = PeriodFilter(label=_("Due"))

    class Meta:
        model = Task
        fields = ("status", "kind", "due_on")


class SnoozeFilter(HouseFilterSet):
    """Snoozes by rule, key and state."""

    search_fields = ("key__icontains", "code__icontains", "reason__icontains")
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=(
            ("proposed", _("Proposed")),
            ("now", _("In force")),
            ("over", _("Over")),
        ),
        method="by_state",
    )
    code = django_filters.ChoiceFilter(label=_("Rule"), choices=_rules)
    entity = django_filters.ChoiceFilter(label=_("Whose claims"), choices=Snooze.Entity)

    class Meta:
        model = Snooze
        fields = ("state", "code", "entity")

    def by_state(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep proposals, what holds today, or what is over."""
        today = business_date()
        if value == "proposed":
            return rows.filter(approved_by="")
        agreed = rows.exclude(approved_by="")
        if value == "now":
            return agreed.filter(period__contains=today)
        return agreed.filter(period__endswith__lte=today)
