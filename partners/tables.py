"""Columns of the lists of partners."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.tables import (
    CountColumn,
    DateColumn,
    HouseTable,
    MoneyColumn,
    NumberLinkColumn,
    StatusColumn,
    TextColumn,
)
from partners.models import Bulk, Delivery, Partner


class PartnerTable(HouseTable):
    """Partners."""

    code = NumberLinkColumn("partners:partner_detail", verbose_name=_("Partner code"))
    name = TextColumn(verbose_name=_("Company"))
    status = StatusColumn(verbose_name=_("Status"))
    agent_id = TextColumn(verbose_name=_("Sells as"))
    requests_per_minute = CountColumn(verbose_name=_("Requests a minute"))
    lines_per_day = CountColumn(verbose_name=_("Bulk lines a day"))
    first_contract_at = DateColumn(verbose_name=_("First contract"))
    heard_at = DateColumn(verbose_name=_("Last heard of"))

    class Meta:
        model = Partner
        fields = (
            "code", "name", "status", "agent_id", "requests_per_minute", "lines_per_day",
            "first_contract_at", "heard_at",
        )  # fmt: skip


class DeliveryTable(HouseTable):
    """Deliveries of webhooks."""

    id = NumberLinkColumn("partners:delivery_detail", verbose_name=_("Delivery no."))
    created_at = DateColumn(verbose_name=_("Written"))
    partner = TextColumn(verbose_name=_("Company"))
    kind = TextColumn(verbose_name=_("Kind of message"))
    subject = TextColumn(verbose_name=_("About"))
    state = StatusColumn(verbose_name=_("Delivery"))
    attempts = CountColumn(verbose_name=_("Attempts"))
    last_error = TextColumn(verbose_name=_("Last error"))
    delivered_at = DateColumn(verbose_name=_("Taken at"))

    class Meta:
        model = Delivery
        fields = (
            "id", "created_at", "partner", "kind", "subject", "state", "attempts", "last_error",
            "delivered_at",
        )  # fmt: skip


class BulkTable(HouseTable):
    """Bulks."""

    bulk_id = NumberLinkColumn("partners:bulk_detail", verbose_name=_("Bulk no."))
    partner = TextColumn(verbose_name=_("Company"))
    status = StatusColumn(verbose_name=_("Status"))
    received_at = DateColumn(verbose_name=_("Received"))
    promised_at = DateColumn(verbose_name=_("Promised until"))
    finished_at = DateColumn(verbose_name=_("Done at"))
    lines = CountColumn(verbose_name=_("Lines"))
    accepted = CountColumn(verbose_name=_("Bound"))
    refused = CountColumn(verbose_name=_("Refused lines"))
    premium = MoneyColumn(verbose_name=_("Premium (KRW)"), total=True)

    class Meta:
        model = Bulk
        fields = (
            "bulk_id", "partner", "status", "received_at", "promised_at", "finished_at", "lines",
            "accepted", "refused", "premium",
        )  # fmt: skip
