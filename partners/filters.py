"""Filters of the lists of partners."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _

from core.filters import HouseFilterSet
from partners.models import Bulk, Delivery, Partner


class PartnerFilter(HouseFilterSet):
    """Filter partners."""

    search_fields = ("code__icontains", "name__icontains")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Partner.Status.choices)

    class Meta:
        model = Partner
        fields = ("status",)


class DeliveryFilter(HouseFilterSet):
    """Filter deliveries."""

    search_fields = ("subject__icontains", "partner__name__icontains")
    state = django_filters.ChoiceFilter(label=_("Delivery"), choices=Delivery.State.choices)
    kind = django_filters.CharFilter(label=_("Kind of message"), lookup_expr="icontains")
    partner_id = django_filters.CharFilter(label=_("Partner code"))

    class Meta:
        model = Delivery
        fields = ("state", "kind", "partner_id")


class BulkFilter(HouseFilterSet):
    """Filter bulks."""

    search_fields = ("bulk_id__icontains", "partner__name__icontains")
    status = django_filters.ChoiceFilter(label=_("Status"), choices=Bulk.Status.choices)
    partner_id = django_filters.CharFilter(label=_("Partner code"))

    class Meta:
        model = Bulk
        fields = ("status", "partner_id")
