"""Filters of the books."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounting.models import (
    Account,
    AssumptionSet,
    FiscalPeriod,
    JournalEntry,
    LedgerLine,
    ManualJournal,
    MeasurementRun,
    PostingRule,
    YieldCurve,
)
from core.filters import AmountFilter, HouseFilterSet, PeriodFilter


def _months(request: Any) -> QuerySet[FiscalPeriod]:
    return FiscalPeriod.objects.order_by("-period")


class EntryFilter(HouseFilterSet):
    """By business key, day, month, what happened, and account."""

    search_fields = ("reference_id",)
    entry_date = PeriodFilter(label=_("Date"))
    period = django_filters.ModelChoiceFilter(label=_("Month"), queryset=_months)
    rule_code = django_filters.ChoiceFilter(
        label=_("Kind of entry"), field_name="rule__rule_code", choices=lambda: _rules()
    )
    account = django_filters.CharFilter(label=_("Account"), method="on_account")
    event_id = django_filters.UUIDFilter(label=_("Event"))

    class Meta:
        model = JournalEntry
        fields = ("period", "entry_date", "rule_code", "account", "event_id")

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Find by entry number, or by any business key on one of the lines."""
        word = value.strip()
        if word.isdigit():
            return queryset.filter(pk=int(word))
        return queryset.filter(
            pk__in=LedgerLine.objects.filter(reference_id=word.upper()).values("entry_id")
        )

    def on_account(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep entries that touch an account."""
        return queryset.filter(
            pk__in=LedgerLine.objects.filter(account_id=value.strip()).values("entry_id")
        )


def _rules() -> list[tuple[str, str]]:
    rules = PostingRule.objects.filter(status="ACTIVE").order_by("rule_code", "-version")
    return list(dict.fromkeys((rule.rule_code, rule.label) for rule in rules))


class LineFilter(HouseFilterSet):
    """By business key, account, day, group and amount."""

    search_fields = ("reference_id",)
    account = django_filters.ModelChoiceFilter(
        label=_("Account"), queryset=lambda _request: Account.objects.order_by("position")
    )
    transaction_date = PeriodFilter(label=_("Date"))
    rule_code = django_filters.ChoiceFilter(
        label=_("Kind of entry"), field_name="entry__rule__rule_code", choices=lambda: _rules()
    )
    group_code = django_filters.CharFilter(label=_("Group"))
    debit_amount = AmountFilter(label=_("Debit"))
    credit_amount = AmountFilter(label=_("Credit"))

    class Meta:
        model = LedgerLine
        fields = (
            "account",
            "transaction_date",
            "rule_code",
            "group_code",
            "debit_amount",
            "credit_amount",
        )

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Find by entry number or business key."""
        word = value.strip()
        if word.isdigit():
            return queryset.filter(entry_id=int(word))
        return queryset.filter(reference_id=word.upper())


class AccountFilter(HouseFilterSet):
    """By code or name, and element."""

    search_fields = ("account_code__startswith", "account_name__icontains", "name_en__icontains")
    account_type = django_filters.ChoiceFilter(label=_("Element"), choices=Account.Type.choices)
    is_ifrs17_relevant = django_filters.BooleanFilter(label=_("IFRS 17"))

    class Meta:
        model = Account
        fields = ("account_type", "is_ifrs17_relevant")


class RuleFilter(HouseFilterSet):
    """By words, status and event."""

    search_fields = (
        "rule_code__icontains",
        "description__icontains",
        "description_en__icontains",
        "event_name__icontains",
    )
    status = django_filters.ChoiceFilter(label=_("Status"), choices=PostingRule.Status.choices)

    class Meta:
        model = PostingRule
        fields = ("status",)


class AssumptionFilter(HouseFilterSet):
    """By status."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=AssumptionSet.Status.choices)

    class Meta:
        model = AssumptionSet
        fields = ("status",)


class CurveFilter(HouseFilterSet):
    """By status and day."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=YieldCurve.Status.choices)
    base_date = PeriodFilter(label=_("Day of the yields"))

    class Meta:
        model = YieldCurve
        fields = ("status", "base_date")


class RunFilter(HouseFilterSet):
    """By month and purpose."""

    search_fields = ("period__period__startswith", "made_by__icontains")
    purpose = django_filters.ChoiceFilter(
        label=_("Purpose"), choices=MeasurementRun.Purpose.choices
    )

    class Meta:
        model = MeasurementRun
        fields = ("purpose",)


class JournalFilter(HouseFilterSet):
    """By words, status and day."""

    search_fields = ("journal_no__icontains", "description__icontains", "made_by__icontains")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=ManualJournal.Status.choices)
    entry_date = PeriodFilter(label=_("Date"))

    class Meta:
        model = ManualJournal
        fields = ("status", "entry_date")


class MonthFilter(HouseFilterSet):
    """By status."""

    status = django_filters.ChoiceFilter(label=_("Status"), choices=FiscalPeriod.Status.choices)

    class Meta:
        model = FiscalPeriod
        fields = ("status",)
