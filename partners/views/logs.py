"""What went through the door: bulks with their proofs, deliveries with their attempts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from core.boards import Figure
from core.forms import act_button
from core.lists import Empty, list_page
from core.permissions import may, requires
from core.records import record_page
from partners.filters import BulkFilter, DeliveryFilter
from partners.models import Bulk, Delivery
from partners.rules.problems import LINE_CODES
from partners.selectors import usage
from partners.selectors.proof import reconciliation
from partners.services import bulks, webhooks
from partners.tables import BulkTable, DeliveryTable


@requires("partners.view")
@require_GET
def bulk_list(request: HttpRequest) -> HttpResponse:
    """List the bulks."""
    return list_page(
        request,
        title=_("Bulk binds"),
        queryset=usage.bulks(),
        filterset=BulkFilter,
        table=BulkTable,
        export_name="bulks",
        empty=Empty(_("No bulks yet"), _("Partners hand them in through the API.")),
    )


@requires("partners.view")
@require_GET
def bulk_detail(request: HttpRequest, bulk_id: str) -> HttpResponse:
    """Show a bulk with its proof against the ledger."""
    bulk = get_object_or_404(Bulk.objects.select_related("partner"), pk=bulk_id)
    proof = reconciliation(bulk)
    reasons = [
        (code, LINE_CODES.get(code, code), count)
        for code, count in proof["refused_by_code"].items()
    ]
    return record_page(
        request,
        bulk,
        title=bulk.partner.name,
        number=bulk_id,
        figures=[
            Figure(_("Lines"), bulk.lines, kind="count"),
            Figure(_("Bound"), bulk.accepted, kind="count"),
            Figure(_("Refused lines"), bulk.refused, kind="count"),
            Figure(_("Premium bound"), bulk.premium, _("won")),
            Figure(_("In the ledger"), proof["ledger_cash"], _("won")),
        ],
        facts=[
            (_("Received"), bulk.received_at),
            (_("Promised until"), bulk.promised_at),
            (_("Done at"), bulk.finished_at),
            (_("Key"), bulk.key_id),
            (_("SHA-256 of the file"), bulk.sha256),
        ],
        crumbs=[(_("Bulk binds"), reverse("partners:bulk_list"))],
        template="partners/bulk_detail.html",
        context={
            "proof": proof,
            "reasons": reasons,
            "parts": bulk.chunks.order_by("number"),
            "manages": may(request.user, "partners.manage"),
        },
    )


@requires("partners.manage")
@require_POST
def bulk_retry(request: HttpRequest, bulk_id: str) -> HttpResponse:
    """Let a stopped bulk go on."""
    get_object_or_404(Bulk, pk=bulk_id)
    return act_button(
        request,
        act=lambda: bulks.retry(bulk_id),
        done=reverse("partners:bulk_detail", args=[bulk_id]),
        message=_("The bulk goes on where it stopped."),
    )


@requires("partners.view")
@require_GET
def delivery_list(request: HttpRequest) -> HttpResponse:
    """List what partners were told."""
    return list_page(
        request,
        title=_("Webhook deliveries"),
        queryset=usage.deliveries(),
        filterset=DeliveryFilter,
        table=DeliveryTable,
        export_name="deliveries",
        empty=Empty(_("Nothing was told yet"), _("Partners set up their webhook through the API.")),
    )


@requires("partners.view")
@require_GET
def delivery_detail(request: HttpRequest, number: int) -> HttpResponse:
    """Show a delivery and every attempt at it."""
    row = get_object_or_404(Delivery.objects.select_related("partner"), pk=number)
    crumb = (_("Webhook deliveries"), reverse("partners:delivery_list"))
    return record_page(
        request,
        row,
        title=row.kind,
        number=row.subject,
        status_field="state",
        facts=[
            (_("Company"), row.partner.name),
            (_("Written"), row.created_at),
            (_("Taken at"), row.delivered_at),
            (_("Message no."), str(row.event_id)),
        ],
        crumbs=[crumb],
        template="partners/delivery_detail.html",
        context={
            "tries": row.tries.order_by("-id"),
            "manages": may(request.user, "partners.manage"),
        },
    )


@requires("partners.manage")
@require_POST
def delivery_again(request: HttpRequest, number: int) -> HttpResponse:
    """Send a delivery again."""
    get_object_or_404(Delivery, pk=number)
    return act_button(
        request,
        act=lambda: webhooks.send_again(number),
        done=reverse("partners:delivery_detail", args=[number]),
        message=_("It is sent again in a moment."),
    )
