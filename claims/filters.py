"""Filters of the lists of claims."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from claims.models import Claim, Provider
from claims.selectors import OPEN, SOON
from core.clock import business_date
from core.filters import AmountFilter, HouseFilterSet, PeriodFilter
from products import api as products

_DUE = (
    ("late", _("Overdue")),
    ("soon", _("Due within two days")),
    ("open", _("All open")),
)


class ClaimFilter(HouseFilterSet):
    """Claims by number, claimant, contract; state, gate, clock, place."""

    search_fields = (
        "reception_id__icontains",
        "claimant_name__icontains",
        "contract__contract_id__icontains",
        "incident_description__icontains",
    )
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Claim.Status)
    fds_gate = django_filters.ChoiceFilter(label=_("Fraud check"), choices=Claim.Gate)
    claim_type = django_filters.ChoiceFilter(label=_("Kind of event"), choices=Claim.Type)
    channel = django_filters.ChoiceFilter(label=_("Channel"), choices=Claim.Channel)
    line = django_filters.ChoiceFilter(
        label=_("Line"), choices=lambda: list(products.lines().items())
    )
    due = django_filters.ChoiceFilter(label=_("Clock"), choices=_DUE, method="by_due")
    adjuster = django_filters.CharFilter(label=_("Adjuster"), lookup_expr="iexact")
    report_date = PeriodFilter(label=_("Reported"))
    incident_date = PeriodFilter(label=_("Accident"))
    claimed_amount = AmountFilter(label=_("Claimed"))
    provider = django_filters.CharFilter(label=_("Provider code"), field_name="provider_id")

    class Meta:
        model = Claim
        fields = ("status", "fds_gate", "due", "claim_type", "channel", "adjuster", "line")

    def by_due(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep open claims by their due date."""
        today = business_date()
        rows = rows.filter(status__in=OPEN)
        if value == "late":
            return rows.filter(due_on__lt=today)
        if value == "soon":
            return rows.filter(due_on__gte=today, due_on__lte=today + SOON)
        return rows


class ProviderFilter(HouseFilterSet):
    """Providers by name, kind and region."""

    search_fields = ("provider_name__icontains", "provider_code__icontains")

    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Provider.Kind)
    region = django_filters.CharFilter(label=_("Region"), lookup_expr="icontains")

    class Meta:
        model = Provider
        fields = ("kind", "region")
