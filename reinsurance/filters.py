"""Filters of the lists of reinsurance."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.filters import AmountFilter, HouseFilterSet, PeriodFilter
from products import api as products
from reinsurance.models import (
    AccountEntry,
    CatastropheEvent,
    CededLoss,
    PremiumCession,
    Recoverable,
    Recovery,
    Settlement,
    Treaty,
)
from reinsurance.rules import AGES


def _lines() -> list[tuple[str, str]]:
    return list(products.lines().items())


class TreatyFilter(HouseFilterSet):
    """By words, portfolio, kind, status."""

    search_fields = (
        "treaty_code__icontains",
        "treaty_name__icontains",
        "reinsurer_name__icontains",
    )
    line = django_filters.ChoiceFilter(label=_("Portfolio"), choices=_lines)
    kind = django_filters.ChoiceFilter(label=_("Kind of treaty"), choices=Treaty.Kind.choices)
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Treaty.Status.choices)

    class Meta:
        model = Treaty
        fields = ("line", "kind", "status")


class RecoveryFilter(HouseFilterSet):
    """By words, status, age, reinsurer, days and amount."""

    search_fields = (
        "claim_number__icontains",
        "contract_number__icontains",
        "treaty__treaty_code__icontains",
        "reinsurer_name__icontains",
        "receipt_reference__icontains",
    )
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Recovery.Status.choices)
    age = django_filters.ChoiceFilter(
        label=_("Days since billing"),
        method="of_age",
        choices=[
            ("0", _("up to 30 days")),
            ("1", _("31 to 60 days")),
            ("2", _("61 to 90 days")),
            ("3", _("more than 90 days")),
        ],
    )
    line = django_filters.ChoiceFilter(label=_("Portfolio"), choices=_lines)
    reinsurer_name = django_filters.CharFilter(label=_("Reinsurer"), lookup_expr="icontains")
    billed_on = PeriodFilter(label=_("Billed on"))
    recovery_amount = AmountFilter(label=_("Amount"))

    class Meta:
        model = Recovery
        fields = ("status", "age", "line", "reinsurer_name", "billed_on", "recovery_amount")

    def of_age(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep what has been owed for so many days; ``days`` is annotated by the selector."""
        first, last = AGES[int(value)]
        owed = queryset.filter(status=Recovery.Status.PENDING, age_days__gte=first)
        return owed if last is None else owed.filter(age_days__lte=last)


class LossFilter(HouseFilterSet):
    """By words, portfolio, days and amounts."""

    search_fields = ("claim_number__icontains", "contract_number__icontains")
    line = django_filters.ChoiceFilter(label=_("Portfolio"), choices=_lines)
    ceded_only = django_filters.BooleanFilter(label=_("Ceded"), method="only_ceded")
    paid_on = PeriodFilter(label=_("Paid on"))
    gross = AmountFilter(label=_("Loss paid"))

    class Meta:
        model = CededLoss
        fields = ("line", "ceded_only", "paid_on", "gross")

    def only_ceded(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Keep losses with, or without, a recovery."""
        return queryset.filter(ceded__gt=0) if value else queryset.filter(ceded=0)


class CessionFilter(HouseFilterSet):
    """By words, month and portfolio."""

    search_fields = ("treaty__treaty_code__icontains", "treaty__reinsurer_name__icontains")
    month = django_filters.CharFilter(label=_("Month"))
    line = django_filters.ChoiceFilter(
        field_name="treaty__line", label=_("Portfolio"), choices=_lines
    )

    class Meta:
        model = PremiumCession
        fields = ("month", "line")


class EntryFilter(HouseFilterSet):
    """By words, kind, reinsurer, portfolio and days."""

    search_fields = ("treaty__treaty_code__icontains", "reference__icontains")
    kind = django_filters.ChoiceFilter(
        label=_("Kind of account entry"), choices=AccountEntry.Kind.choices
    )
    reinsurer_name = django_filters.CharFilter(label=_("Reinsurer"), lookup_expr="icontains")
    line = django_filters.ChoiceFilter(label=_("Portfolio"), choices=_lines)
    entry_date = PeriodFilter(label=_("Day"))

    class Meta:
        model = AccountEntry
        fields = ("kind", "reinsurer_name", "line", "entry_date")


class SettlementFilter(HouseFilterSet):
    """By words, status and days."""

    search_fields = ("settlement_no__icontains", "reinsurer_name__icontains")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Settlement.Status.choices)
    made_on = PeriodFilter(label=_("Drawn up on"))

    class Meta:
        model = Settlement
        fields = ("status", "made_on")


class CatastropheFilter(HouseFilterSet):
    """By words and portfolio."""

    search_fields = ("event_code__icontains", "event_name__icontains")
    line = django_filters.ChoiceFilter(label=_("Portfolio"), choices=_lines)

    class Meta:
        model = CatastropheEvent
        fields = ("line",)


class RecoverableFilter(HouseFilterSet):
    """By words, reinsurer and portfolio."""

    search_fields = (
        "claim_number__icontains",
        "contract_number__icontains",
        "treaty__treaty_code__icontains",
    )
    reinsurer_name = django_filters.CharFilter(
        field_name="treaty__reinsurer_name", label=_("Reinsurer"), lookup_expr="icontains"
    )
    line = django_filters.ChoiceFilter(label=_("Portfolio"), choices=_lines)

    class Meta:
        model = Recoverable
        fields = ("reinsurer_name", "line")
